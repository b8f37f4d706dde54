//! A submit button that shows that the form is being sent and prevents a second submit. Without JavaScript the form
//! still works, and its operation id makes a second submit harmless.

use leptos::prelude::*;
use web_sys::{Event, HtmlButtonElement, HtmlFormElement};

use super::dom;

const BUSY_LABEL: &str = "Working…";
const BUTTON: &str = "button[data-once]";
/// Holds a button's own label while it is busy.
const LABEL: &str = "data-label";

/// The button. `label` is its text before the form is sent.
#[cfg(feature = "ssr")]
#[component]
pub fn SubmitOnce(
    #[prop(into)] label: String,
    /// CSS classes in addition to `btn`: "primary", "danger".
    #[prop(into)]
    class: String,
) -> impl IntoView {
    view! { <button type="submit" class=format!("btn {class}") data-once="">{label}</button> }
}

pub(super) fn start() {
    // On the document, so that a script of the form itself has its say first.
    dom::listen(&document(), "submit", |event: Event| {
        let Some(form) = dom::closest::<HtmlFormElement>(&event, "form") else { return };
        let buttons: Vec<HtmlButtonElement> = dom::all(BUTTON).into_iter().filter(|it| is_of(it, &form)).collect();
        if buttons.iter().any(|button| button.has_attribute(LABEL)) {
            event.prevent_default();
        } else if !event.default_prevented() {
            buttons.iter().for_each(set_busy);
        }
    });
    // The browser's back button can restore the page while a button is still busy.
    dom::listen(&window(), "pageshow", |_: Event| {
        dom::all::<HtmlButtonElement>(BUTTON).iter().for_each(set_ready);
    });
}

fn is_of(button: &HtmlButtonElement, form: &HtmlFormElement) -> bool {
    button.form().is_some_and(|its| its == *form)
}

fn set_busy(button: &HtmlButtonElement) {
    let label = button.text_content().unwrap_or_default();
    // Not `disabled`, which would move the focus and leave the button's value out of the form.
    for (name, value) in [(LABEL, label.as_str()), ("aria-disabled", "true"), ("aria-busy", "true")] {
        let _set = button.set_attribute(name, value);
    }
    button.set_text_content(Some(BUSY_LABEL));
}

fn set_ready(button: &HtmlButtonElement) {
    let Some(label) = button.get_attribute(LABEL) else { return };
    button.set_text_content(Some(&label));
    for name in [LABEL, "aria-disabled", "aria-busy"] {
        let _removed = button.remove_attribute(name);
    }
}
