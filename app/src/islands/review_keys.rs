//! Keyboard shortcuts of the audit log: j and k move between rows, Enter opens one, r marks it reviewed, f flags it, / goes
//! to the search box, ? shows this list. The keys activate buttons and links that are on the page anyway. People who use speech input can
//! switch the keys off; the browser remembers it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent};

use super::dom;

#[cfg(feature = "ssr")]
const KEYS: [(&str, &str); 7] = [
    ("j", "Next operation"),
    ("k", "Previous operation"),
    ("Enter", "Open operation"),
    ("r", "Mark reviewed"),
    ("f", "Flag with a note"),
    ("/", "Search"),
    ("?", "Show shortcuts"),
];
/// The name in the browser's storage that says that the shortcuts are off.
const STORED: &str = "review-keys";
const OFF: &str = "off";
/// Rows that j and k move between.
const ROW: &str = "tr[data-row]";
/// The row whose operation is in the side panel.
const OPEN_ROW: &str = "tr[data-row][aria-current]";

/// The button that lists the shortcuts, hidden without JavaScript. A page needs only one.
#[cfg(feature = "ssr")]
#[component]
pub fn ReviewKeys() -> impl IntoView {
    view! {
        <button type="button" class="btn" data-needs-script="" data-shows-keys="">"Keyboard"</button>
        <dialog aria-labelledby="keys-title" data-keys="">
            <h2 id="keys-title">"Shortcuts"</h2>
            <dl class="facts">
                {KEYS.map(|(key, does)| view! { <dt><kbd>{key}</kbd></dt><dd>{does}</dd> })}
            </dl>
            <p class="field check">
                <input type="checkbox" id="keys-on"/>
                <label for="keys-on">"Enable shortcuts"</label>
            </p>
            <form method="dialog">
                <button class="btn">"Close"</button>
            </form>
        </dialog>
    }
}

/// Does nothing on a page without the component.
pub(super) fn start() {
    let Some(dialog) = dom::first::<HtmlDialogElement>("dialog[data-keys]") else { return };
    let Some(switch) = dom::first::<HtmlInputElement>("#keys-on") else { return };
    switch.set_checked(dom::stored(STORED).is_none_or(|word| word != OFF));

    let kept = switch.clone();
    dom::listen(&switch, "change", move |_: Event| dom::store(STORED, (!kept.checked()).then_some(OFF)));
    let shown = dialog.clone();
    dom::listen(&document(), "click", move |event: Event| {
        if dom::closest::<Element>(&event, "button[data-shows-keys]").is_some() {
            show(&shown);
        }
    });
    dom::listen(&window(), "keydown", move |event: KeyboardEvent| {
        let is_meant = switch.checked() && !dialog.open() && is_shortcut(&event);
        if is_meant && handle(&event.key(), || show(&dialog)) {
            event.prevent_default();
        }
    });
}

fn show(dialog: &HtmlDialogElement) {
    // Fails only if the dialog is open.
    let _shown = dialog.show_modal();
}

/// Ignores keys while someone types, keys with modifiers, and repeats of a held key, except for moving.
fn is_shortcut(event: &KeyboardEvent) -> bool {
    let typed_into = event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
        // The browser leaves the focus in a closed dialog until the next frame.
        element.matches("input, select, textarea, [contenteditable]").unwrap_or(false)
            && !element.matches("dialog:not([open]) *").unwrap_or(false)
    });
    !(typed_into
        || event.default_prevented()
        || event.ctrl_key()
        || event.alt_key()
        || event.meta_key()
        || event.is_composing()
        || (event.repeat() && !matches!(event.key().as_str(), "j" | "k")))
}

/// Does what the key stands for. Returns whether it did anything.
fn handle(key: &str, show_help: impl Fn()) -> bool {
    match key {
        "j" => move_focus(1),
        "k" => move_focus(-1),
        "r" => find("form[data-review]")
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
            .is_some_and(|form| form.request_submit().is_ok()),
        "f" => find("[data-flag]").is_some_and(|link| activate(&link)),
        // If a link or button in the row has the focus, Enter activates that instead.
        "/" => dom::first::<HtmlElement>("main input[type=search]").is_some_and(|found| found.focus().is_ok()),
        "Enter" => active()
            .filter(|active| active.matches(ROW).unwrap_or(false))
            .is_some_and(|row| row.query_selector("a[data-open]").ok().flatten().is_some_and(|link| activate(&link))),
        "?" => {
            show_help();
            true
        }
        _ => false,
    }
}

/// The row that has the focus, or the one in the side panel if the focus is nowhere.
fn current() -> Option<Element> {
    let active = active()?;
    let is_nowhere = active.matches("body, main").unwrap_or(false);
    active.closest(ROW).ok().flatten().or_else(|| if is_nowhere { dom::first(OPEN_ROW) } else { None })
}

fn active() -> Option<Element> {
    document().active_element()
}

/// The first match in the current row, or on the whole page if it has no rows.
fn find(selector: &str) -> Option<Element> {
    match current() {
        Some(row) => row.query_selector(selector).ok().flatten(),
        None if rows().is_empty() => dom::first(selector),
        None => None,
    }
}

fn rows() -> Vec<Element> {
    dom::all(ROW)
}

/// Moves the focus by this many rows. If no row has the focus, moves it to the first.
fn move_focus(by: i32) -> bool {
    let rows = rows();
    let Some(last) = rows.len().checked_sub(1) else { return false };
    let at = current().and_then(|row| rows.iter().position(|other| *other == row));
    let next = at.map_or(0, |at| at.saturating_add_signed(by as isize).min(last));
    rows.get(next).and_then(|row| row.dyn_ref::<HtmlElement>()).is_some_and(|row| row.focus().is_ok())
}

/// Clicks a link, or focuses a text field.
fn activate(element: &Element) -> bool {
    let Some(element) = element.dyn_ref::<HtmlElement>() else { return false };
    if element.matches("textarea").unwrap_or(false) {
        return element.focus().is_ok();
    }
    element.click();
    true
}
