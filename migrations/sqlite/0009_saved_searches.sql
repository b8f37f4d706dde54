-- Searches of the audit log that people keep, for themselves or for everybody.

CREATE TABLE saved_search (
    id         TEXT    PRIMARY KEY,
    person_id  TEXT    NOT NULL REFERENCES person (id),
    name       TEXT    NOT NULL,
    search     TEXT    NOT NULL,
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
    created_at INTEGER NOT NULL,
    UNIQUE (person_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_search_shared ON saved_search (name) WHERE shared = 1;
