//! The search form of the audit log, and the active filters. The form uses GET, so the URL has its whole state.
//! `portal::audit::FilterInput` parses it.

use leptos::prelude::*;
use portal::{
    FieldProblems,
    audit::{
        Action, AuditQuery, BOX, Clause, Condition, FilterInput, Key, OutcomeFilter, ReviewFilter, Suggestions, Took,
    },
    one_line,
    teams::Team,
};

use crate::{
    components::{ActiveFilter, ActiveFilters, ButtonLook, Choice, ChoiceField, Field, SubmitButton},
    query::Query,
    wording::{
        outcomes::outcome_filter,
        problems,
        reviews::review_filter,
        targets,
        times::{self, exact},
    },
};

/// What the form is rendered from.
pub struct FilterForm<'a> {
    pub path: &'static str,
    /// The list's query, without the paging parameters.
    pub query: &'a Query,
    pub input: &'a FilterInput,
    /// The parsed search. Empty if it could not be parsed.
    pub parsed: &'a AuditQuery,
    /// The teams that the visitor may read.
    pub teams: &'a [Team],
    pub suggestions: &'a Suggestions,
    pub problems: &'a FieldProblems,
}

impl FilterForm<'_> {
    pub fn render(self) -> AnyView {
        let teams: Vec<Choice> = self.teams.iter().map(|team| (team.slug.to_string(), team.name.clone())).collect();
        let actions: Vec<Choice> = Action::ALL.iter().map(|action| (action.to_string(), action.to_string())).collect();
        let choice = |key: Key, label: &'static str, none: &'static str, choices, chosen: &String| {
            view! {
                <ChoiceField
                    label=label
                    name=key.as_str()
                    none=none
                    choices=choices
                    chosen=chosen.trim()
                    problem=self.problem(key.as_str())
                />
            }
        };
        let text = |key: Key, label: &'static str, value: &String, placeholder: &'static str, list: &'static str| {
            view! {
                <Field
                    label=label
                    name=key.as_str()
                    value=value.clone()
                    placeholder=placeholder
                    list=list
                    problem=self.problem(key.as_str())
                    unmarked=true
                />
            }
        };
        view! {
            <form class="filters search" role="search" aria-label="Search the audit log" method="get" action=self.path>
                <div class="search-box">
                    <Field
                        label="Search"
                        name=BOX
                        kind="search"
                        value=self.input.q.clone()
                        placeholder="Search names, reasons, messages, or actor:olga -outcome:succeeded"
                        list="searches"
                        problem=self.problem(BOX)
                        unmarked=true
                    />
                    <SubmitButton look=ButtonLook::Primary>"Search"</SubmitButton>
                </div>
                // Collapsed only on narrow screens, where the list would otherwise start below the fold.
                <details class="filter-fold" open=self.is_used()>
                    <summary>"Filters"</summary>
                    <div class="fold-fields">
                        {choice(Key::Team, "Team", "all", teams, &self.input.team)}
                        {choice(Key::Action, "Action", "any", actions, &self.input.action)}
                        {choice(Key::Outcome, "Outcome", "any", outcomes(), &self.input.outcome)}
                        {choice(Key::Reviewed, "Review", "any", reviews(), &self.input.reviewed)}
                        {choice(Key::Took, "Took", "any", tooks(), &self.input.took)}
                        {text(Key::Actor, "Actor", &self.input.actor, "Part of a name or email", "actors")}
                        {text(Key::Target, "Target", &self.input.target, "Name, ID or connector:3066", "targets")}
                        {text(Key::After, "After (UTC)", &self.input.after, "2026-11-22T14:30 or 24h", "moments")}
                        {text(Key::Before, "Before (UTC)", &self.input.before, "2026-11-22T14:30 or 24h", "moments")}
                        {text(Key::Batch, "Batch", &self.input.batch, "ID of a job", "")}
                    </div>
                </details>
                {help()}
                {datalists(self.suggestions)}
            </form>
            <ActiveFilters filters=self.active() path=self.path cleared=Query::default()/>
        }
        .into_any()
    }

    fn problem(&self, field: &str) -> Option<String> {
        problems::of_field(self.problems, field)
    }

    /// Whether a field other than the search box has a value or a problem.
    fn is_used(&self) -> bool {
        Key::ALL.iter().any(|key| !self.query.get(key.as_str()).is_empty() || self.problem(key.as_str()).is_some())
    }

    /// The active filters: the clauses of the search box, then the fields.
    fn active(&self) -> Vec<ActiveFilter> {
        let of = |field: &str| self.parsed.clauses.iter().filter(|clause| clause.field == field).collect::<Vec<_>>();
        let boxed = of(BOX);
        let without = |left_out: usize| {
            let rest: Vec<Clause> = boxed
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != left_out)
                .map(|(_, clause)| (*clause).clone())
                .collect();
            self.query.with(BOX, &AuditQuery { clauses: rest }.to_string())
        };
        let conditions = boxed
            .iter()
            .enumerate()
            .map(|(at, clause)| ActiveFilter { words: clause.to_string(), without: without(at) });
        let fields = Key::ALL.iter().filter_map(|key| {
            let words: Vec<String> = of(key.as_str()).into_iter().map(|clause| self.words(clause)).collect();
            let words = (!words.is_empty()).then(|| format!("{key}: {}", words.join(" ")))?;
            Some(ActiveFilter { words, without: self.query.without(&[key.as_str()]) })
        });
        conditions.chain(fields).collect()
    }

    /// What a field asks for, without its name.
    fn words(&self, clause: &Clause) -> String {
        let name = |slug: &str| {
            let team = self.teams.iter().find(|team| team.slug.as_str() == slug);
            team.map_or_else(|| slug.to_owned(), |team| team.name.clone())
        };
        let words = match &clause.condition {
            Condition::Text(words) | Condition::Actor(words) | Condition::Target(words) => words.text.clone(),
            Condition::ExactTarget(kind, id) => format!("{kind} {id}"),
            Condition::Operation(id) => id.to_string(),
            Condition::Team(any) => any.values.iter().map(|team| name(team.as_str())).collect::<Vec<_>>().join(", "),
            Condition::Action(any) => any.spelled.clone(),
            Condition::Outcome(any) => list_words(&any.values, outcome_filter),
            Condition::Reviewed(any) => list_words(&any.values, review_filter),
            Condition::Took(any) => list_words(&any.values, times::took),
            Condition::Batch(batch) => batch.to_string(),
            Condition::After(when) | Condition::Before(when) => exact(when.at),
        };
        if clause.excluded { format!("not {words}") } else { words }
    }
}

