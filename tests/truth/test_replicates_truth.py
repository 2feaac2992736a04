"""Two libraries a donor: as samples they make p-values far too small, added they are at their level."""

import numpy as np
import pandas as pd

from workflow_lib import differential
from workflow_lib.stats import units

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}


def libraries(seed, n=3000, donors=3, each=2):
    """Counts without any change: donors vary (gamma), their libraries only by depth and Poisson noise."""
    rng = np.random.default_rng(seed)
    rows, counts = [], {}
    mean = rng.lognormal(3.5, 1.0, n)
    for group in "ab":
        for donor in range(donors):
            own = mean * rng.gamma(8, 1 / 8, n)
            for library in range(each):
                name = f"{group}{donor}{library}"
                rows.append((name, group, f"d{donor}"))
                counts[name] = rng.poisson(own * rng.lognormal(0, 0.2))
    sheet = pd.DataFrame(rows, columns=["sample", "group", "replicate"]).set_index("sample")
    return pd.DataFrame(counts).set_axis([f"p{i}" for i in range(n)]), sheet


def test_added_libraries_are_at_their_level():
    as_samples, added = [], []
    for seed in (1, 2):
        counts, sheet = libraries(seed)
        of = units.members(sheet)
        for found, samples, table in (
            (as_samples, sheet, counts),
            (added, units.table(sheet), units.summed(counts, of)),
        ):
            found.append(differential.test(table, samples, "~ group", CONTRAST, shrink=False)["pvalue"])
    assert len(of) == 6
    as_samples, added = (np.concatenate(found) for found in (as_samples, added))
    assert np.nanmean(as_samples < 0.001) > 0.005  # five times too many
    assert np.nanmean(added < 0.001) < 0.002
    assert 0.03 < np.nanmean(added < 0.05) < 0.065


def uneven(seed, n=2000, donors=4, most=4, spread=0.5, vary=0.3):
    """No change either, drawn otherwise: donors and libraries vary by peak, in number and in depth."""
    rng = np.random.default_rng(seed)
    mean = rng.gamma(0.7, 120, n) + 3
    of_donor, of_library = (rng.lognormal(np.log(sd), vary, n) for sd in (0.3, 0.12))
    rows, counts = [], {}
    for group in "ab":
        for donor in range(donors):
            own = mean * np.exp(of_donor * rng.normal(size=n) - of_donor**2 / 2)
            for library in range(rng.integers(1, most + 1)):
                name = f"{group}{donor}{library}"
                rows.append((name, group, f"d{donor}"))
                noise = rng.gamma(1 / of_library**2, of_library**2)
                counts[name] = rng.poisson(own * noise * 10 ** rng.uniform(-spread, spread))
    sheet = pd.DataFrame(rows, columns=["sample", "group", "replicate"]).set_index("sample")
    return pd.DataFrame(counts).set_axis([f"p{i}" for i in range(n)]), sheet


def test_uneven_libraries_are_as_one_library_a_donor():
    shares = {"as samples": [], "added": []}
    for seed in (100, 101, 102):
        counts, sheet = uneven(seed)
        summed = units.summed(counts, units.members(sheet)), units.table(sheet)
        for name, (table, samples) in {"as samples": (counts, sheet), "added": summed}.items():
            tested = differential.test(table, samples, "~ group", CONTRAST, shrink=False)
            shares[name].append((np.nanmean(tested["pvalue"] < 0.001), np.nanmean(tested["padj"] < 0.05)))
    as_samples, added = (np.mean(shares[name], axis=0) for name in ("as samples", "added"))
    assert as_samples[0] > 0.03
    assert as_samples[1] > 0.03  # false calls
    assert added[0] < 0.006  # one library a donor has 0.0021 here
    assert added[1] < 0.003
