//! A customer's name.

use workato::Customer;

use crate::names::is_blank;

/// The customer's name. `None` if it is blank.
#[must_use]
pub fn name(customer: &Customer) -> Option<&str> {
    customer.name.as_deref().filter(|name| !is_blank(name))
}
