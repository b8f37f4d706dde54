//! The form that filters the audit log, and the filters in force. The form is sent by GET: its whole state is in the
//! URL.

use leptos::prelude::*;
use portal::{
    FieldProblems,
    audit::{Action, FilterInput, Outcome},
    moment,
    teams::Team,
};
use time::OffsetDateTime;

use crate::{
    components::{ActiveFilter, ActiveFilters, Choice, ChoiceField, Field, in_utc},
    query::Query,
};

/// How an operation without an outcome is asked for.
const NONE_YET: &str = "none";

/// All that the form is drawn from.
pub struct FilterForm<'a> {
    pub path: &'static str,
    pub query: &'a Query,
    pub input: &'a FilterInput,
    /// Teams to choose from: those that the visitor reads.
    pub teams: &'a [Team],
    pub problems: &'a FieldProblems,
    pub now: OffsetDateTime,
}

impl FilterForm<'_> {
    pub fn draw(self) -> AnyView {
        let teams: Vec<Choice> = self.teams.iter().map(|team| (team.slug.to_string(), team.name.clone())).collect();
        let actions: Vec<Choice> = Action::ALL.iter().map(|action| (action.to_string(), action.to_string())).collect();
        let active = self.active();
        view! {
            <form class="filters" role="search" aria-label="Filter operations" method="get" action=self.path>
                <Field
                    label="Search"
                    name="q"
                    kind="search"
                    value=self.input.q.clone()
                    placeholder="Names, reasons, Workato's words"
                    problem=self.problem("q")
                />
                <ChoiceField
                    label="Team"
                    name="team"
                    none="all"
                    choices=teams
                    chosen=self.input.team.trim()
                    problem=self.problem("team")
                />
                <Field
                    label="Actor"
                    name="actor"
                    value=self.input.actor.clone()
                    placeholder="Part of a name or e-mail"
                    problem=self.problem("actor")
                />
                <ChoiceField
                    label="Action"
                    name="action"
                    none="any"
                    choices=actions
                    chosen=self.input.action.trim()
                    problem=self.problem("action")
                />
                <ChoiceField
                    label="Outcome"
                    name="outcome"
                    none="any"
                    choices=outcomes()
                    chosen=self.input.outcome.trim()
                    problem=self.problem("outcome")
                />
                <Field
                    label="Target"
                    name="target"
                    value=self.input.target.clone()
                    placeholder="Name, id or connector:3066"
                    problem=self.problem("target")
                />
                <Field
                    label="After (UTC)"
                    name="after"
                    value=self.input.after.clone()
                    placeholder="2026-11-22T14:30 or 24h"
                    list="moments"
                    problem=self.problem("after")
                />
                <Field
                    label="Before (UTC)"
                    name="before"
                    value=self.input.before.clone()
                    placeholder="2026-11-22T14:30 or 24h"
                    list="moments"
                    problem=self.problem("before")
                />
                <datalist id="moments">
                    <option value="24h">"24 hours ago"</option>
                    <option value="7d">"7 days ago"</option>
                    <option value="30d">"30 days ago"</option>
                </datalist>
                <button type="submit" class="button">"Filter"</button>
            </form>
            <ActiveFilters filters=active path=self.path query=self.query.clone() paging=&super::PAGING/>
        }
        .into_any()
    }

    fn problem(&self, field: &str) -> Option<String> {
        self.problems.of(field).map(str::to_owned)
    }

    /// The filters in force, in the order of the form.
    fn active(&self) -> Vec<ActiveFilter> {
        let at = |text: &str| moment::parse(text, self.now).map_or_else(|| text.to_owned(), in_utc);
        let team = |slug: &str| {
            let team = self.teams.iter().find(|team| team.slug.as_str() == slug);
            team.map_or_else(|| slug.to_owned(), |team| team.name.clone())
        };
        let outcome = |word: &str| if word == NONE_YET { "none yet".to_owned() } else { word.to_owned() };
        let same = |text: &str| text.to_owned();
        [
            self.in_force("q", "search", &self.input.q, same),
            self.in_force("team", "team", &self.input.team, team),
            self.in_force("actor", "actor", &self.input.actor, same),
            self.in_force("action", "action", &self.input.action, same),
            self.in_force("outcome", "outcome", &self.input.outcome, outcome),
            self.in_force("target", "target", &self.input.target, same),
            self.in_force("after", "after", &self.input.after, at),
            self.in_force("before", "before", &self.input.before, at),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn in_force(
        &self,
        parameter: &'static str,
        label: &str,
        value: &str,
        words: impl Fn(&str) -> String,
    ) -> Option<ActiveFilter> {
        let value = value.trim();
        let words = (!value.is_empty()).then(|| format!("{label}: {}", words(value)))?;
        Some(ActiveFilter { parameter, words })
    }
}

fn outcomes() -> Vec<Choice> {
    let none_yet = (NONE_YET.to_owned(), "none yet".to_owned());
    Outcome::ALL.iter().map(|outcome| (outcome.to_string(), outcome.to_string())).chain([none_yet]).collect()
}

#[cfg(test)]
mod tests {
    use portal::{FieldProblems, audit::FilterInput};
    use time::macros::datetime;

    use super::{FilterForm, outcomes};
    use crate::query::Query;

    #[test]
    fn filters_in_force_are_told_in_words_and_blank_ones_are_not() {
        let input = FilterInput {
            action: "connector.share".to_owned(),
            outcome: "none".to_owned(),
            after: "24h".to_owned(),
            q: "  ".to_owned(),
            ..FilterInput::default()
        };
        let form = FilterForm {
            path: "/audit",
            query: &Query::default(),
            input: &input,
            teams: &[],
            problems: &FieldProblems::default(),
            now: datetime!(2026-11-22 12:00:30 UTC),
        };
        let words: Vec<_> = form.active().into_iter().map(|filter| filter.words).collect();
        assert_eq!(words, ["action: connector.share", "outcome: none yet", "after: 21 Nov 2026, 12:00:00 UTC"]);
    }

    #[test]
    fn every_outcome_that_is_offered_is_understood() {
        for (outcome, _) in outcomes() {
            let input = FilterInput { outcome, ..FilterInput::default() };
            assert!(input.read(datetime!(2026-11-22 12:00 UTC)).is_ok(), "{}", input.outcome);
        }
    }
}
