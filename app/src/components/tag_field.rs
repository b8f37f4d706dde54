//! A tag of a connection: a choice of titles if the tags could be read, otherwise a text field for the handle.

use leptos::prelude::*;
use portal::upstream::Names;
use workato::TagHandle;

use super::{ChoiceField, Field};
use crate::wording::missing_names;

/// The field, before it is rendered.
pub struct TagField<'a> {
    pub names: &'a Names,
    pub label: &'static str,
    pub name: &'static str,
    /// The label of the empty choice.
    pub none: &'static str,
    /// Tags that are not offered.
    pub without: &'a [TagHandle],
    pub chosen: String,
    pub problem: Option<String>,
}

impl TagField<'_> {
    pub fn render(self) -> AnyView {
        let Self { names, label, name, none, without, chosen, problem } = self;
        let hint = names.no_tags.as_ref().map(missing_names::why);
        if names.tags.is_empty() {
            let hint = hint.unwrap_or_else(|| "Tags couldn't be listed. Enter a handle.".to_owned());
            return view! {
                <Field label=label name=name value=chosen placeholder="Tag handle" hint=hint problem=problem unmarked=true/>
            }
            .into_any();
        }
        let offered = names.tags.iter().filter(|tag| !without.contains(&tag.handle));
        let choices = offered.map(|tag| (tag.handle.to_string(), names.tag(&tag.handle).to_owned())).collect();
        view! {
            <ChoiceField
                label=label
                name=name
                none=none
                choices=choices
                chosen=chosen
                hint=hint
                problem=problem
            />
        }
        .into_any()
    }
}
