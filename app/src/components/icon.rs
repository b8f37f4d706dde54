//! The portal's icons and the glyphs of its states: SVG symbols of our own, in one file that browsers keep, used by id.
//!
//! An icon (16 px) is stroked and goes with a word or has a label beside it. A glyph (14 px) is filled and tells a state
//! by its shape, because not everybody sees colours.

use std::sync::LazyLock;

use leptos::prelude::*;
use maud::{Markup, html};

use super::drawn::drawn;

/// Defines an enum of symbols, and their drawings.
macro_rules! symbols {
    ($(#[$about:meta])* $name:ident, $prefix:literal, $size:literal, $sheet:ident: $($variant:ident $id:literal $drawing:literal;)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($variant,)+
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What a `<use>` refers to.
            pub fn href(self) -> &'static str {
                static HREFS: LazyLock<Vec<String>> =
                    LazyLock::new(|| [$($id,)+].map(|id| format!("{}#{}{id}", sheet().path, $prefix)).to_vec());
                &HREFS[self as usize]
            }
        }

        const $sheet: &str = concat!($(
            "<symbol id=\"", $prefix, $id, "\" viewBox=\"0 0 ", $size, " ", $size, "\">", $drawing, "</symbol>",
        )+);
    };
}

symbols! {
    /// An icon.
    Icon, "i-", "16", ICONS:
    Ban "ban" r#"<circle cx="8" cy="8" r="5.8"/><path d="m4 4 8 8"/>"#;
    Building "building" r#"<path d="M3 14V3.5A1.5 1.5 0 0 1 4.5 2h4A1.5 1.5 0 0 1 10 3.5V14M10 6.5h1.5A1.5 1.5 0 0 1 13 8v6M1.5 14h13M5.5 5h2M5.5 8h2M5.5 11h2"/>"#;
    Chart "chart" r#"<path d="M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5"/>"#;
    Check "check" r#"<path d="m3 8.5 3.2 3.2L13 4.8"/>"#;
    Code "code" r#"<path d="M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5"/>"#;
    Columns "columns" r#"<path d="M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10"/>"#;
    Cube "cube" r#"<path d="M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.7 5.1 8 8.2l5.3-3.1M8 8.2v6"/>"#;
    Down "down" r#"<path d="m4 6 4 4 4-4"/>"#;
    Download "download" r#"<path d="M8 2.5V10M4.8 7 8 10.2 11.2 7M3 13.5h10"/>"#;
    Edit "edit" r#"<path d="M10.5 3 13 5.5l-7.5 7.5H3v-2.5z"/>"#;
    Exit "exit" r#"<path d="M9.5 2.5h-6v11h6M6.5 8h7.5M11 5l3 3-3 3"/>"#;
    Flow "flow" r#"<circle cx="3.7" cy="4" r="1.7"/><circle cx="12.3" cy="12" r="1.7"/><path d="M5.5 4H7a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 0 10 12h.6"/>"#;
    Home "home" r#"<path d="M2.5 7.5 8 2.8l5.5 4.7v6h-4v-4h-3v4h-4z"/>"#;
    Key "key" r#"<circle cx="5.2" cy="10.8" r="2.7"/><path d="m7.2 8.8 6-6M10.5 5.5l2 2"/>"#;
    Layers "layers" r#"<path d="M8 2.2 14 5.3 8 8.4 2 5.3zM2 8.2l6 3.1 6-3.1M2 11l6 3 6-3"/>"#;
    List "list" r#"<path d="M2.5 4.5h8M2.5 8h6M2.5 11.5h4M9.5 11.3l1.7 1.7 3-3.5"/>"#;
    Log "log" r#"<path d="M4 2h8.5v12H4a1.5 1.5 0 0 1 0-3h8.5M2.5 12.5v-9A1.5 1.5 0 0 1 4 2M6 5.5h4"/>"#;
    Menu "menu" r#"<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>"#;
    People "people" r#"<circle cx="6" cy="5" r="2.5"/><path d="M1.7 13.5a4.3 4.3 0 0 1 8.6 0M10.8 2.8a2.5 2.5 0 0 1 0 4.5M12 9.7a4.2 4.2 0 0 1 2.4 3.8"/>"#;
    Plug "plug" r#"<path d="M5.6 2v3M10.4 2v3M3.8 5h8.4v2.6a4.2 4.2 0 0 1-8.4 0zM8 11.8V14"/>"#;
    Plus "plus" r#"<path d="M8 3v10M3 8h10"/>"#;
    Refresh "refresh" r#"<path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.2v2.6h-2.6"/>"#;
    Right "right" r#"<path d="m6 4 4 4-4 4"/>"#;
    Search "search" r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.3 3.3"/>"#;
    Stream "stream" r#"<path d="M2 4.5h5l2 3.5h5M2 8h4M2 11.5h5l2-3.5"/>"#;
    Trash "trash" r#"<path d="M3 4.5h10M6.5 4.5V2.8h3v1.7M4.3 4.5l.6 9h6.2l.6-9M6.8 7v4M9.2 7v4"/>"#;
    Undo "undo" r#"<path d="M3.5 6h6a3.5 3.5 0 0 1 0 7H6M6 3.2 3.2 6 6 8.8"/>"#;
    Unplug "unplug" r#"<path d="M9 7 7.5 8.5M5 6 3.8 7.2a3.3 3.3 0 0 0 5 5L10 11M6 5l1.2-1.2a3.3 3.3 0 0 1 5 5L11 10M2.5 2.5l11 11"/>"#;
    Up "up" r#"<path d="M8 13V3.5M4 7.2l4-4 4 4"/>"#;
    UpDown "updown" r#"<path d="m5 6 3-3 3 3M5 10l3 3 3-3"/>"#;
    User "user" r#"<circle cx="8" cy="5.3" r="2.8"/><path d="M2.8 13.8a5.2 5.2 0 0 1 10.4 0"/>"#;
    X "x" r#"<path d="m4 4 8 8M12 4l-8 8"/>"#;
}

