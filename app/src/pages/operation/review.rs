//! The review of one operation: its standing, what was said, and the forms to add to it.

use leptos::prelude::*;
use portal::{
    Actor, ReviewObstacle,
    audit::{Action, Logged, OperationSummary, ReviewStanding},
};

use crate::{
    components::{Ago, NoteField, by_name, lone_problem, problem_summary, review_button, review_mark},
    forms::{
        self,
        names::{ANSWER_FLAG, FLAG_OPERATION, REVIEW_OPERATION},
    },
    islands::SubmitOnce,
    wording::reviews,
};

/// The panel, if the operation can be reviewed.
pub fn panel(
    logged: &Logged,
    remarks: &[OperationSummary],
    viewer: &Actor,
    obstacle: Option<ReviewObstacle>,
) -> Option<AnyView> {
    let operation = &logged.summary;
    if !operation.action.is_reviewable() {
        return None;
    }
    let standing = operation.review.as_ref().map(|review| review.standing);
    let mark = standing.map(|standing| view! { <p>{review_mark(standing)}</p> });
    let remarks: Vec<_> = remarks.iter().map(remark).collect();
    let remarks = (!remarks.is_empty()).then(|| view! { <ol class="said">{remarks}</ol> });
    Some(
        view! {
            <section class="card" id="review" aria-labelledby="review-title">
                <div class="card-head"><h2 id="review-title">"Review"</h2></div>
                <div class="card-body">
                    {mark}
                    <p class="t2">{reviews::what_follows(operation, standing)}</p>
                    {remarks}
                    {answer(operation, standing, viewer)}
                    {review(operation, standing, viewer, obstacle)}
                </div>
            </section>
        }
        .into_any(),
    )
}

/// Who said what, and when, with a link to the entry.
fn remark(remark: &OperationSummary) -> AnyView {
    let did = match remark.action {
        Action::OperationFlag => "flagged it",
        Action::OperationAnswer => "answered",
        _ => "reviewed it",
    };
    let note = remark.first.as_ref().and_then(|entry| entry.reason.clone());
    let password = remark.first.as_ref().and_then(|entry| reviews::password_set(&entry.parameters));
    view! {
        <li>
            <p class="row">
                <strong>{remark.actor_name.clone()}</strong>
                <span>{did}</span>
                <a class="soft" href=format!("/audit/{}", remark.id)><Ago at=remark.at/></a>
            </p>
            {password.map(|password| view! { <p class="soft">{password}</p> })}
            {note.map(|note| view! { <p class="quoted">{note}</p> })}
        </li>
    }
    .into_any()
}

/// The form that answers a flag, for those who may answer it.
fn answer(operation: &OperationSummary, standing: Option<ReviewStanding>, viewer: &Actor) -> Option<AnyView> {
    if standing != Some(ReviewStanding::Flagged) || !viewer.answers(operation) {
        return None;
    }
    let refused = forms::refused(ANSWER_FLAG);
    Some(
        view! {
            <form class="fields" method="post" action="/api/fn/answer_flag" aria-label="Answer the flag">
                {problem_summary(&refused, by_name(["answer"]))}
                <input type="hidden" name="id" value=operation.id.to_string()/>
                <input type="hidden" name="operation" value=refused.operation().to_string()/>
                <NoteField label="Answer" name="answer" value=refused.value("answer", "") problem=refused.problem("answer")/>
                <SubmitOnce label="Answer the flag" class="primary"/>
            </form>
        }
        .into_any(),
    )
}

/// The forms that review and flag, for auditors and admins.
fn review(
    operation: &OperationSummary,
    standing: Option<ReviewStanding>,
    viewer: &Actor,
    obstacle: Option<ReviewObstacle>,
) -> Option<AnyView> {
    if !viewer.reviews() {
        return None;
    }
    let page = format!("/audit/{}", operation.id);
    let refused = forms::refused(REVIEW_OPERATION).problem("review");
    let mark = match obstacle.map(reviews::obstacle) {
        _ if standing == Some(ReviewStanding::Reviewed) => None,
        None => Some(review_button(operation.id, "Mark reviewed", &page)),
        Some(why) => Some(view! { <p class="soft">{why}</p> }.into_any()),
    };
    let flag = forms::refused(FLAG_OPERATION);
    Some(
        view! {
            {mark.map(|mark| view! { <div class="no-print">{mark}</div> })}
            {lone_problem(refused)}
            <form class="fields no-print" method="post" action="/api/fn/flag_operation" aria-label="Flag it">
                {problem_summary(&flag, by_name(["note"]))}
                <input type="hidden" name="id" value=operation.id.to_string()/>
                <input type="hidden" name="operation" value=flag.operation().to_string()/>
                <NoteField label="Question" name="note" value=flag.value("note", "") problem=flag.problem("note")/>
                <SubmitOnce label="Flag it" class=""/>
            </form>
        }
        .into_any(),
    )
}
