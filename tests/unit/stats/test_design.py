"""Design matrices and confounding."""

import numpy as np
import pandas as pd
import pytest
from some_sheet import SHEET

from workflow_lib.errors import InputError
from workflow_lib.stats import designs


def test_matrix_treatment_codes_categories_and_keeps_numeric_covariates():
    table = designs.matrix(SHEET, "~ batch + age + group")
    assert list(table.columns) == ["Intercept", "batch[T.10]", "age", "group[T.other]", "group[T.treated]"]
    assert list(table.index) == list(SHEET.index)
    np.testing.assert_array_equal(
        table.to_numpy(),
        [
            [1, 1, 1.0, 0, 1],
            [1, 1, 2.5, 0, 0],
            [1, 0, 3.0, 0, 1],
            [1, 0, 7.0, 0, 0],
            [1, 1, 5.0, 1, 0],
            [1, 0, 4.0, 1, 0],
        ],
    )


def test_reference_becomes_the_baseline():
    table = designs.matrix(SHEET, "~ group", reference={"group": "treated", "sex": "True"})
    assert list(table.columns) == ["Intercept", "group[T.control]", "group[T.other]"]


def test_booleans_and_wrapped_numbers_are_categories():
    assert list(designs.matrix(SHEET, "~ sex + C(dose)").columns) == [
        "Intercept",
        "sex[T.True]",
        "C(dose)[T.5]",
        "C(dose)[T.10]",
    ]
    assert list(designs.matrix(SHEET, "~ dose").columns) == ["Intercept", "dose"]


def test_a_float_column_of_whole_numbers_has_whole_number_levels():
    sheet = SHEET.assign(batch=SHEET["batch"].astype(float))
    assert list(designs.matrix(sheet, "~ batch").columns) == ["Intercept", "batch[T.10]"]


def test_unused_categories_do_not_make_columns():
    sheet = SHEET.assign(group=pd.Categorical(SHEET["group"])).iloc[:4]
    assert list(designs.matrix(sheet, "~ group").columns) == ["Intercept", "group[T.treated]"]


def test_variables_come_in_the_order_of_the_formula():
    assert designs.variables("~ np.log(age) + batch:group + C(dose)") == ["age", "batch", "group", "dose"]
    assert designs.variables("~ group2 + group") == ["group2", "group"]
    assert designs.variables("~ 1") == []


def test_full_rank_has_no_confounding():
    assert designs.confounded(designs.matrix(SHEET, "~ batch + age + group")) == []


def test_confounded_names_the_coefficients_that_depend_on_each_other():
    sheet = SHEET.iloc[:4].assign(batch=["b", "a", "b", "a"])
    assert designs.confounded(designs.matrix(sheet, "~ batch + age + group")) == [
        ["batch[T.b]", "group[T.treated]"]
    ]


def test_confounded_finds_sums_of_columns_and_empty_cells():
    paired = pd.DataFrame({"group": list("aabb"), "pair": list("1234")}, index=list("wxyz"))
    sets = designs.confounded(designs.matrix(paired, "~ pair + group"))
    assert sets == [["pair[T.3]", "pair[T.4]", "group[T.b]"]]
    empty = pd.DataFrame({"group": list("aaabb"), "batch": list("11222")})
    assert designs.confounded(designs.matrix(empty, "~ group * batch")) == [
        ["group[T.b]", "group[T.b]:batch[T.2]"]
    ]
    zero = pd.DataFrame({"x": [0.0, 1.0, 2.0], "zero": [0.0, 0.0, 0.0]})
    assert designs.confounded(designs.matrix(zero, "~ x + zero")) == [["zero"]]


def test_confounding_does_not_depend_on_units():
    sheet = SHEET.assign(age=SHEET["age"] * 1e-9)
    assert designs.confounded(designs.matrix(sheet, "~ age + group")) == []


@pytest.mark.parametrize(
    "formula",
    [
        "~ group + day",
        "~ 0 + group + day",
        "~ group * day",
        "~ group + day + depth",
        "~ group + I(day**2) + day",
    ],
)
def test_fits_do_not_see_the_units_of_covariates(formula):
    rng = np.random.default_rng(1)
    small = pd.DataFrame({"group": list("aaabbb"), "day": [1.0, 5, 12, 3, 8, 30]}, index=list("uvwxyz"))
    small["depth"] = rng.normal(size=6)
    large = small.assign(day=small["day"] + 20_240_100, depth=5e7 + 1e7 * small["depth"])
    if "I(" in formula:  # a square of a date has no digits left
        large["day"] = small["day"] + 2_000
    matrices = [designs.conditioned(sheet, formula)[0].to_numpy() for sheet in (small, large)]
    np.testing.assert_allclose(*matrices, atol=1e-8 if "I(" not in formula else 1e-6)
    np.testing.assert_allclose(np.linalg.norm(matrices[0][:, -1]), np.sqrt(6))
    table, change = designs.conditioned(small, formula)
    np.testing.assert_allclose(designs.matrix(small, formula).to_numpy() @ change, table, atol=1e-9)


def test_a_time_in_seconds_is_not_taken_for_a_constant():
    sheet = pd.DataFrame({"group": list("aabb"), "time": [1.7e9, 1.7e9 + 1, 1.7e9 + 1, 1.7e9 + 3]})
    assert designs.confounded(designs.matrix(sheet, "~ group + time")) == []
    constant = designs.matrix(sheet.assign(time=2024.0), "~ group + time")
    assert designs.confounded(constant) == [["Intercept", "time"]]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ group + bach", ["'~ group + bach'", "no column 'bach'", "group, batch, age, sex, dose"]),
        ("~ group +", ["'~ group +'", "not a formula"]),
        ("~ (group", ["'~ (group'", "not a formula"]),
        ("y ~ group", ["'y ~ group'", "left of '~'"]),
        ("~ group | batch", ["'~ group | batch'"]),
        ("~ foo(age)", ["'~ foo(age)'", "foo"]),
        ("~ np.log(dose)", ["'~ np.log(dose)'", "'np.log(dose)' is not finite"]),
        ("~ np.log(group)", ["'~ np.log(group)'", "cannot be evaluated"]),
        ("~ 0", ["'~ 0'", "no coefficient"]),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_a_bad_formula_is_told(formula, words):
    with pytest.raises(InputError) as told:
        designs.matrix(SHEET, formula)
    for word in words:
        assert word in str(told.value)


def test_a_formula_does_not_see_our_local_names():
    with pytest.raises(InputError, match="sheet"):
        designs.matrix(SHEET, "~ group + len(sheet)")


def test_a_gap_in_a_used_column_is_told_and_elsewhere_ignored():
    sheet = SHEET.astype({"batch": object})
    sheet.loc["s3", "batch"] = None
    assert designs.matrix(sheet, "~ group").shape == (6, 3)
    with pytest.raises(InputError, match="sample 's3' has no value in column 'batch'"):
        designs.matrix(sheet, "~ batch + group")


def test_bad_references_are_told():
    with pytest.raises(InputError, match="no column 'genotype'"):
        designs.matrix(SHEET, "~ group", reference={"genotype": "wt"})
    with pytest.raises(InputError, match="no sample has 'x' in column 'group'"):
        designs.matrix(SHEET, "~ group", reference={"group": "x"})
    with pytest.raises(InputError, match=r"C\(dose\)"):
        designs.matrix(SHEET, "~ dose", reference={"dose": "0"})


def test_no_samples_is_told():
    with pytest.raises(InputError, match="no samples"):
        designs.matrix(SHEET.iloc[:0], "~ group")
