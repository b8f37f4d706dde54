-- Several instances of one portal.

-- Which instance does what. `token` grows whenever the lease is acquired, even by the same instance, so that what was begun
-- under an earlier one is recognised. `until` is by the database's clock. An instance that released a lease holds it until 0.
CREATE TABLE lease (
    name   TEXT    PRIMARY KEY,
    holder TEXT    NOT NULL,
    token  INTEGER NOT NULL CHECK (token > 0),
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The calls to Workato of all instances that are in a window of its limit or have just left it, as a JSON array of instants.
-- Until `people_until`, work that nobody waits for lets people go first; they have had `people_since` calls since its last.
CREATE TABLE call_window (
    workspace    TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    calls        TEXT    NOT NULL,
    people_until INTEGER NOT NULL,
    people_since INTEGER NOT NULL,
    PRIMARY KEY (workspace, class)
) STRICT, WITHOUT ROWID;
