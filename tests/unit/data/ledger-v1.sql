-- A ledger of version 1 with two runs of tests/cli/mini, as sqlite3's .dump writes it.
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
INSERT INTO run VALUES(1,'d03c7329d12b','A mini release','release.yaml','','2017-03-31','2017-03-31T00:00:00Z','0.1.0','916dea10f9031a386011de634683519267c8be1aab48f5ca94f5786cadcb3b90','fail',1,2,1,2,0,0,0,NULL);
INSERT INTO run VALUES(2,'a20b28018bc3','A mini release','release.yaml','','2017-03-31','2017-03-31T00:01:40Z','0.1.0','916dea10f9031a386011de634683519267c8be1aab48f5ca94f5786cadcb3b90','pass',0,1,0,0,1,0,1,1);
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
INSERT INTO input VALUES(1,0,'homes','homes.csv','ff8a4f34907f86e793e52589169494f2813f6c80b88623525572a6502c77d1a7','utf-8',3,206,0,0,0,1);
INSERT INTO input VALUES(2,0,'homes','homes.csv','4e66d551f711bea0102123f40efc089ddc857b556dd055b4866889885a284c65','utf-8',3,206,0,0,0,1);
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
INSERT INTO run_rule VALUES(1,0,'M-1','places-missing','Every home has places','expect','error','registration','A null or zero count is replaced by an estimate.','made up','homes','fail','',1,0,3,1,0,0,0,0.038827996701002120971,NULL,1,1,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,1,'M-2','urn-once','No URN twice','unique','error','','A home listed twice is counted twice.','made up','homes','pass','',0,0,3,0,0,0,0,0.074009999632835388183,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,2,'M-3','urn-form','URNs have their form','expect','warning','','Anything else is a typing error.','made up','homes','fail','',0,0,3,1,0,0,0,0.090644001960754394531,NULL,1,1,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,3,'homes.kind.unknown','kind','Every value of kind is on its code list','unknown','error','','A value on no line of the list is in no group of the figures.','','homes','pass','',0,1,3,0,0,0,0,0.0020029991865158081054,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,4,'homes.kind.variant','kind','Every value of kind is written as its code list has it','variant','info','','A variant is counted as the code that it stands for.','','homes','pass','',0,1,3,0,0,0,0,0.00071100145578384399414,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,5,'homes.places.type','places','Every value of places can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,0.00043100118637084960937,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,6,'homes.registered.type','registered','Every value of registered can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,0.00016999989748001098632,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(1,7,'homes.rows.ragged','rows','Every row has as many cells as the header','ragged','error','','In a row with too many or too few cells, values may be in the wrong columns.','','homes','pass','',0,1,3,0,0,0,0,0.00045099854469299316406,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,0,'M-1','places-missing','Every home has places','expect','error','registration','A null or zero count is replaced by an estimate.','made up','homes','pass','',0,0,3,0,0,0,0,0.036824997514486312866,NULL,0,0,0,0,1,X'a1b697134e352ebec8c0c3c4be8e331501000000');
INSERT INTO run_rule VALUES(2,1,'M-2','urn-once','No URN twice','unique','error','','A home listed twice is counted twice.','made up','homes','pass','',0,0,3,0,0,0,0,0.0027040019631385803222,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,2,'M-3','urn-form','URNs have their form','expect','warning','','Anything else is a typing error.','made up','homes','fail','',0,0,3,1,0,0,0,0.082692999392747879028,NULL,1,0,1,0,0,NULL);
INSERT INTO run_rule VALUES(2,3,'homes.kind.unknown','kind','Every value of kind is on its code list','unknown','error','','A value on no line of the list is in no group of the figures.','','homes','pass','',0,1,3,0,0,0,0,0.00024000182747840881347,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,4,'homes.kind.variant','kind','Every value of kind is written as its code list has it','variant','info','','A variant is counted as the code that it stands for.','','homes','pass','',0,1,3,0,0,0,0,0.00011999905109405517578,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,5,'homes.places.type','places','Every value of places can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,5.999952554702758789e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,6,'homes.registered.type','registered','Every value of registered can be read as its type','type','error','','A value that cannot be read is left out of every count and sum.','','homes','pass','',0,1,3,0,0,0,0,5.0000846385955810546e-05,NULL,0,0,0,0,0,NULL);
INSERT INTO run_rule VALUES(2,7,'homes.rows.ragged','rows','Every row has as many cells as the header','ragged','error','','In a row with too many or too few cells, values may be in the wrong columns.','','homes','pass','',0,1,3,0,0,0,0,0.00023999810218811035156,NULL,0,0,0,0,0,NULL);
CREATE TABLE finding_block (
    first INTEGER PRIMARY KEY,    -- number of its first finding in this ledger; the others follow
    run INTEGER NOT NULL REFERENCES run (seq),
    rule TEXT NOT NULL,
    count INTEGER NOT NULL,
    fingerprints BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO finding_block VALUES(1,1,'M-1',1,X'a1b697134e352ebec8c0c3c4be8e3315',X'010c05686f6d657309686f6d65732e6373760006706c6163657320706c616365732069732070726573656e7420616e64206174206c656173742031056572726f720c726567697374726174696f6e0375726e046b696e6401300f4368696c6472656e277320686f6d651301003a20010320686173203020706c616365730d00010203040506030003060e100402000853433030303030320c020d0c00');
INSERT INTO finding_block VALUES(2,1,'M-3',1,X'193996fb5357e4c94ab56954dff12095',X'010705686f6d657309686f6d65732e637376000375726e1675726e206861732074686520666f726d61742075726e077761726e696e672f01003a2075726e2069732001002c2065787065637465643a2075726e206861732074686520666f726d61742075726e0b000102030405020100010606020006313233343536020700');
INSERT INTO finding_block VALUES(3,2,'M-3',1,X'193996fb5357e4c94ab56954dff12095',X'010705686f6d657309686f6d65732e637376000375726e1675726e206861732074686520666f726d61742075726e077761726e696e672f01003a2075726e2069732001002c2065787065637465643a2075726e206861732074686520666f726d61742075726e0b000102030405020100010606020106313233343536020700');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('run',2);
CREATE INDEX run_of_release ON run (release, seq);
CREATE INDEX run_rule_evaluated ON run_rule (id, run) WHERE status IN ('pass', 'fail');
CREATE INDEX run_rule_gone ON run_rule (id, run) WHERE gone > 0;
CREATE INDEX finding_block_of_run ON finding_block (run, rule);
COMMIT;
PRAGMA application_id = 1634956153;
PRAGMA user_version = 1;
