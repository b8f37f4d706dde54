//! Reading the forms that create and update a connection. Credentials are read in `credentials`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use workato::{Connection, ConnectionDraft, ConnectionId, ConnectionUpdate, Credentials};

use super::CredentialsInput;
use crate::{
    Error, FieldProblems, IdOf, Portal, Problem, Result, TeamReader,
    fields::{field, no_hidden},
    one_line,
    upstream::soon,
};

/// The longest text that is not a credential, in characters. Workato does not document its own limit.
const LONGEST: usize = 1_000;

/// A connection's fields, as text in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionFields {
    /// Its name.
    pub name: String,
    /// A folder's id.
    pub folder_id: String,
    /// A connection's id.
    pub parent_id: String,
    /// The vendor's own id for it.
    pub external_id: String,
}

impl ConnectionFields {
    /// A connection's fields, for a form.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(one_line).unwrap_or_default();
        Self {
            name: text(&connection.name),
            folder_id: connection.folder_id.map(|id| id.to_string()).unwrap_or_default(),
            parent_id: connection.parent_id.map(|id| id.to_string()).unwrap_or_default(),
            external_id: text(&connection.external_id),
        }
    }
}

/// The form that creates a connection.
#[derive(Debug, Default)]
pub struct DraftInput {
    /// The application's technical name.
    pub provider: String,
    /// The other fields.
    pub fields: ConnectionFields,
    /// Its credentials. Without any, a shell connection is created.
    pub credentials: CredentialsInput,
}

/// The form that updates a connection.
#[derive(Debug, Default)]
pub struct UpdateInput {
    /// The fields as typed.
    pub fields: ConnectionFields,
    /// The fields as the form showed them. Only changed fields are sent.
    pub drawn: ConnectionFields,
    /// New credentials. Without any, the connection keeps its credentials.
    pub credentials: CredentialsInput,
}

impl DraftInput {
    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field. No message has a credential in it.
    pub fn read(&self) -> Result<(ConnectionDraft, Option<Credentials>), FieldProblems> {
        let mut problems = FieldProblems::default();
        let fields = &self.fields;
        let credentials = self.credentials.read(&mut problems);
        let draft = ConnectionDraft {
            name: required(&mut problems, "name", &fields.name, Problem::ConnectionNameMissing),
            provider: required(&mut problems, "provider", &self.provider, Problem::ApplicationMissing),
            parent_id: id(&mut problems, "parent_id", &fields.parent_id, IdOf::Connection),
            folder_id: id(&mut problems, "folder_id", &fields.folder_id, IdOf::Folder),
            external_id: text(&mut problems, "external_id", &fields.external_id),
            shell_connection: credentials.is_none(),
        };
        if problems.is_empty() { Ok((draft, credentials)) } else { Err(problems) }
    }
}

impl UpdateInput {
    /// Reads the fields that the person has changed.
    ///
    /// # Errors
    /// The problems, by field. No message has a credential in it.
    pub fn read(&self) -> Result<(ConnectionUpdate, Option<Credentials>), FieldProblems> {
        let mut problems = FieldProblems::default();
        let (typed, drawn) = (&self.fields, &self.drawn);
        let credentials = self.credentials.read(&mut problems);
        let mut update = ConnectionUpdate::default();
        if differs(&typed.name, &drawn.name) {
            update.name = required(&mut problems, "name", &typed.name, Problem::ConnectionNameRemoved);
        }
        if differs(&typed.folder_id, &drawn.folder_id) {
            match typed.folder_id.trim() {
                "" => problems.add("folder_id", Problem::FolderRemoved),
                _ => update.folder_id = id(&mut problems, "folder_id", &typed.folder_id, IdOf::Folder),
            }
        }
        if differs(&typed.parent_id, &drawn.parent_id) {
            update.parent_id = Some(id(&mut problems, "parent_id", &typed.parent_id, IdOf::Connection));
        }
        if differs(&typed.external_id, &drawn.external_id) {
            update.external_id = Some(text(&mut problems, "external_id", &typed.external_id));
        }
        if problems.is_empty() { Ok((update, credentials)) } else { Err(problems) }
    }
}

