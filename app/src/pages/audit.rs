//! `/audit`: the operations that the visitor may see, newest first, filtered by the URL. `portal::audit::FilterInput`
//! parses the filters.

mod export;
mod filters;
mod head;
mod peek;
mod rows;
mod tabs;

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Actor, Error, FieldProblems,
    audit::{AuditFilter, AuditPage as Found, AuditQuery, Count, FilterInput, LogHead, Logged, Suggestions},
    teams::Team,
    views::CountedView,
};
use time::OffsetDateTime;

use self::{export::export, filters::FilterForm, rows::Rows};
use crate::{
    components::{
        ButtonLink, DoneNotice, Frame, Rendered, Section, alarms_notice, index_lag_notice, log_trust, on_paper, page,
        set_status, waiting_queue,
    },
    context,
    query::Query,
    wording::{numbers, problems},
};

const PATH: &str = "/audit";
/// The URL parameters of the list. Other parameters are ignored.
const PARAMETERS: [&str; 13] = [
    "q", "team", "actor", "action", "outcome", "target", "after", "before", "reviewed", "took", "batch", "older",
    "newer",
];
/// The parameters that page the list without filtering it.
const PAGING: [&str; 2] = ["older", "newer"];
/// How many saved views have a tab.
const MOST_TABS: u32 = 4;

#[component]
pub fn AuditPage() -> impl IntoView {
    page(audit())
}

async fn audit() -> Result<Rendered, Error> {
    let log = Log::from_url();
    let filter = log.filter();
    let team = filter.as_ref().ok().and_then(|filter| filter.query.team()).map(ToString::to_string);
    let (frame, _) = Box::pin(Frame::of_filter(team.as_deref())).await?;
    let frame = frame.section(Section::Audit).title("Audit log").with_list();
    let portal = context::portal();
    let actor = frame.actor()?.clone();
    let teams = portal.teams(&actor).await?;
    let suggestions = portal.suggestions(&actor).await?;
    let (saved, open) = (portal.saved_views(&actor, Some(MOST_TABS)).await?, peek::named(&actor).await?);
    let counts = Box::pin(tabs::counts(&actor)).await?;
    let about = About { teams, suggestions, saved, counts, open, viewer: actor.clone() };
    let found = match filter {
        Ok(filter) => match Box::pin(portal.audit_page(&actor, &filter)).await {
            Err(Error::Invalid(problems)) => Err(problems),
            found => Ok((found?, portal.count_operations(&actor, &filter.query).await?, filter.query)),
        },
        Err(problems) => Err(problems),
    };
    match found {
        Ok((found, count, query)) => {
            portal.note_reading(&actor, portal.log_of(&query).await.map_err(Error::from)?).await;
            let (above, below) = waiting_queue(&actor).await?.map(|queue| (queue.above, queue.below)).unzip();
            let log = log.found(&about, &query, found, count, &portal.log_head().await?);
            let trust = log_trust().await?;
            Ok(frame.render(view! { {above}{log}{trust}{below} }.into_any()))
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            Ok(frame.render(log.refused(&about, &problems)))
        }
    }
}

/// What the page shows besides the list.
struct About {
    teams: Vec<Team>,
    suggestions: Suggestions,
    saved: Vec<CountedView>,
    /// How many operations the tabs have.
    counts: Vec<Option<Count>>,
    /// The operation in the side panel.
    open: Option<Logged>,
    viewer: Actor,
}

/// The list as the URL asks for it.
struct Log {
    /// The parameters as they came.
    given: Query,
    /// The known parameters that have a value.
    query: Query,
    input: FilterInput,
    now: OffsetDateTime,
}

impl Log {
    fn from_url() -> Self {
        let given = context::query();
        Self { query: given.only(&PARAMETERS), input: input(&given), given, now: OffsetDateTime::now_utc() }
    }

    fn filter(&self) -> Result<AuditFilter, FieldProblems> {
        self.given.with_filter(&PARAMETERS, self.input.read(self.now))
    }

    fn form(&self, about: &About, parsed: &AuditQuery, problems: &FieldProblems) -> AnyView {
        let form = FilterForm {
            path: PATH,
            query: &self.query.without(&PAGING),
            input: &self.input,
            parsed,
            teams: &about.teams,
            suggestions: &about.suggestions,
            problems,
        };
        form.render()
    }

