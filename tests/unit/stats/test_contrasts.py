"""What a contrast asks of a design: weights of coefficients, words, samples, and refusals."""

import numpy as np
import pandas as pd
import pytest
from some_sheet import SHEET, TREATED

from workflow_lib.errors import InputError
from workflow_lib.stats import contrasts, designs, forms


def contrast(samples, formula, asked):
    """The design, and the weights of a question of one number."""
    solved = contrasts.solve(samples, formula, asked)
    return solved.matrix, solved.vector


@pytest.mark.parametrize("formula", ["~ group", "~ batch + group", "~ age + group + batch", "~ sex + group"])
def test_contrast_without_interaction_is_the_plain_coefficient(formula):
    table, vector = contrast(SHEET, formula, TREATED)
    assert dict(zip(table.columns, vector, strict=True)) == {
        name: float(name == "group[T.treated]") for name in table.columns
    }


def test_contrast_of_two_levels_that_are_not_the_first_level():
    table, vector = contrast(
        SHEET, "~ group", {"variable": "group", "experiment": "control", "control": "treated"}
    )
    assert list(table.columns) == ["Intercept", "group[T.control]", "group[T.other]"]
    assert list(vector) == [0, 1, 0]


def test_contrast_without_intercept_is_a_difference_of_two_coefficients():
    table, vector = contrast(SHEET, "~ 0 + group", TREATED)
    assert dict(zip(table.columns, vector, strict=True)) == {
        "group[control]": -1,
        "group[other]": 0,
        "group[treated]": 1,
    }


def test_contrast_with_interaction_averages_over_levels_each_alike():
    sheet = pd.DataFrame(
        {"group": list("aaaabbbb"), "batch": list("xxxyxxyx")}, index=[f"s{i}" for i in range(8)]
    )
    table, vector = contrast(
        sheet, "~ group * batch", {"variable": "group", "experiment": "b", "control": "a"}
    )
    assert dict(zip(table.columns, vector, strict=True)) == {
        "Intercept": 0,
        "group[T.b]": 1,
        "batch[T.y]": 0,
        "group[T.b]:batch[T.y]": 0.5,
    }


def test_contrast_with_a_numeric_interaction_is_taken_at_the_mean():
    sheet = pd.DataFrame({"group": list("aaabbb"), "age": [1.0, 2, 4, 2, 3, 6]}, index=list("uvwxyz"))
    formula = "~ group * age"
    asked = {"variable": "group", "experiment": "b", "control": "a"}
    table, vector = contrast(sheet, formula, asked)
    plain = designs.matrix(sheet, formula, {"group": "a"})
    assert list(table.columns) == list(plain.columns) == ["Intercept", "group[T.b]", "age", "group[T.b]:age"]
    beta = np.array([2.0, 1.0, -0.5, 0.25])
    fitted = np.linalg.lstsq(table.to_numpy(), plain.to_numpy() @ beta, rcond=None)[0]
    assert vector @ fitted == pytest.approx(1.0 + 3.0 * 0.25)


def test_contrast_of_numbers_as_levels():
    table, vector = contrast(SHEET, "~ C(dose)", {"variable": "dose", "experiment": 10, "control": 5})
    assert dict(zip(table.columns, vector, strict=True)) == {
        "Intercept": 0,
        "C(dose)[T.0]": 0,
        "C(dose)[T.10]": 1,
    }


def test_one_replicate_a_group_still_has_a_contrast():
    table, vector = contrast(SHEET.iloc[:2], "~ group", TREATED)
    assert table.shape == (2, 2)
    assert list(vector) == [0, 1]


