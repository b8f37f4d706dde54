//! Embedded customers, which Workato's API calls managed users.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::row::row;
use crate::{CustomerId, Timestamp, Unreadable};

/// An embedded customer (Workato Embedded API reference, Managed users). All fields but the id can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// The id of the customer's account.
    pub id: CustomerId,
    /// The vendor's own id for the customer.
    pub external_id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The e-mail address for Workato's notifications.
    pub notification_email: Option<String>,
    /// The plan.
    pub plan_id: Option<String>,
    /// Whether it is in a trial.
    pub in_trial: Option<bool>,
    /// When the account was created.
    pub created_at: Option<Timestamp>,
    /// When the account was last changed.
    pub updated_at: Option<Timestamp>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

row! {
    Fields => Customer {
        id: CustomerId,
        external_id: String,
        name: String,
        notification_email: String,
        plan_id: String,
        in_trial: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            id: fields.id.value?,
            external_id: fields.external_id.value,
            name: fields.name.value,
            notification_email: fields.notification_email.value,
            plan_id: fields.plan_id.value,
            in_trial: fields.in_trial.value,
            created_at: fields.created_at.value,
            updated_at: fields.updated_at.value,
            unreadable,
        })
    }
}

/// The embedded customers of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerList {
    /// The customers.
    pub customers: Vec<Customer>,
    /// How many others have no readable id.
    pub left_out: usize,
    /// Whether these are all of them, but for those left out. The number of calls for one list is limited.
    pub complete: bool,
}

/// How a path refers to an embedded customer: by account id, or by `E` and the vendor's own id (Workato Embedded API
/// reference, Managed users). Displayed as in the path, without percent-encoding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerRef {
    /// The account id.
    Id(CustomerId),
    /// The vendor's own id, without the `E`.
    ExternalId(String),
}

/// Why a text is not a valid external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerRefError {
    /// Empty.
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
    /// Longest external id, in characters. Workato documents no maximum; this one keeps paths short.
    pub const LONGEST: usize = 255;

    /// A reference by the vendor's own id, without the `E`.
    ///
    /// # Errors
    /// [`CustomerRefError`] if the id is empty, too long, or has control characters.
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
