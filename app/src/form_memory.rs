//! Keeps the input and the problems of refused forms until the form's page shows them again. They are kept on the
//! server, because anyone could forge or read them in a URL. Secrets are never kept.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use leptos::prelude::*;
use moka::sync::Cache;
use portal::{FeedTokenId, FieldProblems, OperationId, PersonId};
use uuid::Uuid;

use crate::{shown_once::ShownOnce, wording::problems};

/// A form that was refused, with its input and problems. It is empty if the form was not refused.
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

    /// What was typed into `field`, or else its initial value.
    pub fn value(&self, field: &str, initial: &str) -> String {
        self.typed(field).unwrap_or(initial).to_owned()
    }

    /// The problem with `field`.
    pub fn problem(&self, field: &str) -> Option<String> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problems::problem(&problem.problem))
    }

    /// The id for the operation that the form starts. A refused form keeps its id, because a refusal does not use it.
    pub fn operation(&self) -> OperationId {
        self.typed("operation").and_then(|id| id.parse().ok()).unwrap_or_else(OperationId::new)
    }

    /// The alert above a refused form. The problems are shown beside the fields.
    pub fn alert(&self) -> Option<AnyView> {
        (!self.is_empty()).then(|| {
            view! { <p class="problem" role="alert">"Nothing was sent: something below needs another look."</p> }
                .into_any()
        })
    }

    /// The problems in one line, for a page that cannot show the form again.
    pub fn unsent(&self) -> Option<String> {
        let problems: Vec<_> = self.problems.iter().map(|problem| problems::problem(&problem.problem)).collect();
        (!problems.is_empty()).then(|| format!("Nothing was sent. {}", problems.join(" ")))
    }

    /// Whether the form was not refused.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What the forms of the last 15 minutes keep for the pages that they redirect to.
#[derive(Clone, Debug)]
pub struct FormMemory {
    refused: Cache<Uuid, Arc<Kept>>,
    /// One-time links that were not shown yet.
    pub links: ShownOnce<PersonId>,
    /// Feed tokens that were not shown yet.
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
    /// Keeps the input and the problems of `form`, and returns the id to find them by.
    pub fn keep(
        &self,
        person: Option<PersonId>,
        form: &str,
        typed: &[(&str, &str)],
        problems: FieldProblems,
    ) -> String {
        let id = Uuid::new_v4();
        // A longer value is not kept. Its problem says that it is too long.
        let typed = typed
            .iter()
            .filter(|(_, value)| value.len() <= 8_192)
            .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
            .collect();
        let refused = Refused { typed, problems };
        self.refused.insert(id, Arc::new(Kept { person, form: form.to_owned(), refused }));
        id.to_string()
    }

    /// The form `form` that `person` sent, if it was kept under `id`.
    pub fn refused(&self, person: Option<PersonId>, form: &str, id: &str) -> Refused {
        let Ok(id) = Uuid::try_parse(id) else { return Refused::default() };
        match self.refused.get(&id) {
            Some(kept) if kept.person == person && kept.form == form => kept.refused.clone(),
            _ => Refused::default(),
        }
    }
}
