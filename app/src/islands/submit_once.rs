//! A submit button that shows that the form is being sent and prevents a second submit. Without JavaScript the form
//! still works, and its operation id makes a second submit harmless.

use leptos::{html::Button, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

const BUSY_LABEL: &str = "Working…";

/// The button. `label` is its text before the form is sent.
#[island]
pub fn SubmitOnce(
    #[prop(into)] label: String,
    /// CSS classes in addition to `button`: "primary", "danger".
    #[prop(into)]
    class: String,
) -> impl IntoView {
    let button = NodeRef::<Button>::new();
    let (busy, set_busy) = signal(false);

    Effect::new(move |_| {
        if let Some(button) = button.get() {
            watch_form(button, busy, set_busy);
        }
    });

    view! {
        // Not `disabled`, which would move the focus and leave the button's value out of the form.
        <button
            type="submit"
            class=format!("btn {class}")
            node_ref=button
            aria-disabled=move || busy.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
        >
            {move || if busy.get() { BUSY_LABEL.to_owned() } else { label.clone() }}
        </button>
    }
}

fn watch_form(button: web_sys::HtmlButtonElement, busy: ReadSignal<bool>, set_busy: WriteSignal<bool>) {
    let Some(form) = button.form() else { return };
    let on_submit = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if busy.get_untracked() {
            event.prevent_default();
        } else if !event.default_prevented() {
            set_busy.set(true);
        }
    });
    if form.add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref()).is_ok() {
        // The form lives as long as the page, so its listener must, too.
        on_submit.forget();
    }
    // The browser's back button can restore the page while the button is still busy.
    window_event_listener_untyped("pageshow", move |_| set_busy.set(false));
}
