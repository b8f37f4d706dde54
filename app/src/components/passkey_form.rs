//! A form that asks the browser for a passkey. `frontend/js/passkeys.js` fills it in. Without JavaScript, it says that it
//! needs it.

use leptos::prelude::*;
use portal::accounts::Challenge;

/// What the browser is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyVerb {
    /// A new passkey.
    Create,
    /// One that there is already.
    Get,
}

impl PasskeyVerb {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
        }
    }
}

#[component]
pub fn PasskeyForm(
    verb: PasskeyVerb,
    challenge: Challenge,
    /// The server function that takes the answer.
    action: &'static str,
    /// The button.
    label: &'static str,
    /// CSS classes of the button, in addition to `button`.
    #[prop(default = "")]
    class: &'static str,
    /// Where to go afterwards.
    #[prop(optional_no_strip)]
    next: Option<String>,
    #[prop(optional_no_strip)] problem: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> AnyView {
    view! {
        <form
            class="fields passkey"
            method="post"
            action=action
            data-passkey=verb.as_str()
            data-options=challenge.options
        >
            <p class="soft without-script">
                "Passkeys need JavaScript, which is off in this browser."
            </p>
            {children.map(|children| children())}
            <input type="hidden" name="challenge" value=challenge.id/>
            <input type="hidden" name="answer" value=""/>
            {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
            // The script writes here what goes wrong in the browser.
            <p class="problem" role="alert" data-passkey-problem>{problem}</p>
            <button type="submit" class=format!("btn {class}")>{label}</button>
        </form>
    }
    .into_any()
}
