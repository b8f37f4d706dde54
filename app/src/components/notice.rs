//! A message to the person on a page: what happened, or what they should know before they act.

use leptos::prelude::*;

use super::Tone;

/// Above a page's content. Screen readers say a bad or doubtful one at once, and the others when they are idle.
pub fn notice(tone: Tone, content: impl IntoView) -> AnyView {
    let class = format!("{} notice", class(tone));
    let role = if matches!(tone, Tone::Bad | Tone::Warn) { "alert" } else { "status" };
    view! { <div class=class role=role>{content.into_view()}</div> }.into_any()
}

/// Above a page's content, about something that stands. Screen readers say it when they are idle.
pub fn standing_notice(tone: Tone, content: impl IntoView) -> AnyView {
    let class = format!("{} notice", class(tone));
    view! { <div class=class role="status">{content.into_view()}</div> }.into_any()
}

/// Next to what it is about. It interrupts nobody.
pub fn remark(tone: Tone, content: impl IntoView) -> AnyView {
    view! { <div class=class(tone) role="note">{content.into_view()}</div> }.into_any()
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "callout ok",
        Tone::Bad => "callout bad",
        Tone::Warn => "callout warn",
        Tone::Info => "callout info",
        Tone::None => "callout none",
    }
}
