//! Keeps the input and the problems of forms that were not accepted, until the form's page shows them again. They are
//! kept on the server, because anyone could forge or read them in a URL. Secrets are never kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use portal::{FeedTokenId, FieldProblems, OperationId, PersonId};
use uuid::Uuid;

use crate::{
    form_shelf::{Bounds, Owner, Shelf},
    shown_once::ShownOnce,
    wording::problems,
};

/// The field with the id of the operation that a form starts.
pub const OPERATION: &str = "operation";
const KEPT_FOR: Duration = Duration::from_secs(3_600);
const OF_PEOPLE: Bounds = Bounds { bytes_per_owner: 512 << 10, bytes_in_all: 32 << 20, kept_for: KEPT_FOR };
/// Only forms for people who have no session yet: they sign in, join, or set up the portal. Of these, the e-mail is kept.
const OF_STRANGERS: Bounds = Bounds { bytes_per_owner: 32 << 10, bytes_in_all: 4 << 20, kept_for: KEPT_FOR };
/// The field of a stranger's form that is kept, and its longest value.
const OF_STRANGERS_KEPT: &str = "email";
const LONGEST_EMAIL: usize = 254;
/// A longer value is not kept. Its problem says that it is too long.
const LONGEST_VALUE: usize = 8_192;

/// A form that was not accepted, with its input and problems. It is empty if the form was never sent.
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
        self.typed(OPERATION).and_then(|id| id.parse().ok()).unwrap_or_else(OperationId::new)
    }

    /// Every problem with its field, in the order in which it was found.
    pub fn problems(&self) -> impl Iterator<Item = (&str, String)> {
        self.problems.iter().map(|found| (found.field.as_str(), problems::problem(&found.problem)))
    }

    /// The problems in one line, for a page that cannot show the form again.
    pub fn unsent(&self) -> Option<String> {
        let problems: Vec<_> = self.problems.iter().map(|problem| problems::problem(&problem.problem)).collect();
        (!problems.is_empty()).then(|| format!("Nothing was sent. {}", problems.join(" ")))
    }

    /// Whether the form was sent and something is wrong with it.
    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Whether there is nothing to show again.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty() && self.problems.is_empty()
    }

    /// How many bytes it takes, roughly.
    fn bytes(&self) -> usize {
        let typed: usize = self.typed.iter().map(|(field, value)| 64 + field.len() + value.len()).sum();
        typed + serde_json::to_string(&self.problems).map_or(0, |problems| problems.len())
    }
}

/// Why a form is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its input was refused, or Workato rejected the change.
    Refused,
    /// The session had ended when it was sent.
    SignedOut,
    /// Its sender had to confirm first who they are.
    FactorNeeded,
    /// The id of its operation was used before, for something else.
    IdUsed,
}

/// A form before it is kept.
pub struct Sent<'a> {
    /// The form's name on its page.
    pub name: &'a str,
    /// The input. No secrets.
    pub typed: &'a [(&'a str, &'a str)],
    pub problems: FieldProblems,
    pub why: Why,
}

#[derive(Clone, Debug)]
struct Kept {
    form: String,
    why: Why,
    refused: Refused,
}

/// What forms keep for the pages that they redirect to.
#[derive(Clone, Debug)]
pub struct FormMemory {
    of_people: Arc<Mutex<Shelf<Arc<Kept>>>>,
    of_strangers: Arc<Mutex<Shelf<Arc<Kept>>>>,
    /// One-time links that were not shown yet.
    pub links: ShownOnce<PersonId>,
    /// Feed tokens that were not shown yet.
    pub tokens: ShownOnce<FeedTokenId>,
    /// Recovery codes that were not shown yet, one a line.
    pub recovery_codes: ShownOnce<()>,
}

impl Default for FormMemory {
    fn default() -> Self {
        Self {
            of_people: Arc::new(Mutex::new(Shelf::new(OF_PEOPLE))),
            of_strangers: Arc::new(Mutex::new(Shelf::new(OF_STRANGERS))),
            links: ShownOnce::default(),
            tokens: ShownOnce::default(),
            recovery_codes: ShownOnce::default(),
        }
    }
}

impl FormMemory {
    /// Keeps a form, and returns the id to find it by. A form whose operation's id can no longer be used gets a new one
    /// when it is shown.
    pub fn keep(&self, owner: Owner, sent: Sent<'_>) -> String {
        let has_its_id = sent.why == Why::Refused;
        let is_kept = |field: &str, value: &str| match owner {
            Owner::Person(_) => value.len() <= LONGEST_VALUE && (has_its_id || field != OPERATION),
            Owner::Stranger(_) => value.len() <= LONGEST_EMAIL && field == OF_STRANGERS_KEPT,
        };
        let typed = sent
            .typed
            .iter()
            .filter(|(field, value)| is_kept(field, value))
            .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
            .collect();
        let refused = Refused { typed, problems: sent.problems };
        let bytes = refused.bytes();
        let kept = Kept { form: sent.name.to_owned(), why: sent.why, refused };
        self.shelf(owner.person()).keep(owner, bytes, Arc::new(kept), Instant::now()).to_string()
    }

