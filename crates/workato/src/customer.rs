//! Embedded customers, which Workato's paths call managed users.

use std::fmt;

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

/// The embedded customers of a workspace, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerList {
    /// Every customer that was read.
    pub customers: Vec<Customer>,
    /// Whether these are all: the number of calls for one list is bounded.
    pub complete: bool,
}

/// How a path names an embedded customer: by its account id, or by the vendor's own id with an `E` before it
/// (Workato API reference, Managed users). Shows itself as that text, not yet percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerRef {
    /// The account id.
    Id(CustomerId),
    /// The vendor's own id, without the `E`.
    ExternalId(String),
}

/// Why a text is no external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerRefError {
    /// Nothing at all.
    #[error("an external id is not empty")]
    Empty,
    /// More than [`CustomerRef::LONGEST`] characters.
    #[error("an external id has {} characters at most", CustomerRef::LONGEST)]
    TooLong,
    /// A line break, a tab or another control character.
    #[error("an external id holds no line breaks and no control characters")]
    Control,
}

impl CustomerRef {
    /// The most characters of an external id. Workato documents none; a path has to end somewhere.
    pub const LONGEST: usize = 255;

    /// Names a customer by the vendor's own id, as it is: an `E` is put before it where it is sent.
    ///
    /// # Errors
    /// See [`CustomerRefError`].
    pub fn external(id: &str) -> Result<Self, CustomerRefError> {
        match id {
            "" => Err(CustomerRefError::Empty),
            id if id.chars().count() > Self::LONGEST => Err(CustomerRefError::TooLong),
            id if id.chars().any(char::is_control) => Err(CustomerRefError::Control),
            id => Ok(Self::ExternalId(id.to_owned())),
        }
    }
}

impl fmt::Display for CustomerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::ExternalId(id) => write!(f, "E{id}"),
        }
    }
}
