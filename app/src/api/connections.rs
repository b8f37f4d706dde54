//! Creating, changing and deleting connections, and exporting their list.

#![expect(clippy::too_many_arguments, reason = "a server function has an argument for each field of its form")]

use std::{collections::BTreeMap, fmt};

use futures::{StreamExt, stream};
use leptos::prelude::*;
use portal::{
    Attempt, Error, OperationId, TeamOperator,
    audit::{Action, Outcome, Target, TargetType},
    connections::{ConnectionFields, CredentialsInput, DraftInput, FilterInput, UpdateInput, is_name, tag_assignment},
    operations::{Change, Request},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use server_fn::codec::PostUrl;
use workato::{ConnectionId, Force};

use super::{attempted_on, hidden, operator, urgency};
use crate::{
    answer::{ApiError, File, Form, actor, safe_next, with_parameter},
    components::row_name,
    context,
    forms::{
        self,
        names::{
            CREATE_CONNECTION, DELETE_CONNECTION, DISCONNECT_CONNECTION, EXPORT_CONNECTIONS, TAG_CONNECTION,
            UPDATE_CONNECTION,
        },
    },
};

/// The most rows that a form's fields of credentials have.
const MOST_ROWS: usize = 50;

/// Credentials as a form sends them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedCredentials {
    authentication: String,
    /// By row: a row that somebody left out is not another row.
    fields: BTreeMap<usize, TypedField>,
    json: String,
    access_token: String,
    refresh_token: String,
}

/// Prints none of the input.
impl fmt::Debug for TypedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedCredentials").finish_non_exhaustive()
    }
}

/// One field of the credentials.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedField {
    name: String,
    value: String,
}

/// `POST /api/fn/create_connection`
#[server(prefix = "/api/fn", endpoint = "create_connection", input = PostUrl)]
pub async fn create_connection(
    #[server(default)] team: String,
    #[server(default)] operation: String,
    #[server(default)] provider: String,
    #[server(default)] fields: ConnectionFields,
    #[server(default)] credentials: TypedCredentials,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = format!("/teams/{team}/connections/new");
    let kept = KeptInput::new(&fields, &credentials, &reason).with("provider", &provider);
    let with_operation = kept.clone().with("operation", &operation);
    let typed = with_operation.typed();
    let form = Form { page: page.clone(), name: CREATE_CONNECTION, typed: &typed };
    form.answer(async {
        let operator = operator(&team, Attempt::new(Action::ConnectionCreate, None)).await?;
        let operation = hidden(&operation)?;
        let input = DraftInput { provider, fields, credentials: credentials.into() };
        let (draft, credentials) = context::portal().connection_draft(&operator.reader(), &input).await?;
        let change = Change::CreateConnection { draft };
        let operation = perform(&operator, Request { credentials, ..Request::new(operation, change, &reason) }).await?;
        Ok(after_creating(&operator, operation, page, &kept).await)
    })
    .await
}

/// Where to go after creating a connection: to its page if Workato returned its id, otherwise back to the form. The
/// form keeps its input if the connection was certainly not created.
async fn after_creating(operator: &TeamOperator, operation: OperationId, form: String, kept: &KeptInput) -> String {
    let logged = context::portal().operation(operator.actor(), operation).await;
    let Ok(summary) = logged.map(|logged| logged.summary) else { return page_with_notice(&form, operation) };
    match summary.target {
        Some(target) if target.id != Target::NOT_YET => {
            page_with_notice(&page(operator.team().slug.as_str(), &target.id), operation)
        }
        _ if matches!(summary.outcome, Some(Outcome::Rejected | Outcome::Failed)) => {
            let id = forms::keep_typed(CREATE_CONNECTION, &kept.typed());
            with_parameter(&page_with_notice(&form, operation), forms::PARAMETER, &id)
        }
        _ => page_with_notice(&form, operation),
    }
}

