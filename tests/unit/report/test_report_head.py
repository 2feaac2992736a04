"""The head of the report: what each contrast came to, in one row."""

import fake_results
import numpy as np

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
