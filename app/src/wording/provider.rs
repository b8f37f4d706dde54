//! Why somebody is not signed in by the OpenID Connect provider.

use portal::accounts::provider::ProviderRefusal;

/// The sentence for a refusal by the provider that people call `name`, or about it.
pub fn refusal(why: ProviderRefusal, name: &str) -> String {
    match why {
        ProviderRefusal::None => "This portal has no identity provider. Sign in with your password.".to_owned(),
        ProviderRefusal::Down => format!("{name} doesn't answer. Try again in a minute."),
        ProviderRefusal::Unreadable => {
            format!(
                "The answer of {name} can't be read. If this happens again, tell an admin: the server's log says why."
            )
        }
        ProviderRefusal::Busy => {
            format!("Too many people are signing in with {name} right now. Try again in a minute.")
        }
        ProviderRefusal::Expired => {
            "This sign-in took more than ten minutes, was used before, or began in another browser. Try again."
                .to_owned()
        }
        ProviderRefusal::Cancelled => format!("{name} didn't sign you in. Try again."),
        ProviderRefusal::WrongIssuer => {
            format!(
                "The answer didn't come from {name}, so you are not signed in. If this happens again, tell an admin."
            )
        }
        ProviderRefusal::Code | ProviderRefusal::Token => {
            format!(
                "{name} sent an answer that isn't valid for this sign-in. Try again. If this happens again, tell an admin."
            )
        }
        ProviderRefusal::NoGroups => {
            format!("{name} didn't send your groups, which decide what you may do here. Tell an admin.")
        }
        ProviderRefusal::NoGroup => {
            format!("You are in none of the groups at {name} that may use this portal. Ask an admin for access.")
        }
        ProviderRefusal::NoEmail => format!("{name} didn't send your email address. Tell an admin."),
        ProviderRefusal::EmailNotVerified => {
            format!("{name} hasn't verified your email address. Verify it there, then try again.")
        }
        ProviderRefusal::EmailTaken => {
            "An account with your email address already exists here. Sign in with its password, or ask an admin."
                .to_owned()
        }
        ProviderRefusal::NoAccount => "You don't have an account here yet. Ask an admin to invite you.".to_owned(),
        ProviderRefusal::Disabled => "Your account is disabled. Ask an admin to enable it.".to_owned(),
        ProviderRefusal::SomebodyElse => {
            format!("Someone else is signed in at {name} in this browser. Sign in there as yourself, then try again.")
        }
        ProviderRefusal::NotFresh => {
            format!("{name} didn't ask you to sign in again, or asked for less than before. Try again.")
        }
    }
}

#[cfg(test)]
mod tests {
    use portal::accounts::provider::ProviderRefusal;

    use super::refusal;

    #[test]
    fn each_word_in_a_url_stands_for_one_sentence_and_other_words_for_none() {
        for why in ProviderRefusal::ALL {
            assert_eq!(why.word().parse(), Ok(*why));
            assert!(refusal(*why, "Example").ends_with('.'));
        }
        assert!("Call+this+number".parse::<ProviderRefusal>().is_err());
        assert!("".parse::<ProviderRefusal>().is_err());
    }
}
