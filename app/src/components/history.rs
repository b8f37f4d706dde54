//! What was done to one target through the portal, as a time line: what happened, who did it and why.

use leptos::prelude::*;
use portal::{PortalRole, audit::OperationSummary};

use super::{Ago, SentenceView, outcome::glyph_and_tone, toned_glyph};
use crate::{
    operation_status::OperationStatus,
    wording::{
        operations::{self, Sentence},
        outcomes,
    },
};

/// The operations, newest first. `all` is the audit log's list of them.
pub fn history(operations: Vec<OperationSummary>, viewer: PortalRole, all: String) -> AnyView {
    let is_empty = operations.is_empty();
    let items: Vec<_> = operations.into_iter().map(|operation| item(&operation, viewer)).collect();
    let content = if is_empty {
        view! { <p class="sm t3">"No changes yet"</p> }.into_any()
    } else {
        view! { <ol class="line" aria-labelledby="history">{items}</ol> }.into_any()
    };
    let link = (!is_empty).then(|| view! { <a class="push sm" href=all>"Open in audit log"</a> });
    view! {
        <section class="card" aria-labelledby="history">
            <div class="card-head"><h2 id="history">"History"</h2>{link}</div>
            <div class="card-body">{content}</div>
        </section>
    }
    .into_any()
}

fn item(operation: &OperationSummary, viewer: PortalRole) -> AnyView {
    let status = OperationStatus::of(operation);
    let (shape, tone) = glyph_and_tone(status);
    let sentence = Sentence::of(operation);
    let detail = sentence.detail.clone().map(|detail| view! { <span class="sub">{detail}</span> });
    let changed = operation.changed.as_ref().map(operations::changed);
    let changed = changed.map(|words| view! { <strong class="sub problem">{words}</strong> });
    let (what, when) = (format!("what-{}", operation.id), format!("when-{}", operation.id));
    let named_by = format!("{when} {what}");
    view! {
        <li>
            {toned_glyph(shape, tone)}
            <span><span class="vh">{outcomes::status(status)}": "</span><span id=what><SentenceView sentence=sentence viewer=viewer/></span></span>
            <a class="when-link" id=when href=format!("/audit/{}", operation.id) aria-labelledby=named_by>
                <Ago at=operation.at/>
            </a>
            {detail}
            {changed}
        </li>
    }
    .into_any()
}
