//! A submit button that shows that the form is being sent and prevents a second submit. Without JavaScript the form
//! still works, and its operation id makes a second submit harmless.

use leptos::{html::Button, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

const AT_WORK: &str = "Working…";

/// The button. `label` is its text before the form is sent.
#[island]
pub fn SubmitOnce(
    #[prop(into)] label: String,
    /// CSS classes in addition to `button`: "primary", "danger".
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
        // Not `disabled`, which would move the focus and leave the button's value out of the form.
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
        // The form lives as long as the page, so its listener must, too.
        on_submit.forget();
    }
    // The browser's back button can restore the page while the button is still busy.
    window_event_listener_untyped("pageshow", move |_| set_at_work.set(false));
}