    /// The form `form` that `person` sent, if it was kept under `id`.
    pub fn refused(&self, person: Option<PersonId>, form: &str, id: &str) -> Refused {
        match self.kept(person, id) {
            Some(kept) if kept.form == form => kept.refused.clone(),
            _ => Refused::default(),
        }
    }

    /// Why a form of `person` that was kept under `id` is shown again.
    pub fn why(&self, person: Option<PersonId>, id: &str) -> Option<Why> {
        self.kept(person, id).map(|kept| kept.why)
    }

    /// Whether a form is kept under `id` for anybody who signs in.
    pub fn waits_for_sign_in(&self, id: &str) -> bool {
        let people = self.of_people.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::try_parse(id).is_ok_and(|id| people.has(id, Instant::now()))
    }

    fn kept(&self, person: Option<PersonId>, id: &str) -> Option<Arc<Kept>> {
        self.shelf(person).get(person, Uuid::try_parse(id).ok()?, Instant::now())
    }

    fn shelf(&self, person: Option<PersonId>) -> MutexGuard<'_, Shelf<Arc<Kept>>> {
        let shelf = if person.is_some() { &self.of_people } else { &self.of_strangers };
        shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use portal::{FieldProblems, OperationId, PersonId};

    use std::net::IpAddr;

    use super::{FormMemory, OF_STRANGERS, OPERATION, Owner, Sent, Why};

    #[test]
    fn only_a_refused_form_keeps_the_id_of_its_operation() {
        let (memory, person, id) = (FormMemory::default(), PersonId::new(), OperationId::new());
        let drawn = id.to_string();
        for (why, keeps) in
            [(Why::Refused, true), (Why::SignedOut, false), (Why::FactorNeeded, false), (Why::IdUsed, false)]
        {
            let typed = [(OPERATION, drawn.as_str()), ("reason", "They asked")];
            let sent = Sent { name: "share", typed: &typed, problems: FieldProblems::default(), why };
            let kept = memory.keep(Owner::Person(person), sent);
            let again = memory.refused(Some(person), "share", &kept);
            assert_eq!(again.typed("reason"), Some("They asked"));
            assert_eq!(again.operation() == id, keeps, "{why:?}");
            assert_eq!(memory.why(Some(person), &kept), Some(why));
            assert!(memory.refused(Some(person), "another", &kept).is_empty());
            assert!(memory.refused(Some(PersonId::new()), "share", &kept).is_empty());
            assert!(memory.refused(None, "share", &kept).is_empty());
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_left_out() {
        let (memory, long, person) = (FormMemory::default(), "x".repeat(8_193), PersonId::new());
        let typed = [("reason", long.as_str()), ("name", "Ada")];
        let sent = Sent { name: "share", typed: &typed, problems: FieldProblems::default(), why: Why::Refused };
        let id = memory.keep(Owner::Person(person), sent);
        let kept = memory.refused(Some(person), "share", &id);
        assert_eq!((kept.typed("reason"), kept.typed("name")), (None, Some("Ada")));
    }

    #[test]
    fn of_a_strangers_form_nothing_but_the_e_mail_is_kept() {
        let memory = FormMemory::default();
        let long = "x".repeat(255);
        for (email, expected) in [("ada@example.com", Some("ada@example.com")), (long.as_str(), None)] {
            let typed = [("email", email), ("name", "Ada"), ("operation", "an id")];
            let sent = Sent { name: "set-up", typed: &typed, problems: FieldProblems::default(), why: Why::Refused };
            let id = memory.keep(Owner::stranger(None), sent);
            let kept = memory.refused(None, "set-up", &id);
            assert_eq!((kept.typed("email"), kept.typed("name"), kept.typed("operation")), (expected, None, None));
            assert!(!memory.waits_for_sign_in(&id));
        }
    }

    #[test]
    fn refused_forms_of_strangers_do_not_take_the_room_of_people() {
        let (memory, person) = (FormMemory::default(), PersonId::new());
        let keep = |owner: Owner, typed: &[(&str, &str)]| {
            let sent = Sent { name: "form", typed, problems: FieldProblems::default(), why: Why::Refused };
            memory.keep(owner, sent)
        };
        let kept = keep(Owner::Person(person), &[("reason", "They asked")]);
        for number in 0..12_000_u32 {
            let stranger = Owner::stranger(Some(IpAddr::from(number.to_be_bytes())));
            keep(stranger, &[("email", "somebody@example.com"), ("name", &"x".repeat(8_000))]);
        }
        assert_eq!(memory.refused(Some(person), "form", &kept).typed("reason"), Some("They asked"));
        let bytes = memory.of_strangers.lock().expect("nobody panics").bytes();
        assert!(bytes <= OF_STRANGERS.bytes_in_all, "{bytes}");
    }
}
