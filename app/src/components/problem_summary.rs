//! The summary above a form that was not accepted: every problem, each a link to its field. It takes the focus when the
//! page is loaded, without JavaScript as well, so that a screen reader begins with it.

use leptos::prelude::*;

use crate::form_memory::Refused;

/// The summary. `id_of` is the id of a field in the page; a problem without one is not a link.
pub fn problem_summary(refused: &Refused, id_of: impl Fn(&str) -> Option<String>) -> Option<AnyView> {
    let has_fields = refused.problems().any(|(field, _)| id_of(field).is_some());
    problem_summary_of(if has_fields { "Not sent. Fix the fields below." } else { "Not sent." }, refused, id_of)
}

/// The summary under a heading of its own.
pub fn problem_summary_of(
    heading: &'static str,
    refused: &Refused,
    id_of: impl Fn(&str) -> Option<String>,
) -> Option<AnyView> {
    let problems: Vec<_> = refused
        .problems()
        .map(|(field, problem)| match id_of(field) {
            Some(id) => view! { <li><a href=format!("#{id}")>{problem}</a></li> }.into_any(),
            None => view! { <li>{problem}</li> }.into_any(),
        })
        .collect();
    if problems.is_empty() {
        return None;
    }
    Some(
        view! {
            <div class="callout bad problems" role="alert" tabindex="-1" autofocus=true>
                <p><strong>{heading}</strong></p>
                <ul>{problems}</ul>
            </div>
        }
        .into_any(),
    )
}

/// The problem of a form without fields. It takes the focus, as the summary does.
pub fn lone_problem(problem: Option<String>) -> Option<AnyView> {
    problem
        .map(|problem| view! { <p class="problem" role="alert" tabindex="-1" autofocus=true>{problem}</p> }.into_any())
}

/// Fields whose ids are their names.
pub fn by_name<const N: usize>(fields: [&'static str; N]) -> impl Fn(&str) -> Option<String> {
    move |field| fields.contains(&field).then(|| field.to_owned())
}

/// Fields with ids of their own.
pub fn by_id<const N: usize>(ids: [(&'static str, String); N]) -> impl Fn(&str) -> Option<String> {
    move |field| ids.iter().find(|(name, _)| *name == field).map(|(_, id)| id.clone())
}
