//! The columns of the customer list that can be left out. The name is always there.

use crate::looks;

store::words! {
    /// A column.
    pub enum Column {
        /// Workato's account id.
        Id => "id",
        /// The external id.
        ExternalId => "external_id",
        /// The plan.
        Plan => "plan",
        /// Whether the customer is on trial.
        Trial => "trial",
        /// When the customer was created.
        Created => "created",
        /// Where notices are sent.
        Email => "email",
        /// The time of the last update.
        Updated => "updated",
    }
}

impl looks::Column for Column {
    const EVERY: &'static [Self] = Self::ALL;
    const USUAL: &'static [Self] = &[Self::Id, Self::ExternalId, Self::Plan, Self::Trial, Self::Created];
}
