//! What became of the operation that a page's URL names (`?operation=ID`), read from the log: that is where a form
//! that changes something leads. A page shows it only for its own target, since anyone can put an id into a URL.

mod advice;
mod phrases;

use leptos::prelude::*;
use portal::{
    Error, OperationId, TeamReader,
    audit::{Logged, OperationSummary, Outcome, TargetType},
};
use time::OffsetDateTime;

use self::{
    advice::{Caveat, after_refusal},
    phrases::Phrases,
};
use super::{Ago, Standing};
use crate::context;

/// The parameter that names the operation.
pub const PARAMETER: &str = "operation";

/// The operation that the URL names.
pub struct AskedOperation {
    pub logged: Logged,
    /// How it ended, where that is known and not in the log yet.
    unrecorded: Option<Outcome>,
}

impl AskedOperation {
    /// What became of it. `history` is its target's operations, newest first: they tell whether what was done has been
    /// overtaken since.
    pub fn notice(&self, history: &[OperationSummary]) -> AnyView {
        let (id, at) = (self.logged.summary.id, self.logged.summary.at);
        let now = OffsetDateTime::now_utc();
        let waited = self.logged.entries.iter().find_map(|entry| entry.entry.workato.as_ref()?.waited_seconds);
        Told::of(&self.logged, self.unrecorded, is_overtaken(id, history), now).draw(id, at, waited)
    }
}

/// The notice for the page of this target. `history` is the target's operations, newest first.
///
/// # Errors
/// When the log cannot be read.
pub async fn operation_notice(
    reader: &TeamReader,
    kind: TargetType,
    target: impl ToString,
    history: &[OperationSummary],
) -> Result<Option<AnyView>, Error> {
    let target = target.to_string();
    let is_of_it =
        |operation: &OperationSummary| operation.target.as_ref().is_some_and(|of| of.kind == kind && of.id == target);
    Ok(asked_operation(reader, is_of_it).await?.map(|asked| asked.notice(history)))
}

/// The operation that the URL names, where it is the team's and `is_of_page`.
///
/// # Errors
/// When the log cannot be read. An id that is none, or of something else, is no error: there is nothing to tell then.
pub async fn asked_operation(
    reader: &TeamReader,
    is_of_page: impl Fn(&OperationSummary) -> bool,
) -> Result<Option<AskedOperation>, Error> {
    let portal = context::portal();
    let Ok(id) = context::query().get(PARAMETER).parse::<OperationId>() else { return Ok(None) };
    let logged = match portal.operation(reader.actor(), id).await {
        Ok(logged) => logged,
        Err(Error::NotFound | Error::Forbidden { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_ours = logged.summary.team_id == Some(reader.team().id) && is_of_page(&logged.summary);
    Ok(is_ours.then(|| AskedOperation { unrecorded: portal.unrecorded_outcome(id), logged }))
}

/// Whether something was done to the same target since.
fn is_overtaken(id: OperationId, history: &[OperationSummary]) -> bool {
    history
        .iter()
        .take_while(|operation| operation.id != id)
        .any(|operation| operation.outcome == Some(Outcome::Succeeded))
}

/// What the notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    /// How the notice looks and how urgently it is read out.
    tone: Tone,
    says: String,
    /// Workato's words, quoted.
    quotes: Option<String>,
    /// What follows from it.
    then: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Good,
    Waiting,
    Doubtful,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "callout notice ok",
            Self::Waiting => "callout notice info",
            Self::Doubtful => "callout notice warn",
            Self::Bad => "callout notice bad",
        }
    }

    fn role(self) -> &'static str {
        match self {
            Self::Good | Self::Waiting => "status",
            Self::Doubtful | Self::Bad => "alert",
        }
    }
}

const LOOKED_UP: &str =
    "The portal looks it up by itself; reload this page to see whether it is settled. Do not repeat it until then.";

