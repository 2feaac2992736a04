"""The head of the report: what each contrast came to, in one row."""

import fake_results
import numpy as np
import pandas as pd
import pytest

from workflow_lib.report import head
from workflow_lib.report.summary import Found

GROUPS = {"variable": "group", "experiment": "treated", "control": "control"}


def test_a_contrast_of_any_difference_counts_its_peaks_apart():
    sided = fake_results.differential(400)
    any_difference = sided.assign(
        direction=np.where(sided["direction"].isin(["up", "down"]), "changed", sided["direction"])
    )
    found = {name: Found(GROUPS, table, (3, 3)) for name, table in (("a", sided), ("b", any_difference))}
    table = head.overview(found, 0.05, {})
    assert [column.heading for column in table.columns][-3:] == ["opened", "closed", "changed"]
    rows = [[cell.text for cell in row][-3:] for row in table.rows]
    n = sided["direction"].value_counts()
    assert rows == [[str(n["up"]), str(n["down"]), ""], ["", "", str(n["up"] + n["down"])]]
    only = head.overview({"a": found["a"]}, 0.05, {})
    assert [column.heading for column in only.columns][-1] == "closed"


def test_factors_of_any_difference_stand_under_their_own_heading():
    called = pd.DataFrame(
        {
            "representative": ["M1", "M2"],
            "name": ["GATA1", "TCF7"],
            "padj": [0.001, 0.9],
            "cluster": ["M1", "M2"],
        }
    )
    sides = called.assign(direction=["up", "none"])
    changed = called.assign(direction=["changed", "none"])
    peaks = fake_results.differential(400)
    quiet = peaks.assign(direction="none")
    of_any = GROUPS | {"test": "any"}
    found = {
        "a": Found(GROUPS, peaks, (3, 3), sides),
        "b": Found(of_any, quiet, (3, 3), changed),
    }
    families = {"M1": "GATA", "M2": "TCF"}
    table = head.overview(found, 0.05, families)
    headings = [column.heading for column in table.columns][-3:]
    assert headings == ["factors gained", "factors lost", "factors changed"]
    assert [[cell.text for cell in row][-3:] for row in table.rows] == [
        ["GATA1", "none", ""],
        ["", "", "GATA1"],
    ]
    alone = head.overview({"b": found["b"]}, 0.05, families)
    assert [column.heading for column in alone.columns if "factors" in column.heading] == ["factors changed"]
    assert alone.rows[0][-1].text == "GATA1"


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (["ideal"] * 3, "all ideal"),
        (["concerning"] * 2, "all concerning"),
        (["acceptable", "ideal", "ideal"], "2 ideal, 1 acceptable"),
        (["ideal", None, None], "1 ideal, 2 not judged"),
    ],
)
def test_the_badge_counts_every_sample(verdicts, words):
    assert head.badge(pd.DataFrame({"verdict": verdicts})).text == f"Reads: {words}"
