//! What it means that Workato answered 401 or 403.

use workato::Denial;

pub fn meaning(denial: &Denial) -> String {
    match denial {
        Denial::Privilege { answered, seconds_before } => format!(
            "The token works ({answered} succeeded {seconds_before} s before), so its role lacks the privilege for \
             this call. Add it to the role in Workato."
        ),
        Denial::TokenOrPrivilege => {
            "Either the token is invalid, or its role lacks the privilege for this call. Check both in Workato."
                .to_owned()
        }
    }
}
