"""The library behind atacdiff: pure functions that know neither Snakemake nor the config file."""

__version__ = "2.1.1"
