//! A page of Leptos' islands with the same rows, and nothing else of the portal: no session, no data to read, no frame.

use std::sync::Arc;

use any_spawner::Executor;
use axum::{Router, routing::get};
use leptos::prelude::*;
use leptos_axum::render_app_async;

use crate::rows::Rows;

pub fn router(rows: &Arc<Rows>) -> Router {
    // Fails if it is set already, which is as good.
    let _ = Executor::init_tokio();
    let (connections, items) = (Arc::clone(rows), Arc::clone(rows));
    let of_items = ["ID".to_owned(), "Name".to_owned()];
    Router::new()
        .route("/", get(render_app_async(move || document(&connections.headings, &connections.connections))))
        .route("/thousand", get(render_app_async(move || document(&of_items, &items.thousand))))
}

fn document(headings: &[String], rows: &[Vec<String>]) -> impl IntoView + use<> {
    let headings = headings.iter().map(|heading| view! { <th scope="col">{heading.clone()}</th> }).collect_view();
    let rows = rows
        .iter()
        .map(|row| view! { <tr>{row.iter().map(|cell| view! { <td>{cell.clone()}</td> }).collect_view()}</tr> })
        .collect_view();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <title>"Connections"</title>
            </head>
            <body>
                <h1>"Connections"</h1>
                <table>
                    <thead><tr>{headings}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                <Counter/>
            </body>
        </html>
    }
}

/// An island, as every page of the portal has one.
#[island]
fn Counter() -> impl IntoView {
    let (clicks, set_clicks) = signal(0);
    view! { <button type="button" on:click=move |_| set_clicks.update(|clicks| *clicks += 1)>{clicks}</button> }
}
