//! Embedded customers: who they are, their connections, and how a change names one.

use std::sync::Arc;

use workato::{Connection, ConnectionQuery, Customer, CustomerId, CustomerRef, ReadError};

use crate::{
    Error, Portal, Result, TeamReader,
    audit::{Target, TargetType},
    upstream::Snapshot,
};

impl Portal {
    /// The team's embedded customers, by name.
    ///
    /// # Errors
    /// `Workato` when they cannot be read.
    pub async fn customers(&self, reader: &TeamReader) -> Result<Arc<Snapshot<Vec<Customer>>>> {
        self.read_customers(reader.team(), reader.actor()).await
    }

    /// One embedded customer.
    ///
    /// # Errors
    /// `NotFound` when the list does not hold it, `Workato` when the list cannot be read.
    pub async fn customer(&self, reader: &TeamReader, id: CustomerId) -> Result<Customer> {
        let customers = self.customers(reader).await?;
        customers.items.iter().find(|customer| customer.id == id).cloned().ok_or(Error::NotFound)
    }

    /// One embedded customer's connections.
    ///
    /// # Errors
    /// `NotFound` when Workato knows no such customer, `Workato` when they cannot be read.
    pub async fn customer_connections(
        &self,
        reader: &TeamReader,
        id: CustomerId,
    ) -> Result<Arc<Snapshot<Vec<Connection>>>> {
        match self.read_customer_connections(reader.team(), reader.actor(), id, ConnectionQuery::default()).await {
            Err(Error::Workato(error)) if matches!(*error, ReadError::NotFound { .. }) => Err(Error::NotFound),
            answer => answer,
        }
    }

    /// The customer as the log names it: by account id and name where the list has it, else as it was asked for.
    pub(crate) async fn customer_target(&self, reader: &TeamReader, customer: &CustomerRef) -> Result<Target> {
        let customers = self.customers(reader).await?;
        let found = customers.items.iter().find(|known| match customer {
            CustomerRef::Id(id) => known.id == *id,
            CustomerRef::ExternalId(id) => known.external_id.as_ref() == Some(id),
        });
        Ok(match found {
            Some(found) => Target::new(TargetType::Customer, found.id, found.name.as_deref()),
            None => Target::new(TargetType::Customer, customer, None),
        })
    }
}