    fn found(&self, about: &About, query: &AuditQuery, found: Found, count: Count, log: &LogHead) -> AnyView {
        let viewer = &about.viewer;
        let behind = index_lag_notice(found.behind, found.rebuilt);
        let list = if found.operations.is_empty() {
            self.nothing()
        } else {
            let rows = Rows {
                viewer,
                path: PATH,
                query: &self.query,
                open: about.open.as_ref().map(|logged| &logged.summary),
                is_cut: (found.newer.is_some(), found.older.is_some()),
            };
            let table = rows.render(&found.operations);
            let panel = |logged| peek::panel(logged, &found.operations, viewer, &self.query, PATH);
            let list = match about.open.as_ref().map(panel) {
                Some(panel) => view! { <div class="split">{table}{panel}</div> }.into_any(),
                None => table,
            };
            view! {
                {list}
                {self.pager(&found, count)}
                {export(PATH, &self.query.without(&PAGING), &numbers::operations(count))}
            }
            .into_any()
        };
        view! {
            {on_paper(viewer.name(), &self.query.on(PATH))}
            {head::head(viewer, query, log)}
            {alarms_notice()}
            <DoneNotice/>
            {tabs::tabs(&self.query.without(&PAGING), PATH, query, &about.saved, &about.counts)}
            {self.form(about, query, &FieldProblems::default())}
            {behind}
            {list}
        }
        .into_any()
    }

    fn refused(&self, about: &About, problems: &FieldProblems) -> AnyView {
        // The paging parameters have no field.
        let elsewhere: Vec<_> = problems
            .iter()
            .filter(|problem| PAGING.contains(&problem.field.as_str()))
            .map(|problem| view! { <p class="problem">{problems::named(problem)}</p> })
            .collect();
        let newest = (!elsewhere.is_empty()).then(|| self.to_newest());
        view! {
            <div class="head"><div><h1>"Audit log"</h1></div></div>
            {self.form(about, &AuditQuery::default(), problems)}
            <div class="panel empty" id="list" tabindex="-1" role="alert">
                <h2>"Fix the filter to see results"</h2>
                <p>"Part of the filter isn't valid, so no list is shown."</p>
                {elsewhere}
                {newest}
            </div>
        }
        .into_any()
    }

    fn nothing(&self) -> AnyView {
        let is_paged = self.query.without(&PAGING) != self.query;
        let (heading, content) = if is_paged {
            ("End of the list", view! { <p>"There are no operations past this one."</p>{self.to_newest()} }.into_any())
        } else if self.query.is_empty() {
            ("No changes yet", view! { <p>"Every change made here appears in this list."</p> }.into_any())
        } else {
            (
                "No operations match",
                view! { <p>"Change or clear the filters, or "<a href=PATH>"show all operations"</a>"."</p> }.into_any(),
            )
        };
        view! { <div class="panel empty" id="list" tabindex="-1"><h2>{heading}</h2>{content}</div> }.into_any()
    }

    fn to_newest(&self) -> AnyView {
        let newest = self.query.without(&PAGING).on(PATH);
        view! { <p><a href=newest>"Go to the newest operations"</a></p> }.into_any()
    }

    fn pager(&self, found: &Found, count: Count) -> AnyView {
        let query = self.query.without(&PAGING);
        let link = |sequence: Option<i64>, parameter: &str, label: &'static str, rel: &'static str| {
            let href = query.with(parameter, &sequence?.to_string()).on(PATH);
            Some(view! { <ButtonLink href=href small=true rel=rel>{label}</ButtonLink> })
        };
        let newer = link(found.newer, "newer", "Newer", "prev");
        let older = link(found.older, "older", "Older", "next");
        let newest =
            found.newer.is_some().then(|| view! { <ButtonLink href=query.on(PATH) small=true>"Newest"</ButtonLink> });
        view! {
            <div class="foot">
                <span>{numbers::operations(count)}</span>
                <nav class="acts" aria-label="Pages">{newest}{newer}{older}</nav>
            </div>
        }
        .into_any()
    }
}

fn input(query: &Query) -> FilterInput {
    FilterInput {
        team: query.get("team"),
        actor: query.get("actor"),
        action: query.get("action"),
        outcome: query.get("outcome"),
        target: query.get("target"),
        after: query.get("after"),
        before: query.get("before"),
        reviewed: query.get("reviewed"),
        took: query.get("took"),
        batch: query.get("batch"),
        q: query.get("q"),
        older: query.get("older"),
        newer: query.get("newer"),
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::FilterInput;

    use super::{PARAMETERS, input};
    use crate::query::Query;

    #[test]
    fn every_parameter_of_the_url_reaches_the_filter() {
        let query: Vec<_> = PARAMETERS.iter().map(|name| format!("{name}=of-{name}")).collect();
        let query = Query::of(&format!("/x?{}", query.join("&")).parse().expect("a path"));
        let read = format!("{:?}", input(&query));
        for name in PARAMETERS {
            assert!(read.contains(&format!("{name}: \"of-{name}\"")), "{name}: {read}");
        }
        assert_eq!(input(&Query::default()), FilterInput::default());
    }
}
