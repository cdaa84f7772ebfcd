-- A ledger of version 2 with two runs of tests/cli/mini, as sqlite3's .dump writes it.
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
INSERT INTO run VALUES(2,'9978fb022908','A mini release','release.yaml','','2017-03-31','2017-03-31T00:01:40Z','0.1.0','916dea10f9031a386011de634683519267c8be1aab48f5ca94f5786cadcb3b90','pass',0,0,0,0,0,0,1,1);
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
INSERT INTO input VALUES(2,0,'homes','homes.csv','578e0fea230886bf2d6e1c19f0192c098019eafb57c1d72d1e38b29b6a35ef7d','utf-8',3,207,0,0,0,1);
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
INSERT INTO run_rule VALUES(1,0,'M-1','places-missing','Every home has places','expect','error','registration','A null or zero count is replaced by an estimate.','made up','homes','fail','',1,0,3,1,0,0,0,0.066507998853921890258,NULL,1,1,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,1,'M-2','urn-once','No URN twice','unique','error','','A home listed twice is counted twice.','made up','homes','pass','',0,0,3,0,0,0,0,0.040509998798370361328,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,2,'M-3','urn-form','URNs have their form','expect','warning','','Anything else is a typing error.','made up','homes','pass','',0,0,3,0,0,0,0,0.14113900065422058105,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,3,'homes.kind.unknown','kind','Every value of kind is on its code list','unknown','error','','A value on no line of the list is in no group of the figures.','','homes','pass','',0,1,3,0,0,0,0,0.00046100094914436340332,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,4,'homes.kind.variant','kind','Every value of kind is written as its code list has it','variant','info','','A variant is counted as the code that it stands for.','','homes','pass','',0,1,3,0,0,0,0,0.00061099976301193237304,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,5,'homes.places.type','places','Every value of places can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,0.00018000230193138122558,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,6,'homes.registered.type','registered','Every value of registered can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,4.9997121095657348632e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,7,'homes.rows.ragged','rows','Every row has as many cells as the header','ragged','error','','In a row with too many or too few cells, values may be in the wrong columns.','','homes','pass','',0,1,3,0,0,0,0,0.00032000243663787841796,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,0,'M-1','places-missing','Every home has places','expect','error','registration','A null or zero count is replaced by an estimate.','made up','homes','pass','',0,0,3,0,0,0,0,0.060619998723268508911,NULL,0,0,0,0,1,X'a1b697134e352ebec8c0c3c4be8e331501000000');
INSERT INTO run_rule VALUES(2,1,'M-2','urn-once','No URN twice','unique','error','','A home listed twice is counted twice.','made up','homes','pass','',0,0,3,0,0,0,0,0.038728002458810806274,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,2,'M-3','urn-form','URNs have their form','expect','warning','','Anything else is a typing error.','made up','homes','pass','',0,0,3,0,0,0,0,0.1102639995515346527,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,3,'homes.kind.unknown','kind','Every value of kind is on its code list','unknown','error','','A value on no line of the list is in no group of the figures.','','homes','pass','',0,1,3,0,0,0,0,0.00034100189805030822753,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,4,'homes.kind.variant','kind','Every value of kind is written as its code list has it','variant','info','','A variant is counted as the code that it stands for.','','homes','pass','',0,1,3,0,0,0,0,0.00030099973082542419433,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,5,'homes.places.type','places','Every value of places can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,8.0000609159469604492e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,6,'homes.registered.type','registered','Every value of registered can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,0.00012000277638435363769,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,7,'homes.rows.ragged','rows','Every row has as many cells as the header','ragged','error','','In a row with too many or too few cells, values may be in the wrong columns.','','homes','pass','',0,1,3,0,0,0,0,0.00036100298166275024414,NULL,0,0,0,0,0,NULL);
CREATE TABLE finding_block (
    first INTEGER PRIMARY KEY,    -- number of its first finding in this ledger; the others follow
    run INTEGER NOT NULL REFERENCES run (seq),
    rule TEXT NOT NULL,
    count INTEGER NOT NULL,
    fingerprints BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO finding_block VALUES(1,1,'M-1',1,X'a1b697134e352ebec8c0c3c4be8e3315',X'010c05686f6d657309686f6d65732e6373760006706c6163657320706c616365732069732070726573656e7420616e64206174206c656173742031056572726f720c726567697374726174696f6e0375726e046b696e6401300f4368696c6472656e277320686f6d651301003a20010320686173203020706c616365730d00010203040506030003060e100402000853433030303030320c020d0c00');
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
INSERT INTO event VALUES(1,'run','2017-03-31T00:00:00Z','','A mini release','{"digest": "92f6a07f232c1f064eb48222889969f5cd1b3c1fd710c3cf3499eed0fe173672", "id": "a0f7cc73060d", "run": 1}','0000000000000000000000000000000000000000000000000000000000000000','d8e7ee158bf4324a1cbadafb7867b14afe3979a645f161355f69ab33467a6f81');
INSERT INTO event VALUES(2,'run','2017-03-31T00:01:40Z','','A mini release','{"digest": "033fabeba89d2e5724adc2ce6b98cb55265de4d5b632e901ffd090d5396d9acb", "id": "9978fb022908", "run": 2}','d8e7ee158bf4324a1cbadafb7867b14afe3979a645f161355f69ab33467a6f81','6eb41597ab2dbe05d1dc763698a8437564bb472bf3c6c0b1f42030ef2855e40a');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('run',2);
INSERT INTO sqlite_sequence VALUES('event',2);
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
PRAGMA application_id = 1634956153; PRAGMA user_version = 2;
COMMIT;
