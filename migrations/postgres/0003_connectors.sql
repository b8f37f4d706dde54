-- Connectors: the code of their versions, their counterparts in other teams, and their promotions.

-- The code of each connector's released versions, as the portal first saw it: Workato hands out the current code only.
-- Sealed with XChaCha20-Poly1305, since code may hold secrets; the HMAC covers its SHA-256. `workspace_id` is 0 if it was not
-- known. What is large comes last, so that reading the rest does not read it.
CREATE TABLE connector_code (
    team_id      TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    workspace_id BIGINT           NOT NULL,
    connector_id BIGINT           NOT NULL,
    version      BIGINT           NOT NULL,
    sha256       TEXT COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
    bytes        BIGINT           NOT NULL,
    seen_at      BIGINT           NOT NULL,
    recorded_in  BIGINT           NOT NULL,
    mac          BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    key_id       TEXT COLLATE "C" NOT NULL,
    nonce        BYTEA            NOT NULL CHECK (octet_length(nonce) = 24),
    sealed       BYTEA            NOT NULL,
    PRIMARY KEY (team_id, workspace_id, connector_id, version)
);

-- Which connector of a team is the counterpart of one of another team.
CREATE TABLE connector_pair (
    source_team_id      TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    source_workspace_id BIGINT           NOT NULL,
    source_connector_id BIGINT           NOT NULL,
    team_id             TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    workspace_id        BIGINT           NOT NULL,
    connector_id        BIGINT           NOT NULL,
    recorded_in         BIGINT           NOT NULL,
    mac                 BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    PRIMARY KEY (source_team_id, source_workspace_id, source_connector_id, team_id)
);

-- Promotions of a connector's version from one team to another. What is promoted is said by the entry of the operation `id`;
-- how far it has come, by the operations of its steps, whose ids are derived from `id`.
CREATE TABLE promotion (
    id                  TEXT COLLATE "C" PRIMARY KEY,
    source_team_id      TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    source_workspace_id BIGINT           NOT NULL,
    source_connector_id BIGINT           NOT NULL,
    team_id             TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    created_at          BIGINT           NOT NULL,
    recorded_in         BIGINT           NOT NULL,
    mac                 BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

CREATE INDEX promotion_by_pair ON promotion (source_team_id, source_workspace_id, source_connector_id, team_id, recorded_in);
CREATE INDEX promotion_by_time ON promotion (created_at);