impl Told {
    fn of(logged: &Logged, unrecorded: Option<Outcome>, overtaken: bool, now: OffsetDateTime) -> Self {
        let operation = &logged.summary;
        let change = Phrases::of(operation);
        let answer = logged.entries.iter().rev().find_map(|entry| entry.entry.workato.as_ref());
        let said = answer.and_then(|answer| answer.message.clone());
        let plain = |tone, says| Self { tone, says, quotes: None, then: None };
        match Standing::of(operation) {
            Standing::Succeeded if overtaken => plain(Tone::Good, change.was_done),
            Standing::Succeeded => match Caveat::of(operation) {
                None => plain(Tone::Good, change.done),
                Some(caveat) => Self {
                    then: caveat.then(),
                    quotes: said.filter(|_| caveat == Caveat::NotAuthorised),
                    ..plain(
                        if caveat == Caveat::NotAuthorised { Tone::Doubtful } else { Tone::Good },
                        caveat.says(&change),
                    )
                },
            },
            Standing::Rejected => Self {
                quotes: said,
                then: after_refusal(operation.action, answer),
                ..plain(Tone::Bad, format!("Workato refused to {}.", change.infinitive))
            },
            Standing::Failed => Self {
                then: Some("Nothing was changed; it is safe to try again."),
                ..plain(Tone::Bad, with_cause(format!("{}.", change.not_done), said))
            },
            Standing::Unknown => Self {
                then: Some(LOOKED_UP),
                ..plain(Tone::Doubtful, with_cause(format!("Whether {} is not known.", change.passive), said))
            },
            Standing::Waiting => Self {
                then: Some("The portal has looked and could not tell. Look into Workato before you try again."),
                ..plain(Tone::Doubtful, format!("Whether {} is not known.", change.passive))
            },
            Standing::Denied => {
                plain(Tone::Bad, format!("{} had no right to {}.", operation.actor_name, change.infinitive))
            }
            Standing::NotRecorded => Self::unrecorded(operation, unrecorded, change, now),
        }
    }

    fn unrecorded(
        operation: &OperationSummary,
        unrecorded: Option<Outcome>,
        change: Phrases,
        now: OffsetDateTime,
    ) -> Self {
        let (tone, says, then) = match unrecorded {
            Some(Outcome::Succeeded) => {
                (Tone::Doubtful, "Done, but its outcome is not recorded yet.".to_owned(), RECORDED_LATER)
            }
            Some(Outcome::Unknown) => (
                Tone::Doubtful,
                format!("Whether {} is not known, and that is not recorded yet.", change.passive),
                RECORDED_LATER,
            ),
            Some(_) => {
                (Tone::Bad, format!("{}, but its outcome is not recorded yet.", change.not_done), RECORDED_LATER)
            }
            None if operation.deadline.is_some_and(|deadline| deadline < now) => {
                (Tone::Doubtful, format!("Whether {} is not recorded.", change.passive), LOOKED_UP)
            }
            None => (
                Tone::Waiting,
                format!("Under way: to {}.", change.infinitive),
                "Workato has not answered yet; reload this page to see what came of it.",
            ),
        };
        Self { tone, says, quotes: None, then: Some(then) }
    }

    /// `waited` is for how many seconds it waited for its turn.
    fn draw(self, id: OperationId, at: OffsetDateTime, waited: Option<u64>) -> AnyView {
        let waited = waited.map(|seconds| format!(" · after {seconds} s of waiting for a turn"));
        view! {
            <div class=self.tone.class() role=self.tone.role()>
                <p><strong>{self.says}</strong></p>
                {self.quotes.map(|words| view! { <p>"“"{words}"”"</p> })}
                {self.then.map(|then| view! { <p>{then}</p> })}
                <p class="soft"><Ago at=at/>{waited}" · "<a href=format!("/audit/{id}")>"See it in the audit log"</a></p>
            </div>
        }
        .into_any()
    }
}

const RECORDED_LATER: &str =
    "The audit log could not be written just then. The portal tries again by itself; reload this page to see it.";

