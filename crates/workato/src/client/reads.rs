//! The calls that read. Each is sent once; what failed is told, and trying again is the caller's choice.

use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::transport::{Answer, Body, NoAnswer};
use super::{Client, QueueFull, ReadError, words};
use crate::{
    Call, Connection, ConnectionQuery, Connector, ConnectorId, ConnectorQuery, CustomerRef, Project, ReplyError,
    Workspace, reply,
};

const NO_WORDS: &str = "it gave no reason";

impl Client {
    /// The workspace that the token belongs to: `GET /api/users/me`, the usual test of a token.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn workspace(&self) -> Result<Workspace, ReadError> {
        let body = self.get(Call::Workspace, self.url(&["users", "me"])).await?;
        read(Call::Workspace, reply::workspace(&body))
    }

    /// The connections that match, all in one answer: `GET /api/connections` has no pages (Workato API reference,
    /// List connections).
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn connections(&self, query: &ConnectionQuery) -> Result<Vec<Connection>, ReadError> {
        let mut url = self.url(&["connections"]);
        add_parameters(&mut url, query.parameters());
        let body = self.get(Call::Connections, url).await?;
        read(Call::Connections, reply::connections(&body))
    }

    /// The custom connectors that match: `GET /api/custom_connectors` (Workato API reference, Search custom
    /// connectors).
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn connectors(&self, query: &ConnectorQuery) -> Result<Vec<Connector>, ReadError> {
        let mut url = self.url(&["custom_connectors"]);
        add_parameters(&mut url, query.parameters());
        let body = self.get(Call::Connectors, url).await?;
        read(Call::Connectors, reply::connectors(&body))
    }

    /// One custom connector: `GET /api/custom_connectors/:id` (Workato API reference, Get custom connector by ID).
    ///
    /// # Errors
    /// [`ReadError::NotFound`] when there is none with this id; else see [`ReadError`].
    pub async fn connector(&self, id: ConnectorId) -> Result<Connector, ReadError> {
        let body = self.get(Call::Connector, self.url(&["custom_connectors", &id.to_string()])).await?;
        read(Call::Connector, reply::connector(&body, id))?.ok_or_else(|| ReadError::NotFound {
            call: Call::Connector,
            message: format!("the answer holds no connector {id}"),
        })
    }

    /// A custom connector's current code, released or not: `GET /api/custom_connectors/:id/code`. A token's role may
    /// lack the privilege.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn connector_code(&self, id: ConnectorId) -> Result<String, ReadError> {
        let body = self.get(Call::ConnectorCode, self.url(&["custom_connectors", &id.to_string(), "code"])).await?;
        read(Call::ConnectorCode, reply::connector_code(&body))
    }

    /// An embedded customer's connections that match, all in one answer: `GET /api/managed_users/:id/connections`
    /// (Workato API reference, Managed users).
    ///
    /// # Errors
    /// [`ReadError::NotFound`] when there is no such customer; else see [`ReadError`].
    pub async fn customer_connections(
        &self,
        customer: &CustomerRef,
        query: &ConnectionQuery,
    ) -> Result<Vec<Connection>, ReadError> {
        let mut url = self.url(&["managed_users", &customer.to_string(), "connections"]);
        add_parameters(&mut url, query.parameters());
        let body = self.get(Call::CustomerConnections, url).await?;
        read(Call::CustomerConnections, reply::connections(&body))
    }

    /// The projects of the workspace: `GET /api/projects`.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn projects(&self) -> Result<Vec<Project>, ReadError> {
        let body = self.get(Call::Projects, self.url(&["projects"])).await?;
        read(Call::Projects, reply::projects(&body))
    }

    /// The URL of a path below `/api`.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        self.base_url().path(&[&["api"], path].concat())
    }

    /// Waits for a turn, sends the request, and gives the body of a 2xx.
    pub(super) async fn get(&self, call: Call, url: Url) -> Result<Vec<u8>, ReadError> {
        let queue_full = |full: QueueFull| ReadError::QueueFull { call, wait: full.wait };
        let permit = self.reserve(call.class()).map_err(queue_full)?;
        permit.spend().await.map_err(queue_full)?;
        let transport = &self.inner.transport;
        let timed_out = ReadError::TimedOut { call, after: transport.timeout() };
        let answer = match transport.read(url, Instant::now() + transport.timeout()).await {
            Ok(answer) => answer,
            Err(NoAnswer::TimedOut) => return Err(timed_out),
            Err(NoAnswer::Unreachable(source) | NoAnswer::Reset(source)) => {
                return Err(ReadError::Unreachable { call, source });
            }
        };
        if answer.status == 429 {
            self.inner.limiters.rest(call.class(), answer.retry_after);
        }
        if !(200..=299).contains(&answer.status) {
            return Err(refusal(call, &answer));
        }
        match answer.body {
            Body::Whole(body) => Ok(body),
            Body::Cut(source) => Err(ReadError::Unreachable { call, source }),
            Body::TimedOut => Err(timed_out),
            Body::TooLong => Err(ReadError::TooLarge { call, limit: transport.longest_answer() }),
        }
    }
}

pub(super) fn read<T>(call: Call, reply: Result<T, ReplyError>) -> Result<T, ReadError> {
    reply.map_err(|why| ReadError::Unreadable { call, why })
}

pub(super) fn add_parameters(url: &mut Url, parameters: Vec<(&'static str, String)>) {
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
}

fn refusal(call: Call, answer: &Answer) -> ReadError {
    let status = answer.status;
    let message = message_of(&answer.body);
    match status {
        401 | 403 => ReadError::Denied { call, status, message },
        404 => ReadError::NotFound { call, message },
        429 => ReadError::RateLimited { call, retry_after: answer.retry_after },
        400..=499 => ReadError::Refused { call, status, message },
        _ => ReadError::Broken { call, status, message },
    }
}

/// Workato's words without a final full stop, since they stand inside a sentence. A body that is not JSON is a
/// proxy's page, which is not shown.
fn message_of(body: &Body) -> String {
    let Body::Whole(bytes) = body else {
        return NO_WORDS.to_owned();
    };
    let words = serde_json::from_slice::<Value>(bytes)
        .ok()
        .as_ref()
        .and_then(words::of_answer)
        .and_then(|words| words::tidy(&words));
    words.map_or_else(|| NO_WORDS.to_owned(), |words| words.trim_end_matches('.').to_owned())
}
