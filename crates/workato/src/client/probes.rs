//! The smallest reads of each kind, for finding out which calls a token may make. What they list is of no interest.

use time::OffsetDateTime;

use super::client::Client;
use super::error::ReadError;
use super::parse;
use super::reads::add_parameters;
use crate::{
    ActivityQuery, Call, ConnectionQuery, ConnectorId, Customer, CustomerRef, List, ReplyError, UpdatedAfter, reply,
};

/// What a probe reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// The connections that were updated in the last second.
    Connections,
    /// One folder.
    Folders,
    /// One tag.
    Tags,
    /// One recipe.
    Recipes,
    /// What happened in the last second.
    ActivityLog,
    /// The API clients, which have no pages.
    ApiClients,
    /// The code of this connector.
    ConnectorCode(ConnectorId),
    /// This customer's connections that were updated in the last second.
    CustomerConnections(CustomerRef),
    /// One recipe of this customer.
    CustomerRecipes(CustomerRef),
}

impl Probe {
    /// The call that it makes.
    #[must_use]
    pub const fn call(&self) -> Call {
        match self {
            Self::Connections => Call::Connections,
            Self::Folders => Call::Folders,
            Self::Tags => Call::Tags,
            Self::Recipes => Call::Recipes,
            Self::ActivityLog => Call::ActivityLog,
            Self::ApiClients => Call::ApiClients,
            Self::ConnectorCode(_) => Call::ConnectorCode,
            Self::CustomerConnections(_) => Call::CustomerConnections,
            Self::CustomerRecipes(_) => Call::CustomerRecipes,
        }
    }
}

impl Client {
    /// Makes one call and checks that the answer is what this call answers with.
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Denied`] if the token may not make the call.
    pub async fn probe(&self, probe: &Probe) -> Result<(), ReadError> {
        let call = probe.call();
        let recent = || ConnectionQuery {
            updated_after: Some(UpdatedAfter::new(OffsetDateTime::now_utc())),
            tags: false,
            ..ConnectionQuery::default()
        };
        match probe {
            Probe::Connections => self.connections(&recent()).await.map(drop),
            Probe::Folders => self.first_of(call, &["folders"], 1, reply::folders).await.map(drop),
            Probe::Tags => self.first_of(call, &["tags"], 1, reply::tags).await.map(drop),
            Probe::Recipes => self.first_of(call, &["recipes"], 1, reply::recipes).await.map(drop),
            Probe::ActivityLog => {
                let now = OffsetDateTime::now_utc();
                self.activity(ActivityQuery { from: now, to: now }).await.map(drop)
            }
            Probe::ApiClients => self.api_clients().await.map(drop),
            Probe::ConnectorCode(id) => self.connector_code(*id).await.map(drop),
            Probe::CustomerConnections(customer) => self.customer_connections(customer, &recent()).await.map(drop),
            Probe::CustomerRecipes(customer) => {
                let customer = customer.to_string();
                let path = ["managed_users", &customer, "recipes"];
                self.first_of(call, &path, 1, reply::customer_recipes).await.map(drop)
            }
        }
    }

    /// The first customers, at most this many if Workato keeps to the page's size.
    ///
    /// # Errors
    /// As [`Client::probe`].
    pub async fn some_customers(&self, most: usize) -> Result<List<Customer>, ReadError> {
        self.first_of(Call::Customers, &["managed_users"], most, reply::customers).await
    }

    async fn first_of<T: Send + 'static>(
        &self,
        call: Call,
        path: &[&str],
        most: usize,
        parser: fn(&[u8]) -> Result<List<T>, ReplyError>,
    ) -> Result<List<T>, ReadError> {
        let mut url = self.url(path);
        add_parameters(&mut url, vec![("page", "1".to_owned()), ("per_page", most.to_string())]);
        if matches!(call, Call::Recipes | Call::CustomerRecipes) {
            add_parameters(&mut url, vec![("exclude_code", "true".to_owned())]);
        }
        let body = self.get(call, url).await?;
        parse::reply(call, body, parser).await
    }
}
