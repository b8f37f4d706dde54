//! The calls that change something, and what each of them sends. Each gets an answer whatever happens to it.
//! All of them are given a permit of their call's class, wait for its turn, and then take at most
//! [`ClientOptions::timeout`](super::ClientOptions::timeout). How they are sent is in `send`.

use std::sync::atomic::Ordering;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::timeout_at;

use super::send::Times;
use super::transport::Answer;
use super::verdict::Success;
use super::client::Client;
use super::credentials::Credentials;
use super::limiter::Permit;
use super::parse;
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
        let mut times = match self.turn(permit, Call::Share).await {
            Ok(times) => times,
            Err(refused) => return refused,
        };
        let (id, version) = (connector.to_string(), version.to_string());
        let remembered = &self.inner.shares_by_other_path;
        let usual_first = !remembered.load(Ordering::Relaxed);
        let [first, second] = if usual_first { SHARE_PATHS } else { [SHARE_PATHS[1], SHARE_PATHS[0]] };
        let path = |spelling| ["custom_connectors", &id, spelling, &version];
        let first = self.change(Call::Share, path(first), None, &mut times).await;
        let is_unknown_path = matches!(&first, Ok(Answer { status: 404, .. }));
        let first = self.verdict(Call::Share, first, Success::Flag, None).await;
        if !is_unknown_path || !self.is_there(connector, &times).await {
            return first;
        }
        // Turns that do not come in time leave it at the first answer, which is true: nothing was changed.
        if !self.turn_until(Call::Share, times.end_by).await {
            return first;
        }
        match self.change(Call::Share, path(second), None, &mut times).await {
            Ok(Answer { status: 404, .. }) => first,
            second => {
                let answer = self.verdict(Call::Share, second, Success::Flag, None).await;
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
        let mut times = match self.turn(permit, call).await {
            Ok(times) => times,
            Err(refused) => return refused,
        };
        let came_back = self.change(call, path, body, &mut times).await;
        self.verdict(call, came_back, success, credentials).await
    }

    async fn is_there(&self, connector: ConnectorId, times: &Times) -> bool {
        let read = self.get(Call::Connector, self.url(&["custom_connectors", &connector.to_string()]));
        match timeout_at(times.end_by, read).await {
            Ok(Ok(body)) => {
                let found = parse::reply(Call::Connector, body, move |body| reply::connector(body, connector)).await;
                matches!(found, Ok(Some(_)))
            }
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
