//! The tags of a connection with their titles and colours, if those could be read.

use leptos::prelude::*;
use maud::{Markup, html};
use portal::upstream::Names;
use workato::TagHandle;

use super::drawn::drawn;

/// The tags with their titles, and the handles as tooltips. A dash if there are none.
pub fn tags(handles: Option<&[TagHandle]>, names: &Names) -> AnyView {
    drawn(match handles {
        None | Some([]) => dash_markup(),
        Some(handles) => html! { @for handle in handles { (tag_markup(handle, names)) } },
    })
}

/// The first tag, and how many others there are; screen readers and the title have them all.
pub fn tags_in_row(handles: Option<&[TagHandle]>, names: &Names) -> Markup {
    match handles {
        None | Some([]) => dash_in_row(),
        Some([one]) => tag_markup(one, names),
        Some([first, others @ ..]) => {
            let titles: Vec<_> = others.iter().map(|handle| names.tag(handle)).collect();
            let titles = titles.join(", ");
            html! {
                (tag_markup(first, names))
                " "
                span class="t3 xs" title=(titles) {
                    span aria-hidden="true" { "+" (others.len()) }
                    span class="vh" { (titles) }
                }
            }
        }
    }
}

/// One tag.
pub fn tag(handle: &TagHandle, names: &Names) -> AnyView {
    drawn(tag_markup(handle, names))
}

fn tag_markup(handle: &TagHandle, names: &Names) -> Markup {
    html! { span class=(class(names.tag_color(handle))) title=(handle) { (names.tag(handle)) } }
}

/// The CSS class for one of Workato's colours. Unknown names have no colour.
fn class(color: Option<&str>) -> &'static str {
    match color.unwrap_or_default() {
        "red" => "tag red",
        "orange" => "tag orange",
        "yellow" => "tag yellow",
        "green" => "tag green",
        "teal" => "tag teal",
        "blue" => "tag blue",
        "indigo" | "violet" | "purple" => "tag purple",
        "pink" => "tag pink",
        "brown" => "tag brown",
        "gray" | "grey" => "tag gray",
        _ => "tag",
    }
}

/// The placeholder for a missing value.
pub fn dash() -> AnyView {
    drawn(dash_markup())
}

pub fn dash_markup() -> Markup {
    html! { span class="soft" { "–" } }
}

/// The same in a row, where the style sheet knows it by its tag.
pub fn dash_in_row() -> Markup {
    html! { i { "–" } }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn an_unknown_colour_is_ignored() {
        assert_eq!(class(Some("violet")), "tag purple");
        for unknown in [None, Some(""), Some("#ff0000"), Some("red; background: url(x)")] {
            assert_eq!(class(unknown), "tag");
        }
    }
}