@pytest.mark.parametrize(
    ("formula", "asked", "words"),
    [
        ("~ batch", TREATED, ["'~ batch'", "'group'"]),
        (
            "~ group",
            TREATED | {"experiment": "treatd"},
            ["'treatd'", "control, other, treated"],
        ),
        ("~ group", TREATED | {"control": "ctrl"}, ["'ctrl'", "column group"]),
        ("~ group", TREATED | {"control": "treated"}, ["with itself"]),
        ("~ group", {"variable": "group", "experiment": "treated"}, ["no control"]),
        ("~ dose", {"variable": "dose", "experiment": 5, "control": 0}, ["numbers", "C(dose)"]),
    ],
)
def test_a_bad_contrast_is_told(formula, asked, words):
    with pytest.raises(InputError) as told:
        contrast(SHEET, formula, asked)
    for word in words:
        assert word in str(told.value)


def test_a_confounded_contrast_is_told():
    sheet = SHEET.iloc[:4].assign(batch=["b", "a", "b", "a"])
    with pytest.raises(InputError, match=r"batch\[T\.b\], group\[T\.treated\]"):
        contrast(sheet, "~ batch + group", TREATED)


# Two factors of three and two levels, three samples a cell but one, a covariate, four donors.
CELLS = pd.DataFrame(
    [(g, c) for g in ("rest", "stim") for c in ("EM", "mem", "naive") for _ in range(3)],
    columns=["group", "cell"],
).assign(donor=list("abc") * 6, hours=np.tile([0.0, 6.0, 24.0], 6))
CELLS.index = [f"s{i}" for i in range(len(CELLS))]
CROSSED = "~ donor + cell * group"
STIM = {"variable": "group", "experiment": "stim", "control": "rest"}
INTERACTION = {"interaction": {"group": ["stim", "rest"], "cell": ["naive", "mem"]}}


def cell_means(asked, formula=CROSSED, samples=CELLS):
    """What a question gives for a score that is 1 in one cell: the weights of the true cell means."""
    solved = contrasts.solve(samples, formula, asked)
    fit = np.linalg.pinv(solved.matrix.to_numpy())
    cells = samples["group"] + " " + samples["cell"]
    return {
        cell: np.round(solved.vector @ fit @ (cells == cell).to_numpy(float), 9)
        for cell in sorted(set(cells))
    }


def test_an_effect_is_that_of_each_level_alike_or_of_those_that_where_names():
    third = round(1 / 3, 9)
    assert cell_means(STIM) == {
        **{f"rest {cell}": -third for cell in ("EM", "mem", "naive")},
        **{f"stim {cell}": third for cell in ("EM", "mem", "naive")},
    }
    uneven = CELLS.drop(["s0", "s9", "s10"])
    assert cell_means(STIM, "~ cell * group", uneven) == cell_means(STIM, "~ cell * group")
    naive = cell_means(STIM | {"where": {"cell": "naive"}})
    assert {cell: weight for cell, weight in naive.items() if weight} == {"rest naive": -1, "stim naive": 1}
    two = cell_means(STIM | {"where": {"cell": ["naive", "EM"]}})
    assert {cell: weight for cell, weight in two.items() if weight > 0} == {"stim naive": 0.5, "stim EM": 0.5}


def test_an_interaction_is_a_difference_of_differences():
    means = cell_means(INTERACTION)
    assert {cell: weight for cell, weight in means.items() if weight} == {
        "rest mem": 1,
        "rest naive": -1,
        "stim mem": -1,
        "stim naive": 1,
    }
    sides = forms.parse(INTERACTION).sides(CELLS)
    assert set(CELLS.loc[sides["experiment"], ["group", "cell"]].agg(" ".join, axis=1)) == {
        "stim naive",
        "rest mem",
    }
    assert set(CELLS.loc[sides["control"], ["group", "cell"]].agg(" ".join, axis=1)) == {
        "stim mem",
        "rest naive",
    }


def test_levels_may_be_averaged_each_alike():
    asked = {"variable": "cell", "experiment": ["naive", "mem"], "control": "EM"}
    uneven = CELLS.drop(["s6", "s7"])
    means = cell_means(asked, "~ group + cell", uneven)
    by_cell = {
        cell: sum(weight for name, weight in means.items() if cell in name) for cell in ("EM", "mem", "naive")
    }
    assert by_cell == pytest.approx({"EM": -1, "mem": 0.5, "naive": 0.5})


