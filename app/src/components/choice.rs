//! A labelled `<select>` that may be left empty.

use std::collections::HashMap;

use leptos::prelude::*;
use maud::{Markup, html};
use portal::one_line;

use super::{Hint, Mark, described_by, drawn::drawn, label_of};

/// A choice: its value in the form or URL, and its label.
pub type Choice = (String, String);

/// The id is the name, unless `id` is given. A chosen value that is not among the choices is added to them, so that the
/// field shows an invalid value from the URL. Choices with the same label show their values, too.
#[component]
pub fn ChoiceField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(into, optional)] id: Option<String>,
    /// The label of the empty choice.
    #[prop(into)]
    none: String,
    choices: Vec<Choice>,
    #[prop(into)] chosen: String,
    #[prop(optional_no_strip)] hint: Option<String>,
    #[prop(optional_no_strip)] problem: Option<String>,
    /// Whether the label says that the field is optional.
    #[prop(default = Mark::None)]
    mark: Mark,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), problem.is_some());
    let choices = told_apart(with_chosen(choices, &chosen));
    let options = drawn(html! {
        option value="" { (none) }
        (options(&choices, &chosen))
    });
    view! {
        <div class="field">
            {label_of(&id, label, mark)}
            <select
                id=id.clone()
                name=name
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=described
            >
                {options}
            </select>
            <Hint id=id hint=hint problem=problem/>
        </div>
    }
}

/// The options of a `<select>`.
pub fn options(choices: &[Choice], chosen: &str) -> Markup {
    html! {
        @for (value, label) in choices { option value=(value) selected[value == chosen] { (label) } }
    }
}

fn with_chosen(mut choices: Vec<Choice>, chosen: &str) -> Vec<Choice> {
    if !chosen.is_empty() && choices.iter().all(|(value, _)| value != chosen) {
        choices.push((chosen.to_owned(), chosen.to_owned()));
    }
    choices
}

/// Adds the value to each label that looks like another one: folders and tags of one name are different things.
fn told_apart(choices: Vec<Choice>) -> Vec<Choice> {
    let alike = |label: &str| one_line(label).to_lowercase();
    let mut count: HashMap<String, usize> = HashMap::new();
    for (_, label) in &choices {
        *count.entry(alike(label)).or_default() += 1;
    }
    let apart = |(value, label): Choice| match count.get(&alike(&label)) {
        Some(2..) => (value.clone(), format!("{label} ({value})")),
        _ => (value, label),
    };
    choices.into_iter().map(apart).collect()
}

#[cfg(test)]
mod tests {
    use super::{told_apart, with_chosen};

    #[test]
    fn choices_with_the_same_label_are_told_apart_by_their_values() {
        let choices = [("1", "Prod"), ("2", "prod "), ("3", "Test")].map(|(v, l)| (v.to_owned(), l.to_owned()));
        let labels: Vec<_> = told_apart(choices.into()).into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["Prod (1)", "prod  (2)", "Test"]);
    }

    #[test]
    fn a_chosen_value_that_is_not_a_choice_is_added() {
        let choices = || vec![("1".to_owned(), "One".to_owned())];
        assert_eq!(with_chosen(choices(), ""), choices());
        assert_eq!(with_chosen(choices(), "1"), choices());
        assert_eq!(with_chosen(choices(), "7").last(), Some(&("7".to_owned(), "7".to_owned())));
    }
}