impl Portal {
    /// Reads the form that creates a connection, and checks the parent.
    ///
    /// # Errors
    /// `Invalid` with the problems, for example a parent of another application.
    pub async fn connection_draft(
        &self,
        reader: &TeamReader,
        input: &DraftInput,
    ) -> Result<(ConnectionDraft, Option<Credentials>)> {
        let (draft, credentials) = input.read().map_err(Error::Invalid)?;
        self.check_parent(reader, draft.parent_id, draft.provider.as_deref()).await?;
        Ok((draft, credentials))
    }

    /// Reads the form that updates a connection, and checks the parent.
    ///
    /// # Errors
    /// `Invalid` with the problems, for example a parent of another application.
    pub async fn connection_update(
        &self,
        reader: &TeamReader,
        connection: ConnectionId,
        input: &UpdateInput,
    ) -> Result<(ConnectionUpdate, Option<Credentials>)> {
        let (update, credentials) = input.read().map_err(Error::Invalid)?;
        if let Some(parent) = update.parent_id.flatten() {
            if parent == connection {
                return Err(Problem::OwnParent.of("parent_id"));
            }
            let itself = soon(self.connection(reader, connection)).await;
            let application = itself.and_then(Result::ok).and_then(|itself| itself.connection.application);
            self.check_parent(reader, Some(parent), application.as_deref()).await?;
        }
        Ok((update, credentials))
    }

    /// Checks whether a connection of this application can have this parent. If the lists cannot be read soon, Workato
    /// checks it.
    async fn check_parent(
        &self,
        reader: &TeamReader,
        parent: Option<ConnectionId>,
        application: Option<&str>,
    ) -> Result<()> {
        let Some(parent) = parent else { return Ok(()) };
        let look = async {
            match self.connection(reader, parent).await {
                // It may be newer than the cached list.
                Err(Error::NotFound) => self.connection_now(reader, parent).await,
                found => found,
            }
        };
        match soon(look).await {
            Some(Ok(found)) => match (found.connection.application.as_deref(), application) {
                (Some(its), Some(ours)) if its != ours => Err(Problem::ParentOfAnotherApplication {
                    parent: parent.get(),
                    application: its.to_owned(),
                    expected: ours.to_owned(),
                }
                .of("parent_id")),
                _ => Ok(()),
            },
            Some(Err(Error::NotFound)) => Err(Problem::NoSuchConnection { connection: parent.get() }.of("parent_id")),
            Some(Err(_)) | None => Ok(()),
        }
    }
}

/// Ignores white space, since a browser's input does not keep all of it.
fn differs(typed: &str, drawn: &str) -> bool {
    one_line(typed) != one_line(drawn)
}

fn required(problems: &mut FieldProblems, field: &str, typed: &str, missing: Problem) -> Option<String> {
    let read = text(problems, field, typed);
    if typed.trim().is_empty() {
        problems.add(field, missing);
    }
    read
}

fn text(problems: &mut FieldProblems, field: &str, typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.chars().count() > LONGEST || typed.chars().any(char::is_control) {
        problems.add(field, Problem::NotPlainText { most: LONGEST });
        return None;
    }
    if let Err(problem) = no_hidden(typed) {
        problems.add(field, problem);
        return None;
    }
    (!typed.is_empty()).then(|| typed.to_owned())
}

