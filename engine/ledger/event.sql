-- The chain of events, ledger version 2: what was run, decided and signed, in order, each with the hash of the one before.
--
-- hash = SHA-256 of previous, kind, at, who, release and body, each as its length in bytes in decimal, a colon and the bytes.
-- An event is never changed: the triggers stop accidents, `assay ledger verify` finds intent.

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

CREATE INDEX event_of_release ON event (release, kind, seq);

CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN
    SELECT raise(ABORT, 'events are never changed');
END;

CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN
    SELECT raise(ABORT, 'events are never deleted');
END;
