-- The tables of migrations/sqlite, with the same names, columns, checks and indexes, in the schema `public`. Text is
-- compared byte by byte, as SQLite does. Instants are microseconds since 1970, UTC.

-- ---------------------------------------------------------------------------------------------------------------------
-- The audit log

-- The order of the log and its Merkle tree. With each entry stand the hashes of the subtrees that it completes, smallest
-- first. `mac` is an HMAC over the sequence and the hash under a key from the signing key: nobody else can append an entry
-- that the portal will sign. Never changed, never deleted.
CREATE TABLE entry (
    sequence  BIGINT           PRIMARY KEY CHECK (sequence > 0),
    leaf_hash BYTEA            NOT NULL CHECK (octet_length(leaf_hash) = 32),
    subtrees  BYTEA            NOT NULL CHECK (octet_length(subtrees) % 32 = 0),
    mac       BYTEA            CHECK (octet_length(mac) = 32)
);

-- The hashed bytes, and columns derived from them. Removed by retention only.
CREATE TABLE entry_body (
    sequence     BIGINT           PRIMARY KEY REFERENCES entry (sequence),
    body         BYTEA            NOT NULL,
    operation_id TEXT COLLATE "C" NOT NULL,
    stage        TEXT COLLATE "C" NOT NULL
);

CREATE INDEX entry_body_by_operation ON entry_body (operation_id, sequence);

-- One row per operation, derived from its entries: for lists, and to recognise an operation's id. `acted_in` is the entry
-- with which it was carried out: its intent, or its only entry. A request that nobody has approved has none. `break_glass`
-- says that it was carried out at once although a second person was needed. `batch` is the operation that asked for several
-- at once, of which this is one.
CREATE TABLE operation (
    id            TEXT COLLATE "C" PRIMARY KEY,
    sequence      BIGINT           NOT NULL UNIQUE REFERENCES entry (sequence),
    last_sequence BIGINT           NOT NULL REFERENCES entry (sequence),
    at            BIGINT           NOT NULL,
    actor_id      TEXT COLLATE "C",
    actor_name    TEXT COLLATE "C" NOT NULL,
    actor_email   TEXT COLLATE "C",
    team_id       TEXT COLLATE "C",
    team_slug     TEXT COLLATE "C",
    team_name     TEXT COLLATE "C",
    action        TEXT COLLATE "C" NOT NULL,
    target_type   TEXT COLLATE "C",
    target_id     TEXT COLLATE "C",
    target_name   TEXT COLLATE "C",
    binding       TEXT COLLATE "C",
    deadline      BIGINT,
    outcome       TEXT COLLATE "C" CHECK (outcome IN ('succeeded', 'rejected', 'failed', 'unknown', 'denied')),
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('requested', 'open', 'unsettled', 'waiting', 'closed')),
    acted_in      BIGINT           REFERENCES entry (sequence),
    break_glass   BIGINT           NOT NULL CHECK (break_glass IN (0, 1)),
    batch         TEXT COLLATE "C"
);

CREATE INDEX operation_by_team   ON operation (team_id, sequence);
-- What a person changed in a team's Workato. Only such operations have a deadline.
CREATE INDEX operation_by_actor  ON operation (actor_id, team_id, sequence) WHERE deadline IS NOT NULL;
CREATE INDEX operation_by_target ON operation (target_type, target_id, team_id, sequence);
-- The newest change of a person or a membership. Failed sign-ins, of which there can be many, are not in it.
CREATE INDEX operation_on_person ON operation (target_id, team_id, sequence)
    WHERE target_type = 'person' AND outcome = 'succeeded';
CREATE INDEX operation_to_settle ON operation (sequence) WHERE state IN ('open', 'unsettled');
CREATE INDEX operation_acknowledging ON operation (sequence) WHERE action = 'audit.alarm.acknowledge';
CREATE INDEX operation_waiting   ON operation (sequence) WHERE state = 'waiting';
CREATE INDEX operation_requested ON operation (sequence) WHERE state = 'requested';
-- Operations that began as requests.
CREATE INDEX operation_asked     ON operation (sequence) WHERE acted_in IS DISTINCT FROM sequence;
CREATE INDEX operation_break_glass ON operation (sequence) WHERE break_glass = 1 AND batch IS NULL;
CREATE INDEX operation_by_batch  ON operation (batch, sequence, outcome) WHERE batch IS NOT NULL;
CREATE INDEX operation_policy    ON operation (sequence) WHERE action = 'team.policy';

