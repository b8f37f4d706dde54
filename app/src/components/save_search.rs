//! The form that saves a search of the audit log under a name.

use leptos::prelude::*;
use portal::audit::AuditQuery;

use super::{Field, by_id, problem_summary};
use crate::{
    forms::{self, names::SAVE_SEARCH},
    islands::{CopyButton, SubmitOnce},
};

/// The form, unless the search is empty. `page` is the URL of the list.
pub fn save_search(query: &AuditQuery, page: &str) -> Option<AnyView> {
    (!query.is_empty()).then(|| form(query, page))
}

fn form(query: &AuditQuery, page: &str) -> AnyView {
    let refused = forms::refused(SAVE_SEARCH);
    let search = query.to_string();
    view! {
        <form class="panel fields keep" id="save" method="post" action="/api/fn/save_search" aria-labelledby="save-title">
            <h2 id="save-title">"Save this view"</h2>
            <p><code id="search-text">{search.clone()}</code>" "<CopyButton of="search-text" label="Copy it"/></p>
            {problem_summary(&refused, by_id([("name", "name".to_owned())]))}
            <input type="hidden" name="search" value=search/>
            <input type="hidden" name="page" value=page.to_owned()/>
            <Field
                label="Name"
                name="name"
                value=refused.value("name", "")
                required=true
                autocomplete="off"
                hint="Shown in the sidebar with its count."
                problem=refused.problem("name")
            />
            <div class="field check">
                <input type="checkbox" id="shared" name="shared" value="yes" checked=refused.typed("shared") == Some("yes")/>
                <label for="shared">"Share with everyone"</label>
            </div>
            <SubmitOnce label="Save this view" class=""/>
        </form>
    }
    .into_any()
}
