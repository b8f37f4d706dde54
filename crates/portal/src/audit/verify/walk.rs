//! Somebody who can write the database, but has no key, walks through all of it: every column of every table is
//! changed, and rows are forged, deleted, swapped and put back. `verify` must find each, or the start of the portal
//! must, or the list says why it grants and hides nothing. A new column without a decision fails the test.

use store::{Store, Write, testing::TestedColumn};

use super::{OutsideCheckpoints, VerifyError, test_rows::Installation, verify_all};
use crate::audit::sealing::history::History;

/// What becomes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// `verify` finds it without any key.
    ByVerify,
    /// `verify` finds it if it is given the master key. So does the portal, when it uses the row or when it starts.
    WithKey,
    /// The portal does not start, or starts with an alarm about history and changes nothing.
    AtStart,
    /// It grants and hides nothing, for this reason.
    Harmless(&'static str),
}

use Found::{AtStart, ByVerify, Harmless, WithKey};

const LAST_USED: Found = Harmless("it is shown, and decides nothing");
const SEALED_CODE: Found = Harmless("it opens only for its row, and code with another hash is not shown or promoted");
/// Checked where checkpoints are signed and delivered.
const OF_CHECKPOINTS: Found = Harmless("checkpoints and their delivery have checks of their own");

/// Who writes the database can keep the instances from their work, as by locking a table.
const OF_INSTANCES: Found = Harmless("it decides which instance works, not what it may do");

/// Who writes the database can keep the portal from calling Workato, or have it refused by Workato.
const OF_LIMITS: Found = Harmless("it decides when Workato is called, not what is sent");

