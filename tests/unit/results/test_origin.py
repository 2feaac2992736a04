"""A report is of the inputs that its counts were made from."""

import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.results import origin

INPUTS = pd.DataFrame(
    [("peaks", "p.bed", "1"), ("bam:a", "a.bam", "2"), ("bam:b", "b.bam", "3"), ("fasta", "g.fa", "4")],
    columns=["input", "path", "digest"],
)


def test_counts_of_these_inputs_pass():
    origin.check(origin.table({"peaks": "1", "bam:a": "2", "bam:b": "3"}), INPUTS)


@pytest.mark.parametrize(
    ("counted", "named"),
    [
        ({"peaks": "1", "bam:a": "9", "bam:b": "3"}, r"bam:a \(a.bam\)"),
        ({"peaks": "9", "bam:a": "2", "bam:b": "3"}, r"peaks \(p.bed\)"),
        ({"peaks": "1", "bam:a": "2"}, "bam:b"),
        ({"peaks": "1", "bam:a": "2", "bam:b": "3", "bam:c": "5"}, "bam:c"),
    ],
)
def test_counts_of_other_inputs_are_refused_by_name(counted, named):
    with pytest.raises(InputError, match=f"other inputs than inputs.tsv names: {named}; run again"):
        origin.check(origin.table(counted), INPUTS)
