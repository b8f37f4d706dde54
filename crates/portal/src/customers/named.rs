//! Which customer a form names: one that was chosen from a list, or else by name, account id or external id.

use std::str::FromStr;

use workato::{Customer, CustomerId, CustomerList, CustomerRef, CustomerRefError};

use super::{
    called::{Called, called},
    name::name,
};
use crate::{
    CustomerProblem, Error, IdOf, Portal, Problem, ReadFailure, Result, TeamReader, names::folded, one_line,
    upstream::Shown,
};

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

/// A customer that was chosen from a list: the id, and the name that the list showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The account id.
    pub id: CustomerId,
    /// The name that the list showed. `None` if it showed none.
    pub drawn: Option<String>,
}

impl Chosen {
    /// The choice of this customer.
    #[must_use]
    pub fn of(customer: &Customer) -> Self {
        Self { id: customer.id, drawn: name(customer).map(one_line) }
    }
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.drawn {
            Some(drawn) => write!(f, "{} {drawn}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

impl FromStr for Chosen {
    type Err = CustomerProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, drawn) = text.split_once(' ').map_or((text, None), |(id, drawn)| (id, Some(drawn.to_owned())));
        Ok(Self { id: id.parse().map_err(|_| CustomerProblem::ChosenMalformed)?, drawn })
    }
}

/// A customer, as a form names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerInput {
    /// The customer that was chosen from a list, if one was.
    pub chosen: Option<Chosen>,
    /// What the text is.
    pub by: NamedBy,
    /// The name or id as typed. Blank if the customer was chosen.
    pub text: String,
}

/// The customer that a form means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCustomer {
    /// The customer, as Workato is asked for it.
    pub customer: CustomerRef,
    /// The name that the person saw or typed, if it is known.
    pub name: Option<String>,
}

impl NamedCustomer {
    fn of(customer: &Customer) -> Self {
        Self { customer: CustomerRef::Id(customer.id), name: name(customer).map(str::to_owned) }
    }
}

impl Portal {
    /// The customer that a form names. Nothing ambiguous is decided.
    ///
    /// # Errors
    /// `Invalid`, at the field `customer`, if no customer fits, more than one could be meant, the choice contradicts
    /// the text, or the chosen customer was renamed since the form was drawn.
    pub async fn named_customer(&self, reader: &TeamReader, input: &CustomerInput) -> Result<NamedCustomer> {
        if let Some(chosen) = &input.chosen {
            let listed = self.customers(reader).await.ok();
            return still_meant(chosen, input, listed.as_deref().map(|snapshot| &snapshot.items)).map_err(problem);
        }
        match input.by {
            NamedBy::Name => self.customer_of_name(reader, &input.text).await,
            NamedBy::Id => match input.text.trim() {
                "" => Err(problem(CustomerProblem::AccountIdMissing)),
                id => {
                    let id = id.parse().map_err(|_| problem(Problem::NotAnId { of: IdOf::Account }))?;
                    Ok(NamedCustomer { customer: CustomerRef::Id(id), name: None })
                }
            },
            NamedBy::ExternalId => {
                // Not trimmed: another system may distinguish ids by a space.
                let customer = CustomerRef::external(&input.text).map_err(|error| {
                    problem(match error {
                        CustomerRefError::Empty => CustomerProblem::ExternalIdMissing,
                        CustomerRefError::TooLong => CustomerProblem::ExternalIdTooLong { most: CustomerRef::LONGEST },
                        CustomerRefError::Control => CustomerProblem::ExternalIdControlCharacters,
                    })
                })?;
                Ok(NamedCustomer { customer, name: None })
            }
        }
    }

    async fn customer_of_name(&self, reader: &TeamReader, typed: &str) -> Result<NamedCustomer> {
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
        one_of(&list, typed).map_err(problem)
    }
}

fn one_of(list: &Shown<CustomerList>, typed: &str) -> Result<NamedCustomer, CustomerProblem> {
    let CustomerList { customers, left_out, complete } = &list.items;
    // One of those without a readable id may have the same name.
    let complete = *complete && *left_out == 0;
    match called(customers, typed) {
        Called::One(customer) if complete && list.stale.is_none() => Ok(NamedCustomer::of(customer)),
        Called::One(_) => Err(CustomerProblem::NotEveryCustomer),
        Called::Several(several) => Err(CustomerProblem::SeveralCustomers { count: several.len() }),
        Called::Ambiguous(ambiguous) if ambiguous.len() > 1 => {
            Err(CustomerProblem::AmbiguousCustomer { count: ambiguous.len() })
        }
        Called::Ambiguous(_) | Called::Alike(_) => Err(CustomerProblem::NoExactCustomer),
        Called::Nobody if complete => Err(CustomerProblem::NoSuchCustomer),
        Called::Nobody => Err(CustomerProblem::NoSuchCustomerRead),
    }
}

