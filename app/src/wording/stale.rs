//! Why a page shows an older copy of what Workato has.

use portal::{ReadFailure, upstream::WhyStale};
use workato::wait_in_seconds;

use super::{read_failures, times::wait};

pub fn heading(why: &WhyStale) -> &'static str {
    match why {
        WhyStale::Failed(_) => "Workato isn't responding.",
        WhyStale::NotYet => "Workato hasn't answered yet.",
        WhyStale::TooFast => "You are opening pages too fast.",
        WhyStale::LimitUsedUp(_) => "Workato is limiting requests.",
    }
}

pub fn why(why: &WhyStale) -> String {
    match why {
        WhyStale::Failed(error) => read_failures::sentence(&ReadFailure::from(&**error)),
        WhyStale::NotYet => "The portal is still waiting for the answer. Reload in a moment.".to_owned(),
        WhyStale::TooFast => {
            "The portal sends up to three calls a second to Workato for you, so that your team's other calls get \
             through. Reload in a moment."
                .to_owned()
        }
        WhyStale::LimitUsedUp(until_then) => {
            let time = wait(wait_in_seconds(*until_then));
            format!("Next try in {time}. This workspace's limit for the call is used up.")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portal::upstream::WhyStale;

    use super::why;

    #[test]
    fn the_wait_for_a_used_up_limit_is_rounded_up() {
        let text = why(&WhyStale::LimitUsedUp(Duration::from_millis(6_200)));
        assert!(text.starts_with("Next try in 7 s"), "{text}");
        let text = why(&WhyStale::LimitUsedUp(Duration::from_secs(52_740)));
        assert!(text.starts_with("Next try in 14 h 39 min"), "{text}");
    }
}
