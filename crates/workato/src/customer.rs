//! Embedded customers, which Workato's paths call managed users.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Timestamp, tolerant};

/// An embedded customer (Workato API reference, Managed users). Any field but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Names the customer's account.
    pub id: CustomerId,
    /// The vendor's own id for the customer.
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    pub external_id: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Where Workato sends its notifications.
    pub notification_email: Option<String>,
    /// The plan it is on.
    #[serde(default, deserialize_with = "tolerant::text_or_number")]
    pub plan_id: Option<String>,
    /// Whether it is on trial.
    pub in_trial: Option<bool>,
    /// When the account was created.
    pub created_at: Option<Timestamp>,
    /// When the account was last changed.
    pub updated_at: Option<Timestamp>,
}