fn with_cause(says: String, cause: Option<String>) -> String {
    match cause {
        Some(cause) => format!("{says} {}.", cause.trim_end_matches('.')),
        None => says,
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Logged, LoggedEntry, Outcome, State, WorkatoSaid};
    use serde_json::{Value, json};
    use time::{Duration, OffsetDateTime, macros::datetime};

    use super::{Told, Tone, is_overtaken};
    use crate::components::fixture;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    /// Version 4 of Acme Connector was to be shared while `before` was.
    fn shared(outcome: Option<Outcome>, state: State, said: Option<&str>, before: Value) -> Logged {
        let mut summary = fixture::share_of(4, NOW);
        (summary.outcome, summary.state) = (outcome, state);
        let mut entries = Vec::new();
        if let Some(intent) = &mut summary.first {
            intent.before = Some(json!({ "shared_version": before }));
            entries.push(intent.clone());
        }
        if let Some(last) = &mut summary.last {
            last.outcome = outcome;
            last.workato = said.map(|said| WorkatoSaid {
                http_status: None,
                status: None,
                message: Some(said.to_owned()),
                detail: "answered".to_owned(),
                waited_seconds: None,
            });
            entries.push(last.clone());
        }
        let logged = |entry| LoggedEntry { entry, json: String::new(), leaf: [0; 32] };
        Logged { summary, entries: entries.into_iter().map(logged).collect(), removed: Vec::new() }
    }

    fn told(logged: &Logged, unrecorded: Option<Outcome>) -> Told {
        Told::of(logged, unrecorded, false, NOW)
    }

    #[test]
    fn a_share_tells_what_is_shared_now_and_what_was() {
        let says = |before| told(&shared(Some(Outcome::Succeeded), State::Closed, None, before), None).says;
        assert_eq!(says(json!(2)), "Version 4 of Acme Connector is shared now; it was 2.");
        assert_eq!(says(Value::Null), "Version 4 of Acme Connector is shared now; none was before.");
        assert_eq!(says(json!(4)), "Version 4 of Acme Connector is shared now; it was before, too.");
    }

    #[test]
    fn a_share_that_was_overtaken_is_not_called_shared_now() {
        let old = shared(Some(Outcome::Succeeded), State::Closed, None, json!(2));
        let new = shared(Some(Outcome::Succeeded), State::Closed, None, json!(4));
        let refused = shared(Some(Outcome::Rejected), State::Closed, None, json!(4));
        assert!(is_overtaken(old.summary.id, &[new.summary, old.summary.clone()]));
        assert!(!is_overtaken(old.summary.id, &[refused.summary, old.summary.clone()]));
        assert!(!Told::of(&old, None, true, NOW).says.contains("now"));
    }

    #[test]
    fn a_refusal_quotes_workato() {
        let told = told(&shared(Some(Outcome::Rejected), State::Closed, Some("Not released"), json!(2)), None);
        assert_eq!(told.says, "Workato refused to share version 4 of Acme Connector.");
        assert_eq!(told.quotes.as_deref(), Some("Not released"));
        assert_eq!(told.tone.role(), "alert");
    }

    #[test]
    fn what_did_not_happen_is_safe_to_try_again_and_what_may_have_is_not() {
        let failed = told(&shared(Some(Outcome::Failed), State::Closed, Some("429."), json!(2)), None);
        assert_eq!(failed.says, "Version 4 of Acme Connector was not shared. 429.");
        assert!(failed.then.is_some_and(|then| then.contains("safe to try again")));
        let unknown =
            told(&shared(Some(Outcome::Unknown), State::Unsettled, Some("No answer in time"), json!(2)), None);
        assert_eq!(unknown.says, "Whether version 4 of Acme Connector was shared is not known. No answer in time.");
        assert!(unknown.then.is_some_and(|then| !then.contains("safe")));
        let waiting = told(&shared(Some(Outcome::Unknown), State::Waiting, None, json!(2)), None);
        assert!(waiting.then.is_some_and(|then| then.contains("could not tell")));
    }

    #[test]
    fn an_outcome_that_is_known_but_not_recorded_is_told_as_done_and_never_as_failed() {
        let open = shared(None, State::Open, None, json!(2));
        let done = told(&open, Some(Outcome::Succeeded));
        assert_eq!(done.says, "Done, but its outcome is not recorded yet.");
        for outcome in Outcome::ALL {
            assert!(!told(&open, Some(*outcome)).says.contains("failed"), "{outcome}");
        }
    }

    #[test]
    fn an_open_operation_is_under_way_until_its_deadline() {
        let open = shared(None, State::Open, None, json!(2));
        assert_eq!(told(&open, None).tone, Tone::Waiting);
        let late = Told::of(&open, None, false, NOW + Duration::seconds(48));
        assert_eq!(late.tone, Tone::Doubtful);
        assert_eq!(late.says, "Whether version 4 of Acme Connector was shared is not recorded.");
    }
}