fn list_words<T: Copy>(values: &[T], words: impl Fn(T) -> &'static str) -> String {
    values.iter().map(|value| words(*value)).collect::<Vec<_>>().join(", ")
}

fn outcomes() -> Vec<Choice> {
    OutcomeFilter::ALL.iter().map(|outcome| (outcome.to_string(), outcome_filter(*outcome).to_owned())).collect()
}

fn reviews() -> Vec<Choice> {
    ReviewFilter::ALL.iter().map(|review| (review.to_string(), review_filter(*review).to_owned())).collect()
}

fn tooks() -> Vec<Choice> {
    Took::ALL.iter().map(|took| (took.to_string(), times::took(*took).to_owned())).collect()
}

/// The syntax of the search box.
fn help() -> AnyView {
    let line = |spelled: &'static str, means: &'static str| view! { <dt><code>{spelled}</code></dt><dd>{means}</dd> };
    view! {
        <details class="more">
            <summary>"Search help"</summary>
            <dl class="facts spelling">
                {line("refund invoice", "both words, matched from their start")}
                {line("\"loses invoices\"", "the exact phrase")}
                {line("actor:olga", "by a person with this name or email")}
                {line("team:payments", "in this team")}
                {line("action:connector.share", "one action; action:connector matches all on connectors")}
                {line("outcome:failed,unknown", "either outcome; none means no outcome yet")}
                {line("target:connector:3066", "on this target; target:acme matches by name")}
                {line("after:24h before:2026-11-22", "started in the last 24 hours, and before that day")}
                {line("reviewed:no", "not reviewed yet; also yes, flagged and answered")}
                {line("took:5s-30s", "duration; also under-1s, 1s-5s, 30s-5m, over-5m")}
                {line("batch:019ab2c4-…", "the operations of one job, by its ID")}
                {line("-actor:system", "a leading dash excludes")}
            </dl>
        </details>
    }
    .into_any()
}

