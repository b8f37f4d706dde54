//! The calls that change something. Each is sent once, and each gets an answer whatever happens to it.
//! All of them are given a permit of their call's class, wait for its turn, and then take at most
//! [`ClientOptions::timeout`](super::ClientOptions::timeout).

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use super::transport::{Answer, NoAnswer};
use super::verdict::{self, Success};
use super::{Client, Credentials, Permit};
use crate::{
    Call, CallOutcome, ChangeAnswer, ConnectionDraft, ConnectionId, ConnectionUpdate, ConnectorId, ConnectorVersion,
    CustomerRef, Force, RecipeId, TagAssignment, reply,
};

/// The two spellings that Workato's reference gives the path of a share. The first is the usual one.
const SHARE_PATHS: [&str; 2] = ["share_oem_version", "oem_share"];

impl Client {
    /// Shares this released version of a connector with embedded customers: `POST
    /// /api/custom_connectors/:id/share_oem_version/:version` (Workato API reference, Custom connectors). Creating a
    /// share, updating it and rolling back are this one call.
    ///
    /// Workato's reference spells the path in two ways. When one answers 404 and a read shows the connector to exist,
    /// the other, `oem_share/:version`, is sent within the same time: a 404 changed nothing. Which one worked is
    /// remembered for the next share.
    pub async fn share(&self, permit: Permit, connector: ConnectorId, version: ConnectorVersion) -> ChangeAnswer {
        let deadline = match self.turn(permit, Call::Share).await {
            Ok(deadline) => deadline,
            Err(refused) => return refused,
        };
        let (id, version) = (connector.to_string(), version.to_string());
        let remembered = &self.inner.shares_by_other_path;
        let usual_first = !remembered.load(Ordering::Relaxed);
        let [first, second] = if usual_first { SHARE_PATHS } else { [SHARE_PATHS[1], SHARE_PATHS[0]] };
        let send = |path| self.change(Call::Share, ["custom_connectors", &id, path, &version], None, deadline);
        let first = send(first).await;
        if !matches!(&first, Ok(Answer { status: 404, .. })) {
            return verdict::of(first, Success::Flag, None);
        }
        let first = verdict::of(first, Success::Flag, None);
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
        match send(second).await {
            Ok(Answer { status: 404, .. }) => first,
            second => {
                let answer = verdict::of(second, Success::Flag, None);
                if answer.outcome == CallOutcome::Succeeded {
                    remembered.store(usual_first, Ordering::Relaxed);
                }
                answer
            }
        }
    }

    /// Suppresses a connector: embedded customers no longer receive any version of it, and their recipes that use it
    /// break. The connector stays. `DELETE /api/custom_connectors/:id/suppress_oem_version` (Workato API reference,
    /// Custom connectors).
    pub async fn suppress(&self, permit: Permit, connector: ConnectorId) -> ChangeAnswer {
        let path = ["custom_connectors", &connector.to_string(), "suppress_oem_version"];
        self.once(permit, Call::Suppress, path, None, Success::Flag, None).await
    }

    /// Creates a connection: `POST /api/connections` (Workato API reference, Create a connection). With credentials
    /// Workato tests and establishes it, unless the draft is a shell; [`ChangeAnswer::status`] then says how that went,
    /// and a connection that could not be authorised was created all the same.
    pub async fn create_connection(
        &self,
        permit: Permit,
        draft: &ConnectionDraft,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        let body = body(draft, credentials);
        self.once(permit, Call::CreateConnection, ["connections"], Some(body), Success::Connection(None), credentials)
            .await
    }

    /// Updates a connection: `PUT /api/connections/:id` (Workato API reference, Update a connection). Only what the
    /// update holds is sent, and without credentials nothing is authenticated anew.
    pub async fn update_connection(
        &self,
        permit: Permit,
        connection: ConnectionId,
        update: &ConnectionUpdate,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        let path = ["connections", &connection.to_string()];
        let body = Some(body(update, credentials));
        let success = Success::Connection(Some(connection));
        self.once(permit, Call::UpdateConnection, path, body, success, credentials).await
    }

    /// Disconnects a connection: `POST /api/connections/:id/disconnect` (Workato API reference, Disconnect a
    /// connection). Without `force` Workato rejects it for one that active recipes use. What is disconnected already
    /// succeeds.
    pub async fn disconnect(&self, permit: Permit, connection: ConnectionId, force: Force) -> ChangeAnswer {
        let path = ["connections", &connection.to_string(), "disconnect"];
        let body = match force {
            Force::No => None,
            Force::Yes => Some(json!({ "force": true })),
        };
        self.once(permit, Call::Disconnect, path, body, Success::Flag, None).await
    }

    /// Deletes a connection for good, connected or not. Workato rejects it for one that active recipes or audit-log
    /// streaming use. `DELETE /api/connections/:id` (Workato API reference, Connections).
    pub async fn delete_connection(&self, permit: Permit, connection: ConnectionId) -> ChangeAnswer {
        let path = ["connections", &connection.to_string()];
        self.once(permit, Call::DeleteConnection, path, None, Success::Flag, None).await
    }

    /// Adds tags to a connection and removes others: `POST /api/tags_assignments` (Workato API reference, Tag
    /// assignments), which answers 200 without a body.
    pub async fn assign_tags(&self, permit: Permit, connection: ConnectionId, tags: &TagAssignment) -> ChangeAnswer {
        let mut body = body(tags, None);
        body["connection_ids"] = json!([connection]);
        self.once(permit, Call::AssignTags, ["tags_assignments"], Some(body), Success::Silence, None).await
    }

    /// Shares a recipe with an embedded customer: `POST /api/managed_users/:managed_user_id/recipes/:recipe_id/share`
    /// (Workato API reference, Custom connectors). Workato rejects it while a connector of the recipe is not shared.
    pub async fn share_recipe(&self, permit: Permit, customer: &CustomerRef, recipe: RecipeId) -> ChangeAnswer {
        let path = ["managed_users", &customer.to_string(), "recipes", &recipe.to_string(), "share"];
        self.once(permit, Call::ShareRecipe, path, None, Success::Flag, None).await
    }

    /// Waits for the turn, sends the change, and says what became of it.
    async fn once<const N: usize>(
        &self,
        permit: Permit,
        call: Call,
        path: [&str; N],
        body: Option<Value>,
        success: Success,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        match self.turn(permit, call).await {
            Ok(deadline) => verdict::of(self.change(call, path, body, deadline).await, success, credentials),
            Err(refused) => refused,
        }
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

    async fn change<const N: usize>(
        &self,
        call: Call,
        path: [&str; N],
        body: Option<Value>,
        deadline: Instant,
    ) -> Result<Answer, NoAnswer> {
        let method = match call.method() {
            "DELETE" => Method::DELETE,
            "PUT" => Method::PUT,
            _ => Method::POST,
        };
        let body = body.map(|body| body.to_string().into_bytes());
        let came_back = self.inner.transport.change(method, self.url(&path), body, deadline).await;
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

/// The body of a change: what it says, and the credentials where there are some.
fn body(plain: &impl Serialize, credentials: Option<&Credentials>) -> Value {
    let mut body = match serde_json::to_value(plain) {
        Ok(Value::Object(body)) => body,
        _ => Map::new(),
    };
    if let Some(credentials) = credentials {
        credentials.put_into(&mut body);
    }
    Value::Object(body)
}