symbols! {
    /// A state's shape.
    Glyph, "g-", "14", GLYPHS:
    Bad "bad" r#"<path d="M7 .8a1 1 0 0 1 .87.5l5.6 10a1 1 0 0 1-.87 1.5H1.4a1 1 0 0 1-.87-1.5l5.6-10A1 1 0 0 1 7 .8z"/><path class="cut" d="M7 4.8v3.4M7 10.5v.01"/>"#;
    Check "check" r#"<path class="ring" d="m3 7.5 2.7 2.7L11 4.5"/>"#;
    Dot "dot" r#"<circle cx="7" cy="7" r="3.5"/>"#;
    Exc "exc" r#"<rect x="1" y="1" width="12" height="12" rx="2.5"/><path class="cut" d="M7 3.8v3.7M7 10.2v.01"/>"#;
    Flag "flag" r#"<path class="ring" d="M3 13.2V1"/><path d="M3 1.3h9L9.8 4.5 12 7.7H3z"/>"#;
    Lag "lag" r#"<path d="M7 13.5a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13z"/><path class="cut" d="M7 10V4.5M4.6 6.7 7 4.3l2.4 2.4"/>"#;
    None "none" r#"<circle class="ring" cx="7" cy="7" r="5.6" stroke-dasharray="2.3 2.1"/>"#;
    Ok "ok" r#"<circle cx="7" cy="7" r="6.5"/><path class="cut" d="m4.2 7.2 2 2 3.6-4"/>"#;
    Out "out" r#"<path d="M7 .6 13.4 7 7 13.4.6 7z"/>"#;
    Unk "unk" r#"<circle class="ring" cx="7" cy="7" r="6"/><path class="ring" d="M5.2 5.6c0-2.3 3.6-2.3 3.6 0C8.8 7 7 6.9 7 8.3M7 10.3v.01"/>"#;
    Wait "wait" r#"<circle class="ring" cx="7" cy="7" r="6"/><path class="ring" d="M7 3.8V7l2.2 1.3"/>"#;
}

/// The file with every symbol.
pub struct Sheet {
    /// Its URL, which names its content, so that browsers may keep it for ever. Short, since a page has it a hundred times.
    pub path: String,
    /// The SVG.
    pub content: String,
}

/// The sheet. A page's styles end where another file's symbols begin, so the drawings carry their own; colours are
/// inherited from where a symbol is used.
pub fn sheet() -> &'static Sheet {
    static SHEET: LazyLock<Sheet> = LazyLock::new(|| {
        const ENDS: &str = r#"stroke-linecap="round" stroke-linejoin="round""#;
        let cut = format!(r#"fill="none" stroke="var(--cut, var(--ground))" stroke-width="1.7" {ENDS}"#);
        let ring = format!(r#"fill="none" stroke="currentColor" stroke-width="1.5" {ENDS}"#);
        let glyphs = GLYPHS.replace(r#"class="cut""#, &cut).replace(r#"class="ring""#, &ring);
        let content = format!(r#"<svg xmlns="http://www.w3.org/2000/svg">{ICONS}{glyphs}</svg>"#);
        // FNV-1a: it only has to differ from the release before.
        let hash =
            content.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Sheet { path: format!("/i/{hash:08x}.svg"), content }
    });
    &SHEET
}

pub fn icon(icon: Icon) -> AnyView {
    drawn(icon_markup(icon))
}

pub fn icon_markup(icon: Icon) -> Markup {
    html! { svg class="i" aria-hidden="true" { use href=(icon.href()) {} } }
}

/// A glyph without words. Where it stands for a state, use [`super::state`].
pub fn glyph(glyph: Glyph) -> AnyView {
    drawn(glyph_markup(glyph))
}

pub fn glyph_markup(glyph: Glyph) -> Markup {
    html! { svg class="g" aria-hidden="true" { use href=(glyph.href()) {} } }
}

/// The portal's mark.
pub fn mark() -> AnyView {
    drawn(mark_markup())
}

pub fn mark_markup() -> Markup {
    html! {
        svg class="mark" viewBox="0 0 22 22" aria-hidden="true" {
            rect width="22" height="22" rx="6" {}
            path class="cut" d="M6.5 11a4.5 4.5 0 1 1 4.5 4.5M11 11v6.5" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Glyph, Icon, sheet};

    #[test]
    fn every_symbol_that_a_page_can_use_is_in_the_sheet_and_carries_its_own_style() {
        let hrefs = Icon::ALL.iter().map(|icon| icon.href()).chain(Glyph::ALL.iter().map(|glyph| glyph.href()));
        for href in hrefs {
            let id = href.strip_prefix(&sheet().path).and_then(|rest| rest.strip_prefix('#')).expect("the sheet’s URL");
            assert!(sheet().content.contains(&format!("<symbol id=\"{id}\" ")), "{href}");
        }
        assert!(!sheet().content.contains("class="));
        assert!(!sheet().content.contains("style="));
    }
}
