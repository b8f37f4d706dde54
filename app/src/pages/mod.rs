//! The router. One file per page. `shell` renders the document, and `components::frame` the frame of each page.

mod account;
mod admin_feeds;
mod admin_people;
mod admin_person;
mod admin_person_sessions;
mod admin_team;
mod admin_team_new;
mod admin_team_token;
mod admin_teams;
mod approval;
mod approvals;
mod audit;
mod confirm;
mod connection;
mod connection_edit;
mod connection_new;
mod connections;
mod connector;
mod connector_code;
mod connector_compare;
mod connectors;
mod customer;
mod customers;
mod design;
mod figures;
mod home;
mod job;
mod jobs;
mod kept;
mod list;
mod operation;
mod promote;
mod recipes;
mod refusal;
mod search;
mod second_factor;
mod second_step;
mod setup;
mod sign_in;
mod signed_out;
mod target;
mod views;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use account::AccountPage;
use admin_feeds::AdminFeedsPage;
use admin_people::AdminPeoplePage;
use admin_person::AdminPersonPage;
use admin_team::AdminTeamPage;
use admin_team_new::AdminTeamNewPage;
use admin_team_token::AdminTeamTokenPage;
use admin_teams::AdminTeamsPage;
use approval::ApprovalPage;
use approvals::ApprovalsPage;
use audit::AuditPage;
use confirm::ConfirmPage;
use connection::ConnectionPage;
use connection_edit::ConnectionEditPage;
use connection_new::ConnectionNewPage;
use connections::ConnectionsPage;
use connector::ConnectorPage;
use connector_code::ConnectorCodePage;
use connector_compare::ConnectorComparePage;
use connectors::ConnectorsPage;
use customer::CustomerPage;
use customers::CustomersPage;
use design::DesignPage;
use figures::FiguresPage;
use home::HomePage;
use job::JobPage;
use jobs::JobsPage;
pub use kept::may_be_kept;
use operation::OperationPage;
use promote::PromotePage;
use recipes::RecipesPage;
use refusal::NotFoundPage;
pub use refusal::RefusalPage;
use search::SearchPage;
use second_factor::SecondFactorPage;
use second_step::SecondStepPage;
use setup::SetupPage;
use sign_in::SignInPage;
use signed_out::SignedOutPage;
use views::ViewsPage;

/// The root component. It returns `AnyView`, so that the pages are compiled in this crate and not again in the server.
#[component]
pub fn App() -> AnyView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage/>
                <Route path=path!("/login") view=SignInPage/>
                <Route path=path!("/login/code") view=SecondStepPage/>
                <Route path=path!("/login/signed-out") view=SignedOutPage/>
                <Route path=path!("/setup") view=SetupPage/>
                <Route path=path!("/design") view=DesignPage/>
                <Route path=path!("/search") view=SearchPage/>
                <Route path=path!("/account") view=AccountPage/>
                <Route path=path!("/account/second-factor") view=SecondFactorPage/>
                <Route path=path!("/account/confirm") view=ConfirmPage/>
                <Route path=path!("/teams/:team/connections") view=ConnectionsPage/>
                <Route path=path!("/teams/:team/connections/new") view=ConnectionNewPage/>
                <Route path=path!("/teams/:team/connections/:id") view=ConnectionPage/>
                <Route path=path!("/teams/:team/connections/:id/edit") view=ConnectionEditPage/>
                <Route path=path!("/teams/:team/connectors") view=ConnectorsPage/>
                <Route path=path!("/teams/:team/connectors/:id") view=ConnectorPage/>
                <Route path=path!("/teams/:team/connectors/:id/code") view=ConnectorCodePage/>
                <Route path=path!("/teams/:team/connectors/:id/compare") view=ConnectorComparePage/>
                <Route path=path!("/teams/:team/connectors/:id/promote") view=PromotePage/>
                <Route path=path!("/teams/:team/customers") view=CustomersPage/>
                <Route path=path!("/teams/:team/customers/:id") view=CustomerPage/>
                <Route path=path!("/teams/:team/recipes") view=RecipesPage/>
                <Route path=path!("/teams/:team/jobs") view=JobsPage/>
                <Route path=path!("/teams/:team/jobs/:id") view=JobPage/>
                <Route path=path!("/approvals") view=ApprovalsPage/>
                <Route path=path!("/approvals/:operation") view=ApprovalPage/>
                <Route path=path!("/audit") view=AuditPage/>
                <Route path=path!("/views") view=ViewsPage/>
                <Route path=path!("/audit/figures") view=FiguresPage/>
                <Route path=path!("/audit/:operation") view=OperationPage/>
                <Route path=path!("/admin/teams") view=AdminTeamsPage/>
                <Route path=path!("/admin/teams/new") view=AdminTeamNewPage/>
                <Route path=path!("/admin/teams/:team") view=AdminTeamPage/>
                <Route path=path!("/admin/teams/:team/token") view=AdminTeamTokenPage/>
                <Route path=path!("/admin/feeds") view=AdminFeedsPage/>
                <Route path=path!("/admin/people") view=AdminPeoplePage/>
                <Route path=path!("/admin/people/:person") view=AdminPersonPage/>
            </Routes>
        </Router>
    }
    .into_any()
}
