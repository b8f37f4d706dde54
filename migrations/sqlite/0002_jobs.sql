-- Jobs: many operations that somebody asked for at once.

-- A dry run, until it is started: then its id is that of its operation `job.create`. What its items are is bound to it, and
-- to that entry, by their hash. Refusals in a row are counted after the place `counted_from`.
CREATE TABLE job (
    id           TEXT    PRIMARY KEY,
    team_id      TEXT    NOT NULL REFERENCES team (id),
    person_id    TEXT    NOT NULL REFERENCES person (id),
    act          TEXT    NOT NULL CHECK (act IN ('delete', 'disconnect', 'tag', 'untag', 'move', 'share')),
    argument     TEXT,
    retries      TEXT,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'requested', 'running', 'paused', 'cancelled', 'finished')),
    created_at   INTEGER NOT NULL,
    items        INTEGER NOT NULL,
    items_sha256 TEXT,
    counted_from INTEGER NOT NULL,
    recorded_in  INTEGER,
    mac          BLOB    NOT NULL CHECK (length(mac) = 32),
    CHECK ((state = 'draft') = (recorded_in IS NULL)),
    CHECK ((state = 'draft') = (items_sha256 IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX job_by_team    ON job (team_id, id);
CREATE INDEX job_by_retried ON job (team_id, retries);
-- SQLite uses a partial index only where a query repeats its condition.
CREATE INDEX job_running    ON job (id) WHERE state = 'running';
CREATE INDEX job_by_state   ON job (team_id, state);
CREATE INDEX job_draft      ON job (created_at) WHERE recorded_in IS NULL;

-- What a job acts on, each with the operation that carries it out. It was not sent if it has `skipped_at`: by then, it was
-- no longer as in the dry run.
CREATE TABLE job_item (
    job_id       TEXT    NOT NULL REFERENCES job (id),
    place        INTEGER NOT NULL CHECK (place > 0),
    operation_id TEXT    NOT NULL UNIQUE,
    target_id    TEXT    NOT NULL,
    target_name  TEXT,
    verdict      TEXT    NOT NULL CHECK (verdict IN ('ready', 'in_use', 'already_so', 'gone', 'unreadable', 'not_released')),
    taken_out    INTEGER NOT NULL CHECK (taken_out IN (0, 1)),
    recipes      INTEGER,
    active       INTEGER,
    version      INTEGER,
    seen         TEXT    NOT NULL,
    skipped_at   INTEGER,
    PRIMARY KEY (job_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_item_by_verdict ON job_item (job_id, verdict, taken_out, skipped_at);
