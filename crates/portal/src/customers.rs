//! Embedded customers and their connections.

mod called;
mod column;
mod filter;
mod name;
mod named;
mod sort;

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use workato::{Customer, CustomerId, CustomerList, CustomerRef, ReadError};

pub use called::{Called, called, label};
pub use column::Column;
pub use filter::{Filter, FilterInput, PARAMETERS};
pub use name::name;
pub use named::{Chosen, CustomerInput, NamedBy, NamedCustomer};
pub use sort::{Sort, SortKey};

use crate::{
    Error, ListPage, Portal, Result, TeamReader,
    audit::{NameFrom, Target, TargetType},
    background::compute,
    connections::{self, ConnectionPage},
    upstream::{Shown, Stale},
};

/// One page of the list of customers.
pub type CustomerPage = ListPage<CustomerList>;

impl CustomerPage {
    /// This page's customers, in order.
    pub fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.places.iter().filter_map(|place| self.all.items.customers.get(*place))
    }
}

/// A customer, and when the list that has it was read.
#[derive(Clone, Debug)]
pub struct FoundCustomer {
    /// The customer.
    pub customer: Customer,
    /// When Workato's answer was complete.
    pub read_at: OffsetDateTime,
    /// How long the call waited in the queue.
    pub waited: Duration,
    /// Why the list is an old one, if it is.
    pub stale: Option<Stale>,
}

impl Portal {
    /// The team's embedded customers, sorted by name. The answer says whether it has all of them.
    ///
    /// # Errors
    /// `Workato` if they cannot be read.
    pub async fn customers(&self, reader: &TeamReader) -> Result<Shown<CustomerList>> {
        self.workato(reader.team(), reader.actor()).await?.customers().await
    }

    /// A page of the team's embedded customers.
    ///
    /// # Errors
    /// `Workato` if they cannot be read.
    pub async fn customer_page(&self, reader: &TeamReader, filter: &Filter) -> Result<CustomerPage> {
        let all = self.customers(reader).await?;
        let (snapshot, filtering) = (Arc::clone(&all.snapshot), filter.clone());
        let places = compute(all.items.customers.len(), move || filtering.places(&snapshot.items.customers));
        Ok(CustomerPage::new(all, places.await, filter.paging))
    }

    /// An embedded customer. `None` if the list does not have it but may be incomplete.
    ///
    /// # Errors
    /// `NotFound` if the complete list does not have it, `Workato` if the list cannot be read.
    pub async fn customer(&self, reader: &TeamReader, id: CustomerId) -> Result<Option<FoundCustomer>> {
        let shown = self.customers(reader).await?;
        let list = &shown.items;
        match list.customers.iter().find(|customer| customer.id == id) {
            Some(customer) => Ok(Some(FoundCustomer {
                customer: customer.clone(),
                read_at: shown.read_at,
                waited: shown.waited,
                stale: shown.stale.clone(),
            })),
            // A customer that an old copy does not have may exist now.
            None if list.complete && list.left_out == 0 && shown.stale.is_none() => Err(Error::NotFound),
            None => Ok(None),
        }
    }

    /// A page of an embedded customer's connections.
    ///
    /// # Errors
    /// `NotFound` if Workato has no such customer, `Workato` if the connections cannot be read.
    pub async fn customer_connections(
        &self,
        reader: &TeamReader,
        id: CustomerId,
        filter: &connections::Filter,
    ) -> Result<ConnectionPage> {
        let query = filter.query.clone();
        match self.workato(reader.team(), reader.actor()).await?.customer_connections(id, query).await {
            Err(Error::Workato(error)) if matches!(*error, ReadError::NotFound { .. }) => Err(Error::NotFound),
            answer => Ok(ConnectionPage::of(answer?, filter).await),
        }
    }

    /// Makes the next page read the team's customers, connections and connectors again. Reading the customers may take
    /// many calls; use `refresh` for a page that does not list them.
    pub fn refresh_customers(&self, reader: &TeamReader) {
        self.upstream.refresh_customers(reader.team().id);
        self.refresh(reader);
    }

    /// The customer with account id and name, as the log names it, if the list has it.
    pub(crate) async fn customer_target(&self, reader: &TeamReader, customer: &CustomerRef) -> Result<Option<Target>> {
        let customers = self.customers(reader).await?;
        let found = customers.items.customers.iter().find(|known| match customer {
            CustomerRef::Id(id) => known.id == *id,
            CustomerRef::ExternalId(id) => known.external_id.as_ref() == Some(id),
        });
        Ok(found.map(|found| {
            let target = Target::new(TargetType::Customer, found.id, None);
            match (name(found), &customers.stale) {
                (Some(name), Some(_)) => target.unconfirmed(name.to_owned(), NameFrom::Copy),
                (name, _) => Target { name: name.map(str::to_owned), ..target },
            }
        }))
    }
}