fn id<T: FromStr>(problems: &mut FieldProblems, name: &str, typed: &str, of: IdOf) -> Option<T> {
    field(problems, name, typed, |text| text.parse().map_err(|_| Problem::NotAnId { of }))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{ConnectionFields, CredentialsInput, DraftInput, UpdateInput};

    fn fields(name: &str, folder_id: &str, parent_id: &str, external_id: &str) -> ConnectionFields {
        ConnectionFields {
            name: name.to_owned(),
            folder_id: folder_id.to_owned(),
            parent_id: parent_id.to_owned(),
            external_id: external_id.to_owned(),
        }
    }

    fn shell() -> CredentialsInput {
        CredentialsInput { authentication: "none".to_owned(), ..CredentialsInput::default() }
    }

    /// What would be sent, or the fields that are wrong.
    fn drafted(provider: &str, fields: ConnectionFields) -> Result<Value, Vec<String>> {
        let input = DraftInput { provider: provider.to_owned(), fields, credentials: shell() };
        match input.read() {
            Ok((draft, credentials)) => {
                assert!(credentials.is_none());
                Ok(serde_json::to_value(draft).unwrap())
            }
            Err(problems) => Err(problems.iter().map(|problem| problem.field.clone()).collect()),
        }
    }

    fn updated(typed: ConnectionFields, drawn: ConnectionFields) -> Result<Value, Vec<String>> {
        let input = UpdateInput { fields: typed, drawn, credentials: shell() };
        match input.read() {
            Ok((update, _)) => Ok(serde_json::to_value(update).unwrap()),
            Err(problems) => Err(problems.iter().map(|problem| problem.field.clone()).collect()),
        }
    }

    #[test]
    fn a_draft_has_only_the_typed_fields() {
        let full = drafted("jira", fields("  Prod JIRA ", "1892", " 36 ", "U-1"));
        assert_eq!(
            full.unwrap(),
            json!({ "name": "Prod JIRA", "provider": "jira", "folder_id": 1892, "parent_id": 36, "external_id": "U-1",
                    "shell_connection": true })
        );
        let short = drafted("jira", fields("Prod JIRA", "", " ", ""));
        assert_eq!(short.unwrap(), json!({ "name": "Prod JIRA", "provider": "jira", "shell_connection": true }));
    }

    #[test]
    fn a_connection_with_credentials_is_not_a_shell() {
        let credentials = CredentialsInput {
            authentication: "credentials".to_owned(),
            fields: vec![("apitoken".to_owned(), "s3cr3t".into())],
            ..CredentialsInput::default()
        };
        let input = DraftInput { provider: "jira".to_owned(), fields: fields("Jira", "", "", ""), credentials };
        let (draft, credentials) = input.read().unwrap();
        assert!(!draft.shell_connection && credentials.is_some());
    }

    #[rstest]
    #[case::nothing("", fields("", "", "", ""), &["name", "provider"])]
    #[case::blank(" ", fields(" \t", "", "", ""), &["name", "provider"])]
    #[case::no_ids("jira", fields("Jira", "Payments", "-1", ""), &["parent_id", "folder_id"])]
    #[case::ids_out_of_range("jira", fields("Jira", "0", "99999999999999999999", ""), &["parent_id", "folder_id"])]
    #[case::other_digits("jira", fields("Jira", "٧", "1.5", ""), &["parent_id", "folder_id"])]
    #[case::huge("jira", fields(&"x".repeat(1_001), "", "", &"x".repeat(100_000)), &["name", "external_id"])]
    #[case::control_characters("ji\0ra", fields("Ji\u{7}ra", "", "", "a\nb"), &["name", "provider", "external_id"])]
    fn each_problem_of_a_draft_is_at_its_field(
        #[case] provider: &str,
        #[case] typed: ConnectionFields,
        #[case] wrong: &[&str],
    ) {
        assert_eq!(drafted(provider, typed).unwrap_err(), wrong);
    }

    #[test]
    fn only_changed_fields_are_sent() {
        let drawn = || fields("Jira (two blanks)", "7", "36", "U-1");
        for (typed, sent) in [
            (drawn(), json!({})),
            (fields(" Jira  (two blanks)\r\n", "7 ", " 36", "U-1"), json!({})),
            (fields("Jira", "7", "36", "U-1"), json!({ "name": "Jira" })),
            (fields("Jira (two blanks)", "8", "36", "U-1"), json!({ "folder_id": 8 })),
            (fields("Jira (two blanks)", "7", "37", "U-2"), json!({ "parent_id": 37, "external_id": "U-2" })),
            (fields("Jira (two blanks)", "7", "", " "), json!({ "parent_id": null, "external_id": null })),
        ] {
            assert_eq!(updated(typed, drawn()).unwrap(), sent);
        }
        assert_eq!(updated(fields("", "", "", ""), fields("", "", "", "")).unwrap(), json!({}));
    }

    #[test]
    fn each_problem_of_an_update_is_at_its_field() {
        let drawn = || fields("Jira", "7", "36", "U-1");
        assert_eq!(updated(fields(" ", "", "x", "U-1"), drawn()).unwrap_err(), ["name", "folder_id", "parent_id"]);
    }

    #[test]
    fn a_form_shows_names_on_one_line() {
        let reply = r#"{"id":36,"name":" Jira \n Cloud","folder_id":7,"external_id":5}"#;
        assert_eq!(ConnectionFields::of(&serde_json::from_str(reply).unwrap()), fields("Jira Cloud", "7", "", "5"));
    }
}
