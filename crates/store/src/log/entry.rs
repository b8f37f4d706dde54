//! One record in the audit log, as it is written, hashed, shown and exported.
//! `docs/audit-format.md` tells the same to those who read the log with programs of their own.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::action::{Action, Outcome, Stage};
use crate::{
    ids::{OperationId, PersonId, TeamId},
    slug::TeamSlug,
    words,
};

/// One record of the log. Its canonical JSON (RFC 8785) is what is hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the log: 1, 2, 3 … without gaps.
    pub sequence: i64,
    /// The operation that it belongs to.
    pub operation_id: OperationId,
    /// At which stage of the operation it was written.
    pub stage: Stage,
    /// When: UTC, microseconds, `2026-11-22T04:05:06.123456Z`.
    #[serde(with = "instant")]
    pub at: OffsetDateTime,
    /// Who, as he or she was then.
    pub actor: EntryActor,
    /// In which team, as it was then; none for what concerns the portal as a whole.
    pub team: Option<EntryTeam>,
    /// What.
    pub action: Action,
    /// On what, as it was named then.
    pub targets: Vec<Target>,
    /// With which parameters. Never a secret.
    pub parameters: Map<String, Value>,
    /// The state before, as last read; none when it could not be read or does not apply.
    pub before: Option<Value>,
    /// How it ended; none in an intent.
    pub outcome: Option<Outcome>,
    /// What Workato answered, if it did.
    pub workato: Option<WorkatoSaid>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// Until when the call to Workato may still land; in intents.
    #[serde(with = "instant::option")]
    pub deadline: Option<OffsetDateTime>,
    /// What a settled or waiting entry rests on.
    pub evidence: Option<Value>,
    /// Which operations were asked for together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Who approved it, where a second person has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<EntryActor>,
    /// The portal's version that wrote it.
    pub portal: String,
}

/// Who did it, as he or she was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryActor {
    /// The person's id; none for `system`, the command line and people who are not signed in.
    pub id: Option<PersonId>,
    /// The person's name, or `system`, `command line`, `signed out`, `outside the portal`.
    pub name: String,
    /// The person's e-mail, or for the command line the system account's name.
    pub email: Option<String>,
    /// A name for the session that opens nothing: the beginning of its id's hash.
    pub session: Option<String>,
    /// The address that the request came from.
    pub ip: Option<String>,
    /// The browser's own description of itself, cut to 200 characters.
    pub user_agent: Option<String>,
}

impl EntryActor {
    /// The portal itself.
    #[must_use]
    pub fn system() -> Self {
        Self::named("system")
    }

    /// The command line, run by a system account.
    #[must_use]
    pub fn command_line(account: &str) -> Self {
        Self { email: Some(account.to_owned()), ..Self::named("command line") }
    }

    /// The name of whoever changed something in Workato without the portal.
    pub const OUTSIDE: &str = "outside the portal";

    /// Whoever changed something in Workato without the portal.
    #[must_use]
    pub fn outside() -> Self {
        Self::named(Self::OUTSIDE)
    }

    pub fn named(name: &str) -> Self {
        Self { id: None, name: name.to_owned(), email: None, session: None, ip: None, user_agent: None }
    }
}

/// The team, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryTeam {
    /// The team's id, which never changes.
    pub id: TeamId,
    /// Its slug then.
    pub slug: TeamSlug,
    /// Its name then.
    pub name: String,
    /// The Workato workspace that its token opened then, if one was set.
    pub workspace: Option<EntryWorkspace>,
}

/// A Workato workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryWorkspace {
    /// Workato's id of it.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
}

words! {
    /// What kind of thing was acted on.
    pub enum TargetType {
        /// A custom connector in Workato.
        Connector => "connector",
        /// A connection in Workato.
        Connection => "connection",
        /// A recipe in Workato.
        Recipe => "recipe",
        /// An embedded customer.
        Customer => "customer",
        /// A team of the portal.
        Team => "team",
        /// A person of the portal.
        Person => "person",
        /// A session of the portal.
        Session => "session",
        /// An operation of the log.
        Operation => "operation",
        /// A search of the audit log that is kept.
        Search => "search",
        /// A token by which the audit log is collected.
        Feed => "feed",
        /// The audit log itself.
        AuditLog => "audit_log",
    }
}

/// What was acted on, as it was named then.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: TargetType,
    /// Its id.
    pub id: String,
    /// Its name then; none when it has none or it could not be read.
    pub name: Option<String>,
}

impl Target {
    /// Stands where the id will be of what does not exist yet: in the entries until Workato has named it.
    pub const NOT_YET: &str = "new";

    /// A target of this kind, id and name.
    pub fn new(kind: TargetType, id: impl ToString, name: Option<&str>) -> Self {
        Self { kind, id: id.to_string(), name: name.map(str::to_owned) }
    }

    /// The name, or kind and id where there is none.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None if self.id == Self::NOT_YET => format!("new {}", self.kind),
            None => format!("{} {}", self.kind, self.id),
        }
    }
}

/// What Workato answered to a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkatoSaid {
    /// The HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// Workato's status word: `created`, `updated`, `suppressed`, `deleted`, `rejected` …
    pub status: Option<String>,
    /// Workato's words, or the portal's where there were none.
    pub message: Option<String>,
    /// How the call ended, as a word: `answered`, `timed_out`, `reset` …
    pub detail: String,
    /// How many whole seconds it had waited for its turn, if that was a second or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_seconds: Option<u64>,
}

/// Instants as the log writes them: UTC with exactly six decimals, so that they sort as text.
pub mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _, ser::Error as _};
    use time::{
        OffsetDateTime, UtcOffset,
        format_description::{BorrowedFormatItem, well_known::Rfc3339},
        macros::format_description,
    };

    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

    pub fn text(at: OffsetDateTime) -> Result<String, time::error::Format> {
        at.to_offset(UtcOffset::UTC).format(FORMAT)
    }

    pub fn serialize<S: Serializer>(at: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*at).map_err(S::Error::custom)?)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)
    }

    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
        use time::{OffsetDateTime, format_description::well_known::Rfc3339};

        pub fn serialize<S: Serializer>(at: &Option<OffsetDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OffsetDateTime>, D::Error> {
            Option::<String>::deserialize(deserializer)?
                .map(|text| OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom))
                .transpose()
        }
    }
}