@pytest.mark.parametrize("step", [1.0, 3600.0, 1e-4])
@pytest.mark.parametrize("formula", ["~ group + hours", "~ group * hours", "~ group + center(hours)"])
def test_a_slope_is_per_unit_of_its_column(step, formula):
    sheet = CELLS.assign(hours=CELLS["hours"] * step + 2000 * step)
    score = 5 + 0.25 * sheet["hours"] / step + (sheet["group"] == "stim")
    solved = contrasts.solve(sheet, formula, {"variable": "hours"})
    slope = solved.vector @ np.linalg.lstsq(solved.matrix.to_numpy(), score, rcond=None)[0]
    assert slope * step == pytest.approx(0.25, rel=1e-6)


def test_a_slope_within_one_level():
    score = np.where(CELLS["group"] == "stim", 0.5, 0.1) * CELLS["hours"]
    for level, slope in (("stim", 0.5), ("rest", 0.1)):
        solved = contrasts.solve(CELLS, "~ group * hours", {"variable": "hours", "where": {"group": level}})
        assert solved.vector @ np.linalg.pinv(solved.matrix.to_numpy()) @ score == pytest.approx(slope)


@pytest.mark.parametrize(
    ("formula", "asked", "dropped", "null"),
    [
        ("~ cell", {"variable": "cell"}, 2, "~ 1"),
        ("~ donor + cell", {"variable": "cell"}, 2, "~ donor"),
        (CROSSED, {"variable": "cell"}, 4, "~ donor + group"),
        (CROSSED, {"variable": "group"}, 3, "~ donor + cell"),
        (CROSSED, {"interaction": ["group", "cell"]}, 2, "~ donor + cell + group"),
        ("~ 0 + cell", {"variable": "cell"}, 2, "~ 1"),
        ("~ hours + group", {"variable": "hours"}, 1, "~ group"),
        ("~ hours + I(hours**2) + group", {"variable": "hours"}, 2, "~ group"),
        ("~ group * hours", {"interaction": ["group", "hours"]}, 1, "~ group + hours"),
        ("~ cell + cell:group", {"variable": "group"}, 3, "~ cell"),
    ],
)
def test_any_difference_drops_every_term_with_the_column(formula, asked, dropped, null):
    solved = contrasts.solve(CELLS, formula, asked | {"test": "any"})
    assert len(solved.weights) == dropped
    expected = designs.matrix(CELLS, null).to_numpy()
    both = np.column_stack([solved.reduced, expected])
    ranks = {np.linalg.matrix_rank(part, tol=1e-9) for part in (solved.reduced, expected, both)}
    assert ranks == {solved.matrix.shape[1] - dropped}


def test_any_difference_within_one_level():
    solved = contrasts.solve(CELLS, CROSSED, {"variable": "cell", "test": "any", "where": {"group": "stim"}})
    assert len(solved.weights) == 2


def test_any_difference_shows_the_last_level_against_the_first_in_natural_order():
    times = pd.DataFrame({"group": ["0h", "120h", "24h", "6h"] * 2}, index=list("abcdefgh"))
    solved = contrasts.solve(times, "~ group", {"variable": "group", "test": "any"})
    assert (solved.last, solved.first) == ("120h", "0h")
    assert dict(zip(solved.matrix.columns, solved.shown, strict=True))["group[T.120h]"] == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (STIM, ["stim against rest", "averaged over the levels of cell"]),
        (STIM | {"where": {"cell": "naive"}}, ["stim against rest", "in cell naive"]),
        (INTERACTION, ["effect of group", "in naive, less that in mem"]),
        ({"variable": "group", "test": "any"}, ["any difference", "group"]),
        (
            {"interaction": ["group", "cell"], "test": "any"},
            ["whether the effect of group differs with cell"],
        ),
    ],
)
def test_a_contrast_says_in_words_what_it_compares(asked, words):
    told = contrasts.solve(CELLS, CROSSED, asked).words
    assert all(word in told for word in words)
    assert ("averaged" in told) == (asked is STIM)


