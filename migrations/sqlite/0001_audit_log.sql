-- The audit log: its entries, the bytes that are hashed, and what is derived from them for search.

-- Never changed, never shortened: the order of the log and its hashes.
CREATE TABLE entry (
    sequence   INTEGER PRIMARY KEY CHECK (sequence > 0),
    leaf_hash  BLOB    NOT NULL CHECK (length(leaf_hash)  = 32),
    chain_hash BLOB    NOT NULL CHECK (length(chain_hash) = 32)
) STRICT;

-- The hashed bytes, and columns derived from them.
CREATE TABLE entry_body (
    sequence     INTEGER PRIMARY KEY REFERENCES entry (sequence),
    body         BLOB    NOT NULL,
    operation_id TEXT    NOT NULL,
    stage        TEXT    NOT NULL,
    search       TEXT    NOT NULL
) STRICT;

CREATE INDEX entry_body_by_operation ON entry_body (operation_id, sequence);

CREATE TRIGGER entry_is_never_changed      BEFORE UPDATE ON entry      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_is_never_deleted      BEFORE DELETE ON entry      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_body_is_never_changed BEFORE UPDATE ON entry_body BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_body_is_never_deleted BEFORE DELETE ON entry_body BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- One row an operation, derived from its entries: for lists, and to know an operation's id again.
CREATE TABLE operation (
    id            TEXT    PRIMARY KEY,
    sequence      INTEGER NOT NULL UNIQUE REFERENCES entry (sequence),
    last_sequence INTEGER NOT NULL REFERENCES entry (sequence),
    at            INTEGER NOT NULL,
    actor_id      TEXT,
    actor_name    TEXT    NOT NULL,
    actor_email   TEXT,
    team_id       TEXT,
    team_slug     TEXT,
    team_name     TEXT,
    action        TEXT    NOT NULL,
    target_type   TEXT,
    target_id     TEXT,
    target_name   TEXT,
    binding       TEXT,
    deadline      INTEGER,
    outcome       TEXT    CHECK (outcome IN ('succeeded', 'rejected', 'failed', 'unknown', 'denied')),
    state         TEXT    NOT NULL CHECK (state IN ('open', 'unsettled', 'waiting', 'closed'))
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_by_team   ON operation (team_id, sequence);
CREATE INDEX operation_by_target ON operation (team_id, target_type, target_id, sequence);
CREATE INDEX operation_to_settle ON operation (state, sequence) WHERE state IN ('open', 'unsettled');
