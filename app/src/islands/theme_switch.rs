//! The theme: light, dark, or the system's. The browser stores the choice, and `theme.js` sets it as `data-theme` on
//! `<html>` before the next page's first paint.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    Light,
    Dark,
    System,
}

impl Theme {
    const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::System => "system",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Theme::Light => "Light",
            Theme::Dark => "Dark",
            Theme::System => "System",
        }
    }

    fn named(name: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// Hidden until the island is hydrated, since it does nothing without JavaScript.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    let (theme, set_theme) = signal(Theme::System);
    let (hydrated, set_hydrated) = signal(false);

    Effect::new(move |_| {
        set_theme.set(stored());
        set_hydrated.set(true);
    });
    let button = move |choice: Theme| {
        let choose = move |_| {
            store(choice);
            set_theme.set(choice);
        };
        view! {
            <button type="button" aria-pressed=move || (theme.get() == choice).to_string() on:click=choose>
                {choice.label()}
            </button>
        }
    };

    view! {
        <div class="seg" role="group" aria-label="Theme" hidden=move || !hydrated.get()>
            {Theme::ALL.map(button).collect_view()}
        </div>
    }
}

fn stored() -> Theme {
    storage()
        .and_then(|storage| storage.get_item("theme").ok().flatten())
        .and_then(|name| Theme::named(&name))
        .unwrap_or(Theme::System)
}

/// If the browser forbids storage, the choice lasts for this page.
fn store(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _shown = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            chosen => root.set_attribute("data-theme", chosen.name()),
        };
    }
    if let Some(storage) = storage() {
        let _stored = match theme {
            Theme::System => storage.remove_item("theme"),
            chosen => storage.set_item("theme", chosen.name()),
        };
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