/// `POST /api/fn/update_connection`: sends only the fields that differ from the form's initial values.
#[server(prefix = "/api/fn", endpoint = "update_connection", input = PostUrl)]
pub async fn update_connection(
    #[server(default)] team: String,
    #[server(default)] connection: String,
    #[server(default)] operation: String,
    #[server(default)] fields: ConnectionFields,
    #[server(default)] drawn: ConnectionFields,
    #[server(default)] credentials: TypedCredentials,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connection);
    let kept = KeptInput::new(&fields, &credentials, &reason).without_unchanged(&fields, &drawn);
    let kept = kept.with("operation", &operation);
    let typed = kept.typed();
    let form = Form { page: format!("{page}/edit"), name: UPDATE_CONNECTION, typed: &typed };
    form.answer(async {
        let operator = operator(&team, attempt(Action::ConnectionUpdate, &connection)).await?;
        let (connection, operation): (ConnectionId, _) = (hidden(&connection)?, hidden(&operation)?);
        let drawn_name = drawn.name.clone();
        let input = UpdateInput { fields, drawn, credentials: credentials.into() };
        let (update, credentials) = context::portal().connection_update(&operator.reader(), connection, &input).await?;
        let change = Change::UpdateConnection { connection, update };
        let request = Request { credentials, drawn_name, ..Request::new(operation, change, &reason) };
        Ok(page_with_notice(&page, perform(&operator, request).await?))
    })
    .await
}

/// `POST /api/fn/tag_connection`: removes the tag `remove`, or else adds the tag `add`.
#[server(prefix = "/api/fn", endpoint = "tag_connection", input = PostUrl)]
pub async fn tag_connection(
    #[server(default)] team: String,
    #[server(default)] connection: String,
    #[server(default)] operation: String,
    #[server(default)] add: String,
    #[server(default)] remove: String,
    #[server(default)] name: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connection);
    let typed = [("operation", operation.as_str()), ("add", &add), ("reason", &reason)];
    let form = Form { page: format!("{page}#tags"), name: TAG_CONNECTION, typed: &typed };
    form.answer(async {
        let operator = operator(&team, attempt(Action::ConnectionTag, &connection)).await?;
        let (connection, operation) = (hidden(&connection)?, hidden(&operation)?);
        let tags = tag_assignment(&add, &remove).map_err(Error::Invalid)?;
        let request = Request::new(operation, Change::TagConnection { connection, tags }, &reason);
        let request = Request { drawn_name: name, ..request };
        Ok(page_with_notice(&page, perform(&operator, request).await?))
    })
    .await
}

/// `POST /api/fn/disconnect_connection`: with `force`, also disconnects a connection that active recipes use.
#[server(prefix = "/api/fn", endpoint = "disconnect_connection", input = PostUrl)]
pub async fn disconnect_connection(
    #[server(default)] team: String,
    #[server(default)] connection: String,
    #[server(default)] operation: String,
    #[server(default)] force: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] break_glass: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connection);
    let typed = [
        ("operation", operation.as_str()),
        ("force", &force),
        ("confirm", &confirm),
        ("reason", &reason),
        ("break_glass", &break_glass),
    ];
    let form = Form { page: format!("{page}#disconnect"), name: DISCONNECT_CONNECTION, typed: &typed };
    form.answer(async {
        let operator = operator(&team, attempt(Action::ConnectionDisconnect, &connection)).await?;
        let force = match force.as_str() {
            "" => Force::No,
            word => Force::from(hidden::<bool>(word)?),
        };
        let change = Change::DisconnectConnection { connection: hidden(&connection)?, force };
        let request = Request::new(hidden(&operation)?, change, &reason);
        let request =
            Request { typed_name: confirm.clone(), drawn_name: name, urgency: urgency(&break_glass), ..request };
        Ok(page_with_notice(&page, perform(&operator, request).await?))
    })
    .await
}

/// `POST /api/fn/delete_connection`
#[server(prefix = "/api/fn", endpoint = "delete_connection", input = PostUrl)]
pub async fn delete_connection(
    #[server(default)] team: String,
    #[server(default)] connection: String,
    #[server(default)] operation: String,
    #[server(default)] name: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] break_glass: String,
) -> Result<(), ApiError> {
    let page = page(&team, &connection);
    let typed =
        [("operation", operation.as_str()), ("confirm", &confirm), ("reason", &reason), ("break_glass", &break_glass)];
    let form = Form { page: format!("{page}#delete"), name: DELETE_CONNECTION, typed: &typed };
    form.answer(async {
        let operator = operator(&team, attempt(Action::ConnectionDelete, &connection)).await?;
        let change = Change::DeleteConnection { connection: hidden(&connection)? };
        let request = Request::new(hidden(&operation)?, change, &reason);
        let request =
            Request { typed_name: confirm.clone(), drawn_name: name, urgency: urgency(&break_glass), ..request };
        Ok(page_with_notice(&page, perform(&operator, request).await?))
    })
    .await
}

