-- Connectors: the code of their versions, their counterparts in other teams, and their promotions.

-- The code of each connector's released versions, as the portal first saw it: Workato hands out the current code only.
-- Sealed with XChaCha20-Poly1305, since code may hold secrets; the HMAC covers its SHA-256. `workspace_id` is 0 if it was not
-- known. What is large comes last, so that reading the rest does not read it.
CREATE TABLE connector_code (
    team_id      TEXT    NOT NULL REFERENCES team (id),
    workspace_id INTEGER NOT NULL,
    connector_id INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    sha256       TEXT    NOT NULL CHECK (length(sha256) = 64),
    bytes        INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL,
    recorded_in  INTEGER NOT NULL,
    mac          BLOB    NOT NULL CHECK (length(mac) = 32),
    key_id       TEXT    NOT NULL,
    nonce        BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed       BLOB    NOT NULL,
    PRIMARY KEY (team_id, workspace_id, connector_id, version)
) STRICT;

-- Which connector of a team is the counterpart of one of another team.
CREATE TABLE connector_pair (
    source_team_id      TEXT    NOT NULL REFERENCES team (id),
    source_workspace_id INTEGER NOT NULL,
    source_connector_id INTEGER NOT NULL,
    team_id             TEXT    NOT NULL REFERENCES team (id),
    workspace_id        INTEGER NOT NULL,
    connector_id        INTEGER NOT NULL,
    recorded_in         INTEGER NOT NULL,
    mac                 BLOB    NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (source_team_id, source_workspace_id, source_connector_id, team_id)
) STRICT, WITHOUT ROWID;

-- Promotions of a connector's version from one team to another. What is promoted is said by the entry of the operation `id`;
-- how far it has come, by the operations of its steps, whose ids are derived from `id`.
CREATE TABLE promotion (
    id                  TEXT    PRIMARY KEY,
    source_team_id      TEXT    NOT NULL REFERENCES team (id),
    source_workspace_id INTEGER NOT NULL,
    source_connector_id INTEGER NOT NULL,
    team_id             TEXT    NOT NULL REFERENCES team (id),
    created_at          INTEGER NOT NULL,
    recorded_in         INTEGER NOT NULL,
    mac                 BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX promotion_by_pair ON promotion (source_team_id, source_workspace_id, source_connector_id, team_id, recorded_in);
CREATE INDEX promotion_by_time ON promotion (created_at);
