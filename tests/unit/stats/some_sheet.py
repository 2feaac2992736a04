"""A sheet with labels, numbers, truths and doses, and a contrast of it."""

import pandas as pd

SHEET = pd.DataFrame(
    {
        "group": ["treated", "control", "treated", "control", "other", "other"],
        "batch": [10, 10, 2, 2, 10, 2],
        "age": [1.0, 2.5, 3.0, 7.0, 5.0, 4.0],
        "sex": [True, False, True, False, False, True],
        "dose": [0, 5, 0, 5, 10, 10],
    },
    index=pd.Index(["s1", "s2", "s3", "s4", "s5", "s6"], name="sample"),
)
TREATED = {"variable": "group", "experiment": "treated", "control": "control"}
