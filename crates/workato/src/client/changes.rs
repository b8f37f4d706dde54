//! The changes: what each of them sends. Every change returns an answer, whatever happens. Each takes a permit of its
//! class, waits in the queue, and then takes [`ClientOptions::timeout`](super::ClientOptions) at most. How changes are
//! sent is in `change_call`.

use std::sync::atomic::Ordering;

use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::time::timeout_at;

use super::change_call::Deadlines;
use super::client::Client;
use super::credentials::Credentials;
use super::limiter::Permit;
use super::parse;
use super::transport::Answer;
use super::verdict::{self, Success};
use crate::{
    ApiClientId, Call, CallOutcome, ChangeAnswer, ConnectionDraft, ConnectionId, ConnectionUpdate, ConnectorDraft,
    ConnectorId, ConnectorVersion, CustomerRef, Force, RecipeId, TagAssignment, reply,
};

/// The two spellings of a share's path in Workato's API reference. The first one is used more often there.
const SHARE_PATHS: [&str; 2] = ["share_oem_version", "oem_share"];

impl Client {
    /// Shares a released version of a connector with embedded customers: `POST
    /// /api/custom_connectors/:id/share_oem_version/:version` (Workato API reference, Custom connectors). The same call
    /// creates a share, updates it, and rolls it back.
    ///
    /// The reference has two spellings of the path. If one answers 404 and a read shows that the connector exists, the
    /// client sends the other one, `oem_share/:version`, within the same deadlines: a 404 changed nothing. The client
    /// remembers which one worked for the next share.
    pub async fn share(&self, permit: Permit, connector: ConnectorId, version: ConnectorVersion) -> ChangeAnswer {
        let mut deadlines = match self.start_change(permit, Call::Share).await {
            Ok(deadlines) => deadlines,
            Err(refused) => return refused,
        };
        let (id, version) = (connector.to_string(), version.to_string());
        let remembered = &self.inner.uses_second_share_path;
        let in_usual_order = !remembered.load(Ordering::Relaxed);
        let [first, second] = if in_usual_order { SHARE_PATHS } else { [SHARE_PATHS[1], SHARE_PATHS[0]] };
        let path = |spelling| ["custom_connectors", &id, spelling, &version];
        let first = self.change(Call::Share, path(first), None, &mut deadlines).await;
        let is_unknown_path = matches!(&first, Ok(Answer { status: 404, .. }));
        let first = self.verdict(Call::Share, first, Success::Flag, None).await;
        if !is_unknown_path || !self.connector_exists(connector, &deadlines).await {
            return first;
        }
        // If the queue is too long for a second try, the first answer stands: nothing was changed.
        if !self.queue_again(Call::Share, deadlines.answer_by).await {
            return first;
        }
        match self.change(Call::Share, path(second), None, &mut deadlines).await {
            Ok(Answer { status: 404, .. }) => first,
            second => {
                let answer = self.verdict(Call::Share, second, Success::Flag, None).await;
                if answer.outcome == CallOutcome::Succeeded {
                    remembered.store(in_usual_order, Ordering::Relaxed);
                }
                answer
            }
        }
    }

    /// Suppresses a connector: embedded customers no longer receive any version of it, and their recipes with it stop
    /// working. The connector itself stays. `DELETE /api/custom_connectors/:id/suppress_oem_version` (Workato API
    /// reference, Custom connectors).
    pub async fn suppress(&self, permit: Permit, connector: ConnectorId) -> ChangeAnswer {
        let path = ["custom_connectors", &connector.to_string(), "suppress_oem_version"];
        self.send_change(permit, Call::Suppress, path, None, Success::Flag, None).await
    }

    /// Creates a connector whose first version is a draft with this code: `POST /api/custom_connectors` (Workato API
    /// reference, Custom connectors). No document shows the answer but that it has the connector's id; without one, the
    /// outcome is not known.
    pub async fn create_connector(&self, permit: Permit, draft: &ConnectorDraft, code: &str) -> ChangeAnswer {
        let body = with_code(draft, code);
        let path = ["custom_connectors"];
        self.send_change(permit, Call::CreateConnector, path, Some(body), Success::NewConnector, None).await
    }

    /// Writes a connector's draft: `PUT /api/custom_connectors/:id` (Workato API reference, Custom connectors). No document
    /// shows the answer.
    pub async fn update_connector(
        &self,
        permit: Permit,
        connector: ConnectorId,
        note: Option<&str>,
        code: &str,
    ) -> ChangeAnswer {
        let body = with_code(&json!({ "note": note }), code);
        let path = ["custom_connectors", &connector.to_string()];
        self.send_change(permit, Call::UpdateConnector, path, Some(body), Success::NoError, None).await
    }

    /// Releases a connector's draft as its next version: `POST /api/custom_connectors/:id/release` (Workato API reference,
    /// Custom connectors). No document shows the answer; a read of the connector tells which version it became. The
    /// workspace's own recipes use it at once.
    pub async fn release_connector(&self, permit: Permit, connector: ConnectorId) -> ChangeAnswer {
        let path = ["custom_connectors", &connector.to_string(), "release"];
        self.send_change(permit, Call::ReleaseConnector, path, None, Success::NoError, None).await
    }

