//! The reads that take one call: what each sends and how its answer is parsed. How reads are sent is in `read_call`.

use url::Url;

use super::client::Client;
use super::error::ReadError;
use super::parse;
use crate::{
    ApiClient, Call, Connection, ConnectionQuery, Connector, ConnectorId, ConnectorQuery, CustomerRef, List, Workspace,
    reply,
};

impl Client {
    /// Reads the workspace of the token: `GET /api/users/me` (Workato API reference, Workspace details).
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Denied`] if the token is not valid.
    pub async fn workspace(&self) -> Result<Workspace, ReadError> {
        let body = self.get(Call::Workspace, self.url(&["users", "me"])).await?;
        parse::reply(Call::Workspace, body, reply::workspace).await
    }

    /// Lists connections: `GET /api/connections`, which has no pages (Workato API reference, List connections).
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn connections(&self, query: &ConnectionQuery) -> Result<List<Connection>, ReadError> {
        let mut url = self.url(&["connections"]);
        add_parameters(&mut url, query.parameters());
        let body = self.get(Call::Connections, url).await?;
        parse::reply(Call::Connections, body, reply::connections).await
    }

    /// Lists custom connectors: `GET /api/custom_connectors` (Workato API reference, Search custom connectors).
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn connectors(&self, query: &ConnectorQuery) -> Result<List<Connector>, ReadError> {
        let mut url = self.url(&["custom_connectors"]);
        add_parameters(&mut url, query.parameters());
        let body = self.get(Call::Connectors, url).await?;
        parse::reply(Call::Connectors, body, reply::connectors).await
    }

    /// Reads a custom connector: `GET /api/custom_connectors/:id` (Workato API reference, Get custom connector by ID).
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if there is no connector with this id; otherwise see [`ReadError`].
    pub async fn connector(&self, id: ConnectorId) -> Result<Connector, ReadError> {
        let body = self.get(Call::Connector, self.url(&["custom_connectors", &id.to_string()])).await?;
        parse::reply(Call::Connector, body, move |body| reply::connector(body, id))
            .await?
            .ok_or(ReadError::NotFound { call: Call::Connector, said: None })
    }

    /// Reads a custom connector's current source code, released or not: `GET /api/custom_connectors/:id/code` (Workato
    /// API reference, Get custom connector code).
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Denied`] if the token's role lacks the privilege.
    pub async fn connector_code(&self, id: ConnectorId) -> Result<String, ReadError> {
        let body = self.get(Call::ConnectorCode, self.url(&["custom_connectors", &id.to_string(), "code"])).await?;
        parse::reply(Call::ConnectorCode, body, reply::connector_code).await
    }

    /// Lists the workspace's API clients: `GET /api/developer_api_clients` (Workato API reference, Developer API clients).
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Denied`] if the token's role lacks the privilege.
    pub async fn api_clients(&self) -> Result<List<ApiClient>, ReadError> {
        let body = self.get(Call::ApiClients, self.url(&["developer_api_clients"])).await?;
        parse::reply(Call::ApiClients, body, reply::api_clients).await
    }

    /// Lists an embedded customer's connections: `GET /api/managed_users/:id/connections`, which has no pages (Workato
    /// Embedded API reference, Managed users).
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if there is no such customer; otherwise see [`ReadError`].
    pub async fn customer_connections(
        &self,
        customer: &CustomerRef,
        query: &ConnectionQuery,
    ) -> Result<List<Connection>, ReadError> {
        let mut url = self.url(&["managed_users", &customer.to_string(), "connections"]);
        add_parameters(&mut url, query.parameters());
        let body = self.get(Call::CustomerConnections, url).await?;
        parse::reply(Call::CustomerConnections, body, reply::connections).await
    }

    /// The URL of a path below `/api`.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        self.base_url().path(&[&["api"], path].concat())
    }
}

pub(super) fn add_parameters(url: &mut Url, parameters: Vec<(&'static str, String)>) {
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
}
