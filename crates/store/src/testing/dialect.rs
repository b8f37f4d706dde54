//! Statements of tests, which are in SQLite's dialect, for PostgreSQL. The functions of SQLite that they use are there too: see
//! `sqlite_functions.sql`.

use crate::sql;

/// Lifts the checks of every column, within a transaction.
const NO_CHECKS: &str = "DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS checked, conname FROM pg_constraint
                WHERE contype = 'c' AND connamespace = current_schema()::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.checked, one.conname);
    END LOOP;
END $$";

/// The statements, one by one: PostgreSQL would take back the first if the second fails.
pub(super) fn for_postgres(statements: &str) -> Vec<String> {
    // What is quoted stays whole.
    let mut is_quoted = false;
    let each = statements.split(|letter| {
        is_quoted ^= letter == '\'';
        letter == ';' && !is_quoted
    });
    each.map(str::trim).filter(|statement| !statement.is_empty()).filter_map(statement).collect()
}

/// A statement, unless PostgreSQL needs none.
pub(super) fn statement(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(match words.as_slice() {
        ["PRAGMA", "foreign_keys", "=", "OFF"] => "SET session_replication_role = replica".to_owned(),
        ["PRAGMA", "defer_foreign_keys", "=", "ON"] => "SET LOCAL session_replication_role = replica".to_owned(),
        ["PRAGMA", "ignore_check_constraints", "=", "ON"] => NO_CHECKS.to_owned(),
        ["PRAGMA", "ignore_check_constraints", "=", "OFF"] => return None,
        // A trigger is named for its table.
        ["DROP", "TRIGGER", trigger] if trigger.contains("_is_") => {
            format!("DROP TRIGGER {trigger} ON {}", trigger.split("_is_").next().unwrap_or_default())
        }
        _ => sql::translate(&bytes(text)),
    })
}

/// Bytes that are made of text.
fn bytes(text: &str) -> String {
    let text = text.replace("CAST(body AS TEXT)", "convert_from(body, 'UTF8')");
    let text = match text.contains(" AS BLOB)") {
        true => text
            .replace("CAST(replace(", "convert_to(replace(")
            .replace("CAST('", "convert_to('")
            .replace(" AS BLOB)", ", 'UTF8')"),
        false => text,
    };
    let mut parts = text.split(" x'");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('\'') {
            Some((hex, rest)) => out += &format!(" '\\x{hex}'::bytea{rest}"),
            None => out += &format!(" x'{part}"),
        }
    }
    out
}
