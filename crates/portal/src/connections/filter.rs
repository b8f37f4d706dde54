//! The filter of the connection list, as it stands in a URL, and what it lets through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use workato::{AuthorizationStatus, Connection, ConnectionQuery, TagHandle, UpdatedAfter};

use super::Sort;
use crate::{
    FieldProblems,
    fields::{field, folded, page, part_of_name, short},
    moment,
};

store::words! {
    /// Connections of which status are shown.
    pub enum StatusFilter {
        /// Authorised.
        Success => "success",
        /// Broken: Workato could not authorise it, or lost it.
        Failed => "failed",
        /// Broken: the application answered with an error.
        Exception => "exception",
        /// Never authorised.
        None => "none",
    }
}

/// The filter as it stands in a URL or a form; an empty field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterInput {
    /// A folder's id.
    pub folder_id: String,
    /// A tag's handle.
    pub tag: String,
    /// A moment.
    pub updated_after: String,
    /// An application, such as `salesforce`.
    pub provider: String,
    /// A status.
    pub status: String,
    /// Part of a name.
    pub q: String,
    /// An external id, whole.
    pub external_id: String,
    /// A connection's id.
    pub parent_id: String,
    /// `true` to include the connections of runtime users.
    pub include_runtime_connections: String,
    /// A column, `-` before it to reverse.
    pub sort: String,
    /// Which page, from 1.
    pub page: String,
}

/// A filter that has been read and is right.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What Workato filters.
    pub query: ConnectionQuery,
    /// Only those with this tag.
    pub tag: Option<TagHandle>,
    /// Only those of this status.
    pub status: Option<StatusFilter>,
    /// Only those whose name contains this; [`folded`].
    pub text: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Which page, from 1.
    pub page: usize,
}

impl FilterInput {
    /// The fields that restrict or order, as they were given; the page is none of them.
    pub(super) fn in_force(&self) -> BTreeMap<&'static str, &str> {
        let all = [
            ("folder_id", &self.folder_id),
            ("tag", &self.tag),
            ("updated_after", &self.updated_after),
            ("provider", &self.provider),
            ("status", &self.status),
            ("q", &self.q),
            ("external_id", &self.external_id),
            ("parent_id", &self.parent_id),
            ("include_runtime_connections", &self.include_runtime_connections),
            ("sort", &self.sort),
        ];
        all.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Reads the filter; `now` is what `24h` and the like count from.
    ///
    /// # Errors
    /// What is wrong, field by field. A filter that cannot be read never lets everything through.
    pub fn read(&self, now: OffsetDateTime) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let query = ConnectionQuery {
            folder_id: field(&mut problems, "folder_id", &self.folder_id, |text| {
                text.parse().map_err(|_| "A folder's id is a whole number.".to_owned())
            }),
            parent_id: field(&mut problems, "parent_id", &self.parent_id, |text| {
                text.parse().map_err(|_| "A connection's id is a whole number.".to_owned())
            }),
            updated_after: field(&mut problems, "updated_after", &self.updated_after, |text| {
                moment::parse(text, now).map(UpdatedAfter::new).ok_or_else(|| moment::EXPECTED.to_owned())
            }),
            external_id: field(&mut problems, "external_id", &self.external_id, short),
            provider: field(&mut problems, "provider", &self.provider, short),
            include_runtime_connections: field(
                &mut problems,
                "include_runtime_connections",
                &self.include_runtime_connections,
                |text| match text {
                    "true" => Ok(true),
                    "false" => Ok(false),
                    _ => Err("Give true or false.".to_owned()),
                },
            )
            .unwrap_or(false),
            ..ConnectionQuery::default()
        };
        let filter = Filter {
            query,
            tag: field(&mut problems, "tag", &self.tag, |text| short(text).map(TagHandle::new)),
            status: field(&mut problems, "status", &self.status, |text| {
                text.parse().map_err(|_| "Give success, failed, exception or none.".to_owned())
            }),
            text: field(&mut problems, "q", &self.q, part_of_name).map(|text| folded(&text)),
            sort: field(&mut problems, "sort", &self.sort, Sort::read).unwrap_or_default(),
            page: field(&mut problems, "page", &self.page, page).unwrap_or(1),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

impl Filter {
    /// Where in `connections` those are that are let through, in order.
    pub(super) fn places(&self, connections: &[Connection]) -> Vec<usize> {
        let mut places: Vec<usize> =
            (0..connections.len()).filter(|place| self.matches(&connections[*place])).collect();
        self.sort.apply(connections, &mut places);
        places
    }

    /// Whether a connection that Workato let through is let through here, too.
    #[must_use]
    pub fn matches(&self, connection: &Connection) -> bool {
        self.has_tag(connection) && self.has_status(connection) && self.has_text(connection)
    }

    /// Whether a connection is among those that Workato is asked for: as Workato filters, for when it cannot be asked.
    /// Which connections are runtime users', no connection tells.
    #[must_use]
    pub fn asks_for(&self, connection: &Connection) -> bool {
        let ConnectionQuery { folder_id, parent_id, external_id, provider, updated_after, .. } = &self.query;
        folder_id.is_none_or(|id| connection.folder_id == Some(id))
            && parent_id.is_none_or(|id| connection.parent_id == Some(id))
            && external_id.as_ref().is_none_or(|id| connection.external_id.as_ref() == Some(id))
            && provider.as_ref().is_none_or(|name| connection.application.as_ref() == Some(name))
            && updated_after.is_none_or(|after| connection.updated_at.is_some_and(|at| at.get() > after.get()))
    }

    fn has_tag(&self, connection: &Connection) -> bool {
        self.tag.as_ref().is_none_or(|tag| connection.tags.as_ref().is_some_and(|tags| tags.contains(tag)))
    }

    fn has_status(&self, connection: &Connection) -> bool {
        match (self.status, connection.authorization_status.as_ref()) {
            (None, _) => true,
            (Some(StatusFilter::Success), status) => status == Some(&AuthorizationStatus::Success),
            (Some(StatusFilter::Failed), status) => status == Some(&AuthorizationStatus::Failed),
            (Some(StatusFilter::Exception), status) => status == Some(&AuthorizationStatus::Exception),
            (Some(StatusFilter::None), status) => status.is_none(),
        }
    }

    fn has_text(&self, connection: &Connection) -> bool {
        let Some(text) = &self.text else { return true };
        connection.name.as_ref().is_some_and(|name| folded(name).contains(text.as_str()))
    }
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
    fn every_bad_value_is_named_by_its_field() {
        let input = FilterInput {
            folder_id: "x".into(),
            parent_id: "-1".into(),
            updated_after: "yesterday-ish".into(),
            status: "broken".into(),
            include_runtime_connections: "1".into(),
            sort: "colour".into(),
            page: "-1".into(),
            ..FilterInput::default()
        };
        let mut found = problems(input);
        found.sort();
        let expected =
            ["folder_id", "include_runtime_connections", "page", "parent_id", "sort", "status", "updated_after"];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_quick_choice_is_cut_to_the_minute_and_sent_in_whole_seconds() {
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
    fn blank_fields_do_not_restrict() {
        let input = FilterInput { tag: "  ".into(), page: String::new(), ..FilterInput::default() };
        assert!(problems(input).is_empty());
    }
}