/// `POST /api/fn/export_connections`: the filtered list as CSV. `page` is the URL of the list that has the form.
#[server(prefix = "/api/fn", endpoint = "export_connections", input = PostUrl)]
pub async fn export_connections(
    #[server(default)] team: String,
    #[server(default)] page: String,
    #[server(default)] filter: FilterInput,
) -> Result<(), ApiError> {
    let form = Form { page: safe_next(&page), name: EXPORT_CONNECTIONS, typed: &[] };
    form.answer(async {
        let portal = context::portal();
        let attempt = Attempt::new(Action::ConnectionExport, None);
        let reader = portal.team_reader(&actor()?, &team, attempt).await?;
        let file = portal.export_connections(&reader, &filter).await?;
        let name = file.name.clone();
        Ok(File { name, media_type: "text/csv; charset=utf-8", chunks: stream::iter(file.chunks()).boxed() })
    })
    .await
}

fn attempt(action: Action, connection: &str) -> Attempt {
    Attempt::new(action, attempted_on(TargetType::Connection, connection))
}

async fn perform(operator: &TeamOperator, request: Request) -> Result<OperationId, Error> {
    context::portal().perform(operator, request).await
}

fn page(team: &str, connection: &str) -> String {
    format!("/teams/{team}/connections/{connection}")
}

/// The URL of `page` that shows the notice about the operation.
fn page_with_notice(page: &str, operation: OperationId) -> String {
    format!("{page}?operation={operation}")
}

/// The input of a connection's form to show again: everything but the credentials.
#[derive(Clone)]
struct KeptInput(Vec<(String, String)>);

impl KeptInput {
    fn new(fields: &ConnectionFields, credentials: &TypedCredentials, reason: &str) -> Self {
        let mut kept = Self(Vec::new());
        let ConnectionFields { name, folder_id, parent_id, external_id } = fields;
        for (field, value) in [
            ("name", name.as_str()),
            ("folder_id", folder_id),
            ("parent_id", parent_id),
            ("external_id", external_id),
            ("authentication", &credentials.authentication),
            ("reason", reason),
        ] {
            kept.0.push((field.to_owned(), value.to_owned()));
        }
        let rows = credentials.fields.iter().take_while(|(row, _)| **row < MOST_ROWS);
        for (row, field) in rows.filter(|(_, field)| is_name(field.name.trim())) {
            kept.0.push((row_name(*row), field.name.clone()));
        }
        kept
    }

    /// Leaves out the fields that were not changed: the form shows their present values again, so that a change that
    /// somebody else made meanwhile is not taken back.
    fn without_unchanged(mut self, fields: &ConnectionFields, drawn: &ConnectionFields) -> Self {
        let unchanged = [
            ("name", fields.name == drawn.name),
            ("folder_id", fields.folder_id == drawn.folder_id),
            ("parent_id", fields.parent_id == drawn.parent_id),
            ("external_id", fields.external_id == drawn.external_id),
        ];
        self.0.retain(|(kept, _)| !unchanged.contains(&(kept.as_str(), true)));
        self
    }

    fn with(mut self, field: &str, value: &str) -> Self {
        self.0.push((field.to_owned(), value.to_owned()));
        self
    }

    fn typed(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect()
    }
}

impl From<TypedCredentials> for CredentialsInput {
    fn from(typed: TypedCredentials) -> Self {
        let mut fields = Vec::new();
        for (row, TypedField { name, value }) in typed.fields {
            // One row more than a form has is enough to be too many.
            fields.resize_with(row.min(MOST_ROWS), || (String::new(), SecretString::default()));
            fields.push((name, value.into()));
        }
        Self {
            authentication: typed.authentication,
            fields,
            json: typed.json.into(),
            access_token: typed.access_token.into(),
            refresh_token: typed.refresh_token.into(),
        }
    }
}
