"""Tables to explore, and what is put into the page beside text: scripts, data and their policy."""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import bundles, checksums
from workflow_lib.report import content, explorer, format, inlined, methods, page


def differential(n: int, n_called: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    pvalue = np.sort(rng.uniform(size=n))
    table = pd.DataFrame(
        {
            "peak": [f"chr1:{1000 * i}-{1000 * i + 501}" for i in range(n)],
            "baseMean": rng.uniform(1, 1e5, n),
            "log2FoldChange": rng.normal(size=n),
            "lfcSE": rng.uniform(0.1, 1, n),
            "stat": rng.normal(size=n),
            "pvalue": pvalue,
            "padj": pvalue,
            "direction": np.where(np.arange(n) < n_called, "up", "none"),
            "gene_name": [f"GENE{i % 20_000}" for i in range(n)],
            "feature": "distal",
            "tss_distance": rng.integers(-50_000, 50_000, n),
        }
    )
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


def made(table: pd.DataFrame, **more) -> content.Explorer:
    return explorer.peaks("a b", table, "x / y", ((), None), "a.tsv.gz", **more)


def test_all_changed_peaks_are_listed_before_the_strongest_others():
    table = differential(5000, 100)
    part = made(table)
    assert len(part.rows["peak"]) == 4000
    assert part.rows["direction"][:100] == ("up",) * 100
    strongest = table.sort_values("pvalue")["peak"].tolist()
    assert list(part.rows["peak"]) == strongest[:4000]
    assert part.backdrop is not None
    assert len(part.backdrop["pvalue"]) == 1000
    assert part.caption == (
        "All 100 changed peaks of a b and the 3,900 strongest others of 5,000; "
        "of the rest the plots show 1,000 in grey, evenly spaced by rank"
    )
    assert part.begin == ("up", "down")


def test_a_page_of_many_contrasts_or_peaks_stays_bounded():
    table = differential(100_000, 30_000)
    part = made(table)
    assert part.caption.startswith("The 4,000 strongest of 30,000 changed peaks of a b, by p-value")
    assert len(part.backdrop["baseMean"]) == 2000
    one = len(inlined.data(explorer.payload(part, {})))
    assert one < 600_000
    many = made(table, n_contrasts=20)
    assert len(many.rows["peak"]) == 450
    assert len(made(table, n_contrasts=1000).rows["peak"]) == 400


def test_untested_and_missing_values():
    table = differential(6, 0)
    table.loc[1, ["pvalue", "padj"]] = np.nan
    table.loc[2, "gene_name"] = np.nan
    table.loc[3, "pvalue"] = 0.0
    part = made(table)
    assert part.rows["peak"][-1] == table.loc[1, "peak"]
    assert part.rows["pvalue"][-1] is None
    assert None in part.rows["gene_name"]
    assert part.begin == ()
    assert part.plots[0].level is None
    assert [plot.title for plot in part.plots] == ["Volcano plot", "MA plot"]
    table[["pvalue", "padj"]] = np.nan
    assert [plot.title for plot in made(table).plots] == ["MA plot"]
    assert made(table).strict is None
    empty = made(table.iloc[:0])
    assert empty.rows["peak"] == ()


def test_the_level_is_that_of_the_weakest_changed_peak():
    table = differential(50, 5)
    weakest = table.loc[table["direction"] == "up", "pvalue"].max()
    assert made(table).plots[0].level == pytest.approx(-np.log10(weakest), abs=1e-4)


def test_numbers_of_the_page_are_rounded_once():
    """1.9148 is 1.91 in a table of two decimals, and 1.92 if it was made 1.915 before."""
    assert explorer.values(pd.Series([1.9148151]))[0] == 1.91482
    assert explorer.values(pd.Series([1.2345678e-8, 12345.678, 3.0, np.nan, np.inf])) == (
        1.23457e-08,
        12345.7,
        3,
        None,
        None,
    )
    assert explorer.values(pd.Series(["a", None])) == ("a", None)


def test_data_cannot_leave_its_element():
    hostile = "</script><script>alert(1)</script><!--\u2028&amp;"
    text = str(inlined.data({hostile: hostile}))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {hostile: hostile}


def test_policy_names_each_script_by_its_hash():
    assert inlined.policy([]).endswith("script-src 'none'")
    digest = "'sha256-" + "bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    script = inlined.Script(inlined.Markup("alert(1)"))
    assert script.source == digest
    assert inlined.policy([script]).endswith(f"script-src {digest}")


def test_libraries_are_whole_and_mean_the_same_inside_a_page():
    scripts = inlined.scripts("own();", plots=True)
    assert [script.kind for script in scripts] == ["text/plain"] * 2 + ["module"] * 2
    assert sum(len(script.code) for script in scripts) < 2_200_000
    for script in scripts:
        assert "<!--" not in script.code
        assert "</script" not in script.code.lower()
    assert scripts[2].code.count("window.DataTable=") == 1
    assert len(inlined.scripts("own();", plots=False)) == 2
    with pytest.raises(InputError, match="cannot stand inside a page"):
        inlined.scripts("'</script>'", plots=False)


def test_an_absent_library_is_named():
    with pytest.raises(InputError, match="nosuchpackage is not installed"):
        bundles.read("nosuchpackage", "x.js")
    with pytest.raises(InputError, match=r"itables .* has no file x\.js"):
        bundles.read("itables", "x.js")


def test_a_page_without_plots_has_no_plotting_library():
    plain = page.render(content.Content("t", ()))
    with_plots = page.render(
        content.Content("t", (), sections=(content.Section("s", "s", (made(differential(20, 3)),)),))
    )
    assert "Bokeh.Plotting.figure" in plain  # our own script is one for all pages
    assert len(plain) < 1_000_000 < len(with_plots)


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        (content.Cell("1,234 (5 %)"), "1234"),
        (content.Cell("\N{MINUS SIGN}1.5"), "-1.5"),
        (content.Cell("-0.25"), "-0.25"),
        (content.Cell("4.0e-09"), "4.0e-09"),
        (content.Cell("< 1e-300"), "1e-300"),
        (content.Cell("\N{MINUS SIGN}∞"), "-1e308"),
        (content.Cell("NA"), ""),
        (content.Cell("high", order=3), "3"),
    ],
)
def test_cells_sort_by_their_numbers(cell, order):
    assert format.sort_value(cell) == order


