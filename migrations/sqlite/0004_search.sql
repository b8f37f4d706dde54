-- Finding operations: what is derived from the log for search, filled in beside it and never in an entry's transaction.

-- How far the log is in the index, and which version of the portal's documents it holds.
CREATE TABLE search_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    indexed  INTEGER NOT NULL
) STRICT;

INSERT INTO search_state (only_row, version, indexed) VALUES (1, 0, 0);

-- One document an operation; its rowid is the sequence of the operation's first entry, so that matches come in order.
-- Words of three to eight letters are found by their beginning without a merge. Facets are words such as
-- `outcome:failed`, each as a short token of its code that nobody can type.
CREATE VIRTUAL TABLE search_text USING fts5 (
    actor, target, words, facets,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '3 4 5 6 7 8'
);

CREATE TABLE search_code (
    code INTEGER PRIMARY KEY,
    word TEXT    NOT NULL UNIQUE
) STRICT;

-- Between which moments the operations of a stretch of sequences began: exact even where a clock was put back.
CREATE TABLE search_span (
    span     INTEGER PRIMARY KEY,
    earliest INTEGER NOT NULL,
    latest   INTEGER NOT NULL
) STRICT;

-- Where an operation stands with its reviewers, derived from the entries about it. Without a row nobody has said anything.
CREATE TABLE review (
    operation_sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
    standing           TEXT    NOT NULL CHECK (standing IN ('reviewed', 'flagged', 'answered')),
    last_sequence      INTEGER NOT NULL UNIQUE REFERENCES entry (sequence)
) STRICT;