-- Where an operation stands with its reviewers, derived from the entries about it. Without a row nobody said anything.
CREATE TABLE review (
    operation_sequence BIGINT           PRIMARY KEY REFERENCES entry (sequence),
    standing           TEXT COLLATE "C" NOT NULL CHECK (standing IN ('reviewed', 'flagged', 'answered')),
    last_sequence      BIGINT           NOT NULL UNIQUE REFERENCES entry (sequence)
);

-- Keys that have signed: name, id and public key in one word.
CREATE TABLE signing_key (
    verifier_key TEXT COLLATE "C" PRIMARY KEY,
    at           BIGINT           NOT NULL
);

-- Signed notes: the tree's root when the log had `size` entries. When it was signed, the log had `head` entries.
CREATE TABLE checkpoint (
    number BIGINT           PRIMARY KEY CHECK (number > 0),
    size   BIGINT           NOT NULL REFERENCES entry (sequence),
    note   TEXT COLLATE "C" NOT NULL,
    at     BIGINT           NOT NULL,
    head   BIGINT           NOT NULL CHECK (head >= size)
);

CREATE INDEX checkpoint_by_size ON checkpoint (size);

-- The largest checkpoint that each destination has taken, by its size and its root in base64 (0 and '' for none), and
-- since when it has taken none. What a destination really holds is read back from it where it can be.
CREATE TABLE checkpoint_destination (
    name          TEXT COLLATE "C" PRIMARY KEY,
    size          BIGINT           NOT NULL,
    root          TEXT COLLATE "C" NOT NULL,
    last_at       BIGINT,
    failing_since BIGINT,
    failure       TEXT COLLATE "C"
);

-- Each run of retention, under the entry that records it, and the bodies that it removed.
CREATE TABLE retention_run (
    sequence BIGINT           PRIMARY KEY REFERENCES entry (sequence),
    days     BIGINT           NOT NULL,
    up_to    BIGINT           NOT NULL CHECK (up_to < sequence),
    at       BIGINT           NOT NULL
);

CREATE TABLE removed_body (
    sequence     BIGINT           PRIMARY KEY REFERENCES entry (sequence),
    operation_id TEXT COLLATE "C" NOT NULL,
    run          BIGINT           NOT NULL REFERENCES retention_run (sequence)
);

CREATE INDEX removed_body_by_operation ON removed_body (operation_id, sequence);
CREATE INDEX removed_body_by_run       ON removed_body (run);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

-- A row that is there is not inserted again, not even by ON CONFLICT DO NOTHING, which would pass in silence. The search
-- path keeps a temporary table of the same name from being read instead.
CREATE FUNCTION refuse_second() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE found_it boolean; BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE %I = ($1).%2$I)', TG_TABLE_NAME, TG_ARGV[1]) INTO found_it USING NEW;
    IF found_it THEN RAISE EXCEPTION '%', TG_ARGV[0]; END IF;
    RETURN NEW;
END $$;

-- A body may be deleted only if a run removed it. A run removes nothing newer than it says, and never a run's own entry.
CREATE FUNCTION keep_body() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM removed_body WHERE sequence = OLD.sequence) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE FUNCTION stay_within_run() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.run AND NEW.sequence <= up_to)
        AND NOT EXISTS (SELECT 1 FROM retention_run WHERE sequence = NEW.sequence) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'retention removes only what its run names';
END $$;
CREATE TRIGGER entry_body_is_never_deleted    BEFORE DELETE ON entry_body   FOR EACH ROW EXECUTE FUNCTION keep_body();
CREATE TRIGGER removed_body_is_within_its_run BEFORE INSERT ON removed_body FOR EACH ROW EXECUTE FUNCTION stay_within_run();