def test_checksums_are_those_of_the_files(tmp_path):
    (tmp_path / "a.bam").write_bytes(b"reads")
    (tmp_path / "motifs").mkdir()
    (tmp_path / "motifs/m.jaspar").write_bytes(b"")
    paths = {str(tmp_path / "a.bam"): "reads of a", str(tmp_path / "motifs"): "motifs"}
    table = checksums.table(paths, threads=2)
    assert table["input"].tolist() == ["reads of a", "motifs"]
    assert table["path"].tolist() == [str(tmp_path / "a.bam"), str(tmp_path / "motifs/m.jaspar")]
    assert table["bytes"].tolist() == [5, 0]
    assert table["sha256"][0] == hashlib.sha256(b"reads").hexdigest()
    assert table["sha256"][1] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_methods_to_paste_hold_software_inputs_and_references():
    inputs = pd.DataFrame({"path": ["a.bam"], "bytes": [5], "sha256": ["f" * 64]})
    cited = [content.Reference("Someone 2020", "https://doi.org/10.1")]
    section = methods.section(["First. Text."], {"seed": 42}, cited, inputs, "inputs.tsv")
    text = section.parts[0]
    assert text.copied == "methods-text"
    assert text.paragraphs[0] == "First. Text."
    assert text.paragraphs[1].startswith("Software: atacdiff ")
    assert text.paragraphs[2] == "SHA-256 checksums of the 1 input file are in inputs.tsv."
    assert "f" * 64 in [cell.text for cell in section.parts[3].rows[0]]
    assert text.paragraphs[3] == "References: Someone 2020, https://doi.org/10.1."
    assert [part.caption for part in section.parts[1:]] == ["Versions", "Settings", "Input files"]
    assert all(part.folded for part in section.parts[1:])


@pytest.mark.parametrize(
    ("lookup", "words"),
    [
        ({"peaks": {}}, "My region"),
        ({"peaks": {"gene_name": ["TCF7"]}}, "My gene, my region"),
        ({"peaks": {"gene_name": ["TCF7"]}, "motifs": {"name": ["TCF7"]}}, "My factor, my gene, my region"),
    ],
)
def test_the_search_names_what_this_run_can_find(lookup, words):
    html = page.render(content.Content("t", (), lookup=lookup, examples=("chr1:1-2",)))
    assert f"<h2>{words}</h2>" in html
    assert ("Aliases of factors" in html) == ("factor" in words)


def test_a_line_does_not_end_between_a_number_and_its_percent_sign():
    text = content.Text(("Found in 5 % of all, not the 5% of %s.",))
    html = page.render(content.Content("t", (), sections=(content.Section("a", "A", (text,)),)))
    assert "<p>Found in 5\N{NO-BREAK SPACE}% of all, not the 5% of %s.</p>" in html


def test_directions_are_offered_in_the_order_of_the_changes():
    table = differential(50, 5)
    table.loc[table.index[table["direction"] == "up"][0], "direction"] = "down"
    html = page.render(content.Content("t", (), sections=(content.Section("a", "A", (made(table),)),)))
    choice = html.partition('data-filter="direction"')[2].partition("</select>")[0]
    offered = re.findall(r'<option value="(\w+)"', choice)
    assert offered == ["up", "down", "none"]


def test_peaks_without_a_direction_are_those_that_the_table_shows_first():
    table = differential(50, 5)
    table["direction"] = table["direction"].replace("up", "changed")
    part = made(table)
    assert part.begin == ("changed",)
    html = page.render(content.Content("t", (), sections=(content.Section("a", "A", (part,)),)))
    choice = html.partition('data-filter="direction"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(.*?)"( selected)?>', choice) == [
        ("", ""),
        ("changed", " selected"),
        ("none", ""),
    ]
    assert '<span class="changed">● changed</span>; grey: others' in html
