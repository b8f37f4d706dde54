//! Why it is not certain which customer a form means.

use portal::CustomerProblem;

use crate::wording::read_failures;

pub fn problem(problem: &CustomerProblem) -> String {
    let text = match problem {
        CustomerProblem::AccountIdMissing => "Enter the customer's account ID.",
        CustomerProblem::ExternalIdMissing => "Enter an external ID.",
        CustomerProblem::ExternalIdControlCharacters => {
            "An external ID can't contain line breaks or control characters."
        }
        CustomerProblem::CustomerMissing => "Enter the customer.",
        CustomerProblem::NoExactCustomer => "No customer has exactly this name. Choose one, or type the full name.",
        CustomerProblem::NoSuchCustomer => "No customer has this name.",
        CustomerProblem::NoSuchCustomerRead => {
            "No customer has this name in the part of the list that could be read. Enter an ID."
        }
        CustomerProblem::ExternalIdTooLong { most } => return format!("An external ID has at most {most} characters."),
        CustomerProblem::CustomersUnlisted { failure } => {
            return format!(
                "You can't search customers by name right now. Enter an ID. {}",
                read_failures::sentence(failure)
            );
        }
        CustomerProblem::AmbiguousCustomer { count } => {
            return format!("{count} customers match. Choose the customer.");
        }
        CustomerProblem::NotEveryCustomer => {
            "One customer has this name, but the list may be old or incomplete, so others may have it too. Choose the \
             customer."
        }
        CustomerProblem::AnotherChosen => {
            "You chose one customer and typed another. Choose again, or clear one of them."
        }
        CustomerProblem::CustomerRenamed { drawn, now } => {
            return format!(
                "The customer you chose was called {drawn} when you opened the form. It is now called {now}. Choose \
                 again."
            );
        }
        CustomerProblem::ChosenMalformed => "Choose the customer again.",
        CustomerProblem::SeveralCustomers { count } => {
            return format!("{count} customers have this name. Choose the customer.");
        }
    };
    text.to_owned()
}