-- TRUNCATE deletes without firing the triggers against deletion. ALWAYS means in sessions that replicate as well. Only a
-- table's owner or a superuser can remove a trigger: the role that `serve` uses should be neither.
DO $$
DECLARE log text; words text; key text; one record;
BEGIN
    FOREACH log IN ARRAY ARRAY['entry', 'entry_body', 'signing_key', 'checkpoint', 'retention_run', 'removed_body'] LOOP
        words := CASE WHEN log IN ('signing_key', 'checkpoint') THEN 'checkpoints are append-only'
                      ELSE 'the audit log is append-only' END;
        key   := CASE log WHEN 'signing_key' THEN 'verifier_key' WHEN 'checkpoint' THEN 'number' ELSE 'sequence' END;
        EXECUTE format('CREATE TRIGGER %1$s_is_never_changed BEFORE UPDATE ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse(%2$L)', log, words);
        EXECUTE format('CREATE TRIGGER %1$s_is_never_emptied BEFORE TRUNCATE ON %1$s EXECUTE FUNCTION refuse(%2$L)', log, words);
        EXECUTE format('CREATE TRIGGER %1$s_is_never_replaced BEFORE INSERT ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse_second(%2$L, %3$L)', log, words, key);
        IF log <> 'entry_body' THEN
            EXECUTE format('CREATE TRIGGER %1$s_is_never_deleted BEFORE DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse(%2$L)', log, words);
        END IF;
    END LOOP;
    FOR one IN SELECT tgname, tgrelid::regclass AS log FROM pg_trigger
                WHERE NOT tgisinternal AND tgfoid IN (SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace)
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.log, one.tgname);
    END LOOP;
END $$;

