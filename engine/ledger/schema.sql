-- The ledger, version 1. See docs/formats/ledger.md for what a reader of the file needs to know.
--
-- Invariants
-- 1. Append only: a run is written in one transaction and never changed. Events that speak of findings
--    (decisions, sign-offs) name a release and a fingerprint, never a row of these tables.
-- 2. `run.seq` is never used twice (AUTOINCREMENT), also after a run was abandoned.
-- 3. Findings lie in blocks: up to some thousand findings of one rule of one run, packed (block.h). A row
--    for each would cost six times the time and twice the bytes. `fingerprints` holds 16 bytes a finding
--    in the order of `body`, so that two runs are compared without unpacking.
-- 4. run_rule.gone_fingerprints lists what was in the comparison run and is not in this one: 16 bytes and
--    a 4-byte little-endian count each, ascending. Present lists and gone lists together tell new from
--    reopened without reading every earlier run.

CREATE TABLE run (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,             -- of the content: inputs, rules and tool
    release TEXT NOT NULL,
    release_file TEXT NOT NULL,
    produced_by TEXT NOT NULL,
    as_at TEXT NOT NULL,
    started TEXT NOT NULL,
    assay TEXT NOT NULL,          -- version of the tool
    rules_sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    findings INTEGER NOT NULL,
    blocking INTEGER NOT NULL,
    new INTEGER NOT NULL,
    open INTEGER NOT NULL,
    reopened INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    previous INTEGER REFERENCES run (seq) -- the run that the four counts compare with
) STRICT;

CREATE INDEX run_of_release ON run (release, seq);

CREATE TABLE input (
    run INTEGER NOT NULL REFERENCES run (seq),
    ord INTEGER NOT NULL,
    name TEXT NOT NULL,           -- of the table
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    encoding TEXT NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    banner_rows INTEGER NOT NULL,
    blank_rows INTEGER NOT NULL,
    blank_columns INTEGER NOT NULL,
    header_row INTEGER NOT NULL,
    PRIMARY KEY (run, ord)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_rule (
    run INTEGER NOT NULL REFERENCES run (seq),
    ord INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    steward TEXT NOT NULL,
    why TEXT NOT NULL,
    source TEXT NOT NULL,
    table_name TEXT NOT NULL,
    status TEXT NOT NULL,
    note TEXT NOT NULL,
    blocking INTEGER NOT NULL,
    builtin INTEGER NOT NULL,
    selected INTEGER NOT NULL,
    findings INTEGER NOT NULL,    -- as the run counted them
    undecided INTEGER NOT NULL,
    key_nulls INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    millis REAL NOT NULL,
    bridge BLOB,                  -- bridge.c; NULL: the rule has none
    written INTEGER NOT NULL,     -- findings in the blocks of this run and rule
    new INTEGER NOT NULL,
    open INTEGER NOT NULL,
    reopened INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    gone_fingerprints BLOB,
    PRIMARY KEY (run, ord)
) STRICT;

-- A rule that a run did not evaluate (off, empty, error) says nothing of its findings: comparisons go back
-- to the last run that did.
CREATE INDEX run_rule_evaluated ON run_rule (id, run) WHERE status IN ('pass', 'fail');
CREATE INDEX run_rule_gone ON run_rule (id, run) WHERE gone > 0;

CREATE TABLE finding_block (
    first INTEGER PRIMARY KEY,    -- number of its first finding in this ledger; the others follow
    run INTEGER NOT NULL REFERENCES run (seq),
    rule TEXT NOT NULL,
    count INTEGER NOT NULL,
    fingerprints BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX finding_block_of_run ON finding_block (run, rule);
