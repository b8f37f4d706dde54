//! The theme: light, dark, or the system's. The browser stores the choice, and `theme.js` sets it as `data-theme` on
//! `<html>` before the next page's first paint.

use leptos::prelude::*;
use web_sys::{Element, Event};

use super::dom;

/// The themes' names and labels. The system's theme is no choice of ours, so it is not stored.
#[cfg(feature = "ssr")]
const THEMES: [(&str, &str); 3] = [(SYSTEM, "System"), ("light", "Light"), ("dark", "Dark")];
const SYSTEM: &str = "system";
/// The name in the browser's storage.
const STORED: &str = "theme";
/// On a button: the theme that it sets.
const SETS: &str = "data-sets-theme";

/// Hidden without JavaScript.
#[cfg(feature = "ssr")]
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let button =
        |(name, label)| view! { <button type="button" aria-pressed="false" data-sets-theme=name>{label}</button> };
    view! {
        <div class="seg" role="group" aria-label="Theme" data-needs-script="">
            {THEMES.map(button).collect_view()}
        </div>
    }
}

pub(super) fn start() {
    press(&dom::stored(STORED).unwrap_or_else(|| SYSTEM.to_owned()));
    dom::listen(&document(), "click", |event: Event| {
        let button = dom::closest::<Element>(&event, "button[data-sets-theme]");
        if let Some(theme) = button.and_then(|button| button.get_attribute(SETS)) {
            choose(&theme);
            press(&theme);
        }
    });
}

fn choose(theme: &str) {
    let chosen = (theme != SYSTEM).then_some(theme);
    if let Some(root) = document().document_element() {
        let _set = match chosen {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
    dom::store(STORED, chosen);
}

/// Marks the button of this theme as pressed.
fn press(theme: &str) {
    for button in dom::all::<Element>("button[data-sets-theme]") {
        let is_chosen = button.get_attribute(SETS).is_some_and(|its| its == theme);
        let _set = button.set_attribute("aria-pressed", if is_chosen { "true" } else { "false" });
    }
}
