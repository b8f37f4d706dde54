//! The form that exports the listed operations of all pages. It uses POST, because an export is an entry in the log.

use leptos::prelude::*;

use crate::{
    components::lone_problem,
    forms::{self, names::EXPORT_AUDIT},
    query::Query,
};

/// The form for the list at `path` with this query, which has no paging parameters. `counted` is the number of
/// operations in words.
pub fn export(path: &str, query: &Query, counted: &str) -> AnyView {
    let problem = forms::refused(EXPORT_AUDIT).problem("format");
    let is_refused = problem.is_some();
    let hidden: Vec<_> = query
        .pairs()
        .map(|(name, value)| view! { <input type="hidden" name=format!("filter[{name}]") value=value.to_owned()/> })
        .collect();
    let button = |format: &'static str, label: &'static str, what: &'static str| {
        view! {
            <button type="submit" class="btn" name="format" value=format aria-describedby=format!("export-{format}")>
                {label}
            </button>
            <span class="soft" id=format!("export-{format}")>{what}</span>
        }
    };
    view! {
        <details class="more export" open=is_refused>
            <summary>"Export"</summary>
            <form method="post" action="/api/fn/export_audit" aria-label="Export">
                {lone_problem(problem.map(|problem| format!("Nothing was exported. {problem}")))}
                <p>
                    {format!("{counted}, each with all its entries.")}
                    " Exports are recorded."
                </p>
                <input type="hidden" name="page" value=query.on(path)/>
                {hidden}
                <div class="formats">
                    {button("csv", "Export CSV", "for spreadsheets")}
                    {button("jsonl", "Export JSONL", "for programs, each entry as it was hashed")}
                    {button("bundle", "Export evidence bundle", "with proof that each entry is in the log; anyone can verify it without this portal")}
                </div>
            </form>
        </details>
    }
    .into_any()
}
