//! The filter of the connection list: as text in a URL, and which connections match it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use workato::{Connection, ConnectionQuery, TagHandle, UpdatedAfter};

use super::{Sort, SortKey, StatusFilter, UsageFilter};
use crate::{
    FieldProblems, IdOf, Paging, Problem,
    fields::{field, flag, paging, part_of_name, short},
    impact::OwnRecipes,
    moment,
    names::folded,
};

/// The parameters of the list in a URL.
pub const PARAMETERS: &[&str] = &[
    "folder_id",
    "tag",
    "updated_after",
    "provider",
    "status",
    "usage",
    "q",
    "external_id",
    "parent_id",
    "include_runtime_connections",
    "sort",
    "page",
    "rows",
    "columns",
    "density",
];

/// The filter as text in a URL or a form. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterInput {
    /// A folder's id.
    pub folder_id: String,
    /// A tag's handle.
    pub tag: String,
    /// A time: see [`moment::parse`].
    pub updated_after: String,
    /// An application, such as `salesforce`.
    pub provider: String,
    /// A status.
    pub status: String,
    /// How recipes use it.
    pub usage: String,
    /// Part of a name, or an id.
    pub q: String,
    /// A complete external id.
    pub external_id: String,
    /// A connection's id.
    pub parent_id: String,
    /// `true` to include the connections of runtime users.
    pub include_runtime_connections: String,
    /// A column to sort by, with `-` before it to reverse.
    pub sort: String,
    /// The number of the page, counted from 1.
    pub page: String,
    /// How many rows a page has.
    pub rows: String,
}

/// A valid filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What Workato filters by.
    pub query: ConnectionQuery,
    /// Only those with this tag.
    pub tag: Option<TagHandle>,
    /// Only those of this status.
    pub status: Option<StatusFilter>,
    /// Only those that recipes use like this.
    pub usage: Option<UsageFilter>,
    /// Only those whose name contains this, as [`folded`], or whose id it is.
    pub text: Option<String>,
    /// The order.
    pub sort: Sort,
    /// Which page, of how many rows.
    pub paging: Paging,
}

impl FilterInput {
    /// The filter in a URL, whose parameters have these values.
    pub fn of(value: impl Fn(&str) -> String) -> Self {
        Self {
            folder_id: value("folder_id"),
            tag: value("tag"),
            updated_after: value("updated_after"),
            provider: value("provider"),
            status: value("status"),
            usage: value("usage"),
            q: value("q"),
            external_id: value("external_id"),
            parent_id: value("parent_id"),
            include_runtime_connections: value("include_runtime_connections"),
            sort: value("sort"),
            page: value("page"),
            rows: value("rows"),
        }
    }

