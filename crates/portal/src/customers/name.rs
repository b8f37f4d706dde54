//! A customer's name.

use workato::Customer;

/// The customer's name. `None` if it is blank.
#[must_use]
pub fn name(customer: &Customer) -> Option<&str> {
    customer.name.as_deref().filter(|name| !name.trim().is_empty())
}
