//! axum with maud: the quickest way in which people write such pages in Rust.

use std::sync::Arc;

use axum::{Router, response::Html, routing::get};
use maud::{DOCTYPE, Markup, html};

use crate::rows::Rows;

pub fn router(rows: &Arc<Rows>) -> Router {
    let (connections, items) = (Arc::clone(rows), Arc::clone(rows));
    Router::new()
        .route(
            "/",
            get(move || async move { Html(page(&connections.headings, &connections.connections).into_string()) }),
        )
        .route("/thousand", get(move || async move { Html(thousand(&items).into_string()) }))
}

pub fn thousand(rows: &Rows) -> Markup {
    page(&["ID".to_owned(), "Name".to_owned()], &rows.thousand)
}

fn page(headings: &[String], rows: &[Vec<String>]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Connections" }
            }
            body {
                h1 { "Connections" }
                table {
                    thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                    tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
                }
            }
        }
    }
}
