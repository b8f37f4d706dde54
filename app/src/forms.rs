//! The forms of the pages: their names, and the refused form that the current request shows again.

use portal::{FieldProblems, PersonId};

use crate::{context, form_memory::Refused};

/// The names of forms, shared by the page that shows a form and the server function that receives it.
pub mod names {
    pub const CREATE_CONNECTION: &str = "create-connection";
    pub const UPDATE_CONNECTION: &str = "update-connection";
    pub const TAG_CONNECTION: &str = "tag-connection";
    pub const DISCONNECT_CONNECTION: &str = "disconnect-connection";
    pub const DELETE_CONNECTION: &str = "delete-connection";
    pub const EXPORT_CONNECTIONS: &str = "export-connections";
    pub const EXPORT_AUDIT: &str = "export-audit";
    pub const SHARE_RECIPE: &str = "share-recipe";
    pub const SHARE_VERSION: &str = "share-version";
    pub const SUPPRESS_CONNECTOR: &str = "suppress-connector";
    pub const REVIEW_OPERATION: &str = "review-operation";
    pub const FLAG_OPERATION: &str = "flag-operation";
    pub const ANSWER_FLAG: &str = "answer-flag";
    pub const SAVE_SEARCH: &str = "save-search";
    pub const CREATE_FEED_TOKEN: &str = "create-feed-token";
}

/// The URL parameter with the id of a refused form.
pub const PARAMETER: &str = "problem";

/// Keeps the input of a form that was accepted and then rejected by Workato, and returns the id to find it by.
pub fn keep_typed(form: &str, typed: &[(&str, &str)]) -> String {
    keep_refused(form, typed, FieldProblems::default())
}

/// Keeps the input and the problems of a refused form, and returns the id to find them by.
pub fn keep_refused(form: &str, typed: &[(&str, &str)], problems: FieldProblems) -> String {
    context::services().forms.keep(person(), form, typed, problems)
}

/// The form of this name, if the URL of this request names it as refused. Otherwise it is empty.
pub fn refused(form: &str) -> Refused {
    context::services().forms.refused(person(), form, &context::query().get(PARAMETER))
}

fn person() -> Option<PersonId> {
    context::visitor().actor.map(|actor| actor.id())
}
