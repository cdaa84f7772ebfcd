-- Ledger version 4: what a run was made from, so that it is known again and its files can be named.

-- The content alone: tool, files of the rules, extracts; not what was decided, and not which rules were asked for. Runs compare
-- with the latest run of other content.
CREATE TABLE run_content (
    run INTEGER PRIMARY KEY REFERENCES run (seq),
    sha256 TEXT NOT NULL
) STRICT;

-- Every file behind `run.rules_sha256`, as release.yaml writes it.
CREATE TABLE run_file (
    run INTEGER NOT NULL REFERENCES run (seq),
    ord INTEGER NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, ord)
) STRICT, WITHOUT ROWID;
