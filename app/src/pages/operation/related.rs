//! Related operations: on the same target, by the same actor, in the same hour. Each list links to the search for all
//! of them.

use leptos::prelude::*;
use portal::{
    PortalRole,
    audit::{OperationSummary, Related, Relation},
};

use crate::{
    components::{Ago, OutcomePill, SentenceView, index_lag_notice, search_path},
    operation_status::OperationStatus,
    wording::operations::Sentence,
};

pub fn card(related: Related, viewer: PortalRole) -> AnyView {
    let list = |title: &'static str, relation: Relation| list(title, relation, viewer);
    view! {
        <section class="card no-print" aria-labelledby="related">
            <div class="card-head"><h2 id="related">"Related operations"</h2></div>
            <div class="card-body">
            {index_lag_notice(related.behind, None)}
            {related.on_target.map(|relation| list("On the same target", relation))}
            {list("By the same person", related.by_actor)}
            {list("In the same hour", related.same_hour)}
            </div>
        </section>
    }
    .into_any()
}

fn list(title: &'static str, relation: Relation, viewer: PortalRole) -> AnyView {
    let all = search_path(&relation.query.to_string());
    let how_many = match (relation.operations.len(), relation.more) {
        (0, _) => "none".to_owned(),
        (_, true) => "more than 5".to_owned(),
        (number, false) => number.to_string(),
    };
    let content = if relation.operations.is_empty() {
        view! { <p class="soft">"No other operations that you can see."</p> }.into_any()
    } else {
        let items = relation.operations.into_iter().map(|operation| item(operation, viewer)).collect_view();
        view! { <ul class="brief">{items}</ul><p><a href=all>"Open in audit log"</a></p> }.into_any()
    };
    view! {
        <details class="related">
            <summary>{title}" "<span class="soft">{how_many}</span></summary>
            {content}
        </details>
    }
    .into_any()
}

fn item(operation: OperationSummary, viewer: PortalRole) -> AnyView {
    let (status, at) = (OperationStatus::of(&operation), operation.at);
    let href = format!("/audit/{}", operation.id);
    view! {
        <li>
            <OutcomePill status=status/>
            <span><SentenceView sentence=Sentence::of(&operation) viewer=viewer/></span>
            <a class="soft" href=href><Ago at=at/></a>
        </li>
    }
    .into_any()
}
