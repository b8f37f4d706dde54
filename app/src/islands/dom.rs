//! Short names for what the controls do with the document.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, EventTarget, Storage};

/// All elements that match, in their order on the page.
pub fn all<T: JsCast>(selector: &str) -> Vec<T> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// The first element that matches.
pub fn first<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Where the event happened, or the nearest element around it that matches.
pub fn closest<T: JsCast>(event: &Event, selector: &str) -> Option<T> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()?.dyn_into().ok()
}

/// Shows the controls that need JavaScript. Until then they are invisible and keep their room, so that nothing moves;
/// with JavaScript off they are not there.
pub fn show_controls() {
    for control in all::<Element>("[data-needs-script]") {
        let _shown = control.remove_attribute("data-needs-script");
    }
}

/// Listens for as long as the page lives.
pub fn listen<E: JsCast + 'static>(target: &EventTarget, event: &str, heard: impl Fn(E) + 'static) {
    let heard = Closure::<dyn Fn(Event)>::new(move |event: Event| heard(event.unchecked_into()));
    if target.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref()).is_ok() {
        heard.forget();
    }
}

/// A word that this browser keeps under this name. None also if the browser forbids storage.
pub fn stored(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps a word, or forgets it. If the browser forbids storage, the choice lasts for this page.
pub fn store(name: &str, word: Option<&str>) {
    let Some(storage) = storage() else { return };
    let _stored = match word {
        Some(word) => storage.set_item(name, word),
        None => storage.remove_item(name),
    };
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
