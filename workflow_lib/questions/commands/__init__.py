"""Questions to a finished run, asked on the command line: one module a question."""
