-- What was last read of each team's Workato, so that what changes there without an operation is noticed.

-- Since when a team is watched, with which token, and when it was last compared. Instants are microseconds, UTC.
CREATE TABLE watch (
    team_id     TEXT    PRIMARY KEY REFERENCES team (id),
    fingerprint TEXT    NOT NULL,
    compared_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A connector's share, or that a connection is there.
CREATE TABLE seen (
    team_id        TEXT    NOT NULL REFERENCES team (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('connector', 'connection')),
    id             INTEGER NOT NULL,
    name           TEXT,
    shared_version INTEGER,
    shared_at      INTEGER,
    PRIMARY KEY (team_id, kind, id)
) STRICT, WITHOUT ROWID;

-- The queue of operations that wait for a person.
CREATE INDEX operation_waiting ON operation (sequence) WHERE state = 'waiting';
