-- The whole of portal.db. Instants are microseconds since 1970, UTC.

-- ---------------------------------------------------------------------------------------------------------------------
-- The audit log

-- The order of the log and its Merkle tree. With each entry stand the hashes of the subtrees that it completes, smallest
-- first. `mac` is an HMAC over the sequence and the hash under a key from the signing key: nobody else can append an entry
-- that the portal will sign. Never changed, never deleted.
CREATE TABLE entry (
    sequence  INTEGER PRIMARY KEY CHECK (sequence > 0),
    leaf_hash BLOB    NOT NULL CHECK (length(leaf_hash) = 32),
    subtrees  BLOB    NOT NULL CHECK (length(subtrees) % 32 = 0),
    mac       BLOB    CHECK (length(mac) = 32)
) STRICT;

-- The hashed bytes, and columns derived from them. Removed by retention only.
CREATE TABLE entry_body (
    sequence     INTEGER PRIMARY KEY REFERENCES entry (sequence),
    body         BLOB    NOT NULL,
    operation_id TEXT    NOT NULL,
    stage        TEXT    NOT NULL
) STRICT;

CREATE INDEX entry_body_by_operation ON entry_body (operation_id, sequence);

-- One row per operation, derived from its entries: for lists, and to recognise an operation's id. `acted_in` is the entry
-- with which it was carried out: its intent, or its only entry. A request that nobody has approved has none. `break_glass`
-- says that it was carried out at once although a second person was needed. `batch` is the operation that asked for several
-- at once, of which this is one.
CREATE TABLE operation (
    id            TEXT    PRIMARY KEY,
    sequence      INTEGER NOT NULL UNIQUE REFERENCES entry (sequence),
    last_sequence INTEGER NOT NULL REFERENCES entry (sequence),
    at            INTEGER NOT NULL,
    actor_id      TEXT,
    actor_name    TEXT    NOT NULL,
    actor_email   TEXT,
    team_id       TEXT,
    team_slug     TEXT,
    team_name     TEXT,
    action        TEXT    NOT NULL,
    target_type   TEXT,
    target_id     TEXT,
    target_name   TEXT,
    binding       TEXT,
    deadline      INTEGER,
    outcome       TEXT    CHECK (outcome IN ('succeeded', 'rejected', 'failed', 'unknown', 'denied')),
    state         TEXT    NOT NULL CHECK (state IN ('requested', 'open', 'unsettled', 'waiting', 'closed')),
    acted_in      INTEGER REFERENCES entry (sequence),
    break_glass   INTEGER NOT NULL CHECK (break_glass IN (0, 1)),
    batch         TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_by_team   ON operation (team_id, sequence);
-- What a person changed in a team's Workato. Only such operations have a deadline.
CREATE INDEX operation_by_actor  ON operation (actor_id, team_id, sequence) WHERE deadline IS NOT NULL;
CREATE INDEX operation_by_target ON operation (team_id, target_type, target_id, sequence);
-- The newest change of a person or a membership. Failed sign-ins, of which there can be many, are not in it.
CREATE INDEX operation_on_person ON operation (target_id, team_id, sequence)
    WHERE target_type = 'person' AND outcome = 'succeeded';
-- SQLite uses a partial index only where a query repeats its condition.
CREATE INDEX operation_to_settle ON operation (sequence) WHERE state IN ('open', 'unsettled');
CREATE INDEX operation_acknowledging ON operation (sequence) WHERE action = 'audit.alarm.acknowledge';
CREATE INDEX operation_waiting   ON operation (sequence) WHERE state = 'waiting';
CREATE INDEX operation_requested ON operation (sequence) WHERE state = 'requested';
-- Operations that began as requests.
CREATE INDEX operation_asked     ON operation (sequence) WHERE acted_in IS NOT sequence;
CREATE INDEX operation_break_glass ON operation (sequence) WHERE break_glass = 1 AND batch IS NULL;
CREATE INDEX operation_by_batch  ON operation (batch, sequence, outcome) WHERE batch IS NOT NULL;
CREATE INDEX operation_policy    ON operation (sequence) WHERE action = 'team.policy';

-- Where an operation stands with its reviewers, derived from the entries about it. Without a row nobody said anything.
CREATE TABLE review (
    operation_sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
    standing           TEXT    NOT NULL CHECK (standing IN ('reviewed', 'flagged', 'answered')),
    last_sequence      INTEGER NOT NULL UNIQUE REFERENCES entry (sequence)
) STRICT;

-- Keys that have signed: name, id and public key in one word.
CREATE TABLE signing_key (
    verifier_key TEXT    PRIMARY KEY,
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed notes: the tree's root when the log had `size` entries. When it was signed, the log had `head` entries.
CREATE TABLE checkpoint (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    size   INTEGER NOT NULL REFERENCES entry (sequence),
    note   TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    head   INTEGER NOT NULL CHECK (head >= size)
) STRICT;

CREATE INDEX checkpoint_by_size ON checkpoint (size);

-- The largest checkpoint that each destination has taken, by its size and its root in base64 (0 and '' for none), and
-- since when it has taken none. What a destination really holds is read back from it where it can be.
CREATE TABLE checkpoint_destination (
    name          TEXT    PRIMARY KEY,
    size          INTEGER NOT NULL,
    root          TEXT    NOT NULL,
    last_at       INTEGER,
    failing_since INTEGER,
    failure       TEXT
) STRICT, WITHOUT ROWID;

-- Each run of retention, under the entry that records it, and the bodies that it removed.
CREATE TABLE retention_run (
    sequence INTEGER PRIMARY KEY REFERENCES entry (sequence),
    days     INTEGER NOT NULL,
    up_to    INTEGER NOT NULL CHECK (up_to < sequence),
    at       INTEGER NOT NULL
) STRICT;

CREATE TABLE removed_body (
    sequence     INTEGER PRIMARY KEY REFERENCES entry (sequence),
    operation_id TEXT    NOT NULL,
    run          INTEGER NOT NULL REFERENCES retention_run (sequence)
) STRICT;

CREATE INDEX removed_body_by_operation ON removed_body (operation_id, sequence);
CREATE INDEX removed_body_by_run       ON removed_body (run);

CREATE TRIGGER entry_is_never_changed         BEFORE UPDATE ON entry         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_is_never_deleted         BEFORE DELETE ON entry         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_body_is_never_changed    BEFORE UPDATE ON entry_body    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER signing_key_is_never_changed   BEFORE UPDATE ON signing_key   BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER signing_key_is_never_deleted   BEFORE DELETE ON signing_key   BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoint_is_never_changed    BEFORE UPDATE ON checkpoint    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoint_is_never_deleted    BEFORE DELETE ON checkpoint    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER retention_run_is_never_changed BEFORE UPDATE ON retention_run BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER retention_run_is_never_deleted BEFORE DELETE ON retention_run BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER removed_body_is_never_changed  BEFORE UPDATE ON removed_body  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER removed_body_is_never_deleted  BEFORE DELETE ON removed_body  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- A body may be deleted only if a run removed it. A run removes nothing newer than it says, and never a run's own entry.
CREATE TRIGGER entry_body_is_never_deleted BEFORE DELETE ON entry_body
    WHEN NOT EXISTS (SELECT 1 FROM removed_body WHERE sequence = OLD.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER removed_body_is_within_its_run BEFORE INSERT ON removed_body
    WHEN NOT EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.run AND NEW.sequence <= up_to)
      OR EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'retention removes only what its run names'); END;

-- INSERT OR REPLACE deletes without firing the triggers against deletion.
CREATE TRIGGER entry_is_never_replaced BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER entry_body_is_never_replaced BEFORE INSERT ON entry_body
    WHEN EXISTS (SELECT 1 FROM entry_body WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER signing_key_is_never_replaced BEFORE INSERT ON signing_key
    WHEN EXISTS (SELECT 1 FROM signing_key WHERE verifier_key = NEW.verifier_key)
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoint_is_never_replaced BEFORE INSERT ON checkpoint
    WHEN EXISTS (SELECT 1 FROM checkpoint WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER retention_run_is_never_replaced BEFORE INSERT ON retention_run
    WHEN EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER removed_body_is_never_replaced BEFORE INSERT ON removed_body
    WHEN EXISTS (SELECT 1 FROM removed_body WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- Sessions that have their entry about reading the log of a team that their person does not belong to ('' for all teams).
CREATE TABLE log_read (
    session TEXT    NOT NULL,
    team_id TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    mac     BLOB    NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (session, team_id)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------------------------------
-- People and teams
--
-- Rows with a `mac` are written by the portal alone: it is an HMAC over the row under a key from the master key, and a
-- row whose HMAC is wrong grants nothing. `recorded_in` is the sequence of the entry that records the row's newest
-- change, so that an old row with a valid HMAC is noticed as well.

CREATE TABLE person (
    id            TEXT    PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('member', 'auditor', 'admin')),
    password_hash TEXT,
    -- The account at an OpenID Connect provider: issuer and subject, separated by a space. It takes the place of a password.
    subject       TEXT    UNIQUE,
    disabled_at   INTEGER,
    factors       TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    recorded_in   INTEGER NOT NULL,
    mac           BLOB    NOT NULL CHECK (length(mac) = 32),
    CHECK (password_hash IS NULL OR subject IS NULL)
) STRICT, WITHOUT ROWID;

-- Second factors. `person.factors` has the ids of those that count, separated by spaces, so that none can be taken away or
-- put back. What is sealed with XChaCha20-Poly1305 is the shared key of an authenticator app, or a passkey's public key.
-- `used_up_to` is the time step of the newest code that was used, or the passkey's signature counter.
CREATE TABLE factor (
    id              TEXT    PRIMARY KEY,
    person_id       TEXT    NOT NULL REFERENCES person (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name            TEXT    NOT NULL,
    key_id          TEXT    NOT NULL,
    nonce           BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed          BLOB    NOT NULL,
    credential_hash BLOB    UNIQUE CHECK (length(credential_hash) = 32),
    used_up_to      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    last_used_at    INTEGER,
    recorded_in     INTEGER NOT NULL,
    mac             BLOB    NOT NULL CHECK (length(mac) = 32),
    CHECK ((kind = 'passkey') = (credential_hash IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX factor_by_person ON factor (person_id);

-- The recovery codes that a person has not used yet: their keyed hashes, one after the other.
CREATE TABLE recovery_codes (
    person_id   TEXT    PRIMARY KEY REFERENCES person (id),
    hashes      BLOB    NOT NULL CHECK (length(hashes) % 32 = 0),
    left_over   INTEGER NOT NULL CHECK (left_over = length(hashes) / 32),
    recorded_in INTEGER NOT NULL,
    mac         BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

-- One-time links: `setup` creates the first admin, `invite` lets a person choose a password. The secret is stored as a
-- keyed hash. `serve` prints the link for the set-up without an entry. `made_in` is the operation that made the link. A
-- link for somebody who has a password works only once another admin released it, in `released_in`. One that `recovers`
-- also removes the person's second factors.
CREATE TABLE invitation (
    secret_hash   BLOB    PRIMARY KEY CHECK (length(secret_hash) = 32),
    purpose       TEXT    NOT NULL CHECK (purpose IN ('setup', 'invite')),
    person_id     TEXT    REFERENCES person (id),
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    made_in       TEXT,
    needs_release INTEGER NOT NULL CHECK (needs_release IN (0, 1)),
    released_in   TEXT,
    recovers      INTEGER NOT NULL CHECK (recovers IN (0, 1)),
    recorded_in   INTEGER,
    mac           BLOB    NOT NULL CHECK (length(mac) = 32),
    CHECK ((purpose = 'invite') = (person_id IS NOT NULL)),
    CHECK ((purpose = 'invite') = (made_in IS NOT NULL)),
    CHECK ((purpose = 'invite') = (recorded_in IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- A session's id is stored as a keyed hash: neither reading nor writing the database is enough to use one. The id changes
-- when a factor is given again or a right changes; the label, by which lists and entries name the session, does not.
-- `factor_at` is when its person last gave a factor. `kept` says that the person wants to stay signed in when the browser
-- is closed. `elsewhere_…` says when and from where the session was last used on another network with another browser.
CREATE TABLE session (
    id_hash              BLOB    PRIMARY KEY CHECK (length(id_hash) = 32),
    label                TEXT    NOT NULL UNIQUE,
    person_id            TEXT    NOT NULL REFERENCES person (id),
    created_at           INTEGER NOT NULL,
    last_used_at         INTEGER NOT NULL,
    expires_at           INTEGER NOT NULL,
    signed_in_with       TEXT    NOT NULL CHECK (signed_in_with IN ('password', 'passkey', 'provider')),
    second_factor        INTEGER NOT NULL CHECK (second_factor IN (0, 1)),
    factor_at            INTEGER NOT NULL,
    kept                 INTEGER NOT NULL CHECK (kept IN (0, 1)),
    ip                   TEXT,
    user_agent           TEXT,
    elsewhere_at         INTEGER,
    elsewhere_ip         TEXT,
    elsewhere_user_agent TEXT,
    recorded_in          INTEGER NOT NULL,
    mac                  BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_person ON session (person_id);

-- `reason_pattern` is a regular expression that must be found in the reason for a change, and `reason_hint` what people
-- read about it.
CREATE TABLE team (
    id             TEXT    PRIMARY KEY,
    slug           TEXT    NOT NULL UNIQUE,
    name           TEXT    NOT NULL,
    production     INTEGER NOT NULL CHECK (production IN (0, 1)),
    workato_url    TEXT    NOT NULL,
    reason_pattern TEXT,
    reason_hint    TEXT,
    workspace_id   INTEGER,
    workspace_name TEXT,
    -- Which changes need a second person, separated by spaces; jobs over how many items do; and whether operators may act
    -- at once all the same.
    approval       TEXT    NOT NULL,
    approval_items INTEGER CHECK (approval_items > 0),
    break_glass    INTEGER NOT NULL CHECK (break_glass IN (0, 1)),
    created_at     INTEGER NOT NULL,
    retired_at     INTEGER,
    recorded_in    INTEGER NOT NULL,
    mac            BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

-- Tokens are sealed with XChaCha20-Poly1305. The fingerprint, a keyed hash, names a token without revealing it. A token
-- that Workato refuses is not used until it is replaced or tested again.
CREATE TABLE team_token (
    team_id      TEXT    PRIMARY KEY REFERENCES team (id),
    key_id       TEXT    NOT NULL,
    nonce        BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed       BLOB    NOT NULL,
    fingerprint  TEXT    NOT NULL,
    set_at       INTEGER NOT NULL,
    refused_at   INTEGER,
    last_used_at INTEGER,
    recorded_in  INTEGER NOT NULL,
    mac          BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    team_id     TEXT    NOT NULL REFERENCES team (id),
    person_id   TEXT    NOT NULL REFERENCES person (id),
    role        TEXT    NOT NULL CHECK (role IN ('viewer', 'operator')),
    recorded_in INTEGER NOT NULL,
    mac         BLOB    NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (team_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX membership_by_person ON membership (person_id);

-- The random keys behind every HMAC, keyed hash and sealed secret, each sealed with a master key that is not in the
-- database. While keys are rotated there are two for a purpose: what is written follows the current one.
CREATE TABLE data_key (
    id         TEXT    PRIMARY KEY,
    purpose    TEXT    NOT NULL CHECK (purpose IN ('hash', 'row', 'seal')),
    state      TEXT    NOT NULL CHECK (state IN ('announced', 'current', 'old')),
    key_id     TEXT    NOT NULL,
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Views of lists that people saved, for themselves or for everybody who sees the list. `query` is the text of the audit
-- log's search box, or the query of a team's list. Only shared ones have entries.
CREATE TABLE saved_view (
    id          TEXT    PRIMARY KEY,
    person_id   TEXT    NOT NULL REFERENCES person (id),
    list        TEXT    NOT NULL CHECK (list IN ('audit', 'connections', 'connectors')),
    team_id     TEXT    REFERENCES team (id),
    name        TEXT    NOT NULL,
    query       TEXT    NOT NULL,
    shared      INTEGER NOT NULL CHECK (shared IN (0, 1)),
    created_at  INTEGER NOT NULL,
    recorded_in INTEGER,
    mac         BLOB    NOT NULL CHECK (length(mac) = 32),
    CHECK ((list = 'audit') = (team_id IS NULL)),
    CHECK ((shared = 1) = (recorded_in IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX saved_view_by_name ON saved_view (person_id, list, coalesce(team_id, ''), name);
CREATE INDEX saved_view_by_list ON saved_view (list, team_id, shared);

-- Tokens of collectors that read the log, stored as keyed hashes of 256 random bits.
CREATE TABLE feed_token (
    id            TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    hash          BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at    INTEGER NOT NULL,
    created_by    TEXT    NOT NULL,
    last_used_at  INTEGER,
    last_sequence INTEGER,
    revoked_at    INTEGER,
    recorded_in   INTEGER NOT NULL,
    mac           BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------------------------------
-- What was last read of each team's Workato, so that changes made without the portal are noticed

-- Since when a team is watched, with which token, when it was last compared, and how many rows of `seen` belong to it,
-- with a keyed digest of them, so that none can be removed or restored.
CREATE TABLE watch (
    team_id     TEXT    PRIMARY KEY REFERENCES team (id),
    fingerprint TEXT    NOT NULL,
    compared_at INTEGER NOT NULL,
    seen_count  INTEGER NOT NULL,
    seen_digest BLOB    NOT NULL CHECK (length(seen_digest) = 32),
    mac         BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;

-- A connector's share, or that a connection exists.
CREATE TABLE seen (
    team_id        TEXT    NOT NULL REFERENCES team (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('connector', 'connection')),
    id             INTEGER NOT NULL,
    name           TEXT,
    shared_version INTEGER,
    shared_at      INTEGER,
    mac            BLOB    NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (team_id, kind, id)
) STRICT, WITHOUT ROWID;
