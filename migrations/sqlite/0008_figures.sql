-- How much was done: counts for the pictures, filled together with the search index and derived from the same rows.

-- Operations begun on a day (days since 1970, UTC) in a team ('' for none), by whom (a person's id, else a name), what,
-- and how it stands.
CREATE TABLE operation_count (
    day        INTEGER NOT NULL,
    team_id    TEXT    NOT NULL,
    actor      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    operations INTEGER NOT NULL,
    PRIMARY KEY (day, team_id, actor, action, outcome)
) STRICT, WITHOUT ROWID;

-- How long operations begun on a day took from intent to outcome, in spans.
CREATE TABLE operation_took (
    day        INTEGER NOT NULL,
    team_id    TEXT    NOT NULL,
    took       TEXT    NOT NULL,
    operations INTEGER NOT NULL,
    PRIMARY KEY (day, team_id, took)
) STRICT, WITHOUT ROWID;

-- As what each operation is counted, so that it can be counted otherwise when its outcome comes.
CREATE TABLE operation_counted (
    sequence INTEGER PRIMARY KEY,
    outcome  TEXT    NOT NULL,
    took     TEXT
) STRICT;

