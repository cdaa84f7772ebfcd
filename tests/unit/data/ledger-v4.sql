-- A ledger of version 4 with two runs of tests/cli/mini and an acceptance between them, as sqlite3's .dump writes it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO run VALUES(1,'a0f7cc73060d','A mini release','release.yaml','','2017-03-31','2017-03-31T00:00:00Z','0.1.0','916dea10f9031a386011de634683519267c8be1aab48f5ca94f5786cadcb3b90','fail',1,1,1,1,0,0,0,NULL);
INSERT INTO run VALUES(2,'e1d6ecdca006','A mini release','release.yaml','','2017-03-31','2017-03-31T00:01:40Z','0.1.0','916dea10f9031a386011de634683519267c8be1aab48f5ca94f5786cadcb3b90','pass',0,1,0,1,0,0,0,NULL);
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
INSERT INTO input VALUES(1,0,'homes','homes.csv','76b389bc6eaef7033a0a4a1c77bea880ec4258150fffc5f0f027668d770ffe53','utf-8',3,207,0,0,0,1);
INSERT INTO input VALUES(2,0,'homes','homes.csv','76b389bc6eaef7033a0a4a1c77bea880ec4258150fffc5f0f027668d770ffe53','utf-8',3,207,0,0,0,1);
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
INSERT INTO run_rule VALUES(1,0,'M-1','places-missing','Every home has places','expect','error','registration','A null or zero count is replaced by an estimate.','made up','homes','fail','',1,0,3,1,0,0,0,0.007119998335838317871,NULL,1,1,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,1,'M-2','urn-once','No URN twice','unique','error','','A home listed twice is counted twice.','made up','homes','pass','',0,0,3,0,0,0,0,0.0092840008437633514404,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,2,'M-3','urn-form','URNs have their form','expect','warning','','Anything else is a typing error.','made up','homes','pass','',0,0,3,0,0,0,0,0.021292001008987426757,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,3,'homes.kind.unknown','kind','Every value of kind is on its code list','unknown','error','','A value on no line of the list is in no group of the figures.','','homes','pass','',0,1,3,0,0,0,0,0.00027000159025192260742,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,4,'homes.kind.variant','kind','Every value of kind is written as its code list has it','variant','info','','A variant is counted as the code that it stands for.','','homes','pass','',0,1,3,0,0,0,0,0.00019999966025352478027,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,5,'homes.places.type','places','Every value of places can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,5.999952554702758789e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,6,'homes.registered.type','registered','Every value of registered can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,2.9999762773513793945e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,7,'homes.rows.ragged','rows','Every row has as many cells as the header','ragged','error','','In a row with too many or too few cells, values may be in the wrong columns.','','homes','pass','',0,1,3,0,0,0,0,6.9998204708099365234e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,0,'M-1','places-missing','Every home has places','expect','error','registration','A null or zero count is replaced by an estimate.','made up','homes','pass','',0,0,3,1,0,0,1,0.010304998606443405151,NULL,1,1,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,1,'M-2','urn-once','No URN twice','unique','error','','A home listed twice is counted twice.','made up','homes','pass','',0,0,3,0,0,0,0,0.010305002331733703613,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,2,'M-3','urn-form','URNs have their form','expect','warning','','Anything else is a typing error.','made up','homes','pass','',0,0,3,0,0,0,0,0.064095001667737960815,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,3,'homes.kind.unknown','kind','Every value of kind is on its code list','unknown','error','','A value on no line of the list is in no group of the figures.','','homes','pass','',0,1,3,0,0,0,0,0.00028099864721298217773,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,4,'homes.kind.variant','kind','Every value of kind is written as its code list has it','variant','info','','A variant is counted as the code that it stands for.','','homes','pass','',0,1,3,0,0,0,0,0.00020999833941459655761,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,5,'homes.places.type','places','Every value of places can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,5.999952554702758789e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,6,'homes.registered.type','registered','Every value of registered can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,4.1000545024871826171e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,7,'homes.rows.ragged','rows','Every row has as many cells as the header','ragged','error','','In a row with too many or too few cells, values may be in the wrong columns.','','homes','pass','',0,1,3,0,0,0,0,7.0001929998397827148e-05,NULL,0,0,0,0,0,NULL);
CREATE TABLE finding_block (
    first INTEGER PRIMARY KEY,    -- number of its first finding in this ledger; the others follow
    run INTEGER NOT NULL REFERENCES run (seq),
    rule TEXT NOT NULL,
    count INTEGER NOT NULL,
    fingerprints BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO finding_block VALUES(1,1,'M-1',1,X'a1b697134e352ebec8c0c3c4be8e3315',X'020c05686f6d657309686f6d65732e6373760006706c6163657320706c616365732069732070726573656e7420616e64206174206c656173742031056572726f720c726567697374726174696f6e0375726e046b696e6401300f4368696c6472656e277320686f6d651301003a20010320686173203020706c616365730d00010203040506030003060e100402000853433030303030320c020d0c00');
INSERT INTO finding_block VALUES(2,2,'M-1',1,X'a1b697134e352ebec8c0c3c4be8e3315',X'020d05686f6d657309686f6d65732e6373760006706c6163657320706c616365732069732070726573656e7420616e64206174206c656173742031056572726f720c726567697374726174696f6e45616363657074656420756e74696c20323031372d30362d3330206279207365636f6e642e616e616c797374406578616d706c652e6f72673a20636c6f7365642073696e63650375726e046b696e6401300f4368696c6472656e277320686f6d651301003a20010320686173203020706c616365730e00010203040506030407030610120402000853433030303030320d020e0d00');
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,           -- event.h lists them
    at TEXT NOT NULL,             -- ISO 8601 UTC
    who TEXT NOT NULL,
    release TEXT NOT NULL,
    body TEXT NOT NULL,           -- JSON, an object
    previous TEXT NOT NULL,       -- hash of the event before; of the first: 64 zeros
    hash TEXT NOT NULL
) STRICT;
INSERT INTO event VALUES(1,'run','2017-03-31T00:00:00Z','','A mini release','{"digest": "cc043e70f80876d7cefe074fd17e6f618a87c7382d57706021e3afb2ce81e694", "id": "a0f7cc73060d", "run": 1}','0000000000000000000000000000000000000000000000000000000000000000','88115f560a1a02810604383f9de8a62d21d32460960fb982466d8814918438ec');
INSERT INTO event VALUES(2,'accept','2017-03-31T00:00:50Z','second.analyst@example.org','A mini release','{"findings": ["a1b697134e352ebec8c0c3c4be8e3315"], "reason": "closed since", "rules": ["M-1"], "until": "2017-06-30"}','88115f560a1a02810604383f9de8a62d21d32460960fb982466d8814918438ec','e84e2c53763c45c9a7de9073a1f0bc180c3a8e5faa6ad41f54ca05113ad738b4');
INSERT INTO event VALUES(3,'run','2017-03-31T00:01:40Z','','A mini release','{"digest": "72d4240e44ea4c3ca1b80cfa8243ac9a553889fb3f1af320145d91eb056ce405", "id": "e1d6ecdca006", "run": 2}','e84e2c53763c45c9a7de9073a1f0bc180c3a8e5faa6ad41f54ca05113ad738b4','152c6335833d69c6e865f4bb7255413876400d8265476e171c51363e3924aab0');
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
INSERT INTO run_decision VALUES(2,0,'accepted','event 2','second.analyst@example.org','2017-06-30','M-1','a1b697134e352ebec8c0c3c4be8e3315','accepted until 2017-06-30 by second.analyst@example.org: closed since',1);
CREATE TABLE run_content (
    run INTEGER PRIMARY KEY REFERENCES run (seq),
    sha256 TEXT NOT NULL
) STRICT;
INSERT INTO run_content VALUES(1,'a16fa9c7589b8e2c09ec078684a43b4cc3aca2c9c675aa00f65ddb5dade7c739');
INSERT INTO run_content VALUES(2,'a16fa9c7589b8e2c09ec078684a43b4cc3aca2c9c675aa00f65ddb5dade7c739');
CREATE TABLE run_file (
    run INTEGER NOT NULL REFERENCES run (seq),
    ord INTEGER NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, ord)
) STRICT, WITHOUT ROWID;
INSERT INTO run_file VALUES(1,0,'pack/codelists/kinds.yaml','cea119069da276af771364f29fd8d57992a5b4ca8bfc5a283c67767c7fe81876');
INSERT INTO run_file VALUES(1,1,'pack/pack.yaml','37287adda1990b74ccedc6e8f5649222e318091f1411f7762053ba83438809c4');
INSERT INTO run_file VALUES(1,2,'pack/rules.yaml','926d5121f22e1a0fb429c7ecf15197b0ee0b206fe2fc5bab694ca1435877e219');
INSERT INTO run_file VALUES(1,3,'pack/tables/homes.yaml','3a61a4290a1378775fbf81c06f21fe957a1bf02af3af6472b8b888e50b100222');
INSERT INTO run_file VALUES(1,4,'release.yaml','f34eea803a9b8d2f6538fbf5318707b056bebbb0c304f1b291a834b77b6e060a');
INSERT INTO run_file VALUES(2,0,'pack/codelists/kinds.yaml','cea119069da276af771364f29fd8d57992a5b4ca8bfc5a283c67767c7fe81876');
INSERT INTO run_file VALUES(2,1,'pack/pack.yaml','37287adda1990b74ccedc6e8f5649222e318091f1411f7762053ba83438809c4');
INSERT INTO run_file VALUES(2,2,'pack/rules.yaml','926d5121f22e1a0fb429c7ecf15197b0ee0b206fe2fc5bab694ca1435877e219');
INSERT INTO run_file VALUES(2,3,'pack/tables/homes.yaml','3a61a4290a1378775fbf81c06f21fe957a1bf02af3af6472b8b888e50b100222');
INSERT INTO run_file VALUES(2,4,'release.yaml','f34eea803a9b8d2f6538fbf5318707b056bebbb0c304f1b291a834b77b6e060a');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('run',2);
INSERT INTO sqlite_sequence VALUES('event',3);
CREATE INDEX run_of_release ON run (release, seq);
CREATE INDEX run_rule_evaluated ON run_rule (id, run) WHERE status IN ('pass', 'fail');
CREATE INDEX run_rule_gone ON run_rule (id, run) WHERE gone > 0;
CREATE INDEX finding_block_of_run ON finding_block (run, rule);
CREATE INDEX event_of_release ON event (release, kind, seq);
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN
    SELECT raise(ABORT, 'events are never changed');
END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN
    SELECT raise(ABORT, 'events are never deleted');
END;
PRAGMA application_id = 1634956153; PRAGMA user_version = 4;
COMMIT;
