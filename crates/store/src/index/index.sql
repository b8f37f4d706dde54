-- index.db: what is derived from the log for search and charts. Never part of the log's transactions, never in a backup.

-- The last entry that was indexed, the log's root up to there, and the version of the documents.
CREATE TABLE state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    indexed  INTEGER NOT NULL,
    root     BLOB
) STRICT;

INSERT INTO state (only_row, version, indexed, root) VALUES (1, 0, 0, NULL);

-- One document per operation; its rowid is the sequence of the operation's first entry, so that matches come in order.
-- Texts come as tokens with spaces between them, so the tokenizer has only to split them. `exact` holds what is found
-- as a whole, such as `connector:3066`; `facets` holds words such as `outcome:failed`, each as a short token of its
-- code. No text reaches these two columns, and a condition on a facet looks in no other. Words of three to eight letters
-- are found by their beginning without a merge.
CREATE VIRTUAL TABLE search_text USING fts5 (
    actor, target, words, exact, facets,
    content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_:.%'", prefix = '3 4 5 6 7 8'
);

-- The same documents' columns to filter by, and what each is counted as, so that it can be recounted when its outcome
-- changes.
CREATE TABLE document (
    sequence INTEGER PRIMARY KEY,
    team_id  TEXT,
    at       INTEGER NOT NULL,
    outcome  TEXT    NOT NULL,
    took     TEXT
) STRICT;

CREATE TABLE facet (
    code INTEGER PRIMARY KEY,
    word TEXT    NOT NULL UNIQUE
) STRICT;

-- The earliest and the latest beginning of the operations in a span of sequences: exact even if a clock was set back.
CREATE TABLE span (
    span     INTEGER PRIMARY KEY,
    earliest INTEGER NOT NULL,
    latest   INTEGER NOT NULL
) STRICT;

-- Operations begun on a day (days since 1970, UTC) in a team ('' for none), by an actor (a person's id, else a name).
CREATE TABLE operation_count (
    day        INTEGER NOT NULL,
    team_id    TEXT    NOT NULL,
    actor      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    operations INTEGER NOT NULL,
    PRIMARY KEY (day, team_id, actor, action, outcome)
) STRICT, WITHOUT ROWID;

-- How long operations begun on a day took from intent to outcome.
CREATE TABLE operation_took (
    day        INTEGER NOT NULL,
    team_id    TEXT    NOT NULL,
    took       TEXT    NOT NULL,
    operations INTEGER NOT NULL,
    PRIMARY KEY (day, team_id, took)
) STRICT, WITHOUT ROWID;