    /// The fields that filter or sort, as they were given, without the page.
    pub(super) fn in_force(&self) -> BTreeMap<&'static str, &str> {
        let all = [
            ("folder_id", &self.folder_id),
            ("tag", &self.tag),
            ("updated_after", &self.updated_after),
            ("provider", &self.provider),
            ("status", &self.status),
            ("usage", &self.usage),
            ("q", &self.q),
            ("external_id", &self.external_id),
            ("parent_id", &self.parent_id),
            ("include_runtime_connections", &self.include_runtime_connections),
            ("sort", &self.sort),
        ];
        all.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Reads the filter. Periods such as `24h` end at `now`.
    ///
    /// # Errors
    /// The problems, by field. An invalid filter never matches everything.
    pub fn read(&self, now: OffsetDateTime) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let query = ConnectionQuery {
            folder_id: field(&mut problems, "folder_id", &self.folder_id, |text| {
                text.parse().map_err(|_| Problem::NotAnId { of: IdOf::Folder })
            }),
            parent_id: field(&mut problems, "parent_id", &self.parent_id, |text| {
                text.parse().map_err(|_| Problem::NotAnId { of: IdOf::Connection })
            }),
            updated_after: field(&mut problems, "updated_after", &self.updated_after, |text| {
                moment::parse(text, now).map(UpdatedAfter::new).ok_or(Problem::NotAMoment)
            }),
            external_id: field(&mut problems, "external_id", &self.external_id, short),
            provider: field(&mut problems, "provider", &self.provider, short),
            include_runtime_connections: field(
                &mut problems,
                "include_runtime_connections",
                &self.include_runtime_connections,
                flag,
            )
            .unwrap_or(false),
            ..ConnectionQuery::default()
        };
        let filter = Filter {
            query,
            tag: field(&mut problems, "tag", &self.tag, |text| short(text).map(TagHandle::new)),
            status: field(&mut problems, "status", &self.status, |text| text.parse().map_err(|_| Problem::NotAStatus)),
            usage: field(&mut problems, "usage", &self.usage, |text| text.parse().map_err(|_| Problem::NotAUsage)),
            text: field(&mut problems, "q", &self.q, part_of_name).map(|text| folded(&text)),
            sort: field(&mut problems, "sort", &self.sort, Sort::read).unwrap_or_default(),
            paging: paging(&mut problems, &self.page, &self.rows),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

impl Filter {
    /// The positions in `connections` of those that match, sorted. Without `recipes`, no connection has a known usage.
    pub(super) fn places(&self, connections: &[Connection], recipes: Option<&OwnRecipes>) -> Vec<usize> {
        let is_used = |connection: &Connection| {
            self.usage.is_none_or(|usage| recipes.is_some_and(|recipes| usage.is_of(connection, recipes)))
        };
        let matches = |place: &usize| self.matches(&connections[*place]) && is_used(&connections[*place]);
        let mut places: Vec<usize> = (0..connections.len()).filter(matches).collect();
        self.sort.apply(connections, recipes, &mut places);
        places
    }

    /// What decides which connections are shown and in which order, as a text that no other filter has.
    pub(super) fn without_page(&self) -> String {
        let Self { query, tag, status, usage, text, sort, paging: _ } = self;
        format!("{:?}", (query, tag, status, usage, text, sort))
    }

    /// Whether which connections are shown, or in which order, depends on the recipes.
    #[must_use]
    pub fn needs_recipes(&self) -> bool {
        self.usage.is_some() || self.sort.key == SortKey::Recipes
    }

    /// Whether a connection in Workato's answer matches the filter. Workato's part of it is checked as well: Workato may
    /// have ignored it, or the answer may be an older copy of the complete list.
    #[must_use]
    pub fn matches(&self, connection: &Connection) -> bool {
        self.is_asked_for(connection)
            && self.has_tag(connection)
            && self.has_status(connection)
            && self.has_text(connection)
    }

    /// Whether Workato's answer is the whole list, which it is unless the query filters.
    #[must_use]
    pub fn asks_for_all(&self) -> bool {
        self.query == ConnectionQuery::default()
    }

    /// Whether the connection is one that the query asks Workato for. Whether it belongs to a runtime user cannot be
    /// seen from a connection.
    fn is_asked_for(&self, connection: &Connection) -> bool {
        let ConnectionQuery { folder_id, parent_id, external_id, provider, updated_after, .. } = &self.query;
        folder_id.is_none_or(|id| connection.folder_id == Some(id))
            && parent_id.is_none_or(|id| connection.parent_id == Some(id))
            && external_id.as_ref().is_none_or(|id| connection.external_id.as_ref() == Some(id))
            && provider.as_ref().is_none_or(|name| connection.application.as_ref().is_some_and(|is| same(is, name)))
            // Within the second that was asked for, Workato may count either way.
            && updated_after.is_none_or(|after| connection.updated_at.is_some_and(|at| at.get() >= after.get()))
    }

    fn has_tag(&self, connection: &Connection) -> bool {
        self.tag.as_ref().is_none_or(|tag| connection.tags.as_ref().is_some_and(|tags| tags.contains(tag)))
    }

    fn has_status(&self, connection: &Connection) -> bool {
        self.status.is_none_or(|status| status.is_of(connection))
    }

    fn has_text(&self, connection: &Connection) -> bool {
        let Some(text) = &self.text else { return true };
        connection.name.as_ref().is_some_and(|name| folded(name).contains(text.as_str()))
            || text.parse() == Ok(connection.id)
    }
}

fn same(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::FilterInput;

    fn problems(input: FilterInput) -> Vec<String> {
        match input.read(datetime!(2026-11-22 12:00:30 UTC)) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|problem| problem.field.clone()).collect(),
        }
    }

