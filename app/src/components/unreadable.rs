//! Marks the fields of Workato's rows that could not be read, and says how many rows are left out.

use leptos::prelude::*;
use maud::{Markup, html};
use workato::Unreadable;

use super::{Tone, drawn::drawn, remark};
use crate::wording::numbers::grouped;

/// How a field reads that Workato sent and that the portal cannot read.
pub const UNREADABLE: &str = "unreadable";

/// The field as shown, or a mark if it could not be read. `field` is its name in Workato's API.
pub fn or_unreadable(unreadable: &Unreadable, field: &str, shown: AnyView) -> AnyView {
    if unreadable.has(field) { drawn(mark()) } else { shown }
}

/// The same in a row.
pub fn or_unreadable_in_row(unreadable: &Unreadable, field: &str, shown: Markup) -> Markup {
    if unreadable.has(field) { mark() } else { shown }
}

/// The readable part of a list, with a mark if it has another part.
pub fn partly_unreadable(unreadable: &Unreadable, field: &str, shown: AnyView) -> AnyView {
    match unreadable.has(field) {
        true => view! { {shown}" "{drawn(mark())} }.into_any(),
        false => shown,
    }
}

/// The same in a row.
pub fn partly_unreadable_in_row(unreadable: &Unreadable, field: &str, shown: Markup) -> Markup {
    html! {
        (shown)
        @if unreadable.has(field) { " " (mark()) }
    }
}

fn mark() -> Markup {
    html! { span class="soft" title="Workato sent a value that the portal can't read." { (UNREADABLE) } }
}

/// Says how many rows of a list are not shown, if there are any: those without a readable id, and those whose id another
/// row has.
pub fn left_out_note(count: usize, repeats: usize, singular: &str, plural: &str) -> Option<AnyView> {
    let texts = [left_out(count, singular, plural), repeated(repeats, plural)];
    let notes: Vec<_> = texts.into_iter().flatten().map(|text| remark(Tone::Warn, text)).collect();
    (!notes.is_empty()).then(|| notes.into_any())
}

fn repeated(count: usize, plural: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!(
            "Workato sent two {plural} with the same ID. They are shown as one, and fields that differ are unreadable."
        )),
        count => Some(format!(
            "Workato sent {} {plural} with the ID of another. Each ID is shown once, and fields that differ are unreadable.",
            grouped(count)
        )),
    }
}

fn left_out(count: usize, singular: &str, plural: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("Workato sent 1 {singular} with an unreadable ID. It isn't shown here.")),
        count => Some(format!("Workato sent {} {plural} with unreadable IDs. They aren't shown here.", grouped(count))),
    }
}

#[cfg(test)]
mod tests {
    use super::{left_out, repeated};

    #[test]
    fn rows_that_are_not_shown_are_counted() {
        let said = |count| left_out(count, "connection", "connections");
        assert_eq!(said(0), None);
        assert_eq!(said(1).as_deref(), Some("Workato sent 1 connection with an unreadable ID. It isn't shown here."));
        assert_eq!(repeated(0, "connections"), None);
        assert!(
            repeated(1, "connections").expect("a note").starts_with("Workato sent two connections with the same ID")
        );
        assert!(said(12_000).expect("a note").starts_with("Workato sent 12,000 connections with unreadable IDs"));
    }
}
