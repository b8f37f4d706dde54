//! Why a password that somebody chose is too easy to guess.

use portal::{Guessable, PasswordProblem};

pub fn problem(problem: PasswordProblem) -> &'static str {
    match problem {
        PasswordProblem::CommonPassword => {
            "Many people use this password, so it is one of the first that others try. Choose one that only you would \
             think of."
        }
        PasswordProblem::PasswordOfNames => {
            "This password is made of your name, your email or the portal's name. Choose words that have nothing to do \
             with them."
        }
        PasswordProblem::GuessablePassword { why } => match why {
            Guessable::Keys => "Keys that are next to each other are easy to guess. Choose a few unrelated words.",
            Guessable::Repeats => "Repeated characters are easy to guess. Choose a few unrelated words.",
            Guessable::Sequence => "Sequences such as abc or 6543 are easy to guess. Choose a few unrelated words.",
            Guessable::Date => "Dates and years are easy to guess. Choose a few unrelated words.",
            Guessable::Common => "This is too close to a password that many people use. Choose a few unrelated words.",
            Guessable::Word => "A single word is easy to guess. Add a few unrelated words.",
            Guessable::Names => "Names are easy to guess. Add a few unrelated words.",
            Guessable::TooSimple => "This password is easy to guess. Add another word or two that are not related.",
        },
    }
}
