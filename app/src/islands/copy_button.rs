//! Copies a text that people would otherwise select by hand: a link, an id, a hash.

use leptos::prelude::*;
use web_sys::{Event, HtmlElement};

use super::dom;

/// Has the text to copy.
const TEXT: &str = "data-copy";
/// Has the id of the element whose text to copy.
const OF: &str = "data-copy-of";

/// Copies `text`, or the text of the element with the id `of`. `label` says what is copied: "Copy the invitation link".
/// Hidden without JavaScript.
#[cfg(feature = "ssr")]
#[component]
pub fn CopyButton(
    #[prop(into, optional)] text: Option<String>,
    #[prop(into, optional)] of: Option<String>,
    #[prop(into)] label: String,
) -> impl IntoView {
    view! {
        <button type="button" class="btn copy" data-needs-script="" data-copy=text.unwrap_or_default() data-copy-of=of>{label}</button>
        <span role="status" class="soft"></span>
    }
}

pub(super) fn start() {
    dom::listen(&document(), "click", |event: Event| {
        if let Some(button) = dom::closest::<HtmlElement>(&event, "button[data-copy]") {
            copy(button);
        }
    });
}

fn copy(button: HtmlElement) {
    // Despite its type, this is undefined on a page that came over plain HTTP from another machine.
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return say(&button, false);
    }
    let written = clipboard.write_text(&text_to_copy(&button));
    leptos::task::spawn_local(async move {
        say(&button, wasm_bindgen_futures::JsFuture::from(written).await.is_ok());
    });
}

fn text_to_copy(button: &HtmlElement) -> String {
    let element = button.get_attribute(OF).and_then(|id| document().get_element_by_id(&id));
    element.and_then(|element| element.text_content()).or_else(|| button.get_attribute(TEXT)).unwrap_or_default()
}

/// Says beside the button whether the text was copied.
fn say(button: &HtmlElement, copied: bool) {
    if let Some(status) = button.next_element_sibling() {
        status.set_text_content(Some(if copied { "Copied" } else { "This browser doesn't allow copying" }));
    }
}
