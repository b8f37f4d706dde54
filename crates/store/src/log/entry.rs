//! An entry of the audit log. `docs/audit-format.md` describes the same for other programs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::action::{Action, Outcome, Stage};
use crate::{
    ids::{OperationId, PersonId, TeamId},
    slug::TeamSlug,
    words,
};

/// One entry. Its canonical JSON (RFC 8785) is what is hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the log: 1, 2, 3 … without gaps.
    pub sequence: i64,
    /// The operation that it belongs to.
    pub operation_id: OperationId,
    /// The stage of the operation at which it was written.
    pub stage: Stage,
    /// When: UTC, microseconds, `2026-11-22T04:05:06.123456Z`.
    #[serde(with = "instant")]
    pub at: OffsetDateTime,
    /// Who acted, as they were then.
    pub actor: EntryActor,
    /// The team, as it was then; `None` for the portal as a whole.
    pub team: Option<EntryTeam>,
    /// What was attempted.
    pub action: Action,
    /// What was acted on, as it was named then.
    pub targets: Vec<Target>,
    /// The parameters. Never a secret.
    pub parameters: Map<String, Value>,
    /// The state before, as last read; `None` if it could not be read or does not apply.
    pub before: Option<Value>,
    /// What the change touches, as last read before it; in intents of changes that can break recipes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Value>,
    /// How it ended; `None` in an intent.
    pub outcome: Option<Outcome>,
    /// What Workato answered, if it did.
    pub workato: Option<WorkatoSaid>,
    /// The reason that the actor gave.
    pub reason: Option<String>,
    /// Until when the call may still reach Workato; in intents.
    #[serde(with = "instant::option")]
    pub deadline: Option<OffsetDateTime>,
    /// The evidence for a settled or waiting entry.
    pub evidence: Option<Value>,
    /// The operation that asked for several at once, if this is one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<OperationId>,
    /// Who approved it, if a second person had to. In intents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<EntryActor>,
    /// The operation that was approved, if it is another than the entry's own: the job that it is an item of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_in: Option<OperationId>,
    /// Whether the actor acted at once although a second person was needed. In intents, and where a job was started.
    #[serde(default, skip_serializing_if = "is_false")]
    pub break_glass: bool,
    /// The version of the portal that wrote it.
    pub portal: String,
}

impl Entry {
    /// Whether it is the first of its operation. An intent that somebody approved follows its request, unless what they
    /// approved is the job that it is an item of.
    #[must_use]
    pub const fn begins(&self) -> bool {
        match self.stage {
            Stage::Intent => self.approved_by.is_none() || self.approved_in.is_some(),
            Stage::Requested | Stage::Recorded | Stage::Denied | Stage::Observed => true,
            Stage::Approved
            | Stage::Declined
            | Stage::Withdrawn
            | Stage::Expired
            | Stage::Outcome
            | Stage::Settled
            | Stage::Waiting => false,
        }
    }

    /// Whether its operation is carried out with it: it is an intent, or there is nothing to wait for.
    #[must_use]
    pub const fn acts(&self) -> bool {
        self.begins() && !matches!(self.stage, Stage::Requested) || matches!(self.stage, Stage::Intent)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Who acted, as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryActor {
    /// The person's id; `None` for `system`, the command line and people who are not signed in.
    pub id: Option<PersonId>,
    /// The person's name, or `system`, `command line`, `signed out`, `several people`, `outside the portal`.
    pub name: String,
    /// The person's e-mail, or for the command line the system account's name.
    pub email: Option<String>,
    /// The session's label: the beginning of its id's hash.
    pub session: Option<String>,
    /// The address that the request came from.
    pub ip: Option<String>,
    /// The browser's User-Agent, cut to 200 characters.
    pub user_agent: Option<String>,
}

impl EntryActor {
    const SYSTEM: &str = "system";
    const COMMAND_LINE: &str = "command line";

    /// The actor's name for people who are not signed in.
    pub const SIGNED_OUT: &str = "signed out";

    /// The names of actors who are no people. No person may have one.
    pub const RESERVED: [&str; 5] = [Self::SYSTEM, Self::COMMAND_LINE, Self::SIGNED_OUT, Self::SEVERAL, Self::OUTSIDE];

    /// The portal itself.
    #[must_use]
    pub fn system() -> Self {
        Self::named(Self::SYSTEM)
    }

    /// The command line, run by a system account.
    #[must_use]
    pub fn command_line(account: &str) -> Self {
        Self { email: Some(account.to_owned()), ..Self::named(Self::COMMAND_LINE) }
    }

    /// The actor's name for attempts of more people than are counted one by one.
    pub const SEVERAL: &str = "several people";

    /// The actor's name for changes that were made in Workato without the portal.
    pub const OUTSIDE: &str = "outside the portal";

    /// Somebody who changed something in Workato without the portal.
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
    /// The kind of a target.
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
        /// A job: many operations that were asked for at once.
        Job => "job",
        /// An operation of the log.
        Operation => "operation",
        /// A saved view of a list.
        View => "view",
        /// A token of the audit log's feed.
        Feed => "feed",
        /// The audit log itself.
        AuditLog => "audit_log",
    }
}

words! {
    /// Where a target's name is from, if Workato could not be asked at that moment.
    pub enum NameFrom {
        /// From the last list that Workato sent before.
        Copy => "copy",
        /// From the form, which shows what the portal read earlier but comes from the browser.
        Form => "form",
    }
}

/// What was acted on, as it was named then.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: TargetType,
    /// Its id.
    pub id: String,
    /// Its name then; `None` if it has none or it could not be read.
    pub name: Option<String>,
    /// Where the name is from, if Workato did not confirm it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_from: Option<NameFrom>,
}

impl Target {
    /// The id of a target that does not exist yet, in the entries before Workato's answer.
    pub const NOT_YET: &str = "new";

    /// A target of this kind, id and name.
    pub fn new(kind: TargetType, id: impl ToString, name: Option<&str>) -> Self {
        Self { kind, id: id.to_string(), name: name.map(str::to_owned), name_from: None }
    }

    /// The same with a name that Workato did not confirm.
    #[must_use]
    pub fn unconfirmed(self, name: String, from: NameFrom) -> Self {
        Self { name: Some(name), name_from: Some(from), ..self }
    }
}

/// What Workato answered to a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkatoSaid {
    /// The HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// Workato's status word: `created`, `updated`, `suppressed`, `deleted`, `rejected` …
    pub status: Option<String>,
    /// Workato's own words, if it had any.
    pub message: Option<String>,
    /// Why Workato could not be reached, in the operating system's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What a 401 or 403 means, as far as the token's other calls can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Value>,
    /// How many seconds until the call could have been sent again, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// How the call ended, as a word: `answered`, `timed_out`, `reset` …
    pub detail: String,
    /// How many whole seconds the call was queued, if at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_seconds: Option<u64>,
}

/// Instants in the log: UTC with exactly six decimals, so that they sort as text.
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
