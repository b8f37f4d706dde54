//! Recipes: the list with its documented filters, and the jobs of one. The list of a customer's recipes has the same
//! filters.

use axum::{Extension, extract::Path};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    admission::Caller,
    answers::{Answer, Refusal, ok},
    query::{Query, id},
    world::{World, connection::Connections, connector::Connector, recipe::Recipe},
};

/// The most jobs that are listed, and how many of them are on a page.
const MOST_JOBS: u64 = 60;
const JOBS_ON_PAGE: usize = 20;

/// `GET /api/recipes`
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let world = caller.workspace.world();
    let rows = rows(&query, &world.recipes, &world.connections, &world.connectors)?;
    Ok(ok(&json!({ "items": rows })))
}

/// `GET /api/recipes/:id/jobs`: newest first.
pub async fn jobs(Extension(caller): Extension<Caller>, Path(path): Path<String>, query: Query) -> Answer {
    let world = caller.workspace.world();
    let recipe = world.recipe(id(&path)?).ok_or(Refusal::NotFound)?;
    let status = match query.get("status") {
        None => None,
        Some(status @ ("succeeded" | "failed" | "pending")) => Some(status),
        Some(_) => return Err(Refusal::BadRequest),
    };
    let offset = query.get("offset_job_id");
    let jobs: Vec<Value> = jobs_of(recipe)
        .skip_while(|job| offset.is_some_and(|offset| job["id"] != offset))
        .skip(usize::from(offset.is_some()))
        .filter(|job| match status {
            None => true,
            Some(status) => (status == "failed") == (job["is_error"] == true) && status != "pending",
        })
        .take(JOBS_ON_PAGE)
        .collect();
    Ok(ok(&json!({
        "job_succeeded_count": recipe.jobs_succeeded,
        "job_failed_count": recipe.jobs_failed,
        "items": jobs,
    })))
}

/// The page of recipes that a query asks for.
pub fn rows(
    query: &Query,
    recipes: &[Recipe],
    connections: &Connections,
    connectors: &[Connector],
) -> Result<Vec<Value>, Refusal> {
    let filter = Filter::read(query)?;
    let mut found: Vec<&Recipe> = recipes.iter().filter(|one| filter.matches(one, connections, connectors)).collect();
    match query.get("order") {
        None | Some("default") => found.sort_by_key(|recipe| std::cmp::Reverse(recipe.id)),
        Some("activity") => found.sort_by_key(|recipe| std::cmp::Reverse((recipe.last_run_at, recipe.id))),
        Some(_) => return Err(Refusal::BadRequest),
    }
    let with_tags = query.all("includes[]").any(|field| field == "tags");
    let with_code = query.get("exclude_code") != Some("true");
    let page = query.page().of(found.into_iter());
    Ok(page.into_iter().map(|recipe| to_json(recipe, connections, connectors, with_tags, with_code)).collect())
}

/// The filters of a list.
struct Filter {
    adapters_all: Vec<String>,
    adapters_any: Vec<String>,
    folder_id: Option<Option<u64>>,
    running: Option<bool>,
    below: Option<u64>,
    stopped_after: Option<OffsetDateTime>,
    stop_cause: Option<String>,
    updated_after: Option<OffsetDateTime>,
}

impl Filter {
    fn read(query: &Query) -> Result<Self, Refusal> {
        let names = |name| {
            let names = query.get(name).map(|names| names.split(',').map(|name| name.trim().to_owned()).collect());
            names.unwrap_or_default()
        };
        let instant = |name| {
            let text = query.get(name);
            text.map(|text| OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Refusal::BadRequest)).transpose()
        };
        Ok(Self {
            adapters_all: names("adapter_names_all"),
            adapters_any: names("adapter_names_any"),
            folder_id: query.get("folder_id").map(|text| text.parse().ok()),
            running: query.get("running").map(|text| text.parse().map_err(|_| Refusal::BadRequest)).transpose()?,
            below: query.get("since_id").map(|text| text.parse().map_err(|_| Refusal::BadRequest)).transpose()?,
            stopped_after: instant("stopped_after")?,
            stop_cause: query.get("stop_cause").map(str::to_owned),
            updated_after: instant("updated_after")?,
        })
    }

    fn matches(&self, recipe: &Recipe, connections: &Connections, connectors: &[Connector]) -> bool {
        let uses = |name: &String| applications(recipe, connections, connectors).contains(&name.as_str());
        self.adapters_all.iter().all(uses)
            && (self.adapters_any.is_empty() || self.adapters_any.iter().any(uses))
            && self.folder_id.is_none_or(|id| id == Some(recipe.folder_id))
            && self.running.is_none_or(|running| running == recipe.active)
            && self.below.is_none_or(|below| recipe.id < below)
            && self.stopped_after.is_none_or(|after| recipe.stopped_at.is_some_and(|at| at.instant() > after))
            && self.stop_cause.as_ref().is_none_or(|cause| recipe.stop_cause.as_ref() == Some(cause))
            && self.updated_after.is_none_or(|after| recipe.updated_at.instant() > after)
    }
}

