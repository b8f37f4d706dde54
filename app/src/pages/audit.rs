//! `/audit`: the operations that the visitor may see, newest first, filtered by the URL. One operation with its entries
//! is `operation`; what the filters mean is `portal::audit::FilterInput`'s.

mod filters;

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, PortalRole,
    audit::{AuditFilter, AuditPage as Found, FilterInput},
    teams::Team,
};
use time::OffsetDateTime;

use self::filters::FilterForm;
use crate::{
    components::{Drawn, Frame, OperationsTable, Section, TeamColumn, page, set_status, waiting_queue},
    context,
    query::Query,
};

const PATH: &str = "/audit";
/// What the URL may hold; anything else in it is left alone and goes no further.
const PARAMETERS: [&str; 10] =
    ["team", "actor", "action", "outcome", "target", "after", "before", "q", "older", "newer"];
/// Those that say where in the list a page is, but do not restrict it.
const PAGING: [&str; 2] = ["older", "newer"];

#[component]
pub fn AuditPage() -> impl IntoView {
    page(audit())
}

async fn audit() -> Result<Drawn, Error> {
    let log = Log::asked();
    let frame = frame(&log.input.team).await?.section(Section::Audit).title("Audit log");
    let portal = context::portal();
    let actor = frame.actor()?.clone();
    let teams = portal.teams(&actor).await?;
    let found = match log.filter() {
        Ok(filter) => match portal.audit_page(&actor, &filter).await {
            Err(Error::Invalid(problems)) => Err(problems),
            found => Ok(found?),
        },
        Err(problems) => Err(problems),
    };
    match found {
        Ok(found) => {
            let (above, below) = waiting_queue(&actor).await?.map(|queue| (queue.above, queue.below)).unzip();
            Ok(frame.draw(view! { {above}{log.found(&teams, found, actor.role())}{below} }.into_any()))
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            Ok(frame.draw(log.refused(&teams, &problems)))
        }
    }
}

/// The team's frame where the log is filtered to one that the visitor reads.
async fn frame(team: &str) -> Result<Frame, Error> {
    if !team.is_empty() {
        match Frame::of_team(team).await {
            Ok((frame, _)) => return Ok(frame),
            // Said beside the field.
            Err(Error::NotFound | Error::Forbidden { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Frame::signed_in()?.with_teams().await
}

/// The log as the URL asks for it.
struct Log {
    /// As it came.
    asked: Query,
    /// What of it is known and says something.
    query: Query,
    input: FilterInput,
    now: OffsetDateTime,
}

impl Log {
    fn asked() -> Self {
        let asked = context::query();
        Self { query: asked.only(&PARAMETERS), input: input(&asked), asked, now: OffsetDateTime::now_utc() }
    }

    fn filter(&self) -> Result<AuditFilter, FieldProblems> {
        let mut problems = FieldProblems::default();
        self.asked.refuse_doubles(&PARAMETERS, &mut problems);
        match self.input.read(self.now) {
            Ok(filter) if problems.is_empty() => Ok(filter),
            Ok(_) => Err(problems),
            Err(more) => {
                for problem in more.iter() {
                    problems.add(&problem.field, &problem.message);
                }
                Err(problems)
            }
        }
    }

    fn form(&self, teams: &[Team], problems: &FieldProblems) -> AnyView {
        FilterForm { path: PATH, query: &self.query, input: &self.input, teams, problems, now: self.now }.draw()
    }

    fn found(&self, teams: &[Team], found: Found, viewer: PortalRole) -> AnyView {
        let list = if found.operations.is_empty() {
            self.nothing()
        } else {
            let pager = self.pager(&found);
            view! {
                <OperationsTable
                    operations=found.operations
                    caption="Operations, newest first"
                    teams=TeamColumn::Shown
                    viewer=viewer
                />
                {pager}
            }
            .into_any()
        };
        view! {
            {head(viewer)}
            {self.form(teams, &FieldProblems::default())}
            {list}
        }
        .into_any()
    }

    fn refused(&self, teams: &[Team], problems: &FieldProblems) -> AnyView {
        // Paging has no field of its own.
        let elsewhere: Vec<_> = problems
            .iter()
            .filter(|problem| PAGING.contains(&problem.field.as_str()))
            .map(|problem| view! { <p class="problem">{format!("{}: {}", problem.field, problem.message)}</p> })
            .collect();
        let newest = (!elsewhere.is_empty()).then(|| self.to_newest());
        view! {
            <div class="head"><div><h1>"Audit log"</h1></div></div>
            {self.form(teams, problems)}
            <div class="panel empty" role="alert">
                <h2>"Nothing is listed"</h2>
                <p>"The portal does not understand a part of this filter; it shows no list that could be the wrong one."</p>
                {elsewhere}
                {newest}
            </div>
        }
        .into_any()
    }

    fn nothing(&self) -> AnyView {
        let is_paged = self.query.without(&PAGING) != self.query;
        let (heading, content) = if is_paged {
            ("The list ends here", view! { <p>"No operation is beyond this one."</p>{self.to_newest()} }.into_any())
        } else if self.query.is_empty() {
            (
                "Nothing was done yet",
                view! { <p>"Whatever people do in the portal stands here from then on."</p> }.into_any(),
            )
        } else {
            (
                "No operation matches",
                view! { <p>"Loosen a filter, or "<a href=PATH>"show all operations"</a>"."</p> }.into_any(),
            )
        };
        view! { <div class="panel empty"><h2>{heading}</h2>{content}</div> }.into_any()
    }

    fn to_newest(&self) -> AnyView {
        let newest = self.query.without(&PAGING).on(PATH);
        view! { <p><a href=newest>"To the newest operations"</a></p> }.into_any()
    }

    fn pager(&self, found: &Found) -> Option<AnyView> {
        let query = self.query.without(&PAGING);
        let link = |sequence: Option<i64>, parameter: &str, label: &'static str, rel: &'static str| {
            let href = query.with(parameter, &sequence?.to_string()).on(PATH);
            Some(view! { <a class="button" rel=rel href=href>{label}</a> })
        };
        let newer = link(found.newer, "newer", "Newer", "prev");
        let older = link(found.older, "older", "Older", "next");
        (newer.is_some() || older.is_some()).then(|| {
            let newest = found.newer.is_some().then(|| view! { <a href=query.on(PATH)>"Newest"</a> });
            view! {
                <nav class="pager" aria-label="Pages">
                    <span>{newest}</span>
                    <span class="row">{newer}{older}</span>
                </nav>
            }
            .into_any()
        })
    }
}

fn head(viewer: PortalRole) -> AnyView {
    let whose = if viewer.reads_every_team() {
        "Everything that was done through the portal, in every team."
    } else {
        "Everything that was done through the portal in your teams."
    };
    view! { <div class="head"><div><h1>"Audit log"</h1><p class="soft">{whose}</p></div></div> }.into_any()
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
