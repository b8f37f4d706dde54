//! What was typed into a form that was refused: kept here for the page that shows it again, and never in a URL, where
//! it could be forged or read. Secrets are not kept at all.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use leptos::prelude::*;
use moka::sync::Cache;
use portal::{FeedTokenId, FieldProblems, OperationId, PersonId};
use uuid::Uuid;

use crate::{context, shown_once::ShownOnce};

/// The names of forms, which their pages and the server functions that they are posted to know them by.
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

/// The parameter by which a page finds what was typed.
pub const PARAMETER: &str = "problem";

/// A form that was refused. An empty one stands for a form that was not.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    typed: BTreeMap<String, String>,
    problems: FieldProblems,
}

impl Refused {
    /// What was typed into `field`.
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.typed.get(field).map(String::as_str)
    }

    /// What was typed into `field`, or what stood there at first.
    pub fn value(&self, field: &str, at_first: &str) -> String {
        self.typed(field).unwrap_or(at_first).to_owned()
    }

    /// What is wrong with `field`.
    pub fn problem(&self, field: &str) -> Option<String> {
        self.problems.of(field).map(str::to_owned)
    }

    /// The id of the operation to be: a refused form keeps its own, since what was refused did not use it up.
    pub fn operation(&self) -> OperationId {
        self.typed("operation").and_then(|id| id.parse().ok()).unwrap_or_else(OperationId::new)
    }

    /// Says above the form that it was refused; what is wrong stands beside its fields.
    pub fn alert(&self) -> Option<AnyView> {
        (!self.is_empty()).then(|| {
            view! { <p class="problem" role="alert">"Nothing was sent: something below needs another look."</p> }
                .into_any()
        })
    }

    /// What was wrong with it, in one line, for a page that cannot show the form again.
    pub fn unsent(&self) -> Option<String> {
        let problems: Vec<_> = self.problems.iter().map(|problem| problem.message.as_str()).collect();
        (!problems.is_empty()).then(|| format!("Nothing was sent. {}", problems.join(" ")))
    }

    /// Whether this form was not refused.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What the forms of the last minutes leave for the pages that they lead to.
#[derive(Clone, Debug)]
pub struct FormMemory {
    refused: Cache<Uuid, Arc<Kept>>,
    /// One-time links that nobody has seen yet.
    pub links: ShownOnce<PersonId>,
    /// Tokens of the feed that nobody has seen yet.
    pub tokens: ShownOnce<FeedTokenId>,
}

#[derive(Debug)]
struct Kept {
    person: Option<PersonId>,
    form: String,
    refused: Refused,
}

impl Default for FormMemory {
    fn default() -> Self {
        let refused = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(900)).build();
        Self { refused, links: ShownOnce::default(), tokens: ShownOnce::default() }
    }
}

impl FormMemory {
    /// Keeps what was typed into `form` and what is wrong with it; the answer finds it again.
    pub fn keep(
        &self,
        person: Option<PersonId>,
        form: &str,
        typed: &[(&str, &str)],
        problems: FieldProblems,
    ) -> String {
        let id = Uuid::new_v4();
        // What is too long to be typed is not kept: the message tells it.
        let typed = typed
            .iter()
            .filter(|(_, value)| value.len() <= 8_192)
            .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
            .collect();
        let refused = Refused { typed, problems };
        self.refused.insert(id, Arc::new(Kept { person, form: form.to_owned(), refused }));
        id.to_string()
    }
}

/// Keeps what was typed into a form that was taken and then refused by Workato, for the page that shows it again.
pub fn keep_typed(form: &str, typed: &[(&str, &str)]) -> String {
    let person = context::visitor().actor.map(|actor| actor.id());
    context::services().forms.keep(person, form, typed, FieldProblems::default())
}

/// The form of this name as it was refused, if the page was opened to show that; else an empty one.
pub fn refused(form: &str) -> Refused {
    let person = context::visitor().actor.map(|actor| actor.id());
    let Ok(id) = Uuid::try_parse(&context::query().get(PARAMETER)) else { return Refused::default() };
    match context::services().forms.refused.get(&id) {
        Some(kept) if kept.person == person && kept.form == form => kept.refused.clone(),
        _ => Refused::default(),
    }
}
