-- Who collects the log: tokens of the feed, known by the hash of 256 random bits and by nothing else.
CREATE TABLE feed_token (
    id            TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    hash          BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at    INTEGER NOT NULL,
    created_by    TEXT    NOT NULL,
    last_used_at  INTEGER,
    last_sequence INTEGER,
    revoked_at    INTEGER
) STRICT, WITHOUT ROWID;