/// The chosen customer, unless the text names another or the customer is called differently now. Without a list, the
/// customer is taken to be called as the form showed it.
fn still_meant(
    chosen: &Chosen,
    input: &CustomerInput,
    list: Option<&CustomerList>,
) -> Result<NamedCustomer, CustomerProblem> {
    let current = list.and_then(|list| list.customers.iter().find(|customer| customer.id == chosen.id));
    if let (Some(current), Some(drawn)) = (current, &chosen.drawn) {
        let now = name(current).map(one_line).unwrap_or_default();
        if folded(&now) != folded(drawn) {
            let now = if now.is_empty() { format!("Customer {}", chosen.id) } else { now };
            return Err(CustomerProblem::CustomerRenamed { drawn: drawn.clone(), now });
        }
    }
    let is_typed = match input.by {
        _ if input.text.trim().is_empty() => true,
        NamedBy::Id => input.text.trim().parse() == Ok(chosen.id),
        NamedBy::ExternalId => current.is_some_and(|current| current.external_id.as_ref() == Some(&input.text)),
        NamedBy::Name => match list {
            Some(list) => called(&list.customers, &input.text).could_be(chosen.id),
            None => chosen.drawn.as_ref().is_some_and(|drawn| {
                let typed = folded(&input.text);
                folded(drawn) == typed || folded(&format!("{drawn} ({})", chosen.id)) == typed
            }),
        },
    };
    if !is_typed {
        return Err(CustomerProblem::AnotherChosen);
    }
    let name = current.and_then(name).map(str::to_owned).or_else(|| chosen.drawn.clone());
    Ok(NamedCustomer { customer: CustomerRef::Id(chosen.id), name })
}

fn problem(problem: impl Into<Problem>) -> Error {
    problem.into().of("customer")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::{CustomerId, CustomerList, CustomerRef};

    use super::{Chosen, CustomerInput, CustomerProblem, NamedBy, still_meant};

    fn list(of: &[(i64, &str)]) -> CustomerList {
        let customers = of.iter().map(|(id, name)| json!({ "id": id, "name": name, "external_id": format!("x{id}") }));
        let customers = customers.map(|one| serde_json::from_value(one).expect("a customer")).collect();
        CustomerList { customers, left_out: 0, complete: true }
    }

    fn meant(
        chosen: &str,
        (by, text): (NamedBy, &str),
        list: Option<&CustomerList>,
    ) -> Result<CustomerId, CustomerProblem> {
        let chosen: Chosen = chosen.parse()?;
        let input = CustomerInput { chosen: None, by, text: text.to_owned() };
        still_meant(&chosen, &input, list).map(|named| match named.customer {
            CustomerRef::Id(id) => id,
            CustomerRef::ExternalId(id) => panic!("chosen by its external id {id}"),
        })
    }

    #[test]
    fn a_choice_is_taken_if_the_text_could_mean_it_and_asked_about_if_not() {
        let (id, nothing) = (CustomerId::new(9).expect("an id"), (NamedBy::Name, " "));
        let list = list(&[(9, "Acme"), (19, "Acme (9)"), (29, "Other")]);
        for text in [nothing, (NamedBy::Name, "acme (9)"), (NamedBy::Id, " 9 "), (NamedBy::ExternalId, "x9")] {
            assert_eq!(meant("9 Acme", text, Some(&list)), Ok(id), "{text:?}");
        }
        for text in
            [(NamedBy::Name, "Other"), (NamedBy::Name, "Nobody"), (NamedBy::Id, "19"), (NamedBy::ExternalId, "x")]
        {
            assert_eq!(meant("9 Acme", text, Some(&list)), Err(CustomerProblem::AnotherChosen), "{text:?}");
        }
        assert_eq!(meant("9 Acme", (NamedBy::Name, "Acme (9)"), None), Ok(id));
        assert_eq!(meant("9 Acme", (NamedBy::Name, "Acme (19)"), None), Err(CustomerProblem::AnotherChosen));
        assert_eq!(meant("9", nothing, Some(&list)), Ok(id));
        assert_eq!(meant("Acme", nothing, Some(&list)), Err(CustomerProblem::ChosenMalformed));
    }

    #[test]
    fn a_customer_that_was_renamed_meanwhile_is_asked_about() {
        let nothing = (NamedBy::Name, "");
        let renamed = CustomerProblem::CustomerRenamed { drawn: "Acme".to_owned(), now: "Ajax".to_owned() };
        assert_eq!(meant("9 Acme", nothing, Some(&list(&[(9, "Ajax")]))), Err(renamed));
        assert!(meant("9 Acme", nothing, Some(&list(&[(9, " ACME ")]))).is_ok());
        let lost = CustomerProblem::CustomerRenamed { drawn: "Acme".to_owned(), now: "Customer 9".to_owned() };
        assert_eq!(meant("9 Acme", nothing, Some(&list(&[(9, "")]))), Err(lost));
        assert!(meant("9 Acme", nothing, Some(&list(&[(19, "Acme")]))).is_ok(), "not in the list, but named by id");
    }
}
