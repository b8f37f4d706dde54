//! The tables whose rows carry HMACs.

use super::table::Table;

macro_rules! with_macs {
    ($(#[$doc:meta])* $constant:ident, $name:literal, $key:expr, $uncovered:expr) => {
        $(#[$doc])*
        pub(crate) static $constant: Table = Table {
            name: $name,
            key: &$key,
            uncovered: &$uncovered,
            columns: "*",
            is_remembered: !matches!($name.as_bytes(), b"session" | b"invitation" | b"log_read" | b"seen" | b"promotion"),
        };
    };
}

with_macs!(PERSON, "person", ["id"], []);
with_macs!(MEMBERSHIP, "membership", ["team_id", "person_id"], []);
with_macs!(SESSION, "session", ["id_hash"], []);
// The time of the last use is shown only.
with_macs!(FACTOR, "factor", ["id"], ["last_used_at"]);
with_macs!(RECOVERY_CODES, "recovery_codes", ["person_id"], []);
with_macs!(INVITATION, "invitation", ["secret_hash"], []);
with_macs!(TEAM, "team", ["id"], []);
// The time of the last use is written once a minute, and shown only.
with_macs!(TEAM_TOKEN, "team_token", ["team_id"], ["last_used_at"]);
with_macs!(FEED_TOKEN, "feed_token", ["id"], ["last_used_at", "last_sequence"]);
with_macs!(SAVED_VIEW, "saved_view", ["id"], []);
with_macs!(LOG_READ, "log_read", ["session", "team_id"], []);
with_macs!(WATCH, "watch", ["team_id"], []);
with_macs!(SEEN, "seen", ["team_id", "kind", "id"], []);

with_macs!(
    /// A counterpart can be chosen again.
    CONNECTOR_PAIR,
    "connector_pair",
    ["source_team_id", "source_workspace_id", "source_connector_id", "team_id"],
    []
);
with_macs!(JOB, "job", ["id"], []);
with_macs!(PROMOTION, "promotion", ["id"], []);

/// What is sealed in it is large. It can be opened for this row only, and then has the hash that the HMAC covers.
pub(crate) static CONNECTOR_CODE: Table = Table {
    name: "connector_code",
    key: &["team_id", "workspace_id", "connector_id", "version"],
    uncovered: &["key_id", "nonce", "sealed"],
    columns: "team_id, workspace_id, connector_id, version, sha256, bytes, seen_at, recorded_in, mac",
    is_remembered: false,
};

/// All of them.
#[must_use]
pub fn all() -> [&'static Table; 17] {
    [
        &PERSON,
        &MEMBERSHIP,
        &SESSION,
        &FACTOR,
        &RECOVERY_CODES,
        &INVITATION,
        &TEAM,
        &TEAM_TOKEN,
        &FEED_TOKEN,
        &SAVED_VIEW,
        &LOG_READ,
        &WATCH,
        &SEEN,
        &CONNECTOR_CODE,
        &CONNECTOR_PAIR,
        &PROMOTION,
        &JOB,
    ]
}
