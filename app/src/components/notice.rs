//! A message to the person on a page: what happened, or what they should know before they act.

use leptos::prelude::*;

use super::Tone;

/// Above a page's content. Screen readers say a bad or doubtful one at once, and the others when they are idle.
pub fn notice(tone: Tone, content: impl IntoView) -> AnyView {
    let (class, role) = match tone {
        Tone::Good => ("callout notice ok", "status"),
        Tone::Bad => ("callout notice bad", "alert"),
        Tone::Warn => ("callout notice warn", "alert"),
        Tone::Info => ("callout notice info", "status"),
        Tone::None => ("callout notice none", "status"),
    };
    view! { <div class=class role=role>{content.into_view()}</div> }.into_any()
}

/// Next to what it is about. It interrupts nobody.
pub fn remark(tone: Tone, content: impl IntoView) -> AnyView {
    let class = match tone {
        Tone::Good => "callout ok",
        Tone::Bad => "callout bad",
        Tone::Warn => "callout warn",
        Tone::Info => "callout info",
        Tone::None => "callout none",
    };
    view! { <div class=class role="note">{content.into_view()}</div> }.into_any()
}