    /// Creates a connection: `POST /api/connections` (Workato API reference, Create a connection). With credentials,
    /// Workato tests and establishes it, unless the draft is a shell. [`ChangeAnswer::status`] then has the result of
    /// the test; the connection is created even if the test fails.
    pub async fn create_connection(
        &self,
        permit: Permit,
        draft: &ConnectionDraft,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        let body = body(draft, credentials);
        self.send_change(
            permit,
            Call::CreateConnection,
            ["connections"],
            Some(body),
            Success::Connection(None),
            credentials,
        )
        .await
    }

    /// Updates a connection: `PUT /api/connections/:id` (Workato API reference, Update a connection). Only the fields
    /// of the update are sent. Without credentials, Workato does not authenticate again.
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
        self.send_change(permit, Call::UpdateConnection, path, body, success, credentials).await
    }

    /// Disconnects a connection: `POST /api/connections/:id/disconnect` (Workato API reference, Disconnect a
    /// connection). Without `force`, Workato rejects it if active recipes use the connection. It succeeds if the
    /// connection is disconnected already.
    pub async fn disconnect(&self, permit: Permit, connection: ConnectionId, force: Force) -> ChangeAnswer {
        let path = ["connections", &connection.to_string(), "disconnect"];
        let body = match force {
            Force::No => None,
            Force::Yes => Some(json!({ "force": true })),
        };
        self.send_change(permit, Call::Disconnect, path, body, Success::Flag, None).await
    }

    /// Deletes a connection, whether it is connected or not. Workato rejects it if active recipes or audit log
    /// streaming use the connection. `DELETE /api/connections/:id` (Workato API reference, Connections).
    pub async fn delete_connection(&self, permit: Permit, connection: ConnectionId) -> ChangeAnswer {
        let path = ["connections", &connection.to_string()];
        self.send_change(permit, Call::DeleteConnection, path, None, Success::Flag, None).await
    }

    /// Adds tags to a connection and removes others: `POST /api/tags_assignments` (Workato API reference, Tag
    /// assignments), which answers 200 without a body.
    pub async fn assign_tags(&self, permit: Permit, connection: ConnectionId, tags: &TagAssignment) -> ChangeAnswer {
        let mut body = body(tags, None);
        body["connection_ids"] = json!([connection]);
        self.send_change(permit, Call::AssignTags, ["tags_assignments"], Some(body), Success::NoError, None).await
    }

    /// Shares a recipe with an embedded customer: `POST /api/managed_users/:managed_user_id/recipes/:recipe_id/share`
    /// (Workato API reference, Custom connectors). Workato rejects it if one of the recipe's connectors is not shared.
    pub async fn share_recipe(&self, permit: Permit, customer: &CustomerRef, recipe: RecipeId) -> ChangeAnswer {
        let path = ["managed_users", &customer.to_string(), "recipes", &recipe.to_string(), "share"];
        self.send_change(permit, Call::ShareRecipe, path, None, Success::Flag, None).await
    }

    /// Gives an API client a new token, and returns it: `POST /api/developer_api_clients/:id/regenerate` (Workato API
    /// reference, Developer API clients). The client's old token ends at once. If the answer is lost, so is the new token.
    pub async fn regenerate_token(&self, permit: Permit, client: ApiClientId) -> (ChangeAnswer, Option<SecretString>) {
        let call = Call::RegenerateToken;
        let mut deadlines = match self.start_change(permit, call).await {
            Ok(deadlines) => deadlines,
            Err(refused) => return (refused, None),
        };
        let path = ["developer_api_clients", &client.to_string(), "regenerate"];
        match self.change(call, path, None, &mut deadlines).await {
            Ok(answer) => {
                let answer = verdict::Parsed::from(answer).await;
                let denial = || self.inner.successes.explain_denial(call);
                (verdict::of_answer(&answer, Success::Token, None, denial), answer.token())
            }
            Err(no_answer) => (verdict::without_answer(&no_answer), None),
        }
    }

    /// Waits in the queue, sends the change, and returns its outcome.
    async fn send_change<const N: usize>(
        &self,
        permit: Permit,
        call: Call,
        path: [&str; N],
        body: Option<Value>,
        success: Success,
        credentials: Option<&Credentials>,
    ) -> ChangeAnswer {
        let mut deadlines = match self.start_change(permit, call).await {
            Ok(deadlines) => deadlines,
            Err(refused) => return refused,
        };
        let response = self.change(call, path, body, &mut deadlines).await;
        self.verdict(call, response, success, credentials).await
    }

    async fn connector_exists(&self, connector: ConnectorId, deadlines: &Deadlines) -> bool {
        let client = self.before_a_change();
        let read = client.get(Call::Connector, self.url(&["custom_connectors", &connector.to_string()]));
        match timeout_at(deadlines.answer_by, read).await {
            Ok(Ok(body)) => {
                let found = parse::reply(Call::Connector, body, move |body| reply::connector(body, connector)).await;
                matches!(found, Ok(Some(_)))
            }
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

/// The body of a change of a connector's code. Fields without a value are left out.
fn with_code(plain: &impl Serialize, code: &str) -> Value {
    let mut body = body(plain, None);
    if let Some(body) = body.as_object_mut() {
        body.retain(|_, value| !value.is_null());
        body.insert("code".to_owned(), code.into());
    }
    body
}

/// The body of a change, with the credentials if there are any.
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
