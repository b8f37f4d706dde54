-- People, their invitations and sessions, teams, their tokens and members. Instants are microseconds since 1970, UTC.

CREATE TABLE person (
    id            TEXT    PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('member', 'auditor', 'admin')),
    password_hash TEXT,
    disabled_at   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One-time links: `setup` makes the first admin, `invite` lets a person choose a password.
CREATE TABLE invitation (
    secret_hash BLOB    PRIMARY KEY CHECK (length(secret_hash) = 32),
    purpose     TEXT    NOT NULL CHECK (purpose IN ('setup', 'invite')),
    person_id   TEXT    REFERENCES person (id),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    CHECK ((purpose = 'invite') = (person_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- A session's id is stored hashed: who reads the database can open none of them.
CREATE TABLE session (
    id_hash      BLOB    PRIMARY KEY CHECK (length(id_hash) = 32),
    person_id    TEXT    NOT NULL REFERENCES person (id),
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ip           TEXT,
    user_agent   TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_person ON session (person_id);

CREATE TABLE team (
    id             TEXT    PRIMARY KEY,
    slug           TEXT    NOT NULL UNIQUE,
    name           TEXT    NOT NULL,
    production     INTEGER NOT NULL CHECK (production IN (0, 1)),
    workato_url    TEXT    NOT NULL,
    workspace_id   INTEGER,
    workspace_name TEXT,
    created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens are sealed (XChaCha20-Poly1305); the fingerprint is a keyed hash that names a token without telling it.
CREATE TABLE team_token (
    team_id     TEXT    PRIMARY KEY REFERENCES team (id),
    key_id      TEXT    NOT NULL,
    nonce       BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed      BLOB    NOT NULL,
    fingerprint TEXT    NOT NULL,
    set_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    team_id   TEXT NOT NULL REFERENCES team (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    role      TEXT NOT NULL CHECK (role IN ('viewer', 'operator')),
    PRIMARY KEY (team_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX membership_by_person ON membership (person_id);

-- Which master key sealed the tokens, so that a wrong one is known at start.
CREATE TABLE master_key (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    key_id   TEXT NOT NULL
) STRICT;
