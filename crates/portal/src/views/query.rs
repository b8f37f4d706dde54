//! What a view of a team's list shows, as the query of the list's URL.

use store::ViewedList;
use time::OffsetDateTime;
use url::form_urlencoded::{Serializer, parse};

use crate::{
    FieldProblems, Problem, ViewProblem, connections, connectors,
    looks::{self, Column, Look},
};

/// The most characters of a query. The longest filter of each kind fits.
const LONGEST: usize = 2_000;

/// A filter of one of a team's lists.
#[derive(Clone, Debug)]
pub(super) enum ListFilter {
    Connections(Box<connections::Filter>),
    Connectors(connectors::Filter),
}

/// The query that a form sends, in the form in which it is stored: without the page, and each parameter once, in the
/// list's order.
pub(super) fn normalized(list: ViewedList, text: &str, now: OffsetDateTime) -> Result<String, FieldProblems> {
    let mut problems = FieldProblems::default();
    let given: Vec<(String, String)> = parse(text.as_bytes()).into_owned().collect();
    let mut kept = Serializer::new(String::new());
    for name in parameters(list).iter().filter(|name| **name != "page") {
        let mut values = given.iter().filter(|(key, value)| key == name && !value.trim().is_empty());
        if let Some((_, value)) = values.next() {
            kept.append_pair(name, value.trim());
        }
        if values.next().is_some() {
            problems.add("query", Problem::GivenTwice);
        }
    }
    let query = kept.finish();
    if query.is_empty() {
        problems.add("query", ViewProblem::EmptyView);
    }
    if query.len() > LONGEST {
        problems.add("query", ViewProblem::ViewTooLong { most: LONGEST });
    }
    if let Err(more) = filter(list, &query, now) {
        for problem in more.iter() {
            problems.add("query", problem.problem.clone());
        }
    }
    if problems.is_empty() { Ok(query) } else { Err(problems) }
}

/// The filter in a stored query.
pub(super) fn filter(list: ViewedList, query: &str, now: OffsetDateTime) -> Result<ListFilter, FieldProblems> {
    let given: Vec<(String, String)> = parse(query.as_bytes()).into_owned().collect();
    let value =
        |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    match list {
        ViewedList::Connections => {
            look::<connections::Column>(&value)?;
            Ok(ListFilter::Connections(Box::new(connections::FilterInput::of(value).read(now)?)))
        }
        ViewedList::Connectors => {
            look::<connectors::Column>(&value)?;
            Ok(ListFilter::Connectors(connectors::FilterInput::of(value).read()?))
        }
        // Its views have a search instead.
        ViewedList::Audit => {
            let mut problems = FieldProblems::default();
            problems.add("query", ViewProblem::EmptyView);
            Err(problems)
        }
    }
}

fn look<C: Column>(value: &impl Fn(&str) -> String) -> Result<(), FieldProblems> {
    let mut problems = FieldProblems::default();
    let [columns, density] = looks::PARAMETERS;
    Look::<C>::read(&value(columns), &value(density), &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

const fn parameters(list: ViewedList) -> &'static [&'static str] {
    match list {
        ViewedList::Connections => connections::PARAMETERS,
        ViewedList::Connectors => connectors::PARAMETERS,
        ViewedList::Audit => &[],
    }
}

#[cfg(test)]
mod tests {
    use store::ViewedList;
    use time::macros::datetime;

    use super::{LONGEST, normalized};
    use crate::{IdOf, Problem, ViewProblem};

    fn read(list: ViewedList, text: &str) -> Result<String, Vec<Problem>> {
        normalized(list, text, datetime!(2026-11-22 12:00 UTC))
            .map_err(|problems| problems.iter().map(|problem| problem.problem.clone()).collect())
    }

    #[test]
    fn a_view_is_stored_without_its_page_and_in_one_order() {
        let read = |text| read(ViewedList::Connections, text);
        let expected = "status=broken&q=a%26b&sort=name&rows=100&columns=tags%2Cfolder&density=compact";
        let mixed = "density=compact&page=3&q=+a%26b+&tag=&columns=tags%2Cfolder&rows=100&sort=name&status=broken&x=1";
        assert_eq!(read(mixed).as_deref(), Ok(expected));
        assert_eq!(read(expected).as_deref(), Ok(expected));
        assert_eq!(read("updated_after=24h").as_deref(), Ok("updated_after=24h"), "a period stays one");
    }

    #[test]
    fn what_a_list_does_not_understand_is_no_view() {
        let (connections, connectors) = (ViewedList::Connections, ViewedList::Connectors);
        for (list, text, problem) in [
            (connections, "", Problem::from(ViewProblem::EmptyView)),
            (connections, "page=3&x=1", ViewProblem::EmptyView.into()),
            (connections, "status=odd", Problem::NotAStatus),
            (connections, "folder_id=x", Problem::NotAnId { of: IdOf::Folder }),
            (connections, "sort=colour", Problem::NotASort),
            (connections, "status=broken&status=failed", Problem::GivenTwice),
            (connections, "columns=latest", Problem::NotAColumn),
            (connections, "density=airy", Problem::NotADensity),
            (connections, "rows=51", Problem::NotRows),
            (connectors, "release=old", Problem::NotARelease),
            (connectors, "columns=folder", Problem::NotAColumn),
        ] {
            assert_eq!(read(list, text), Err(vec![problem]), "{text}");
        }
    }

    #[test]
    fn a_long_query_is_no_view() {
        let longest = format!("q={}", "x".repeat(1_000));
        assert_eq!(read(ViewedList::Connections, &longest), Ok(longest.clone()));
        // Each of these is encoded as twelve characters.
        let long = format!("q={}", "🚚".repeat(200));
        let problem = ViewProblem::ViewTooLong { most: LONGEST };
        assert_eq!(read(ViewedList::Connections, &long), Err(vec![problem.into()]));
    }
}
