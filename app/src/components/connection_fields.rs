//! The fields of a connection, for the forms that create and edit one. Credentials have their own fields.

use leptos::prelude::*;
use portal::{
    connections::{Choices, ConnectionFields as Fields},
    upstream::Names,
};

use super::{Field, FolderField, Mark};
use crate::form_memory::Refused;

/// Name, folder, parent and external id.
pub struct ConnectionFields<'a> {
    pub refused: &'a Refused,
    /// The values of a form that was not refused.
    pub initial: Fields,
    pub names: &'a Names,
    pub choices: &'a Choices,
    /// The label of the empty folder choice.
    pub no_folder: &'static str,
}

/// The id of the field of a connection's form that a problem is about.
pub fn connection_ids(field: &str) -> Option<String> {
    const AS_NAMED: [&str; 9] = [
        "name",
        "provider",
        "folder_id",
        "parent_id",
        "external_id",
        "access_token",
        "refresh_token",
        "credentials_json",
        "reason",
    ];
    let row = field.strip_prefix("fields[").and_then(|rest| rest.strip_suffix(']')?.parse::<usize>().ok());
    match (row, field) {
        (Some(row), _) => Some(format!("value-{}", row + 1)),
        (None, "authentication") => Some("authentication-none".to_owned()),
        _ => AS_NAMED.contains(&field).then(|| field.to_owned()),
    }
}

impl ConnectionFields<'_> {
    /// `after_name` is rendered between the name and the other fields.
    pub fn render(self, after_name: Option<AnyView>) -> AnyView {
        let Self { refused, initial, names, choices, no_folder } = self;
        let parents: Vec<_> = choices
            .parents
            .iter()
            .map(|(id, name, application)| {
                let label = if name.is_empty() { application.clone() } else { format!("{name} ({application})") };
                view! { <option value=id.to_string()>{label}</option> }
            })
            .collect();
        let hint = if choices.more {
            "The ID of a connection for the same application. Only the first connections are suggested."
        } else {
            "The ID of a connection for the same application"
        };
        let folder = FolderField {
            names,
            name: "fields[folder_id]",
            none: no_folder,
            chosen: refused.value("folder_id", &initial.folder_id),
            mark: Mark::Optional,
            problem: refused.problem("folder_id"),
        };
        view! {
            <Field
                label="Name"
                name="fields[name]"
                id="name"
                value=refused.value("name", &initial.name)
                required=true
                autocomplete="off"
                problem=refused.problem("name")
            />
            {after_name}
            {folder.render()}
            <div class="pair">
                <Field
                    label="Parent"
                    name="fields[parent_id]"
                    id="parent_id"
                    value=refused.value("parent_id", &initial.parent_id)
                    autocomplete="off"
                    list="parents"
                    hint=hint
                    problem=refused.problem("parent_id")
                />
                <Field
                    label="External ID"
                    name="fields[external_id]"
                    id="external_id"
                    value=refused.value("external_id", &initial.external_id)
                    autocomplete="off"
                    hint="Your own ID for the customer who owns it"
                    problem=refused.problem("external_id")
                />
            </div>
            <datalist id="parents">{parents}</datalist>
        }
        .into_any()
    }
}
