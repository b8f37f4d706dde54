//! The form that saves a list as it is now under a name. It opens below a button among the tabs, or stands open if it was
//! refused.

use leptos::prelude::*;
use portal::views::ViewedList;

use super::{Field, Icon, by_id, icon, problem_summary};
use crate::{
    forms::{self, names::SAVE_VIEW},
    islands::SubmitOnce,
};

/// What is saved.
pub struct SaveView {
    pub list: ViewedList,
    /// The slug of the list's team. `None` for the audit log.
    pub team: Option<String>,
    /// What the view shows: the text of the audit log's search box, or the query of a team's list.
    pub query: String,
    /// The URL of the list.
    pub page: String,
}

impl SaveView {
    /// Whether the page shows the form again because it was refused.
    pub fn is_refused() -> bool {
        !forms::refused(SAVE_VIEW).is_empty()
    }

    pub fn button(&self) -> Option<AnyView> {
        (!Self::is_refused()).then(|| {
            view! {
                <button type="button" popovertarget="save">{icon(Icon::Plus)}"Save this view"</button>
            }
            .into_any()
        })
    }

    pub fn form(&self) -> AnyView {
        let refused = forms::refused(SAVE_VIEW);
        let everyone = match self.list {
            ViewedList::Audit => "Share with everyone",
            ViewedList::Connections | ViewedList::Connectors => "Share with the team",
        };
        let fields = view! {
            <h2 id="save-title">"Save this view"</h2>
            {problem_summary(&refused, by_id([("name", "view-name".to_owned())]))}
            <form class="fields" method="post" action="/api/fn/save_view" aria-labelledby="save-title">
                <input type="hidden" name="list" value=self.list.to_string()/>
                <input type="hidden" name="team" value=self.team.clone().unwrap_or_default()/>
                <input type="hidden" name="query" value=self.query.clone()/>
                <input type="hidden" name="page" value=self.page.clone()/>
                <Field
                    label="View name"
                    name="name"
                    id="view-name"
                    value=refused.value("name", "")
                    required=true
                    autocomplete="off"
                    hint="Shown as a tab with its count."
                    problem=refused.problem("name")
                />
                <div class="field check">
                    <input type="checkbox" id="shared" name="shared" value="yes" checked=refused.typed("shared") == Some("yes")/>
                    <label for="shared">{everyone}</label>
                </div>
                <SubmitOnce label="Save view" class="primary"/>
            </form>
        };
        if refused.is_empty() {
            view! {
                <div class="pop from-below save" id="save" popover="auto" role="dialog" aria-labelledby="save-title">{fields}</div>
            }
            .into_any()
        } else {
            view! { <section class="card card-body save" id="save" aria-labelledby="save-title">{fields}</section> }
                .into_any()
        }
    }
}
