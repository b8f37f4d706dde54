//! What an act would do to an item as Workato has it now, and the change that carries it out.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::jobs::{Act, Item, Job, Verdict};
use workato::{AuthorizationStatus, Connection, ConnectionUpdate, Connector, Force, TagAssignment, TagHandle};

use crate::{OperationId, connections, connectors, impact::OwnRecipes, operations::Change};

/// What an act is about to change.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    Connection(&'a Connection),
    Connector(&'a Connector),
}

impl Subject<'_> {
    /// Its name and its state, for the log.
    pub fn before(self) -> (Option<String>, Value) {
        match self {
            Self::Connection(connection) => connections::before(connection),
            Self::Connector(connector) => connectors::before(connector),
        }
    }

    /// What has to be the same when an item is carried out as in the dry run.
    pub fn seen(self, act: Act) -> String {
        match self {
            Self::Connection(connection) => {
                let status = matches!(act, Act::Delete | Act::Disconnect).then_some(&connection.authorization_status);
                let seen = json!([connection.name, connection.application, status]);
                hex::encode(Sha256::digest(seen.to_string()))
            }
            Self::Connector(connector) => {
                connector.shared_version().map(|version| version.to_string()).unwrap_or_default()
            }
        }
    }

    fn verdict(self, act: Act, argument: Option<&str>, active: Option<usize>) -> Verdict {
        let connection = match self {
            Self::Connection(connection) => connection,
            Self::Connector(connector) => return verdict_of_share(connector),
        };
        let tag = |handle: &str| {
            let tags = connection.tags.as_ref().filter(|_| !connection.unreadable.has("tags"));
            tags.map(|tags| tags.iter().any(|tag| tag.as_str() == handle))
        };
        let is_in_use = active.is_some_and(|active| active > 0);
        match act {
            Act::Delete if is_in_use => Verdict::InUse,
            Act::Disconnect => {
                let is_connected = connection.authorization_status == Some(AuthorizationStatus::Success);
                match (is_connected || connection.unreadable.has("authorization_status"), is_in_use) {
                    (false, _) => Verdict::AlreadySo,
                    (true, true) => Verdict::InUse,
                    (true, false) => Verdict::Ready,
                }
            }
            Act::Tag if argument.and_then(tag) == Some(true) => Verdict::AlreadySo,
            Act::Untag if argument.and_then(tag) == Some(false) => Verdict::AlreadySo,
            Act::Move if connection.folder_id.map(|id| id.to_string()).as_deref() == argument => Verdict::AlreadySo,
            Act::Delete | Act::Tag | Act::Untag | Act::Move | Act::Share => Verdict::Ready,
        }
    }

    /// The item of a dry run.
    pub fn item(self, place: i64, act: Act, argument: Option<&str>, recipes: Option<&OwnRecipes>) -> Item {
        let (target, name, used, version) = match self {
            Self::Connection(connection) => {
                let used = recipes.map(|recipes| recipes.of_connection(connection.id));
                (connection.id.to_string(), connection.name.clone(), used, None)
            }
            Self::Connector(connector) => {
                let version = connector.latest_version().map(|version| version.get());
                (connector.id.to_string(), connectors::name(connector).map(str::to_owned), None, version)
            }
        };
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let active = used.map(|used| used.active);
        Item {
            place,
            operation: OperationId::new(),
            target,
            name,
            verdict: self.verdict(act, argument, active),
            taken_out: false,
            recipes: used.map(|used| count(used.total())),
            active: active.map(count),
            version,
            seen: self.seen(act),
        }
    }
}

fn verdict_of_share(connector: &Connector) -> Verdict {
    match connector.latest_version() {
        _ if !connector.is_share_known() => Verdict::Unreadable,
        None if connector.unreadable.has("released_versions") => Verdict::Unreadable,
        None => Verdict::NotReleased,
        Some(latest) if connector.shared_version() == Some(latest) => Verdict::AlreadySo,
        Some(_) => Verdict::Ready,
    }
}

/// An item of something that Workato no longer has.
pub(super) fn gone(place: i64, target: &str) -> Item {
    Item {
        place,
        operation: OperationId::new(),
        target: target.to_owned(),
        name: None,
        verdict: Verdict::Gone,
        taken_out: false,
        recipes: None,
        active: None,
        version: None,
        seen: String::new(),
    }
}

/// The change that carries an item out. `None` for an item that the portal cannot have written.
pub(super) fn change(job: &Job, item: &Item) -> Option<Change> {
    let argument = job.argument.as_deref();
    let tags = |add: Option<&str>, remove: Option<&str>| {
        let list = |tag: Option<&str>| tag.map(TagHandle::new).into_iter().collect();
        TagAssignment { add: list(add), remove: list(remove) }
    };
    Some(match job.act {
        Act::Delete => Change::DeleteConnection { connection: item.target.parse().ok()? },
        Act::Disconnect => Change::DisconnectConnection { connection: item.target.parse().ok()?, force: Force::No },
        Act::Tag => Change::TagConnection { connection: item.target.parse().ok()?, tags: tags(Some(argument?), None) },
        Act::Untag => {
            Change::TagConnection { connection: item.target.parse().ok()?, tags: tags(None, Some(argument?)) }
        }
        Act::Move => {
            let update = ConnectionUpdate { folder_id: Some(argument?.parse().ok()?), ..ConnectionUpdate::default() };
            Change::UpdateConnection { connection: item.target.parse().ok()?, update }
        }
        Act::Share => Change::ShareConnector {
            connector: item.target.parse().ok()?,
            version: workato::ConnectorVersion::new(item.version?).ok()?,
            replaces: match item.seen.as_str() {
                "" => None,
                seen => Some(workato::ConnectorVersion::new(seen.parse().ok()?).ok()?),
            },
        },
    })
}
