//! Embedded customers: who they are, and their connections. How a form names one is `meant`'s matter.

mod filter;
mod meant;

use std::time::Duration;

use time::OffsetDateTime;
use workato::{Customer, CustomerId, CustomerList, CustomerRef, ReadError};

pub use filter::{Filter, FilterInput};
pub use meant::{Called, CustomerInput, NamedBy, called, label};

use crate::{
    Error, ListPage, Portal, Result, TeamReader,
    audit::{Target, TargetType},
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

/// One customer, and when the list was read that holds it.
#[derive(Clone, Debug)]
pub struct FoundCustomer {
    /// The customer.
    pub customer: Customer,
    /// When Workato's answer was whole.
    pub read_at: OffsetDateTime,
    /// How long the call had waited for its turn.
    pub waited: Duration,
    /// Why it is not as it is now.
    pub stale: Option<Stale>,
}

/// What people call a customer; none where its name is blank.
#[must_use]
pub fn name(customer: &Customer) -> Option<&str> {
    customer.name.as_deref().filter(|name| !name.trim().is_empty())
}

impl Portal {
    /// The team's embedded customers, by name, as far as they could be read.
    ///
    /// # Errors
    /// `Workato` when they cannot be read.
    pub async fn customers(&self, reader: &TeamReader) -> Result<Shown<CustomerList>> {
        self.read_customers(reader.team(), reader.actor()).await
    }

    /// A page of the team's embedded customers.
    ///
    /// # Errors
    /// `Workato` when they cannot be read.
    pub async fn customer_page(&self, reader: &TeamReader, filter: &Filter) -> Result<CustomerPage> {
        let all = self.customers(reader).await?;
        let customers = all.items.customers.iter().enumerate();
        let places = customers.filter(|(_, customer)| filter.matches(customer)).map(|(place, _)| place).collect();
        Ok(CustomerPage::new(all, places, filter.page))
    }

    /// One embedded customer. None where the list does not hold it, but may not be whole.
    ///
    /// # Errors
    /// `NotFound` when the whole list does not hold it, `Workato` when the list cannot be read.
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
            // Who is not in an old copy may be there now.
            None if list.complete && shown.stale.is_none() => Err(Error::NotFound),
            None => Ok(None),
        }
    }

    /// A page of one embedded customer's connections.
    ///
    /// # Errors
    /// `NotFound` when Workato knows no such customer, `Workato` when they cannot be read.
    pub async fn customer_connections(
        &self,
        reader: &TeamReader,
        id: CustomerId,
        filter: &connections::Filter,
    ) -> Result<ConnectionPage> {
        let query = filter.query.clone();
        match self.read_customer_connections(reader.team(), reader.actor(), id, query).await {
            Err(Error::Workato(error)) if matches!(*error, ReadError::NotFound { .. }) => Err(Error::NotFound),
            answer => Ok(ConnectionPage::of(answer?, filter)),
        }
    }

    /// Forgets who the customers are and what was read of the team, so that the next page asks Workato again. The list
    /// may take many calls; a page that does not show it has `refresh`.
    pub fn refresh_customers(&self, reader: &TeamReader) {
        self.upstream.refresh_customers(reader.team().id);
        self.refresh(reader);
    }

    /// The customer as the log names it: by account id and name, where the list has it.
    pub(crate) async fn customer_target(&self, reader: &TeamReader, customer: &CustomerRef) -> Result<Option<Target>> {
        let customers = self.customers(reader).await?;
        let found = customers.items.customers.iter().find(|known| match customer {
            CustomerRef::Id(id) => known.id == *id,
            CustomerRef::ExternalId(id) => known.external_id.as_ref() == Some(id),
        });
        Ok(found.map(|found| Target::new(TargetType::Customer, found.id, name(found))))
    }
}
