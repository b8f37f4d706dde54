//! The tags of a connection with their titles and colours, if those could be read.

use leptos::prelude::*;
use portal::upstream::Names;
use workato::TagHandle;

/// The tags with their titles, and the handles as tooltips. A dash if there are none.
pub fn tags(handles: Option<&[TagHandle]>, names: &Names) -> AnyView {
    match handles {
        None | Some([]) => dash(),
        Some(handles) => handles.iter().map(|handle| tag(handle, names)).collect_view().into_any(),
    }
}

/// The first tag, and how many others there are; screen readers and the title have them all.
pub fn tags_in_row(handles: Option<&[TagHandle]>, names: &Names) -> AnyView {
    match handles {
        None | Some([]) => dash(),
        Some([one]) => tag(one, names),
        Some([first, others @ ..]) => {
            let titles: Vec<_> = others.iter().map(|handle| names.tag(handle)).collect();
            let titles = titles.join(", ");
            view! {
                {tag(first, names)}
                " "
                <span class="t3 xs" title=titles>
                    <span aria-hidden="true">"+"{others.len()}</span>
                    <span class="vh">{titles.clone()}</span>
                </span>
            }
            .into_any()
        }
    }
}

/// One tag.
pub fn tag(handle: &TagHandle, names: &Names) -> AnyView {
    let class = class(names.tag_color(handle));
    view! { <span class=class title=handle.to_string()>{names.tag(handle).to_owned()}</span> }.into_any()
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
    view! { <span class="soft">"–"</span> }.into_any()
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