/// The applications that a recipe uses, with the id of its connection to each. A connector without a connection has none.
fn uses<'a>(recipe: &Recipe, connections: &'a Connections, connectors: &'a [Connector]) -> Vec<(&'a str, Option<u64>)> {
    let with_connection = recipe.connection_ids.iter().filter_map(|id| connections.get(*id));
    let mut uses: Vec<_> = with_connection.filter_map(|one| Some((one.provider.as_deref()?, Some(one.id)))).collect();
    let of_connectors = connectors.iter().filter(|connector| recipe.connector_ids.contains(&connector.id));
    for connector in of_connectors {
        if !uses.iter().any(|(provider, _)| *provider == connector.name) {
            uses.push((&connector.name, None));
        }
    }
    uses
}

fn applications<'a>(recipe: &Recipe, connections: &'a Connections, connectors: &'a [Connector]) -> Vec<&'a str> {
    let mut names: Vec<&str> = uses(recipe, connections, connectors).into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn to_json(
    recipe: &Recipe,
    connections: &Connections,
    connectors: &[Connector],
    with_tags: bool,
    with_code: bool,
) -> Value {
    let uses = uses(recipe, connections, connectors);
    let config: Vec<Value> = uses
        .iter()
        .map(|(provider, connection)| {
            json!({
                "keyword": "application",
                "name": provider,
                "provider": provider,
                "skip_validation": false,
                "account_id": connection,
            })
        })
        .collect();
    let mut json = json!({
        "id": recipe.id,
        "name": recipe.name,
        "folder_id": recipe.folder_id,
        "running": recipe.active,
        "created_at": recipe.created_at,
        "updated_at": recipe.updated_at,
        "last_run_at": recipe.last_run_at,
        "stopped_at": recipe.stopped_at,
        "stop_cause": recipe.stop_cause,
        "job_succeeded_count": recipe.jobs_succeeded,
        "job_failed_count": recipe.jobs_failed,
        "version_no": 1,
        "trigger_application": uses.first().map(|(name, _)| name),
        "action_applications": uses.iter().skip(1).map(|(name, _)| name).collect::<Vec<_>>(),
        "applications": applications(recipe, connections, connectors),
        "config": config,
    });
    if with_tags {
        json["tags"] = json!(recipe.tags);
    }
    if with_code {
        let steps: Vec<Value> =
            (0..8).map(|number| json!({ "number": number, "as": format!("step{number}") })).collect();
        json["code"] = json!({ "number": 0, "keyword": "trigger", "block": steps }).to_string().into();
    }
    json
}

/// The newest jobs of a recipe. Failures are spread among them.
fn jobs_of(recipe: &Recipe) -> impl Iterator<Item = Value> {
    let total = recipe.jobs_succeeded + recipe.jobs_failed;
    let one_in = total.checked_div(recipe.jobs_failed).unwrap_or_default();
    let newest = recipe.last_run_at.unwrap_or(recipe.updated_at);
    let id = recipe.id;
    (0..total.min(MOST_JOBS)).map(move |age| {
        let is_error = one_in != 0 && age % one_in == one_in - 1;
        let started = newest.minus(time::Duration::minutes(i64::try_from(age).unwrap_or_default() * 7));
        json!({
            "id": format!("j-{id}-{}", total - age),
            "title": format!("Job {}", total - age),
            "error": is_error.then_some("The application answered 503"),
            "is_error": is_error,
            "started_at": started,
            "completed_at": started.minus(time::Duration::seconds(-4)),
        })
    })
}

/// How many recipes of these run.
pub fn running(recipes: &[Recipe]) -> usize {
    recipes.iter().filter(|recipe| recipe.active).count()
}

/// The page of a customer's recipes that a query asks for.
pub fn of_customer(query: &Query, world: &World, customer: &crate::Customer) -> Result<Vec<Value>, Refusal> {
    rows(query, &customer.recipes, &customer.connections, &world.connectors)
}