@pytest.mark.parametrize(
    ("formula", "asked", "words"),
    [
        ("~ cell + group", STIM | {"where": {"cell": "naive"}}, ["one effect", "~ cell * group"]),
        ("~ donor + cell + group", INTERACTION, ["no interaction", "~ donor + cell * group"]),
        ("~ group", STIM | {"where": {"cell": "naive"}}, ["'cell' is not in the design", "~ cell * group"]),
        ("~ cell + group", {"interaction": ["group", "cell"], "test": "any"}, ["~ cell * group"]),
        (CROSSED, {"interaction": ["group", "cell"]}, ["test: any"]),
        (CROSSED, {"interaction": {"group": ["stim", "rest"]}}, ["two columns or more"]),
        (CROSSED, {"interaction": {"group": ["stim", "rest"], "cell": ["naive"]}}, ["expected two"]),
        (CROSSED, STIM | {"test": "any"}, ["remove test: any"]),
        (CROSSED, STIM | {"where": {"group": "stim"}}, ["which the contrast is about"]),
        (CROSSED, STIM | {"where": {"cell": "naiv"}}, ["'naiv'", "write naive"]),
        (CROSSED, {"variable": "cell"}, ["no slope", "test: any"]),
        ("~ hours + I(hours**2)", {"variable": "hours"}, ["curve", "test: any"]),
        (CROSSED, STIM | {"experiment": ["stim", "rest"]}, ["with itself"]),
        (CROSSED, {"variabel": "group"}, ["'variabel'", "variable"]),
        (
            "~ hours",
            {"variable": "hours", "experiment": "6", "control": "0"},
            ["per unit", "C(hours)"],
        ),
    ],
)
def test_a_question_without_an_answer_is_refused_with_what_would_answer_it(formula, asked, words):
    with pytest.raises(forms.ContrastError) as told:
        contrasts.solve(CELLS, formula, asked)
    message = f"{told.value.key} {told.value}"
    assert all(word.strip("'") in message for word in words), message


def test_a_design_that_a_refusal_names_answers_the_question():
    for formula, asked in (
        ("~ cell + group", STIM | {"where": {"cell": "naive"}}),
        ("~ donor + group", INTERACTION),
    ):
        with pytest.raises(forms.ContrastError) as told:
            contrasts.solve(CELLS, formula, asked)
        named = told.value.fix.split("'")[1]
        assert contrasts.solve(CELLS, named, asked).weights.any()


@pytest.mark.parametrize(
    "name", ["Treatment", "class", "C", "log", "lambda", "in", "np", "Cell.type", "cell type", "True"]
)
@pytest.mark.parametrize("formula", ["~ {}", "~ {} + group", "~ {} * group", "~ C({}) + group"])
def test_a_column_may_have_any_name(name, formula):
    sheet = pd.DataFrame({name: list("aabbaabb"), "group": list("abababab")}, index=list("stuvwxyz"))
    written = f"`{name}`" if " " in name else name
    solved = contrasts.solve(
        sheet, formula.format(written), {"variable": name, "experiment": "b", "control": "a"}
    )
    effect = solved.vector @ np.linalg.pinv(solved.matrix.to_numpy()) @ (sheet[name] == "b").to_numpy(float)
    assert effect == pytest.approx(1)


def test_an_empty_cell_of_an_interaction_is_refused():
    with pytest.raises(InputError, match="cannot tell"):
        contrasts.solve(CELLS.drop(["s6", "s7", "s8"]), CROSSED, INTERACTION)


def test_forty_donors():
    sheet = pd.concat([CELLS.iloc[[0, 9]].assign(donor=f"d{i}") for i in range(40)], ignore_index=True)
    assert cell_means(STIM, "~ donor + group", sheet) == {"rest EM": -1, "stim EM": 1}
