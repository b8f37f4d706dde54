//! Why it is not certain which customer a form means.

use portal::CustomerProblem;

use crate::wording::read_failures;

pub fn problem(problem: &CustomerProblem) -> String {
    let text = match problem {
        CustomerProblem::AccountIdMissing => "Give the customer's account id.",
        CustomerProblem::ExternalIdMissing => "An external id is not empty.",
        CustomerProblem::ExternalIdControlCharacters => {
            "An external id holds no line breaks and no control characters."
        }
        CustomerProblem::CustomerMissing => "Name the customer.",
        CustomerProblem::NoExactCustomer => "No customer is called exactly so. Choose one, or type the whole name.",
        CustomerProblem::NoSuchCustomer => "No customer is called so.",
        CustomerProblem::NoSuchCustomerRead => {
            "No customer is called so among those that could be read, which may not be all. Give an id."
        }
        CustomerProblem::ExternalIdTooLong { most } => return format!("An external id has {most} characters at most."),
        CustomerProblem::CustomersUnlisted { failure } => {
            return format!("Customers cannot be found by name now; give an id. {}", read_failures::sentence(failure));
        }
        CustomerProblem::AmbiguousCustomer { count } => {
            return format!("This could mean {count} customers. Choose the one that is meant.");
        }
        CustomerProblem::NotEveryCustomer => {
            "One customer has this name, but the list may be old or incomplete, so another may have it too. Choose the \
             customer that is meant."
        }
        CustomerProblem::AnotherChosen => {
            "You chose one customer and typed another. Choose again, or clear one of the two."
        }
        CustomerProblem::CustomerRenamed { drawn, now } => {
            return format!(
                "The customer you chose was called {drawn} when you opened the form. It is now called {now}. Choose \
                 again."
            );
        }
        CustomerProblem::ChosenMalformed => "Choose the customer again.",
        CustomerProblem::SeveralCustomers { count } => {
            return format!("{count} customers have this name. Choose the one that is meant.");
        }
    };
    text.to_owned()
}
