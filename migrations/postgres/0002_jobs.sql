-- Jobs: many operations that somebody asked for at once.

-- A dry run, until it is started: then its id is that of its operation `job.create`. What its items are is bound to it, and
-- to that entry, by their hash. Refusals in a row are counted after the place `counted_from`.
CREATE TABLE job (
    id           TEXT COLLATE "C" PRIMARY KEY,
    team_id      TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    person_id    TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    act          TEXT COLLATE "C" NOT NULL CHECK (act IN ('delete', 'disconnect', 'tag', 'untag', 'move', 'share')),
    argument     TEXT COLLATE "C",
    retries      TEXT COLLATE "C",
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'requested', 'running', 'paused', 'cancelled', 'finished')),
    created_at   BIGINT           NOT NULL,
    items        BIGINT           NOT NULL,
    items_sha256 TEXT COLLATE "C",
    counted_from BIGINT           NOT NULL,
    recorded_in  BIGINT,
    mac          BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    CHECK ((state = 'draft') = (recorded_in IS NULL)),
    CHECK ((state = 'draft') = (items_sha256 IS NULL))
);

CREATE INDEX job_by_team    ON job (team_id, id);
CREATE INDEX job_by_retried ON job (team_id, retries);
CREATE INDEX job_running    ON job (id) WHERE state = 'running';
CREATE INDEX job_by_state   ON job (team_id, state);
CREATE INDEX job_draft      ON job (created_at) WHERE recorded_in IS NULL;

-- What a job acts on, each with the operation that carries it out. It was not sent if it has `skipped_at`: by then, it was
-- no longer as in the dry run.
CREATE TABLE job_item (
    job_id       TEXT COLLATE "C" NOT NULL REFERENCES job (id),
    place        BIGINT           NOT NULL CHECK (place > 0),
    operation_id TEXT COLLATE "C" NOT NULL UNIQUE,
    target_id    TEXT COLLATE "C" NOT NULL,
    target_name  TEXT COLLATE "C",
    verdict      TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('ready', 'in_use', 'already_so', 'gone', 'unreadable', 'not_released')),
    taken_out    BIGINT           NOT NULL CHECK (taken_out IN (0, 1)),
    recipes      BIGINT,
    active       BIGINT,
    version      BIGINT,
    seen         TEXT COLLATE "C" NOT NULL,
    skipped_at   BIGINT,
    PRIMARY KEY (job_id, place)
);

CREATE INDEX job_item_by_verdict ON job_item (job_id, verdict, taken_out, skipped_at);
