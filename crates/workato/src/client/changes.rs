//! The calls that change something. Each is sent once, and each gets an answer whatever happens to it.

use reqwest::Method;
use tokio::time::{Instant, timeout_at};

use super::transport::{Answer, NoAnswer};
use super::{Client, Permit, verdict};
use crate::{Call, ChangeAnswer, ConnectionId, ConnectorId, ConnectorVersion, reply};

impl Client {
    /// Shares this released version of a connector with embedded customers: `POST
    /// /api/custom_connectors/:id/share_oem_version/:version` (Workato API reference, Custom connectors). Creating a
    /// share, updating it and rolling back are this one call.
    ///
    /// The permit is of [`Call::Share`]'s class. Waits for the permit's turn, then takes at most
    /// [`ClientOptions::timeout`](super::ClientOptions::timeout).
    ///
    /// Workato's reference spells the path in two ways. When the first answers 404 and a read shows the connector to
    /// exist, the second, `oem_share/:version`, is sent within the same time: a 404 changed nothing.
    pub async fn share(&self, permit: Permit, connector: ConnectorId, version: ConnectorVersion) -> ChangeAnswer {
        let deadline = match self.turn(permit, Call::Share).await {
            Ok(deadline) => deadline,
            Err(refused) => return refused,
        };
        let (id, version) = (connector.to_string(), version.to_string());
        let first =
            self.change(Call::Share, &["custom_connectors", &id, "share_oem_version", &version], deadline).await;
        if !matches!(&first, Ok(Answer { status: 404, .. })) {
            return verdict::of(first);
        }
        let first = verdict::of(first);
        if !self.is_there(connector, deadline).await {
            return first;
        }
        // Turns that do not come in time leave it at the first answer, which is true: nothing was changed.
        let Ok(permit) = self.reserve(Call::Share.class()) else {
            return first;
        };
        if !matches!(timeout_at(deadline, permit.spend()).await, Ok(Ok(_))) {
            return first;
        }
        match self.change(Call::Share, &["custom_connectors", &id, "oem_share", &version], deadline).await {
            Ok(Answer { status: 404, .. }) => first,
            second => verdict::of(second),
        }
    }

    /// Suppresses a connector: embedded customers no longer receive any version of it, and their recipes that use it
    /// break. The connector stays. `DELETE /api/custom_connectors/:id/suppress_oem_version` (Workato API reference,
    /// Custom connectors).
    ///
    /// The permit is of [`Call::Suppress`]'s class. Waits for the permit's turn, then takes at most
    /// [`ClientOptions::timeout`](super::ClientOptions::timeout).
    pub async fn suppress(&self, permit: Permit, connector: ConnectorId) -> ChangeAnswer {
        let deadline = match self.turn(permit, Call::Suppress).await {
            Ok(deadline) => deadline,
            Err(refused) => return refused,
        };
        let id = connector.to_string();
        verdict::of(self.change(Call::Suppress, &["custom_connectors", &id, "suppress_oem_version"], deadline).await)
    }

    /// Deletes a connection for good, connected or not. Workato rejects it for one that active recipes or audit-log
    /// streaming use. `DELETE /api/connections/:id` (Workato API reference, Connections).
    ///
    /// The permit is of [`Call::DeleteConnection`]'s class. Waits for the permit's turn, then takes at most
    /// [`ClientOptions::timeout`](super::ClientOptions::timeout).
    pub async fn delete_connection(&self, permit: Permit, connection: ConnectionId) -> ChangeAnswer {
        let deadline = match self.turn(permit, Call::DeleteConnection).await {
            Ok(deadline) => deadline,
            Err(refused) => return refused,
        };
        let id = connection.to_string();
        verdict::of(self.change(Call::DeleteConnection, &["connections", &id], deadline).await)
    }

    /// Waits for the turn and says until when the call may take.
    async fn turn(&self, permit: Permit, call: Call) -> Result<Instant, ChangeAnswer> {
        let permit = if permit.is_for(&self.inner.limiters, call.class()) {
            permit
        } else {
            // A permit of another queue says nothing about this one's limit.
            tracing::error!(%call, permit = ?permit.class(), "a change was given a permit of another queue");
            self.reserve(call.class()).map_err(verdict::queue_full)?
        };
        permit.spend().await.map_err(verdict::queue_full)?;
        Ok(Instant::now() + self.inner.transport.timeout())
    }

    async fn change(&self, call: Call, path: &[&str], deadline: Instant) -> Result<Answer, NoAnswer> {
        let method = if call.method() == "DELETE" { Method::DELETE } else { Method::POST };
        let url = self.url(path);
        let came_back = self.inner.transport.change(method, url, deadline).await;
        if let Ok(Answer { status: 429, retry_after, .. }) = &came_back {
            self.inner.limiters.rest(call.class(), *retry_after);
        }
        came_back
    }

    async fn is_there(&self, connector: ConnectorId, deadline: Instant) -> bool {
        let read = self.get(Call::Connector, self.url(&["custom_connectors", &connector.to_string()]));
        match timeout_at(deadline, read).await {
            Ok(Ok(body)) => matches!(reply::connector(&body, connector), Ok(Some(_))),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}
