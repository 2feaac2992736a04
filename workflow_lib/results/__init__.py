"""What a run makes: its catalogue, and those that read finished results.

A result has one owner: its entry in `stages/STAGE.yaml`. To add a table, a file or a figure, write that
entry and name its key in the rule (`result("key")`, `figure("key")`). Path, caption, alternative text,
the list of files in the report, the sheet of the workbook, `docs/output.md` and the check of columns
follow from it. To add a column, add its line. A column that many tables share stands in
`stages/columns.yaml`. Then run `python -m workflow_lib.results.document`.

An entry::

    title: Differential peaks          # of the stage
    needs: [genes]                     # what a configuration must have for it; also in single entries
    category: Differential peaks       # of its figures in Snakemake's own report; the title if absent
    tables:
      differential:                    # the key, unique in the catalogue
        path: differential/{contrast}.tsv.gz
        what: every peak's test        # in the report's list of files and in docs/output.md
        sheet: {name: Peaks, words: ..., sort: pvalue, place: 2}   # in the workbook, if it is to be there
        mudata: true                   # read into experiment.h5mu
        words: {direction: [up, down, none, untested]}             # all words that a column may have
        parts: path/{sample}.tsv       # temporary tables with the same columns that this one gathers
        in_folder: true                # the rule's output is the folder, not the file
        listed: false                  # not in the report's list of files
        columns:
          peak:                        # as in columns.yaml
          lfcSE: number [log2] standard error of log2FoldChange    # type [unit] one line
          gene_name?: text name of the nearest gene                # may be absent
          "{sample}": integer [reads] count of the sample          # one column for each
    files:                             # without columns to check
      changed_peaks: {path: ..., what: ...}
    figures:
      ma: {path: ..., data: differential, label: MA plot, caption: ..., alt: ..., legend: ..., wide: false}

`data` is the key of the table that a figure draws: the report links it below. `caption` and `alt` are of
the report, `legend` is longer and of Snakemake's own report; all may name the wildcards of the path,
`{alpha}`, and what the report's section gives them.
"""
