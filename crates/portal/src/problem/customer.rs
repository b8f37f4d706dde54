//! What is wrong with the customer that a form names.

use serde::{Deserialize, Serialize};

use crate::ReadFailure;

/// Why nobody is meant, or it is not certain who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CustomerProblem {
    /// No account id.
    AccountIdMissing,
    /// No external id.
    ExternalIdMissing,
    /// More characters than an external id has.
    ExternalIdTooLong {
        /// The most characters.
        most: usize,
    },
    /// Line breaks or control characters in an external id.
    ExternalIdControlCharacters,
    /// No name.
    CustomerMissing,
    /// The customers cannot be listed.
    CustomersUnlisted {
        /// Why.
        failure: ReadFailure,
    },
    /// Several customers have this name.
    SeveralCustomers {
        /// How many.
        count: usize,
    },
    /// Several customers could be meant: by their names, or by ids that look like a name.
    AmbiguousCustomer {
        /// How many.
        count: usize,
    },
    /// One customer has this name, but the list may lack others.
    NotEveryCustomer,
    /// One customer is chosen and another is typed.
    AnotherChosen,
    /// The chosen customer has another name than the form showed.
    CustomerRenamed {
        /// The name that the form showed.
        drawn: String,
        /// The name now.
        now: String,
    },
    /// The choice is none that a form offers.
    ChosenMalformed,
    /// Some customers have this in their names, but none is called so.
    NoExactCustomer,
    /// No customer is called so.
    NoSuchCustomer,
    /// No customer is called so among those that could be read.
    NoSuchCustomerRead,
}
