//! Every table, in an order in which rows can be written: after those that they refer to.

/// A table and the columns of its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct MovedTable {
    pub name: &'static str,
    pub key: &'static [&'static str],
}

const fn table(name: &'static str, key: &'static [&'static str]) -> MovedTable {
    MovedTable { name, key }
}

/// Tables that only grow. The contents of entries go last: a run of retention explains those that are missing.
pub(super) const GROWING: &[MovedTable] = &[
    table("entry", &["sequence"]),
    table("retention_run", &["sequence"]),
    table("removed_body", &["sequence"]),
    table("entry_body", &["sequence"]),
    table("signing_key", &["verifier_key"]),
    table("checkpoint", &["number"]),
];

/// Tables whose rows change.
pub(super) const CHANGING: &[MovedTable] = &[
    table("operation", &["id"]),
    table("review", &["operation_sequence"]),
    table("checkpoint_destination", &["name"]),
    table("log_read", &["session", "team_id"]),
    table("person", &["id"]),
    table("factor", &["id"]),
    table("recovery_codes", &["person_id"]),
    table("invitation", &["secret_hash"]),
    table("session", &["id_hash"]),
    table("team", &["id"]),
    table("team_token", &["team_id"]),
    table("membership", &["team_id", "person_id"]),
    table("data_key", &["id"]),
    table("saved_view", &["id"]),
    table("feed_token", &["id"]),
    table("watch", &["team_id"]),
    table("seen", &["team_id", "kind", "id"]),
    table("job", &["id"]),
    table("job_item", &["job_id", "place"]),
    table("connector_code", &["team_id", "workspace_id", "connector_id", "version"]),
    table("connector_pair", &["source_team_id", "source_workspace_id", "source_connector_id", "team_id"]),
    table("promotion", &["id"]),
];

/// Tables that belong to one database, and why.
#[cfg(test)]
pub(super) const LEFT: &[(&str, &str)] = &[
    ("_sqlx_migrations", "the other database has its own"),
    ("call_window", "a move takes longer than a window of Workato's limits"),
    ("lease", "instances acquire leases again"),
];
