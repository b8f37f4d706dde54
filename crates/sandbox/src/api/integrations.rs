//! The applications that Workato has connectors for. The API reference does not show this call; Workato's own client makes
//! it, and the fields are those that it reads.

use axum::Extension;
use serde_json::{Value, json};

use crate::{
    admission::Caller,
    answers::{Answer, ok},
    population::providers::{PROVIDERS, Provider},
    query::Query,
};

/// `GET /api/integrations/all`
pub async fn list(Extension(_caller): Extension<Caller>, query: Query) -> Answer {
    let page = query.page();
    let items: Vec<Value> = page.of(PROVIDERS.iter()).into_iter().map(to_json).collect();
    Ok(ok(&json!({ "items": items, "count": PROVIDERS.len(), "page": page.number, "per_page": page.size })))
}

fn to_json(provider: &Provider) -> Value {
    let operation = |name: &str, title: &str| json!({ "name": name, "title": title, "deprecated": false, "bulk": false, "batch": false });
    json!({
        "name": provider.key,
        "title": provider.title,
        "categories": ["Business applications"],
        "oauth": provider.authorization_code,
        "deprecated": false,
        "secondary": false,
        "triggers": [operation("new_record", "New record")],
        "actions": [operation("create_record", "Create record"), operation("search_records", "Search records")],
    })
}
