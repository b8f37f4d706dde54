-- The audit log's Merkle tree, the checkpoints that sign it, and what retention has removed. Instants as in 0002.

-- The tree takes the place of the chain. With each entry stand the hashes of the subtrees that it completes, smallest
-- first. Entries from before get theirs once, when the database is next opened, after the chain's hashes were checked
-- for the last time; until then `subtrees` is NULL and `chain` is there.
CREATE TABLE chain AS SELECT sequence, chain_hash FROM entry;
ALTER TABLE entry DROP COLUMN chain_hash;
ALTER TABLE entry ADD COLUMN subtrees BLOB CHECK (length(subtrees) % 32 = 0);

DROP TRIGGER entry_is_never_changed;
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
    WHEN OLD.subtrees IS NOT NULL OR NEW.sequence <> OLD.sequence OR NEW.leaf_hash <> OLD.leaf_hash
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- INSERT OR REPLACE deletes without asking the triggers that guard against deleting.
CREATE TRIGGER entry_is_never_replaced BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_body_is_never_replaced BEFORE INSERT ON entry_body
    WHEN EXISTS (SELECT 1 FROM entry_body WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- Keys that have signed, as others need them to check: name, id and public key in one word.
CREATE TABLE signing_key (
    verifier_key TEXT    PRIMARY KEY,
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed notes: the tree's root when the log had `size` entries.
CREATE TABLE checkpoint (
    number INTEGER PRIMARY KEY,
    size   INTEGER NOT NULL REFERENCES entry (sequence),
    note   TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE INDEX checkpoint_by_size ON checkpoint (size);

CREATE TRIGGER signing_key_is_never_changed BEFORE UPDATE ON signing_key BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER signing_key_is_never_deleted BEFORE DELETE ON signing_key BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoint_is_never_changed  BEFORE UPDATE ON checkpoint  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoint_is_never_deleted  BEFORE DELETE ON checkpoint  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

-- How far each place outside has been handed checkpoints, and since when it takes none.
CREATE TABLE checkpoint_destination (
    name          TEXT    PRIMARY KEY,
    last_number   INTEGER NOT NULL,
    last_at       INTEGER,
    failing_since INTEGER,
    failure       TEXT
) STRICT, WITHOUT ROWID;

-- Retention: each run that removed bodies, under the entry that tells of it, and what it removed.
CREATE TABLE retention_run (
    sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
    days     INTEGER NOT NULL,
    up_to    INTEGER NOT NULL CHECK (up_to < sequence),
    at       INTEGER NOT NULL
) STRICT;

CREATE TABLE removed_body (
    sequence     INTEGER PRIMARY KEY REFERENCES entry (sequence),
    operation_id TEXT    NOT NULL,
    run          INTEGER NOT NULL REFERENCES retention_run (sequence)
) STRICT;

CREATE INDEX removed_body_by_operation ON removed_body (operation_id, sequence);

CREATE TRIGGER retention_run_is_never_changed BEFORE UPDATE ON retention_run BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER retention_run_is_never_deleted BEFORE DELETE ON retention_run BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER removed_body_is_never_changed  BEFORE UPDATE ON removed_body  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER removed_body_is_never_deleted  BEFORE DELETE ON removed_body  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- A body goes only where a run names it: a run tells of itself in the log, reaches no further than it says, and never
-- takes what tells of runs.
CREATE TRIGGER removed_body_is_within_its_run BEFORE INSERT ON removed_body
    WHEN NOT EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.run AND NEW.sequence <= up_to)
      OR EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'retention removes only what its run names'); END;

DROP TRIGGER entry_body_is_never_deleted;
CREATE TRIGGER entry_body_is_never_deleted BEFORE DELETE ON entry_body
    WHEN NOT EXISTS (SELECT 1 FROM removed_body WHERE sequence = OLD.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
