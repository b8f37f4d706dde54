//! Which customer a form names: by name, account id or external id.
//! Names are not unique, and no customer must get what was meant for another, so only a complete name counts.

use workato::{Customer, CustomerList, CustomerRef, CustomerRefError};

use super::name::name;
use crate::{CustomerProblem, Error, IdOf, Portal, Problem, ReadFailure, Result, TeamReader, names::folded, one_line};

store::words! {
    /// How a form names a customer.
    pub enum NamedBy {
        /// By the name in the list of customers.
        Name => "name",
        /// By Workato's account id.
        Id => "id",
        /// By the vendor's own id.
        ExternalId => "external_id",
    }
}

/// A customer, as text in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerInput {
    /// What the text is.
    pub by: NamedBy,
    /// The name or id as typed.
    pub text: String,
}

/// The customers that a typed name fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called<'a> {
    /// Exactly one customer has this name.
    One(&'a Customer),
    /// Several customers have this name.
    Several(Vec<&'a Customer>),
    /// No customer has this name, but these have it as a part of theirs.
    Alike(Vec<&'a Customer>),
    /// The name fits no customer.
    Nobody,
}

impl<'a> Called<'a> {
    /// The customers to choose from, if the name is ambiguous.
    #[must_use]
    pub fn candidates(self) -> Vec<&'a Customer> {
        match self {
            Self::Several(customers) | Self::Alike(customers) => customers,
            Self::One(_) | Self::Nobody => Vec::new(),
        }
    }
}

/// The customer's name with the account id, which makes it unique. Forms suggest labels, and [`called`] understands
/// them.
#[must_use]
pub fn label(customer: &Customer) -> String {
    match name(customer) {
        Some(name) => format!("{} ({})", one_line(name), customer.id),
        None => format!("Customer {}", customer.id),
    }
}

/// The customers that a typed name or label fits.
#[must_use]
pub fn called<'a>(customers: &'a [Customer], typed: &str) -> Called<'a> {
    let typed = folded(typed);
    if typed.is_empty() {
        return Called::Nobody;
    }
    let mut exact = Vec::new();
    let mut alike = Vec::new();
    for customer in customers {
        if folded(&label(customer)) == typed {
            return Called::One(customer);
        }
        let name = name(customer).map(folded).unwrap_or_default();
        if name == typed {
            exact.push(customer);
        } else if name.contains(&typed) {
            alike.push(customer);
        }
    }
    match (exact.as_slice(), alike.is_empty()) {
        ([one], _) => Called::One(one),
        ([], true) => Called::Nobody,
        ([], false) => Called::Alike(alike),
        _ => Called::Several(exact),
    }
}

impl Portal {
    /// The customer that a form names.
    ///
    /// # Errors
    /// `Invalid`, at the field `customer`, if no customer fits or the name is ambiguous.
    pub async fn named_customer(&self, reader: &TeamReader, input: &CustomerInput) -> Result<CustomerRef> {
        match input.by {
            NamedBy::Name => self.customer_of_name(reader, &input.text).await,
            NamedBy::Id => match input.text.trim() {
                "" => Err(problem(CustomerProblem::AccountIdMissing)),
                id => id.parse().map(CustomerRef::Id).map_err(|_| problem(Problem::NotAnId { of: IdOf::Account })),
            },
            // Not trimmed: another system may distinguish ids by a space.
            NamedBy::ExternalId => CustomerRef::external(&input.text).map_err(|error| {
                problem(match error {
                    CustomerRefError::Empty => CustomerProblem::ExternalIdMissing,
                    CustomerRefError::TooLong => CustomerProblem::ExternalIdTooLong { most: CustomerRef::LONGEST },
                    CustomerRefError::Control => CustomerProblem::ExternalIdControlCharacters,
                })
            }),
        }
    }

    async fn customer_of_name(&self, reader: &TeamReader, typed: &str) -> Result<CustomerRef> {
        if typed.trim().is_empty() {
            return Err(problem(CustomerProblem::CustomerMissing));
        }
        let list = match self.customers(reader).await {
            Ok(list) => list,
            Err(Error::Workato(error)) => {
                return Err(problem(CustomerProblem::CustomersUnlisted { failure: ReadFailure::from(&*error) }));
            }
            Err(error) => return Err(error),
        };
        let CustomerList { customers, complete } = &list.items;
        match called(customers, typed) {
            Called::One(customer) => Ok(CustomerRef::Id(customer.id)),
            Called::Several(several) => Err(problem(CustomerProblem::SeveralCustomers { count: several.len() })),
            Called::Alike(_) => Err(problem(CustomerProblem::NoExactCustomer)),
            Called::Nobody if *complete => Err(problem(CustomerProblem::NoSuchCustomer)),
            Called::Nobody => Err(problem(CustomerProblem::NoSuchCustomerRead)),
        }
    }
}

fn problem(problem: impl Into<Problem>) -> Error {
    problem.into().of("customer")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Customer;

    use super::{Called, called, label};

    fn customers() -> Vec<Customer> {
        [(1, Some("Acme")), (2, Some("Acme  Nord")), (3, Some("acme nord")), (4, None), (5, Some("Škoda (6)"))]
            .into_iter()
            .map(|(id, name)| serde_json::from_value(json!({ "id": id, "name": name })).expect("a customer"))
            .collect()
    }

    fn ids(called: Called<'_>) -> (&'static str, Vec<i64>) {
        match called {
            Called::One(one) => ("one", vec![one.id.get()]),
            Called::Several(several) => ("several", several.iter().map(|one| one.id.get()).collect()),
            Called::Alike(alike) => ("alike", alike.iter().map(|one| one.id.get()).collect()),
            Called::Nobody => ("nobody", Vec::new()),
        }
    }

    #[test]
    fn only_a_complete_and_unique_name_names_one_customer() {
        let customers = customers();
        for (typed, expected) in [
            (" ACME ", ("one", vec![1])),
            ("Acme Nord", ("several", vec![2, 3])),
            ("acme n", ("alike", vec![2, 3])),
            ("Skoda", ("nobody", vec![])),
            ("škoda (6)", ("one", vec![5])),
            ("s\u{30c}koda (6)", ("one", vec![5])),
            ("  ", ("nobody", vec![])),
        ] {
            assert_eq!(ids(called(&customers, typed)), expected, "{typed:?}");
        }
    }

    #[test]
    fn each_customer_is_found_by_its_label() {
        let customers = customers();
        for customer in &customers {
            assert_eq!(called(&customers, &label(customer)), Called::One(customer), "{}", label(customer));
        }
    }
}
