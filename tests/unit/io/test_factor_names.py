"""Factors by the names that databases and people use."""

import pytest

from workflow_lib.io import factor_names


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("CTCF_HUMAN.H11MO.0.A", ["CTCF"]),
        ("P53_HUMAN.H11MO.0.A", ["TP53"]),
        ("TF7L2_HUMAN.H11MO.0.A", ["TCF7L2"]),
        ("ANDR_HUMAN.H10MO.A", ["AR"]),
        ("GCR_HUMAN.H11MO.0.A", ["NR3C1"]),
        ("HXA9_HUMAN.H11MO.0.B", ["HOXA9"]),
        ("ZN143_HUMAN.H11MO.0.A", ["ZNF143"]),
        ("NKX21_HUMAN.H11MO.0.A", ["NKX2-1"]),
        ("PO5F1_MOUSE.H11MO.0.A", ["Pou5f1"]),
        ("STA5A_HUMAN.H11MO.0.A", ["STAT5A"]),
        ("CTCF.H12CORE.0.P.B", ["CTCF"]),
        ("NKX2-1.H13CORE.1.S.B", ["NKX2-1"]),
        ("(Ctcf)_(Mus_musculus)_(DBD_1.00)", ["Ctcf"]),
        ("PU.1(ETS)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer", ["SPI1"]),
        ("CTCF(Zf)/CD4+-CTCF-ChIP-Seq(Barski_et_al.)/Homer", ["CTCF"]),
        ("T1ISRE(IRF)/ThioMac-Ifnb-Expression/Homer", ["T1ISRE"]),
        ("GATA3(Zf),DR4/iTreg-Gata3-ChIP-Seq(GSE20898)/Homer", ["GATA3"]),
        ("CTCF_full", ["CTCF"]),
        ("MA0139.1.CTCF", ["CTCF"]),
        ("MAX::MYC", ["MAX", "MYC"]),
        ("JUN(var.2)", ["JUN"]),
        ("EWSR1-FLI1", ["EWSR1-FLI1"]),
        ("M1", ["M1"]),
    ],
)
def test_a_motifs_name_gives_symbols(name, symbols):
    assert list(factor_names.of_motif(name)) == symbols


def test_homers_families_give_their_members():
    found = factor_names.of_motif("AP-1(bZIP)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer")
    assert {"FOS", "JUN", "BATF"} <= set(found)
    assert factor_names.of_motif("PU.1-IRF(ETS:IRF)/Bcell-PU.1-ChIP-Seq/Homer")[0] == "SPI1"


LIBRARY = {
    name: [name]
    for name in (
        *(
            "POU5F1",
            "SPI1",
            "TCF7",
            "HNF1A",
            "TBX21",
            "Trp53",
            "NR3C1",
            "RELA",
            "NFKB1",
            "FOS",
            "JUNB",
            "ARNTL",
        ),
        *("TBXT", "CEBPA", "TCF3", "TCF7L1", "NRF1", "NFE2L2", "TEF", "TEAD1", "NR5A1", "Nkx2-1"),
    )
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("OCT4", ["POU5F1"]),
        ("Oct-4", ["POU5F1"]),
        ("PU.1", ["SPI1"]),
        ("pu1", ["SPI1"]),
        ("TCF1", ["TCF7", "HNF1A"]),
        ("T-bet", ["TBX21"]),
        ("p53", ["Trp53"]),
        ("TP53", ["Trp53"]),
        ("GR", ["NR3C1"]),
        ("NF-kB", ["RELA", "NFKB1"]),
        ("AP-1", ["FOS", "JUNB"]),
        ("BMAL1", ["ARNTL"]),
        ("Brachyury", ["TBXT"]),
        ("T", ["TBXT"]),
        ("C/EBPa", ["CEBPA"]),
        ("TCF3", ["TCF3"]),  # the symbol, though TCF-3 is an alias of TCF7L1 too
        ("NRF1", ["NRF1"]),
        ("NRF2", ["NFE2L2"]),
        ("TEF", ["TEF"]),
        ("TEF1", ["TEAD1"]),
        ("SF1", ["NR5A1"]),  # nothing here is called SF1 itself
        ("TTF1", ["Nkx2-1"]),
        ("nobody", []),
    ],
)
def test_people_find_their_factor(asked, found):
    assert factor_names.find(asked, LIBRARY) == found


def test_what_bears_the_name_itself_goes_before_aliases():
    assert factor_names.find("SF1", LIBRARY | {"SF1": ["SF1"]}) == ["SF1"]


def test_the_table_is_whole():
    lines = [line for line in factor_names.TABLE.read_text().splitlines() if not line.startswith("#")]
    rows = [line.split("\t") for line in lines[1:]]
    assert all(len(row) == 4 for row in rows)
    symbols = [row[1] for row in rows if row[0] == "factor"]
    assert len(symbols) == len(set(symbols)) > 250
    assert {row[0] for row in rows} == {"factor", "family"}
