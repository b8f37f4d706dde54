//! The notice on every page of a session that was used on another network with another browser.

use leptos::prelude::*;
use portal::accounts::Elsewhere;

use super::{Ago, Tone, notice};
use crate::wording::devices::device;

/// The notice. It stays until the session ends or gets a new id: somebody else who has the session could take it away.
pub fn elsewhere_notice(elsewhere: Elsewhere) -> AnyView {
    let address = elsewhere.ip.unwrap_or_else(|| "an unknown address".to_owned());
    let from = format!("from {address} with {} ", device(elsewhere.user_agent.as_deref()));
    let words = view! {
            <strong>"This session is also used on another network with another browser."</strong>
            <span>
                "It was used "{from}<Ago at=elsewhere.at/>". If that was not you, "<a href="/account">"change your password"</a>
                ", which signs you out everywhere else. Then tell an admin."
            </span>
    };
    notice(Tone::Warn, words)
}
