//! The folder of a connection: a choice of paths if the folders could be read, otherwise a text field for the id.

use leptos::prelude::*;
use portal::upstream::Names;

use super::{ChoiceField, Field, Mark};
use crate::wording::missing_names;

/// The field, before it is rendered.
pub struct FolderField<'a> {
    pub names: &'a Names,
    /// The name in the form. The id is `folder_id`.
    pub name: &'static str,
    /// The label of the empty choice.
    pub none: &'static str,
    pub chosen: String,
    /// Whether the label says that the field is optional.
    pub mark: Mark,
    pub problem: Option<String>,
}

impl FolderField<'_> {
    pub fn render(self) -> AnyView {
        let Self { names, name, none, chosen, mark, problem } = self;
        let hint = names.no_folders.as_ref().map(missing_names::why);
        if names.folders.is_empty() {
            let hint = hint.unwrap_or_else(|| "Folders couldn't be listed. Enter an ID.".to_owned());
            return view! {
                <Field
                    label="Folder"
                    name=name
                    id="folder_id"
                    value=chosen
                    placeholder="Folder ID"
                    hint=hint
                    problem=problem
                    unmarked=mark == Mark::None
                />
            }
            .into_any();
        }
        let choices = names.folders.iter().map(|(id, path)| (id.to_string(), path.clone())).collect();
        view! {
            <ChoiceField
                label="Folder"
                name=name
                id="folder_id"
                none=none
                choices=choices
                chosen=chosen
                hint=hint
                problem=problem
                mark=mark
            />
        }
        .into_any()
    }
}
