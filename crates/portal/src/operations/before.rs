//! The state before a change, as read from Workato just before it.

use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};
use tokio::time::timeout;
use workato::{ConnectorVersion, CustomerRef};

use super::{Change, Request, drawn_name::drawn_name};
use crate::{
    Error, Portal, TeamOperator, TeamReader,
    audit::{NameFrom, Target, TargetType},
    code::sha256_of,
    connections, connectors,
};

/// How long `perform` waits for the state before. Without it, the change is sent all the same.
const PATIENCE: Duration = Duration::from_secs(10);

/// The target as it was before the change.
#[derive(Default)]
pub(super) struct Before {
    pub name: Option<String>,
    /// Where the name is from, if Workato did not say it now.
    pub name_from: Option<NameFrom>,
    pub state: Option<Value>,
    /// The second target, if more is known about it than the request's id.
    pub second_target: Option<Target>,
}

impl Before {
    fn found((name, state): (Option<String>, Value)) -> Self {
        Self { name, state: Some(state), ..Self::default() }
    }

    fn missing() -> Self {
        Self { state: Some(json!({ "found": false })), ..Self::default() }
    }

    /// Whether Workato had the target.
    pub fn was_found(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.get("found") == Some(&Value::Bool(true)))
    }

    /// The version that was shared, if the target was found and its shared version could be read.
    pub fn shared_version(&self) -> Option<Option<i64>> {
        let state = self.state.as_ref().filter(|_| self.was_found())?;
        Some(state.get("shared_version")?.as_i64())
    }

    /// The version that was shared, if it is known and there was one.
    pub fn shared(&self) -> Option<ConnectorVersion> {
        self.shared_version().flatten().and_then(|version| ConnectorVersion::new(version).ok())
    }

    /// The SHA-256 of the connector's code, if it could be read.
    pub fn code_sha256(&self) -> Option<&str> {
        self.state.as_ref()?.get("code_sha256")?.as_str()
    }

    /// The newest released version, if it could be read.
    pub fn latest_version(&self) -> Option<i64> {
        self.state.as_ref()?.get("latest_released_version")?.as_i64()
    }

    /// The change's target with its name.
    pub fn target(&self, change: &Change) -> Target {
        match (&self.name, self.name_from) {
            (Some(name), Some(from)) => change.target(None).unconfirmed(name.clone(), from),
            (name, _) => change.target(name.as_deref()),
        }
    }
}

impl Portal {
    /// The target as it is now, if Workato answers in time. If it does not, the name is from the last copy of Workato's
    /// answer, or else from the form.
    pub(super) async fn state_before(&self, operator: &TeamOperator, request: &Request) -> Before {
        let (reader, change) = (operator.reader(), &request.change);
        let read = async {
            match change {
                Change::ShareConnector { connector, .. } | Change::SuppressConnector { connector } => {
                    let found = self.connector_now(&reader, *connector).await?;
                    Ok(Before::found(connectors::before(&found.items)))
                }
                Change::UpdateConnector { connector, .. } | Change::ReleaseConnector { connector, .. } => {
                    let (found, code) =
                        join(self.connector_now(&reader, *connector), self.connector_code_now(&reader, *connector))
                            .await;
                    let (name, mut state) = connectors::before(&found?.items);
                    if let (Ok(code), Some(state)) = (code, state.as_object_mut()) {
                        state.insert("code_sha256".to_owned(), sha256_of(&code).into());
                    }
                    Ok(Before::found((name, state)))
                }
                Change::CreateConnector { draft, .. } => {
                    let same = self.connectors_called(&reader, &draft.title).await?;
                    Ok(Before { state: Some(json!({ "same_title": same })), ..Before::default() })
                }
                Change::UpdateConnection { connection, .. }
                | Change::DisconnectConnection { connection, .. }
                | Change::DeleteConnection { connection }
                | Change::TagConnection { connection, .. } => {
                    let found = self.connection_now(&reader, *connection).await?;
                    Ok(Before::found(connections::before(&found.connection)))
                }
                Change::ShareRecipe { customer, .. } => {
                    Ok(Before { second_target: self.customer_target(&reader, customer).await?, ..Before::default() })
                }
                Change::CreateConnection { .. } => Ok(Before::default()),
            }
        };
        let before = match timeout(PATIENCE, read).await {
            Ok(Ok(before)) => before,
            Ok(Err(Error::NotFound)) => Before::missing(),
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot read the state before a change");
                Before::default()
            }
            Err(_) => Before::default(),
        };
        self.with_unconfirmed_name(before, &reader, request).await
    }

    async fn with_unconfirmed_name(&self, before: Before, reader: &TeamReader, request: &Request) -> Before {
        if let Change::ShareRecipe { customer, .. } = &request.change {
            let second_target = before.second_target.or_else(|| drawn_customer(customer, &request.drawn_name));
            return Before { second_target, ..before };
        }
        if before.was_found()
            || matches!(request.change, Change::CreateConnection { .. } | Change::CreateConnector { .. })
        {
            return before;
        }
        let copy = self.name_in_copy(reader, &request.change).await.map(|name| (name, NameFrom::Copy));
        match copy.or_else(|| drawn_name(&request.drawn_name).map(|name| (name, NameFrom::Form))) {
            Some((name, from)) => Before { name: Some(name), name_from: Some(from), ..before },
            None => before,
        }
    }

    /// The target's name in the last copy of Workato's answers.
    async fn name_in_copy(&self, reader: &TeamReader, change: &Change) -> Option<String> {
        let workato = self.workato(reader.team(), reader.actor()).await.ok()?;
        match change {
            Change::ShareConnector { connector, .. }
            | Change::SuppressConnector { connector }
            | Change::UpdateConnector { connector, .. }
            | Change::ReleaseConnector { connector, .. } => {
                connectors::name(&workato.connector_in_copy(*connector)?).map(str::to_owned)
            }
            Change::UpdateConnection { connection, .. }
            | Change::DisconnectConnection { connection, .. }
            | Change::DeleteConnection { connection }
            | Change::TagConnection { connection, .. } => workato.connection_in_copy(*connection)?.name,
            Change::CreateConnector { .. } | Change::CreateConnection { .. } | Change::ShareRecipe { .. } => None,
        }
    }
}

fn drawn_customer(customer: &CustomerRef, drawn: &str) -> Option<Target> {
    let name = drawn_name(drawn)?;
    Some(Target::new(TargetType::Customer, customer, None).unconfirmed(name, NameFrom::Form))
}