-- Sessions that have their entry about reading the log of a team that their person does not belong to ('' for all teams).
CREATE TABLE log_read (
    session TEXT COLLATE "C" NOT NULL,
    team_id TEXT COLLATE "C" NOT NULL,
    at      BIGINT           NOT NULL,
    mac     BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    PRIMARY KEY (session, team_id)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- People and teams
--
-- Rows with a `mac` are written by the portal alone: it is an HMAC over the row under a key from the master key, and a
-- row whose HMAC is wrong grants nothing. `recorded_in` is the sequence of the entry that records the row's newest
-- change, so that an old row with a valid HMAC is noticed as well.

CREATE TABLE person (
    id            TEXT COLLATE "C" PRIMARY KEY,
    email         TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL CHECK (role IN ('member', 'auditor', 'admin')),
    password_hash TEXT COLLATE "C",
    -- The account at an OpenID Connect provider: issuer and subject, separated by a space. It takes the place of a password.
    subject       TEXT COLLATE "C" UNIQUE,
    disabled_at   BIGINT,
    factors       TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT           NOT NULL,
    recorded_in   BIGINT           NOT NULL,
    mac           BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    CHECK (password_hash IS NULL OR subject IS NULL)
);

-- Second factors. `person.factors` has the ids of those that count, separated by spaces, so that none can be taken away or
-- put back. What is sealed with XChaCha20-Poly1305 is the shared key of an authenticator app, or a passkey's public key.
-- `used_up_to` is the time step of the newest code that was used, or the passkey's signature counter.
CREATE TABLE factor (
    id              TEXT COLLATE "C" PRIMARY KEY,
    person_id       TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name            TEXT COLLATE "C" NOT NULL,
    key_id          TEXT COLLATE "C" NOT NULL,
    nonce           BYTEA            NOT NULL CHECK (octet_length(nonce) = 24),
    sealed          BYTEA            NOT NULL,
    credential_hash BYTEA            UNIQUE CHECK (octet_length(credential_hash) = 32),
    used_up_to      BIGINT           NOT NULL,
    created_at      BIGINT           NOT NULL,
    last_used_at    BIGINT,
    recorded_in     BIGINT           NOT NULL,
    mac             BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    CHECK ((kind = 'passkey') = (credential_hash IS NOT NULL))
);

CREATE INDEX factor_by_person ON factor (person_id);

-- The recovery codes that a person has not used yet: their keyed hashes, one after the other.
CREATE TABLE recovery_codes (
    person_id   TEXT COLLATE "C" PRIMARY KEY REFERENCES person (id),
    hashes      BYTEA            NOT NULL CHECK (octet_length(hashes) % 32 = 0),
    left_over   BIGINT           NOT NULL CHECK (left_over = octet_length(hashes) / 32),
    recorded_in BIGINT           NOT NULL,
    mac         BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

-- One-time links: `setup` creates the first admin, `invite` lets a person choose a password. The secret is stored as a
-- keyed hash. `serve` prints the link for the set-up without an entry. `made_in` is the operation that made the link. A
-- link for somebody who has a password works only once another admin released it, in `released_in`. One that `recovers`
-- also removes the person's second factors.
CREATE TABLE invitation (
    secret_hash   BYTEA            PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
    purpose       TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('setup', 'invite')),
    person_id     TEXT COLLATE "C" REFERENCES person (id),
    created_at    BIGINT           NOT NULL,
    expires_at    BIGINT           NOT NULL,
    made_in       TEXT COLLATE "C",
    needs_release BIGINT           NOT NULL CHECK (needs_release IN (0, 1)),
    released_in   TEXT COLLATE "C",
    recovers      BIGINT           NOT NULL CHECK (recovers IN (0, 1)),
    recorded_in   BIGINT,
    mac           BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    CHECK ((purpose = 'invite') = (person_id IS NOT NULL)),
    CHECK ((purpose = 'invite') = (made_in IS NOT NULL)),
    CHECK ((purpose = 'invite') = (recorded_in IS NOT NULL))
);

-- A session's id is stored as a keyed hash: neither reading nor writing the database is enough to use one. The id changes
-- when a factor is given again or a right changes; the label, by which lists and entries name the session, does not.
-- `factor_at` is when its person last gave a factor. `kept` says that the person wants to stay signed in when the browser
-- is closed. `elsewhere_…` says when and from where the session was last used on another network with another browser.
CREATE TABLE session (
    id_hash              BYTEA            PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    label                TEXT COLLATE "C" NOT NULL UNIQUE,
    person_id            TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    created_at           BIGINT           NOT NULL,
    last_used_at         BIGINT           NOT NULL,
    expires_at           BIGINT           NOT NULL,
    signed_in_with       TEXT COLLATE "C" NOT NULL CHECK (signed_in_with IN ('password', 'passkey', 'provider')),
    second_factor        BIGINT           NOT NULL CHECK (second_factor IN (0, 1)),
    factor_at            BIGINT           NOT NULL,
    kept                 BIGINT           NOT NULL CHECK (kept IN (0, 1)),
    ip                   TEXT COLLATE "C",
    user_agent           TEXT COLLATE "C",
    elsewhere_at         BIGINT,
    elsewhere_ip         TEXT COLLATE "C",
    elsewhere_user_agent TEXT COLLATE "C",
    recorded_in          BIGINT           NOT NULL,
    mac                  BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

CREATE INDEX session_by_person ON session (person_id);

-- `reason_pattern` is a regular expression that must be found in the reason for a change, and `reason_hint` what people
-- read about it.
CREATE TABLE team (
    id             TEXT COLLATE "C" PRIMARY KEY,
    slug           TEXT COLLATE "C" NOT NULL UNIQUE,
    name           TEXT COLLATE "C" NOT NULL,
    production     BIGINT           NOT NULL CHECK (production IN (0, 1)),
    workato_url    TEXT COLLATE "C" NOT NULL,
    reason_pattern TEXT COLLATE "C",
    reason_hint    TEXT COLLATE "C",
    workspace_id   BIGINT,
    workspace_name TEXT COLLATE "C",
    -- Which changes need a second person, separated by spaces; jobs over how many items do; and whether operators may act
    -- at once all the same.
    approval       TEXT COLLATE "C" NOT NULL,
    approval_items BIGINT           CHECK (approval_items > 0),
    break_glass    BIGINT           NOT NULL CHECK (break_glass IN (0, 1)),
    created_at     BIGINT           NOT NULL,
    retired_at     BIGINT,
    recorded_in    BIGINT           NOT NULL,
    mac            BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

-- Tokens are sealed with XChaCha20-Poly1305. The fingerprint, a keyed hash, names a token without revealing it. A token
-- that Workato refuses is not used until it is replaced or tested again.
CREATE TABLE team_token (
    team_id      TEXT COLLATE "C" PRIMARY KEY REFERENCES team (id),
    key_id       TEXT COLLATE "C" NOT NULL,
    nonce        BYTEA            NOT NULL CHECK (octet_length(nonce) = 24),
    sealed       BYTEA            NOT NULL,
    fingerprint  TEXT COLLATE "C" NOT NULL,
    set_at       BIGINT           NOT NULL,
    refused_at   BIGINT,
    last_used_at BIGINT,
    recorded_in  BIGINT           NOT NULL,
    mac          BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

CREATE TABLE membership (
    team_id     TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    person_id   TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    role        TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'operator')),
    recorded_in BIGINT           NOT NULL,
    mac         BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    PRIMARY KEY (team_id, person_id)
);

CREATE INDEX membership_by_person ON membership (person_id);

-- The random keys behind every HMAC, keyed hash and sealed secret, each sealed with a master key that is not in the
-- database. While keys are rotated there are two for a purpose: what is written follows the current one.
CREATE TABLE data_key (
    id         TEXT COLLATE "C" PRIMARY KEY,
    purpose    TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('hash', 'row', 'seal')),
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('announced', 'current', 'old')),
    key_id     TEXT COLLATE "C" NOT NULL,
    nonce      BYTEA            NOT NULL CHECK (octet_length(nonce) = 24),
    sealed     BYTEA            NOT NULL,
    created_at BIGINT           NOT NULL
);

