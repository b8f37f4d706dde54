//! The button of a form that changes something: once pressed it says that it is at work and takes no second press.
//! The form still posts natively, and the operation id in it makes a second post harmless without this.

use leptos::{html::Button, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

const AT_WORK: &str = "Working…";

/// A submit button that reads `label`, and that it is working from the press until the answer is there.
#[island]
pub fn SubmitOnce(
    #[prop(into)] label: String,
    /// Classes beside `button`: "primary", "danger".
    #[prop(into)]
    class: String,
) -> impl IntoView {
    let button = NodeRef::<Button>::new();
    let (at_work, set_at_work) = signal(false);

    Effect::new(move |_| {
        if let Some(button) = button.get() {
            watch_form(button, at_work, set_at_work);
        }
    });

    view! {
        // Not `disabled`: that would take the focus away, and the button's own value out of the form.
        <button
            type="submit"
            class=format!("button {class}")
            node_ref=button
            aria-disabled=move || at_work.get().then_some("true")
            aria-busy=move || at_work.get().then_some("true")
        >
            {move || if at_work.get() { AT_WORK.to_owned() } else { label.clone() }}
        </button>
    }
}

fn watch_form(button: web_sys::HtmlButtonElement, at_work: ReadSignal<bool>, set_at_work: WriteSignal<bool>) {
    let Some(form) = button.form() else { return };
    let on_submit = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if at_work.get_untracked() {
            event.prevent_default();
        } else if !event.default_prevented() {
            set_at_work.set(true);
        }
    });
    if form.add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref()).is_ok() {
        // The form lives as long as the page, and so must its listener.
        on_submit.forget();
    }
    // "Back" can bring the page as it was left, with the button still at work.
    window_event_listener_untyped("pageshow", move |_| set_at_work.set(false));
}
