//! `/teams/{team}/connections/new`: the form that creates a connection, with or without credentials. The connection's
//! page shows the result; this page shows a rejection.

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    audit::{Action, OperationSummary, Outcome, Target},
    connections::{Authentication, Choices, ConnectionFields as Fields},
    upstream::{Names, soon},
};

use crate::{
    components::{
        ButtonLink, ConnectionFields, Field, Frame, NoCredentials, OPERATION, ReasonField, Rendered, Section, Tone,
        connection_ids, credential_fields, named_operation, page, problem_summary, redirected, standing_notice,
    },
    context,
    form_memory::Refused,
    forms::{self, names::CREATE_CONNECTION},
    islands::SubmitOnce,
};

#[component]
pub fn ConnectionNewPage() -> impl IntoView {
    page(new(context::path_part("team")))
}

async fn new(team: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let portal = context::portal();
    portal.page_for_operators(&reader).await?;
    let frame = frame.section(Section::Connections).title("New connection").with_own_reasons().await;
    let is_creation = |it: &OperationSummary| it.action == Action::ConnectionCreate && it.was_sent();
    let named = named_operation(&reader, is_creation).await?;
    let summary = named.as_ref().map(|named| &named.logged.summary);
    if let Some(created) = summary.and_then(|it| it.target.as_ref()).filter(|created| created.id != Target::NOT_YET) {
        let connection = format!("/teams/{team}/connections/{}", created.id);
        return Ok(redirected(&context::query().only(&[OPERATION]).on(&connection)));
    }
    let is_open = summary.is_some_and(|it| !matches!(it.outcome, Some(Outcome::Rejected | Outcome::Failed)));
    let notice = named.map(|named| named.notice(&[]));
    // While it is unknown whether the connection exists, the page does not offer to create it again.
    if is_open {
        return Ok(frame.render(unresolved(&reader, notice)));
    }
    let refused = forms::refused(CREATE_CONNECTION);
    let provider = refused.value("provider", &context::query().get("provider"));
    let application = Some(provider.trim()).filter(|provider| !provider.is_empty());
    let choices = soon(portal.connection_choices(&reader, application));
    let (choices, names) = join(choices, portal.connection_names(&reader)).await;
    let names = names?;
    // Suggestions are optional, so the form does not wait for them or fail without them.
    let choices = choices.and_then(Result::ok).unwrap_or_default();
    Ok(frame.render(form(&reader, &refused, provider, &choices, &names, notice)))
}

/// The page while the outcome of a creation is unknown.
fn unresolved(reader: &TeamReader, notice: Option<AnyView>) -> AnyView {
    let list = format!("/teams/{}/connections", reader.team().slug);
    let another = format!("{list}/new");
    view! {
        <p class="back"><a href=list.clone()>"All connections"</a></p>
        <div class="head"><div><h1>"New connection"</h1></div></div>
        {notice}
        <p class="row">
            <ButtonLink href=list>"Go to the list"</ButtonLink>
            <a href=another>"Create another connection"</a>
        </p>
    }
    .into_any()
}

fn form(
    reader: &TeamReader,
    refused: &Refused,
    provider: String,
    choices: &Choices,
    names: &Names,
    notice: Option<AnyView>,
) -> AnyView {
    let (team, query) = (reader.team(), context::query());
    let list = format!("/teams/{}/connections", team.slug);
    let initial = Fields { parent_id: query.get("parent_id"), folder_id: query.get("folder_id"), ..Fields::default() };
    let fields = ConnectionFields { refused, initial, names, choices, no_folder: "None (Home)" };
    let no_credentials =
        NoCredentials { label: "No credentials yet", hint: "Add credentials later, here or in Workato." };
    let reason = ReasonField { refused, team, destructive: false, id: "reason".to_owned(), initial: "" };
    view! {
        <p class="back"><a href=list>"All connections"</a></p>
        <div class="head"><div><h1>"New connection"</h1></div></div>
        {notice}
        <form
            class="panel fields wide"
            method="post"
            action="/api/fn/create_connection"
            aria-label="New connection"
            autocomplete="off"
            novalidate
        >
            {problem_summary(refused, connection_ids)}
            {retype(refused)}
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {fields.render(Some(application(provider, choices, refused)))}
            {credential_fields(refused, no_credentials)}
            {reason.render()}
            <SubmitOnce label="Create connection" class="primary"/>
        </form>
    }
    .into_any()
}

fn application(provider: String, choices: &Choices, refused: &Refused) -> AnyView {
    let options: Vec<_> =
        choices.applications.iter().map(|name| view! { <option value=name.clone()></option> }).collect();
    view! {
        <Field
            label="Application"
            name="provider"
            value=provider
            required=true
            autocomplete="off"
            list="applications"
            placeholder="jira"
            hint="Workato's name for it, such as salesforce"
            problem=refused.problem("provider")
        />
        <datalist id="applications">{options}</datalist>
    }
    .into_any()
}

/// Says that credentials have to be typed again, if the refused form had any.
pub fn retype(refused: &Refused) -> Option<AnyView> {
    let with = refused.typed("authentication")?;
    (with != Authentication::None.as_str())
        .then(|| standing_notice(Tone::Info, view! { <p>"Credentials aren't stored. Enter them again."</p> }))
}
