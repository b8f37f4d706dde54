//! The code of two versions of a connector, compared line by line.

use leptos::prelude::*;
use portal::{
    characters::escaped,
    code::{CodeDiff, Compared, Comparison, DiffLine, LineKind},
};

use super::{Glyph, Icon, Moment, glyph};
use crate::wording::{code, numbers::grouped};

/// The comparison, in a fold. `whole` is the page with more lines.
pub fn code_changes(comparison: &Comparison, whole: Option<&str>) -> AnyView {
    match &comparison.compared {
        None => {
            let why = code::unseen(comparison)
                .unwrap_or_else(|| "The code that the portal kept can’t be opened, so it isn’t shown.".to_owned());
            view! { <p class="sm t2">{why}</p> }.into_any()
        }
        Some(compared) => {
            let title = code::title(comparison.from, comparison.to);
            fold(compared, &title, whole, view! { {seen(comparison)}{code::AS_SEEN} }.into_any())
        }
    }
}

/// What differs, with a note below it.
pub fn code_compared(compared: &Compared, title: &str, note: &str) -> AnyView {
    fold(compared, title, None, note.to_owned().into_any())
}

fn fold(compared: &Compared, title: &str, whole: Option<&str>, note: AnyView) -> AnyView {
    match compared {
        Compared::Same => view! { <p class="sm">{format!("{title}: none. Both have the same code.")}</p> }.into_any(),
        Compared::TooLarge(large) => view! { <p class="sm">{code::too_large(*large)}</p> }.into_any(),
        Compared::Differ(diff) if diff.is_empty() => {
            view! { <p class="sm">{format!("{title}: only line endings differ.")}</p> }.into_any()
        }
        Compared::Differ(diff) => view! {
            <details class="fold" open>
                <summary>
                    <svg class="i i-turn" aria-hidden="true"><use href=Icon::Right.href()></use></svg>
                    <span>
                        {title.to_owned()}": "
                        <b class="c-good">"+"{grouped(diff.added)}</b>" "
                        <b class="c-bad">"−"{grouped(diff.removed)}</b>" "{code::places(diff)}
                    </span>
                </summary>
                {lines(diff, title)}
                {cut(diff, whole)}
                <p class="xs t3">{note}</p>
            </details>
        }
        .into_any(),
    }
}

fn seen(comparison: &Comparison) -> Option<AnyView> {
    let (from, to) = (comparison.from_code.as_ref()?, comparison.to_code.as_ref()?);
    let (from_version, to_version) = (from.version.to_string(), to.version.to_string());
    Some(
        view! {
            "Version "{from_version}" read "<Moment at=from.seen_at/>", version "{to_version}" read "
            <Moment at=to.seen_at/>". "
        }
        .into_any(),
    )
}

fn lines(diff: &CodeDiff, title: &str) -> AnyView {
    let sections = diff.sections.iter().enumerate().map(|(place, section)| {
        let gap = (place > 0).then(|| view! { <div class="gap" aria-hidden="true">"⋯"</div> });
        view! { {gap}{section.lines.iter().map(line).collect_view()} }
    });
    view! {
        // It scrolls, so it has to be reachable by keyboard.
        <div class="diff" role="region" aria-label=title.to_owned() tabindex="0">{sections.collect_view()}</div>
    }
    .into_any()
}

fn line(line: &DiffLine) -> AnyView {
    let (class, sign) = match line.kind {
        LineKind::Same => (None, "  "),
        LineKind::Added => (Some("add-l"), "+ "),
        LineKind::Removed => (Some("del-l"), "− "),
    };
    let text = format!("{sign}{}", escaped(&line.text));
    view! { <div class=class data-n=line.number.to_string()>{text}</div> }.into_any()
}

fn cut(diff: &CodeDiff, whole: Option<&str>) -> AnyView {
    let left_out = (diff.left_out > 0).then(|| {
        let whole = whole.map(|href| view! { " "<a href=href.to_owned()>"Show more of them"</a> });
        view! { <p class="sm">{code::left_out(diff.left_out)}{whole}</p> }
    });
    let rough = diff.is_rough.then(|| view! { <p class="note warn">{glyph(Glyph::Exc)}<span>{code::ROUGH}</span></p> });
    view! { {left_out}{rough} }.into_any()
}
