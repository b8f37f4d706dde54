//! Copies a text that people would otherwise select by hand: a link, an id, a hash.

use leptos::prelude::*;

/// Copies `text`, or the text of the element with the id `of`. `label` says what is copied: "Copy the invitation link".
/// Hidden until the island is hydrated.
#[island]
pub fn CopyButton(
    #[prop(into, optional)] text: Option<String>,
    #[prop(into, optional)] of: Option<String>,
    #[prop(into)] label: String,
) -> impl IntoView {
    let (hydrated, set_hydrated) = signal(false);
    let (copied, set_copied) = signal(None::<bool>);

    Effect::new(move |_| set_hydrated.set(true));

    view! {
        <button type="button" class="btn copy" hidden=move || !hydrated.get() on:click=move |_| copy(text_to_copy(text.as_deref(), of.as_deref()), set_copied)>
            {label}
        </button>
        <span role="status" class="soft">
            {move || match copied.get() {
                None => "",
                Some(true) => "Copied",
                Some(false) => "This browser doesn't allow copying",
            }}
        </span>
    }
}

fn text_to_copy(text: Option<&str>, of: Option<&str>) -> String {
    let element = of.and_then(|of| document().get_element_by_id(of));
    element.and_then(|element| element.text_content()).or_else(|| text.map(str::to_owned)).unwrap_or_default()
}

fn copy(text: String, set_copied: WriteSignal<Option<bool>>) {
    // Despite its type, this is undefined on a page that came over plain HTTP from another machine.
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        set_copied.set(Some(false));
        return;
    }
    leptos::task::spawn_local(async move {
        let written = wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await;
        set_copied.set(Some(written.is_ok()));
    });
}
