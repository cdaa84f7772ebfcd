-- Ledger version 3: what stands with each decision in a run, beside what stands with its findings (doc.h: as_doc_decided).

CREATE TABLE run_decision (
    run INTEGER NOT NULL REFERENCES run (seq),
    ord INTEGER NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,           -- "event 7", or the place in decisions.yaml
    who TEXT NOT NULL,
    until TEXT NOT NULL,
    rule TEXT NOT NULL,
    finding TEXT NOT NULL,        -- a fingerprint
    sentence TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (run, ord)
) STRICT, WITHOUT ROWID;
