//! The fields that filter the connection list, and the active filters. `portal::connections::FilterInput` parses them.

use std::sync::Arc;

use leptos::prelude::*;
use maud::html;
use portal::{
    FieldProblems,
    connections::{FilterInput, Sort, StatusFilter, UsageFilter},
    moment,
    upstream::Names,
};
use time::OffsetDateTime;
use workato::TagHandle;

use crate::{
    components::{ChoiceField, Field, FolderField, Hint, Mark, Search, TagField, described_by, drawn},
    pages::list::{Filters, ListUrl},
    wording::{
        connections::{status_filter, usage_filter},
        problems, times,
    },
};

/// The orders other than the default one.
const ORDERS: [(&str, &str); 9] = [
    ("updated_at", "oldest update first"),
    ("name", "name, A to Z"),
    ("-name", "name, Z to A"),
    ("application", "application, A to Z"),
    ("-application", "application, Z to A"),
    ("status", "status, broken ones first"),
    ("-status", "status, broken ones last"),
    ("-recipes", "recipes, most first"),
    ("recipes", "recipes, fewest first"),
];
/// Quick choices of an age: the value in the URL, and how it reads.
const QUICK: [(&str, &str); 3] = [("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days")];
/// What the form is rendered from.
pub struct FilterFields<'a> {
    pub url: &'a ListUrl,
    pub input: &'a FilterInput,
    pub names: &'a Names,
    /// Applications to choose from.
    pub applications: Arc<Vec<String>>,
    pub problems: &'a FieldProblems,
    pub now: OffsetDateTime,
}

impl FilterFields<'_> {
    /// The form's fields and the active filters.
    pub fn filters(self) -> Filters {
        let statuses = StatusFilter::ALL.iter().map(|status| (status.to_string(), status_filter(*status).to_owned()));
        let fields = view! {
            {self.folder()}
            {self.tag()}
            {self.application()}
            <ChoiceField
                label="Status"
                name="status"
                none="any"
                choices=statuses.collect()
                chosen=self.input.status.clone()
                problem=self.problem("status")
            />
            {self.usage()}
            {self.updated_after()}
            {self.rare()}
            {self.sort()}
        };
        let search = Search {
            name: "q",
            label: "Name or ID",
            placeholder: "Name or ID",
            value: self.input.q.clone(),
            problem: self.problem("q"),
        };
        Filters { search, fields: Some(fields.into_any()), active: self.active() }
    }

    /// The order, which the headings set on wide screens only.
    fn sort(&self) -> AnyView {
        let mut chosen = self.url.query.get("sort");
        if self.problem("sort").is_some() || chosen == Sort::default().to_string() {
            chosen.clear();
        }
        let choices = ORDERS.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
        view! { <ChoiceField label="Order" name="sort" none="newest update first" choices=choices chosen=chosen/> }
            .into_any()
    }

    fn usage(&self) -> AnyView {
        let usages = UsageFilter::ALL.iter().map(|usage| (usage.to_string(), usage_filter(*usage).to_owned()));
        view! {
            <ChoiceField
                label="Recipes"
                name="usage"
                none="any"
                choices=usages.collect()
                chosen=self.input.usage.clone()
                problem=self.problem("usage")
            />
        }
        .into_any()
    }

    fn problem(&self, field: &str) -> Option<String> {
        problems::of_field(self.problems, field)
    }

    fn folder(&self) -> AnyView {
        FolderField {
            names: self.names,
            name: "folder_id",
            none: "any",
            chosen: self.input.folder_id.trim().to_owned(),
            mark: Mark::None,
            problem: self.problem("folder_id"),
        }
        .render()
    }

    fn tag(&self) -> AnyView {
        TagField {
            names: self.names,
            label: "Tag",
            name: "tag",
            none: "any",
            without: &[],
            chosen: self.input.tag.trim().to_owned(),
            problem: self.problem("tag"),
        }
        .render()
    }

    fn application(&self) -> AnyView {
        let options = drawn(html! { @for name in self.applications.iter() { option value=(name) {} } });
        view! {
            <Field
                label="Application"
                name="provider"
                value=self.input.provider.clone()
                placeholder="any"
                list="applications"
                problem=self.problem("provider")
                unmarked=true
            />
            <datalist id="applications">{options}</datalist>
        }
        .into_any()
    }

    /// A text field, because a date picker cannot hold a quick choice or an invalid value. The quick choices are links,
    /// because a second field of the same name would send the parameter twice.
    fn updated_after(&self) -> AnyView {
        let problem = self.problem("updated_after");
        let base = self.url.first_page();
        let quick: Vec<_> = QUICK
            .iter()
            .map(|(word, label)| {
                let here = self.input.updated_after == *word;
                let class = if here { "badge info" } else { "badge" };
                let href = base.with("updated_after", word).on(&self.url.path);
                view! { <li><a class=class href=href aria-current=here.then_some("true")>{*label}</a></li> }
            })
            .collect();
        view! {
            <div class="field">
                <label for="updated_after">"Updated after (UTC)"</label>
                <input
                    id="updated_after"
                    name="updated_after"
                    value=self.input.updated_after.clone()
                    placeholder="2026-11-22T14:30"
                    aria-invalid=problem.is_some().then_some("true")
                    aria-describedby=described_by("updated_after", false, problem.is_some())
                />
                <ul class="row quick" aria-label="Updated within the last">{quick}</ul>
                <Hint id="updated_after".to_owned() hint=None problem=problem/>
            </div>
        }
        .into_any()
    }

    fn rare(&self) -> AnyView {
        let runtime_problem = self.problem("include_runtime_connections");
        view! {
            <Field
                label="External ID"
                name="external_id"
                value=self.input.external_id.clone()
                problem=self.problem("external_id")
                unmarked=true
            />
            <Field
                label="Parent ID"
                name="parent_id"
                value=self.input.parent_id.clone()
                placeholder="A connection’s ID"
                problem=self.problem("parent_id")
                unmarked=true
            />
            <div class="field check">
                <input
                    type="checkbox"
                    id="include_runtime_connections"
                    name="include_runtime_connections"
                    value="true"
                    checked=self.input.include_runtime_connections.trim() == "true"
                    aria-describedby=described_by("include_runtime_connections", false, runtime_problem.is_some())
                />
                <label for="include_runtime_connections">"Include runtime users’ connections"</label>
                <Hint id="include_runtime_connections".to_owned() hint=None problem=runtime_problem/>
            </div>
        }
        .into_any()
    }

    /// The active filters, in the form's words.
    fn active(&self) -> Vec<(&'static str, String)> {
        let (input, names) = (self.input, self.names);
        let folder = |text: &str| text.parse().ok().and_then(|id| names.folder(id)).unwrap_or(text).to_owned();
        let all = [
            ("q", words(&input.q, |text| format!("name: {text}"))),
            ("folder_id", words(&input.folder_id, |text| format!("folder: {}", folder(text)))),
            ("tag", words(&input.tag, |text| format!("tag: {}", names.tag(&TagHandle::new(text))))),
            ("provider", words(&input.provider, |text| format!("application: {text}"))),
            ("usage", words(&input.usage, |text| format!("recipes: {}", usage(text)))),
            ("status", words(&input.status, |text| format!("status: {}", status(text)))),
            ("updated_after", words(&input.updated_after, |text| updated_after(text, self.now))),
            ("external_id", words(&input.external_id, |text| format!("external ID: {text}"))),
            ("parent_id", words(&input.parent_id, |text| format!("parent: {text}"))),
            (
                "include_runtime_connections",
                words(&input.include_runtime_connections, |text| match text {
                    "false" => "without runtime users’ connections".to_owned(),
                    _ => "with runtime users’ connections".to_owned(),
                }),
            ),
        ];
        all.into_iter().filter_map(|(parameter, words)| Some((parameter, words?))).collect()
    }
}

