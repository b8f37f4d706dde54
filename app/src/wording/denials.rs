//! What it means that Workato answered 401 or 403.

use workato::Denial;

pub fn meaning(denial: &Denial) -> String {
    match denial {
        Denial::Privilege { answered, seconds_before } => format!(
            "The token works ({answered} was answered {seconds_before} s before), so its role lacks the privilege for \
             this call; give it to the role in Workato."
        ),
        Denial::TokenOrPrivilege => {
            "Either the token is not valid, or its role lacks the privilege for this call; check both in Workato."
                .to_owned()
        }
    }
}