    #[test]
    fn each_invalid_value_has_a_problem_at_its_field() {
        let input = FilterInput {
            folder_id: "x".into(),
            parent_id: "-1".into(),
            updated_after: "yesterday-ish".into(),
            status: "odd".into(),
            usage: "odd".into(),
            include_runtime_connections: "1".into(),
            sort: "colour".into(),
            page: "-1".into(),
            rows: "1000000".into(),
            ..FilterInput::default()
        };
        let mut found = problems(input);
        found.sort();
        let expected = [
            "folder_id",
            "include_runtime_connections",
            "page",
            "parent_id",
            "rows",
            "sort",
            "status",
            "updated_after",
            "usage",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_relative_time_is_rounded_down_to_the_minute() {
        let input = FilterInput { updated_after: "24h".into(), ..FilterInput::default() };
        let filter = input.read(datetime!(2026-11-22 12:00:30.7 UTC)).unwrap();
        assert_eq!(filter.query.updated_after.unwrap().to_query(), "2026-11-21T12:00:00Z");
    }

    #[test]
    fn a_connection_is_found_by_its_whole_name_however_long_or_odd() {
        let long = "Salesforce for Acorn & Sons and all of its subsidiaries; ".repeat(17);
        for (name, q) in [
            (long.as_str(), long.trim()),
            ("  Kronos   (two  blanks)  ", "kronos (TWO blanks)"),
            ("one\r\nline\tafter another", "one line\nafter another"),
            ("<b>Bold</b> & 株式会社 🚚", "</b> & 株式会社 🚚"),
        ] {
            let connection = serde_json::from_value(json!({ "id": 1, "name": name })).expect("a connection");
            let finds = |q: &str| {
                let input = FilterInput { q: q.to_owned(), ..FilterInput::default() };
                input.read(datetime!(2026-11-22 12:00 UTC)).expect("a filter").matches(&connection)
            };
            assert!(finds(q), "{q:?} finds {name:?}");
            assert!(!finds(&format!("{q}\0")) && !finds("\0"), "a NUL finds {name:?}");
        }
    }

    #[test]
    fn blank_fields_do_not_filter() {
        let input = FilterInput { tag: "  ".into(), page: String::new(), ..FilterInput::default() };
        assert!(problems(input).is_empty());
    }

    #[test]
    fn what_workato_was_asked_for_is_applied_to_its_answer() {
        let connection = serde_json::from_value(json!({
            "id": 36, "application": "salesforce", "external_id": "U/7", "folder_id": 4515, "parent_id": 7,
            "updated_at": "2026-11-22T12:00:00.5Z", "name": "Acme",
        }))
        .expect("a connection");
        let bare = serde_json::from_value(json!({ "id": 37 })).expect("a connection");
        for (input, matches) in [
            (FilterInput { provider: "salesforce".into(), ..FilterInput::default() }, true),
            (FilterInput { provider: "Salesforce".into(), ..FilterInput::default() }, true),
            (FilterInput { provider: "jira".into(), ..FilterInput::default() }, false),
            (FilterInput { external_id: "U/7".into(), ..FilterInput::default() }, true),
            (FilterInput { external_id: "u/7".into(), ..FilterInput::default() }, false),
            (FilterInput { folder_id: "4515".into(), ..FilterInput::default() }, true),
            (FilterInput { folder_id: "4516".into(), ..FilterInput::default() }, false),
            (FilterInput { parent_id: "7".into(), ..FilterInput::default() }, true),
            (FilterInput { parent_id: "36".into(), ..FilterInput::default() }, false),
            (FilterInput { updated_after: "2026-11-22T12:00:00Z".into(), ..FilterInput::default() }, true),
            (FilterInput { updated_after: "2026-11-22T12:00:01Z".into(), ..FilterInput::default() }, false),
            (FilterInput { q: "36".into(), ..FilterInput::default() }, true),
            (FilterInput { q: "3".into(), ..FilterInput::default() }, false),
        ] {
            let filter = input.read(datetime!(2026-11-22 13:00 UTC)).expect("a filter");
            assert_eq!(filter.matches(&connection), matches, "{input:?}");
            assert!(!filter.matches(&bare), "{input:?} finds a connection without that field");
        }
    }

    #[test]
    fn a_name_is_found_however_its_letters_are_encoded() {
        let json = r#"{"id":1,"name":"Cafe\u0301  Cr\u00e8me"}"#;
        let connection = serde_json::from_str(json).unwrap();
        for (q, is_found) in [
            ("caf\u{e9} cre\u{300}", true),
            ("CAFÉ", true),
            ("Caf\u{e9}\u{a0}\u{200b}Cr", true),
            ("cafe", false),
            ("\u{200b}", true),
        ] {
            let input = FilterInput { q: q.into(), ..FilterInput::default() };
            assert_eq!(input.read(datetime!(2026-11-22 12:00 UTC)).unwrap().matches(&connection), is_found, "{q}");
        }
    }
}
