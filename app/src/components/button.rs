//! Buttons: links that look like one, and those that send a form. A change that must not be sent twice has
//! [`SubmitOnce`](crate::islands::SubmitOnce).

use leptos::prelude::*;

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonLook {
    #[default]
    Plain,
    /// The one act that the page is for.
    Primary,
    /// Beside others that matter more.
    Quiet,
    /// What cannot be undone.
    Danger,
}

impl ButtonLook {
    const fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Plain, false) => "btn",
            (Self::Plain, true) => "btn sm",
            (Self::Primary, false) => "btn primary",
            (Self::Primary, true) => "btn sm primary",
            (Self::Quiet, false) => "btn quiet",
            (Self::Quiet, true) => "btn sm quiet",
            (Self::Danger, false) => "btn danger",
            (Self::Danger, true) => "btn sm danger",
        }
    }
}

/// A link to another page. `label` is its name if the words on it do not say enough.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] look: ButtonLook,
    #[prop(optional)] small: bool,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional)] rel: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! { <a class=look.class(small) href=href rel=rel aria-label=label>{children()}</a> }
}

/// A button that sends its form.
#[component]
pub fn SubmitButton(
    #[prop(optional)] look: ButtonLook,
    #[prop(optional)] small: bool,
    #[prop(optional, into)] label: Option<String>,
    children: Children,
) -> impl IntoView {
    view! { <button type="submit" class=look.class(small) aria-label=label>{children()}</button> }
}