-- Views of lists that people saved, for themselves or for everybody who sees the list. `query` is the text of the audit
-- log's search box, or the query of a team's list. Only shared ones have entries.
CREATE TABLE saved_view (
    id          TEXT COLLATE "C" PRIMARY KEY,
    person_id   TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    list        TEXT COLLATE "C" NOT NULL CHECK (list IN ('audit', 'connections', 'connectors')),
    team_id     TEXT COLLATE "C" REFERENCES team (id),
    name        TEXT COLLATE "C" NOT NULL,
    query       TEXT COLLATE "C" NOT NULL,
    shared      BIGINT           NOT NULL CHECK (shared IN (0, 1)),
    created_at  BIGINT           NOT NULL,
    recorded_in BIGINT,
    mac         BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    CHECK ((list = 'audit') = (team_id IS NULL)),
    CHECK ((shared = 1) = (recorded_in IS NOT NULL))
);

CREATE UNIQUE INDEX saved_view_by_name ON saved_view (person_id, list, coalesce(team_id, ''), name);
CREATE INDEX saved_view_by_list ON saved_view (list, team_id, shared);

-- Tokens of collectors that read the log, stored as keyed hashes of 256 random bits.
CREATE TABLE feed_token (
    id            TEXT COLLATE "C" PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    hash          BYTEA            NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at    BIGINT           NOT NULL,
    created_by    TEXT COLLATE "C" NOT NULL,
    last_used_at  BIGINT,
    last_sequence BIGINT,
    revoked_at    BIGINT,
    recorded_in   BIGINT           NOT NULL,
    mac           BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- What was last read of each team's Workato, so that changes made without the portal are noticed

-- Since when a team is watched, with which token, when it was last compared, and how many rows of `seen` belong to it,
-- with a keyed digest of them, so that none can be removed or restored.
CREATE TABLE watch (
    team_id     TEXT COLLATE "C" PRIMARY KEY REFERENCES team (id),
    fingerprint TEXT COLLATE "C" NOT NULL,
    compared_at BIGINT           NOT NULL,
    seen_count  BIGINT           NOT NULL,
    seen_digest BYTEA            NOT NULL CHECK (octet_length(seen_digest) = 32),
    mac         BYTEA            NOT NULL CHECK (octet_length(mac) = 32)
);

-- A connector's share, or that a connection exists.
CREATE TABLE seen (
    team_id        TEXT COLLATE "C" NOT NULL REFERENCES team (id),
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('connector', 'connection')),
    id             BIGINT           NOT NULL,
    name           TEXT COLLATE "C",
    shared_version BIGINT,
    shared_at      BIGINT,
    mac            BYTEA            NOT NULL CHECK (octet_length(mac) = 32),
    PRIMARY KEY (team_id, kind, id)
);
