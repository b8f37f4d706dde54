//! The state before a change, as read from Workato just before it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::Change;
use crate::{Error, Portal, TeamOperator, audit::Target, connections, connectors};

/// How long `perform` waits for the state before. Without it, the change is sent all the same.
const PATIENCE: Duration = Duration::from_secs(10);

/// The target as it was before the change.
#[derive(Default)]
pub(super) struct Before {
    pub name: Option<String>,
    pub state: Option<Value>,
    /// The second target, if Workato knows more about it than the request says.
    pub second_target: Option<Target>,
}

impl Before {
    fn found((name, state): (Option<String>, Value)) -> Self {
        Self { name, state: Some(state), second_target: None }
    }

    /// Whether Workato had the target.
    pub fn was_found(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.get("found") == Some(&Value::Bool(true)))
    }

    /// The version that was shared, if the target was found.
    pub fn shared_version(&self) -> Option<Option<i64>> {
        let state = self.state.as_ref().filter(|_| self.was_found())?;
        Some(state.get("shared_version").and_then(Value::as_i64))
    }
}

impl Portal {
    /// The target as it is now, if Workato answers in time.
    pub(super) async fn state_before(&self, operator: &TeamOperator, change: &Change) -> Before {
        let reader = operator.reader();
        let read = async {
            match change {
                Change::ShareConnector { connector, .. } | Change::SuppressConnector { connector } => {
                    let found = self.connector_now(&reader, *connector).await?;
                    Ok(Before::found(connectors::before(&found.items)))
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
        match timeout(PATIENCE, read).await {
            Ok(Ok(before)) => before,
            Ok(Err(Error::NotFound)) => Before { state: Some(json!({ "found": false })), ..Before::default() },
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot read the state before a change");
                Before::default()
            }
            Err(_) => Before::default(),
        }
    }
}
