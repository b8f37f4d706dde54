//! The router: which path leads to which page, and the answer to a path that leads nowhere.
//! Not the document around them: that is `shell`.

use crate::islands::ThemeSwitch;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Start/>
            </Routes>
        </Router>
    }
}

#[component]
fn Start() -> impl IntoView {
    view! {
        <Title text="Partner Portal"/>
        <main>
            <h1>"Partner Portal"</h1>
            <ThemeSwitch/>
        </main>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found"/>
        <main>
            <h1>"There is no such page"</h1>
        </main>
    }
}
