//! Which customer a form means: by name, by account id or by external id, as its sender says.
//! Names are not unique, and nobody is to get what was meant for somebody else: only a whole name counts.

use workato::{Customer, CustomerList, CustomerRef};

use super::name;
use crate::{Error, FieldProblems, Portal, Result, TeamReader, one_line};

store::words! {
    /// What a form names a customer by.
    pub enum NamedBy {
        /// The name, as the list of customers has it.
        Name => "name",
        /// Workato's account id.
        Id => "id",
        /// The vendor's own id.
        ExternalId => "external_id",
    }
}

/// A customer as a form names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerInput {
    /// What it is named by.
    pub by: NamedBy,
    /// The name or id, as it was typed.
    pub text: String,
}

/// Who is called by what was typed as a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called<'a> {
    /// One customer, and nobody else.
    One(&'a Customer),
    /// Several share this very name.
    Several(Vec<&'a Customer>),
    /// Nobody, but these have it in their names.
    Alike(Vec<&'a Customer>),
    /// Nobody.
    Nobody,
}

impl<'a> Called<'a> {
    /// Those that could be meant, where it is not certain.
    #[must_use]
    pub fn candidates(self) -> Vec<&'a Customer> {
        match self {
            Self::Several(customers) | Self::Alike(customers) => customers,
            Self::One(_) | Self::Nobody => Vec::new(),
        }
    }
}

/// The customer's name with the account id, which no other customer has: what is suggested, and understood again.
#[must_use]
pub fn label(customer: &Customer) -> String {
    match name(customer) {
        Some(name) => format!("{} ({})", one_line(name), customer.id),
        None => format!("Customer {}", customer.id),
    }
}

/// Who is called by this name or label.
#[must_use]
pub fn called<'a>(customers: &'a [Customer], typed: &str) -> Called<'a> {
    let typed = one_line(typed).to_lowercase();
    if typed.is_empty() {
        return Called::Nobody;
    }
    let mut exact = Vec::new();
    let mut alike = Vec::new();
    for customer in customers {
        if label(customer).to_lowercase() == typed {
            return Called::One(customer);
        }
        let name = name(customer).map(|name| one_line(name).to_lowercase()).unwrap_or_default();
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
    /// The customer that a form means.
    ///
    /// # Errors
    /// `Invalid`, for the field `customer`, when nobody is meant or it is not certain who.
    pub async fn customer_meant(&self, reader: &TeamReader, input: &CustomerInput) -> Result<CustomerRef> {
        match input.by {
            NamedBy::Name => self.customer_of_name(reader, &input.text).await,
            NamedBy::Id => match input.text.trim() {
                "" => Err(problem("Give the customer's account id.")),
                id => id.parse().map(CustomerRef::Id).map_err(|_| problem("An account id is a whole number.")),
            },
            // As it is: another system may well tell ids apart by a space.
            NamedBy::ExternalId => {
                CustomerRef::external(&input.text).map_err(|error| problem(&sentence(&error.to_string())))
            }
        }
    }

    async fn customer_of_name(&self, reader: &TeamReader, typed: &str) -> Result<CustomerRef> {
        if typed.trim().is_empty() {
            return Err(problem("Name the customer."));
        }
        let list = match self.customers(reader).await {
            Ok(list) => list,
            Err(error @ Error::Workato(_)) => {
                let why = error.public();
                return Err(problem(&format!("Customers cannot be found by name now; give an id. {why}")));
            }
            Err(error) => return Err(error),
        };
        let CustomerList { customers, complete } = &list.items;
        match called(customers, typed) {
            Called::One(customer) => Ok(CustomerRef::Id(customer.id)),
            Called::Several(several) => {
                Err(problem(&format!("{} customers have this name. Choose the one that is meant.", several.len())))
            }
            Called::Alike(_) => Err(problem("No customer is called exactly so. Choose one, or type the whole name.")),
            Called::Nobody if *complete => Err(problem("No customer is called so.")),
            Called::Nobody => Err(problem(
                "No customer is called so among those that could be read, which may not be all. Give an id.",
            )),
        }
    }
}

fn problem(message: &str) -> Error {
    Error::Invalid(FieldProblems::from([("customer", message)]))
}

/// "An external id is not empty."
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
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
    fn a_whole_name_that_nobody_else_has_is_certain_and_nothing_less_is() {
        let customers = customers();
        for (typed, expected) in [
            (" ACME ", ("one", vec![1])),
            ("Acme Nord", ("several", vec![2, 3])),
            ("acme n", ("alike", vec![2, 3])),
            ("Skoda", ("nobody", vec![])),
            ("škoda (6)", ("one", vec![5])),
            ("  ", ("nobody", vec![])),
        ] {
            assert_eq!(ids(called(&customers, typed)), expected, "{typed:?}");
        }
    }

    #[test]
    fn everybody_is_understood_by_the_label_that_was_suggested() {
        let customers = customers();
        for customer in &customers {
            assert_eq!(called(&customers, &label(customer)), Called::One(customer), "{}", label(customer));
        }
    }
}