fn datalists(suggestions: &Suggestions) -> AnyView {
    let option = |value: String, label: String| view! { <option value=value label=label></option> };
    let actors = suggestions.actors.iter().map(|(name, email)| option(quoted(name), email.clone().unwrap_or_default()));
    let targets = suggestions
        .targets
        .iter()
        .map(|target| option(format!("{}:{}", target.kind, target.id), one_line(&targets::label(target))));
    let by_actor = suggestions
        .actors
        .iter()
        .map(|(name, email)| option(format!("actor:{}", quoted(name)), email.clone().unwrap_or_default()));
    let by_target = suggestions
        .targets
        .iter()
        .map(|target| option(format!("target:{}:{}", target.kind, target.id), one_line(&targets::label(target))));
    let by_review = ReviewFilter::ALL.iter().map(|review| option(format!("reviewed:{review}"), String::new()));
    let by_outcome = OutcomeFilter::ALL.iter().map(|outcome| option(format!("outcome:{outcome}"), String::new()));
    view! {
        <datalist id="searches">{by_review.chain(by_outcome).chain(by_actor).chain(by_target).collect_view()}</datalist>
        <datalist id="actors">{actors.collect_view()}</datalist>
        <datalist id="targets">{targets.collect_view()}</datalist>
        <datalist id="moments">
            <option value="24h" label="24 hours ago"></option>
            <option value="7d" label="7 days ago"></option>
            <option value="30d" label="30 days ago"></option>
        </datalist>
    }
    .into_any()
}

/// A name in the search syntax, quoted if it has several words.
fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) {
        format!("\"{}\"", one_line(&name.replace('"', " ")))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        FieldProblems,
        audit::{FilterInput, Suggestions},
    };
    use time::macros::datetime;

    use super::{FilterForm, outcomes, quoted, reviews, tooks};
    use crate::query::Query;

    const NOW: time::OffsetDateTime = datetime!(2026-11-22 12:00:30 UTC);

    #[test]
    fn each_active_filter_links_to_the_list_without_it() {
        let query =
            Query::of(&"/audit?q=refund+-actor%3Aolga+%22two+words%22&outcome=none&after=24h".parse().expect("a path"));
        let input = FilterInput {
            q: query.get("q"),
            outcome: query.get("outcome"),
            after: query.get("after"),
            ..FilterInput::default()
        };
        let form = FilterForm {
            path: "/audit",
            query: &query,
            input: &input,
            parsed: &input.read(NOW).expect("a filter").query,
            teams: &[],
            suggestions: &Suggestions::default(),
            problems: &FieldProblems::default(),
        };
        let active: Vec<_> =
            form.active().into_iter().map(|filter| (filter.words, filter.without.on("/audit"))).collect();
        let rest = "outcome=none&after=24h";
        assert_eq!(
            active,
            [
                ("refund".to_owned(), format!("/audit?{rest}&q=-actor%3Aolga+%22two+words%22")),
                ("-actor:olga".to_owned(), format!("/audit?{rest}&q=refund+%22two+words%22")),
                ("\"two words\"".to_owned(), format!("/audit?{rest}&q=refund+-actor%3Aolga")),
                ("outcome: none yet".to_owned(), "/audit?q=refund+-actor%3Aolga+%22two+words%22&after=24h".to_owned()),
                (
                    "after: 21 Nov 2026, 12:00:00 UTC".to_owned(),
                    "/audit?q=refund+-actor%3Aolga+%22two+words%22&outcome=none".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn every_offered_choice_can_be_parsed() {
        for (outcome, _) in outcomes() {
            let input = FilterInput { outcome, ..FilterInput::default() };
            assert!(input.read(NOW).is_ok(), "{}", input.outcome);
        }
        for (reviewed, _) in reviews() {
            let input = FilterInput { reviewed, ..FilterInput::default() };
            assert!(input.read(NOW).is_ok(), "{}", input.reviewed);
        }
        for (took, _) in tooks() {
            let input = FilterInput { took, ..FilterInput::default() };
            assert!(input.read(NOW).is_ok(), "{}", input.took);
        }
    }

    #[test]
    fn a_name_with_several_words_is_suggested_in_quotes() {
        assert_eq!(quoted("system"), "system");
        assert_eq!(quoted("Olga \"O\" Operator"), "\"Olga O Operator\"");
    }
}
