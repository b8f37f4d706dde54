//! The router: which path leads to which page. One file a page.
//! The document around them is `shell`; the frame that people see is `components::frame`.

mod refusal;
mod sign_in;
mod start;

use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use refusal::NotFoundPage;
pub use refusal::RefusalPage;
use sign_in::SignInPage;
use start::StartPage;

#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=StartPage/>
                <Route path=path!("/login") view=SignInPage/>
            </Routes>
        </Router>
    }
}