/// Each table with its columns.
const COLUMNS: &[(&str, &[(&str, Found)])] = &[
    (
        "entry",
        &[
            ("sequence", ByVerify),
            ("leaf_hash", ByVerify),
            ("subtrees", ByVerify),
            (
                "mac",
                Harmless("a checkpoint covers the entry; before that, it is an alarm, and the entry is not signed"),
            ),
        ],
    ),
    ("entry_body", &[("sequence", ByVerify), ("body", ByVerify), ("operation_id", ByVerify), ("stage", ByVerify)]),
    (
        "operation",
        &[
            ("id", ByVerify),
            ("sequence", ByVerify),
            ("last_sequence", ByVerify),
            ("at", ByVerify),
            ("actor_id", ByVerify),
            ("actor_name", ByVerify),
            ("actor_email", ByVerify),
            ("team_id", ByVerify),
            ("team_slug", ByVerify),
            ("team_name", ByVerify),
            ("action", ByVerify),
            ("target_type", ByVerify),
            ("target_id", ByVerify),
            ("target_name", ByVerify),
            ("binding", Harmless("it tells a form that is sent again from another; with a wrong one nothing is sent")),
            ("deadline", ByVerify),
            ("outcome", ByVerify),
            ("state", ByVerify),
            ("acted_in", ByVerify),
            ("break_glass", ByVerify),
            ("batch", ByVerify),
        ],
    ),
    ("review", &[("operation_sequence", ByVerify), ("standing", ByVerify), ("last_sequence", ByVerify)]),
    ("signing_key", &[("verifier_key", ByVerify), ("at", OF_CHECKPOINTS)]),
    (
        "checkpoint",
        &[
            ("number", OF_CHECKPOINTS),
            ("size", ByVerify),
            ("note", ByVerify),
            ("at", OF_CHECKPOINTS),
            ("head", OF_CHECKPOINTS),
        ],
    ),
    (
        "checkpoint_destination",
        &[
            ("name", OF_CHECKPOINTS),
            ("size", OF_CHECKPOINTS),
            ("root", OF_CHECKPOINTS),
            ("last_at", OF_CHECKPOINTS),
            ("failing_since", OF_CHECKPOINTS),
            ("failure", OF_CHECKPOINTS),
        ],
    ),
    ("retention_run", &[("sequence", ByVerify), ("days", ByVerify), ("up_to", ByVerify), ("at", ByVerify)]),
    ("removed_body", &[("sequence", ByVerify), ("operation_id", ByVerify), ("run", ByVerify)]),
    ("log_read", &[("session", WithKey), ("team_id", WithKey), ("at", WithKey), ("mac", WithKey)]),
    (
        "person",
        &[
            ("id", ByVerify),
            ("email", ByVerify),
            ("name", ByVerify),
            ("role", ByVerify),
            ("password_hash", WithKey),
            ("subject", ByVerify),
            ("disabled_at", ByVerify),
            ("factors", ByVerify),
            ("created_at", WithKey),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "factor",
        &[
            ("id", ByVerify),
            ("person_id", ByVerify),
            ("kind", ByVerify),
            ("name", ByVerify),
            ("key_id", WithKey),
            ("nonce", WithKey),
            ("sealed", WithKey),
            ("credential_hash", WithKey),
            ("used_up_to", WithKey),
            ("created_at", ByVerify),
            ("last_used_at", LAST_USED),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "recovery_codes",
        &[
            ("person_id", ByVerify),
            ("hashes", WithKey),
            ("left_over", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "invitation",
        &[
            ("secret_hash", WithKey),
            ("purpose", WithKey),
            ("person_id", WithKey),
            ("created_at", WithKey),
            ("expires_at", WithKey),
            ("made_in", WithKey),
            ("needs_release", WithKey),
            ("released_in", WithKey),
            ("recovers", WithKey),
            ("recorded_in", WithKey),
            ("mac", WithKey),
        ],
    ),
    (
        "session",
        &[
            ("id_hash", ByVerify),
            ("label", ByVerify),
            ("person_id", ByVerify),
            ("created_at", ByVerify),
            ("last_used_at", WithKey),
            ("expires_at", ByVerify),
            ("signed_in_with", ByVerify),
            ("second_factor", ByVerify),
            ("factor_at", ByVerify),
            ("kept", ByVerify),
            ("ip", ByVerify),
            ("user_agent", ByVerify),
            ("elsewhere_at", ByVerify),
            ("elsewhere_ip", ByVerify),
            ("elsewhere_user_agent", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "team",
        &[
            ("id", ByVerify),
            ("slug", ByVerify),
            ("name", ByVerify),
            ("production", ByVerify),
            ("workato_url", ByVerify),
            ("reason_pattern", ByVerify),
            ("reason_hint", ByVerify),
            ("workspace_id", ByVerify),
            ("workspace_name", ByVerify),
            ("approval", ByVerify),
            ("approval_items", ByVerify),
            ("break_glass", ByVerify),
            ("created_at", WithKey),
            ("retired_at", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "team_token",
        &[
            ("team_id", ByVerify),
            ("key_id", WithKey),
            ("nonce", WithKey),
            ("sealed", WithKey),
            ("fingerprint", ByVerify),
            ("set_at", ByVerify),
            ("refused_at", ByVerify),
            ("last_used_at", Harmless("it is shown only")),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "connector_code",
        &[
            ("team_id", ByVerify),
            ("workspace_id", ByVerify),
            ("connector_id", ByVerify),
            ("version", ByVerify),
            ("sha256", ByVerify),
            ("bytes", ByVerify),
            ("seen_at", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
            ("key_id", SEALED_CODE),
            ("nonce", SEALED_CODE),
            ("sealed", SEALED_CODE),
        ],
    ),
    (
        "connector_pair",
        &[
            ("source_team_id", ByVerify),
            ("source_workspace_id", ByVerify),
            ("source_connector_id", ByVerify),
            ("team_id", ByVerify),
            ("workspace_id", ByVerify),
            ("connector_id", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "promotion",
        &[
            ("id", ByVerify),
            ("source_team_id", ByVerify),
            ("source_workspace_id", ByVerify),
            ("source_connector_id", ByVerify),
            ("team_id", ByVerify),
            ("created_at", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "membership",
        &[
            ("team_id", ByVerify),
            ("person_id", ByVerify),
            ("role", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "data_key",
        &[
            ("id", AtStart),
            ("purpose", ByVerify),
            ("state", ByVerify),
            ("key_id", AtStart),
            ("nonce", AtStart),
            ("sealed", AtStart),
            ("created_at", AtStart),
        ],
    ),
    (
        "saved_view",
        &[
            ("id", WithKey),
            ("person_id", WithKey),
            ("list", WithKey),
            ("team_id", WithKey),
            ("name", WithKey),
            ("query", WithKey),
            ("shared", WithKey),
            ("created_at", WithKey),
            ("recorded_in", WithKey),
            ("mac", WithKey),
        ],
    ),
    (
        "job",
        &[
            ("id", ByVerify),
            ("team_id", ByVerify),
            ("person_id", ByVerify),
            ("act", ByVerify),
            ("argument", ByVerify),
            ("retries", ByVerify),
            ("state", WithKey),
            ("created_at", WithKey),
            ("items", ByVerify),
            ("items_sha256", ByVerify),
            ("counted_from", WithKey),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "job_item",
        &[
            ("job_id", ByVerify),
            ("place", ByVerify),
            ("operation_id", ByVerify),
            ("target_id", ByVerify),
            ("target_name", ByVerify),
            ("verdict", ByVerify),
            ("taken_out", ByVerify),
            ("recipes", ByVerify),
            ("active", ByVerify),
            ("version", ByVerify),
            ("seen", ByVerify),
            ("skipped_at", Harmless("an item that has it is not sent, which the job's page shows")),
        ],
    ),
    (
        "feed_token",
        &[
            ("id", ByVerify),
            ("name", ByVerify),
            ("hash", WithKey),
            ("created_at", WithKey),
            ("created_by", ByVerify),
            ("last_used_at", LAST_USED),
            ("last_sequence", LAST_USED),
            ("revoked_at", ByVerify),
            ("recorded_in", ByVerify),
            ("mac", WithKey),
        ],
    ),
    (
        "watch",
        &[
            ("team_id", WithKey),
            ("fingerprint", WithKey),
            ("compared_at", WithKey),
            ("seen_count", WithKey),
            ("seen_digest", WithKey),
            ("mac", WithKey),
        ],
    ),
    (
        "seen",
        &[
            ("team_id", WithKey),
            ("kind", WithKey),
            ("id", WithKey),
            ("name", WithKey),
            ("shared_version", WithKey),
            ("shared_at", WithKey),
            ("mac", WithKey),
        ],
    ),
    ("lease", &[("name", OF_INSTANCES), ("holder", OF_INSTANCES), ("token", OF_INSTANCES), ("until", OF_INSTANCES)]),
    (
        "call_window",
        &[
            ("workspace", OF_LIMITS),
            ("class", OF_LIMITS),
            ("calls", OF_LIMITS),
            ("people_until", OF_LIMITS),
            ("people_since", OF_LIMITS),
        ],
    ),
];

/// What becomes of deleting a row, where it is not found by `verify` without a key.
const DELETED: &[(&str, Found)] = &[
    ("call_window", OF_LIMITS),
    ("lease", OF_INSTANCES),
    ("checkpoint_destination", OF_CHECKPOINTS),
    ("signing_key", OF_CHECKPOINTS),
    ("log_read", Harmless("the reading is recorded again")),
    ("session", Harmless("it signs somebody out")),
    ("seen", WithKey),
];

/// What becomes of a forged copy of a row under another key, where it is not found by `verify` without a key.
const FORGED: &[(&str, Found)] = &[
    ("call_window", OF_LIMITS),
    ("lease", OF_INSTANCES),
    ("checkpoint_destination", OF_CHECKPOINTS),
    ("saved_view", WithKey),
    ("seen", WithKey),
    ("invitation", WithKey),
    ("log_read", WithKey),
];

/// What becomes of the contents of two rows in each other's place, where it is not found by `verify` without a key.
const SWAPPED: &[(&str, Found)] = &[
    ("call_window", OF_LIMITS),
    ("lease", OF_INSTANCES),
    ("data_key", AtStart),
    ("checkpoint", Harmless("each note says which size it is of")),
    ("removed_body", Harmless("the first two are of one operation and one run")),
    ("checkpoint_destination", OF_CHECKPOINTS),
    ("signing_key", OF_CHECKPOINTS),
    ("saved_view", WithKey),
    ("seen", WithKey),
    ("watch", WithKey),
    ("log_read", WithKey),
    ("invitation", WithKey),
];

/// Rows that can be changed unnoticed, since they are no longer used or say nothing of their own.
const NOT_LOOKED_AT: &[(&str, &str)] = &[
    // Nobody has started a dry run.
    ("job", "state <> 'draft'"),
    ("job_item", "job_id IN (SELECT id FROM job WHERE state <> 'draft')"),
    // A private view is its owner's own business: nobody but the owner misses it.
    ("saved_view", "shared = 1"),
    // The link for the set-up is of no use once there are people.
    ("invitation", "purpose = 'invite'"),
];

/// What an older copy, a log that was cut off, or missing checkpoints look like.
const HISTORY: &[&str] = &[
    "DELETE FROM checkpoint",
    "DELETE FROM checkpoint WHERE number = (SELECT max(number) FROM checkpoint)",
    "DELETE FROM operation WHERE sequence = (SELECT max(sequence) FROM entry);
     DELETE FROM entry_body WHERE sequence = (SELECT max(sequence) FROM entry);
     DELETE FROM checkpoint WHERE size = (SELECT max(sequence) FROM entry);
     DELETE FROM entry WHERE sequence = (SELECT max(sequence) FROM entry)",
];

/// Values to try, the likeliest first: one of them is another than the present, and is allowed there.
const CANDIDATES: &[&str] = &[
    "(SELECT {column} FROM {table} AS other WHERE other.{column} IS NOT NULL AND other.{column} IS NOT {table}.{column}
       ORDER BY {column} LIMIT 1)",
    "CASE typeof({column}) WHEN 'integer' THEN {column} + 1 END",
    "CASE typeof({column}) WHEN 'integer' THEN 1 - {column} END",
    "CASE typeof({column}) WHEN 'blob' THEN randomblob(length({column})) END",
    "CASE typeof({column}) WHEN 'text' THEN {column} || 'x' END",
    "CASE typeof({column}) WHEN 'text' THEN substr({column}, 1, length({column}) - 1) || 'f' END",
    "CASE typeof({column}) WHEN 'text' THEN '00000000-0000-7000-8000-000000000000' END",
    "'admin'",
    "'auditor'",
    "'viewer'",
    "'passkey'",
    "'connector'",
    "'connection'",
    "'reviewed'",
    "'flagged'",
    "'rejected'",
    "'hash'",
    "'seal'",
    "'old'",
    "'closed'",
    "'waiting'",
    "'text'",
    "1700000000000000",
    "randomblob(32)",
    "NULL",
];

struct Walk {
    installation: Installation,
    /// The same database, without the key.
    keyless: Store,
    faults: Vec<String>,
    tried: usize,
}

impl Walk {
    /// Changes something as somebody with the file and no trigger in the way, looks at what finds it, and takes it back.
    /// `None` if the statement changes nothing.
    async fn after(&self, store: &Store, statements: &str) -> Option<Result<super::Verified, VerifyError>> {
        let mut tx = store.write().await.expect("the writer");
        tx.execute("PRAGMA defer_foreign_keys = ON").await.expect("a pragma");
        let changed = tx.execute(statements).await.ok()?;
        if changed == 0 {
            return None;
        }
        Some(verify_all(&mut tx, OutsideCheckpoints::default(), None).await)
    }

    async fn starts_after(&self, statements: &str) -> bool {
        let mut tx: Write = self.installation.store().write().await.expect("the writer");
        tx.execute("PRAGMA defer_foreign_keys = ON").await.expect("a pragma");
        tx.execute(statements).await.expect("statements");
        let vault = &self.installation.portal.vault;
        let sealed = store::data_keys::all(&mut tx).await;
        if !sealed.is_ok_and(|sealed| vault.follow(&sealed, |_| ()).is_ok()) {
            return false;
        }
        let seal = &self.installation.portal.guard.seal;
        let mut history = History::of(&mut tx, Some(seal.verifier())).await.expect("a history");
        history.contradictions(&seal.mark.read(), &[]).await.expect("the database").is_empty()
    }

    /// Tries statements until one changes something. Returns whether one did.
    async fn try_each(&mut self, what: &str, expected: Found, statements: &[String]) -> bool {
        for statement in statements {
            let Some(keyed) = self.after(self.installation.store(), statement).await else { continue };
            let keyless = self.after(&self.keyless, statement).await.expect("the same change");
            self.tried += 1;
            let actual = match (&keyless, &keyed) {
                (Err(_), Err(_)) => ByVerify,
                (Ok(_), Err(_)) => WithKey,
                (Ok(_), Ok(_)) if !self.starts_after(statement).await => AtStart,
                (Ok(_), Ok(_)) => Harmless(""),
                (Err(_), Ok(_)) => unreachable!("the key finds no less"),
            };
            let is_as_expected = match (expected, actual) {
                (Harmless(_), _) => true,
                // Some values give themselves away without the key, too.
                (WithKey, ByVerify) => true,
                (expected, actual) => expected == actual,
            };
            if !is_as_expected {
                self.faults.push(format!("{what}: {actual:?} instead of {expected:?}, by {statement}"));
            }
            let table = what.split('.').next().unwrap_or_default();
            // A watch counts the rows of `seen` that belong to it.
            let is_of = |named: &str| named == table || (named, table) == ("watch", "seen");
            let names_it = |found: &VerifyError| !matches!(found, VerifyError::Right(bad) if !is_of(bad.table));
            if let (Found::WithKey, Err(found)) = (expected, &keyed)
                && !names_it(found)
            {
                self.faults.push(format!("{what}: it is not named: {found}"));
            }
            return true;
        }
        false
    }

    /// The tables with their columns, in the order of the schema.
    async fn tables(&self) -> Vec<(String, Vec<TestedColumn>)> {
        let mut attacker = self.installation.attacker().await;
        let mut tables = Vec::new();
        for table in attacker.tables().await.expect("tables") {
            let columns = attacker.columns(&table).await.expect("columns");
            tables.push((table, columns));
        }
        attacker.close().await.expect("closed");
        tables
    }
}

/// A condition that is true of one row, the one at this place.
fn row_at(table: &str, columns: &[TestedColumn], place: usize) -> String {
    let key: Vec<&str> = columns.iter().filter(|column| column.is_key).map(|column| column.name.as_str()).collect();
    let key = key.join(", ");
    let only = NOT_LOOKED_AT.iter().find(|(name, _)| *name == table).map_or("TRUE", |(_, only)| only);
    format!("({key}) = (SELECT {key} FROM {table} WHERE {only} ORDER BY {key} LIMIT 1 OFFSET {place})")
}

/// How many rows of a table are tried.
const ROWS: usize = 3;

#[tokio::test]
async fn whatever_is_changed_is_found_or_grants_and_hides_nothing() {
    let installation = Installation::new().await;
    installation.drop_triggers().await;
    let keyless = Store::open(&installation.data_dir()).await.expect("the database");
    let mut walk = Walk { installation, keyless, faults: Vec::new(), tried: 0 };
    let mut view = walk.installation.store().snapshot().await.expect("a view");
    let whole = verify_all(&mut view, OutsideCheckpoints::default(), None).await.expect("it is whole");
    drop(view);
    assert!(whole.rows.has_macs && whole.rows.rows > 15, "{whole:?}");
    assert!(walk.starts_after("SELECT 1").await, "it does not start untouched");
    let tables = walk.tables().await;
    let known: Vec<&str> = COLUMNS.iter().map(|(table, _)| *table).collect();
    let unknown: Vec<_> = tables.iter().filter(|(table, _)| !known.contains(&table.as_str())).collect();
    assert!(unknown.is_empty(), "tables without a decision: {unknown:?}");
    for (table, columns) in &tables {
        let decided = COLUMNS.iter().find(|(known, _)| known == table).map(|(_, columns)| *columns).unwrap_or_default();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let decisions: Vec<&str> = decided.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, decisions, "the columns of {table}, and those with a decision");
        for (column, found) in decided {
            let mut tried = false;
            for place in 0..ROWS {
                let row = row_at(table, columns, place);
                let of = |candidate: &&str| {
                    let candidate = candidate.replace("{column}", column).replace("{table}", table);
                    format!("UPDATE {table} SET {column} = {candidate} WHERE {row} AND {column} IS NOT {candidate}")
                };
                let statements: Vec<String> = CANDIDATES.iter().map(of).collect();
                tried |= walk.try_each(&format!("{table}.{column}"), *found, &statements).await;
            }
            if !tried {
                // The schema allows no other value alone. Whoever writes the file can make SQLite ignore that.
                let row = row_at(table, columns, 0);
                let of = |candidate: &&str| {
                    let candidate = candidate.replace("{column}", column).replace("{table}", table);
                    format!(
                        "PRAGMA ignore_check_constraints = ON;
                         UPDATE {table} SET {column} = {candidate} WHERE {row} AND {column} IS NOT {candidate};
                         PRAGMA ignore_check_constraints = OFF"
                    )
                };
                let statements: Vec<String> = CANDIDATES.iter().map(of).collect();
                tried = walk.try_each(&format!("{table}.{column}"), *found, &statements).await;
            }
            assert!(tried, "{table}.{column} was not changed");
        }
        whole_rows(&mut walk, table, columns).await;
    }
    for history in HISTORY {
        let found = walk.after(walk.installation.store(), history).await.expect("a change");
        if found.is_ok() && walk.starts_after(history).await {
            walk.faults.push(format!("nothing finds: {history}"));
        }
    }
    assert!(walk.faults.is_empty(), "{}", walk.faults.join("\n"));
    assert!(walk.tried > 300, "{}", walk.tried);
}

/// Deletes a row, forges a copy of it, and swaps two.
async fn whole_rows(walk: &mut Walk, table: &str, columns: &[TestedColumn]) {
    let of =
        |list: &[(&str, Found)]| list.iter().find(|(name, _)| *name == table).map_or(ByVerify, |(_, found)| *found);
    let row = row_at(table, columns, 0);
    let delete = format!("DELETE FROM {table} WHERE {row}");
    assert!(walk.try_each(&format!("{table}. deleted"), of(DELETED), &[delete]).await, "nothing in {table}");

    // Its key, and what else must be there once, is new.
    let new = |column: &TestedColumn| {
        let TestedColumn { name, is_number, is_bytes, is_key } = column;
        let is_unique = ["email", "slug", "hash", "credential_hash", "label", "last_sequence"].contains(&name.as_str())
            || (table, name.as_str()) == ("operation", "sequence")
            || (table, name.as_str()) == ("job_item", "operation_id")
            || (table, name.as_str()) == ("saved_view", "name");
        match (is_key, name.as_str()) {
            (true, "kind" | "team_id") if columns.iter().filter(|column| column.is_key).count() > 1 => name.clone(),
            (false, _) if !is_unique => name.clone(),
            _ if *is_number => format!("{name} + 100000"),
            _ if *is_bytes => format!("CASE WHEN {name} IS NOT NULL THEN randomblob(32) END"),
            _ => format!("CASE WHEN {name} IS NOT NULL THEN '00000000-0000-7000-8000-000000000000' END"),
        }
    };
    let values = columns.iter().map(new).collect::<Vec<_>>().join(", ");
    let names = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let forge = format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {row}");
    let forged = walk.try_each(&format!("{table}. forged"), of(FORGED), &[forge]).await;
    assert!(forged, "no row of {table} can be forged");

    let other = row_at(table, columns, 1);
    let contents: Vec<&str> =
        columns.iter().filter(|column| !column.is_key).map(|column| column.name.as_str()).collect();
    let contents: Vec<&str> = contents
        .into_iter()
        .filter(|name| !["email", "slug", "hash", "credential_hash", "label"].contains(name))
        .collect();
    let mut attacker = walk.installation.attacker().await;
    let rows = attacker.column(&format!("SELECT count(*) FROM {table}")).await.expect("a count");
    attacker.close().await.expect("closed");
    if contents.is_empty() || rows[0] == "1" {
        return;
    }
    let list = contents.join(", ");
    let swap = format!(
        "CREATE TEMP TABLE swapped AS
                SELECT 0 AS place, * FROM {table} WHERE {row} UNION ALL SELECT 1, * FROM {table} WHERE {other};
         UPDATE {table} SET ({list}) = (SELECT {list} FROM swapped WHERE place = 1)
          WHERE {row} AND EXISTS (SELECT 1 FROM swapped WHERE place = 1);
         UPDATE {table} SET ({list}) = (SELECT {list} FROM swapped WHERE place = 0) WHERE {other};
         DROP TABLE swapped"
    );
    walk.try_each(&format!("{table}. swapped"), of(SWAPPED), &[swap]).await;
}