fn words(value: &str, phrase: impl FnOnce(&str) -> String) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| phrase(value))
}

fn usage(word: &str) -> &str {
    word.parse().map_or(word, |usage| usage_filter(usage))
}

fn status(word: &str) -> &str {
    word.parse().map_or(word, |status| status_filter(status))
}

fn updated_after(text: &str, now: OffsetDateTime) -> String {
    match (QUICK.iter().find(|(word, _)| *word == text), moment::parse(text, now)) {
        (Some((_, label)), _) => format!("updated in the last {label}"),
        (None, Some(at)) => format!("updated after {}", times::exact(at)),
        (None, None) => format!("updated after {text}"),
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        connections::{FilterInput, Sort, SortKey},
        moment,
    };
    use time::macros::datetime;

    use super::{ORDERS, QUICK, status, updated_after};

    #[test]
    fn the_form_offers_every_order() {
        let now = datetime!(2026-11-22 12:00 UTC);
        let read = |sort: &str| FilterInput { sort: sort.to_owned(), ..FilterInput::default() }.read(now);
        let mut offered: Vec<Sort> = ORDERS.iter().map(|(word, _)| read(word).expect("an order").sort).collect();
        offered.push(Sort::default());
        for key in SortKey::ALL {
            for reverse in [false, true] {
                assert!(offered.contains(&Sort { key: *key, reverse }), "{key}, {reverse}");
            }
        }
        assert_eq!(offered.len(), 2 * SortKey::ALL.len());
    }

    #[test]
    fn an_unknown_status_reads_as_it_was_given() {
        assert_eq!((status("failed"), status("odd")), ("Failed", "odd"));
    }

    #[test]
    fn a_quick_choice_reads_as_a_span_and_any_other_time_in_utc() {
        let now = datetime!(2026-11-22 12:00 UTC);
        assert!(QUICK.iter().all(|(word, _)| moment::parse(word, now).is_some()));
        for (text, expected) in [
            ("24h", "updated in the last 24 hours"),
            ("2026-10-23T04:00:15+02:00", "updated after 23 Oct 2026, 02:00:15 UTC"),
            ("yesterday-ish", "updated after yesterday-ish"),
        ] {
            assert_eq!(updated_after(text, now), expected);
        }
    }
}
