//! `/audit/figures`: charts of the log: operations per day and outcome, who changes what, how long it took, and what
//! waits. Each bar links to the search that lists what it counts, and each chart has a table.

mod pictures;

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, Problem,
    audit::{FiguresQuery, LogOf, Period},
    teams::Team,
};

use self::pictures::Pictures;
use crate::{
    components::{
        Choice, ChoiceField, Frame, Rendered, Section, SelectField, SubmitButton, index_lag_notice, page, set_status,
    },
    context,
    query::Query,
    wording::problems,
};

const PATH: &str = "/audit/figures";
const PARAMETERS: [&str; 2] = ["team", "days"];

#[component]
pub fn FiguresPage() -> impl IntoView {
    page(figures())
}

async fn figures() -> Result<Rendered, Error> {
    let query = context::query();
    let portal = context::portal();
    let request = request(&query);
    let team = request.as_ref().ok().and_then(|request| request.team.as_ref()).map(ToString::to_string);
    let (frame, reader) = Frame::of_filter(team.as_deref()).await?;
    let log = reader.map_or(LogOf::EveryTeam, |reader| LogOf::Team(reader.team().id));
    let frame = frame.section(Section::Activity).title("Activity");
    let actor = frame.actor()?.clone();
    let teams = portal.teams(&actor).await?;
    let found = match request {
        Ok(request) => match portal.figures(&actor, &request).await {
            Err(Error::Invalid(problems)) => Err(problems),
            found => Ok((found?, request)),
        },
        Err(problems) => Err(problems),
    };
    let (content, problems) = match found {
        Ok((figures, request)) => {
            portal.note_reading(&actor, log).await;
            let (entries, rebuilt) = (figures.behind, figures.rebuilt);
            (
                view! { {index_lag_notice(entries, rebuilt)}{Pictures { figures, request }.render()} }.into_any(),
                FieldProblems::default(),
            )
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            let nothing = view! {
                <div class="panel empty" role="alert">
                    <h2>"Fix the filter to see results"</h2>
                    <p>"Part of the filter isn't valid, so nothing is shown."</p>
                </div>
            };
            (nothing.into_any(), problems)
        }
    };
    Ok(frame.render(view! {
        <div class="head">
            <div class="head-main">
                <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/audit">"Audit log"</a></li></ol></nav>
                <h1>"Activity"</h1>
                <p class="fresh">"Changes recorded in the audit log. Days are in UTC."</p>
            </div>
        </div>
        {form(&query, &teams, &problems)}
        {content}
    }))
}

fn request(query: &Query) -> Result<FiguresQuery, FieldProblems> {
    let mut problems = FieldProblems::default();
    query.refuse_duplicates(&PARAMETERS, &mut problems);
    let team = match query.get("team").trim() {
        "" => None,
        slug => slug.parse().map(Some).unwrap_or_else(|_| {
            problems.add("team", Problem::NoTeam);
            None
        }),
    };
    let period = match query.get("days").trim() {
        "" => Period::Month,
        days => days.parse().unwrap_or_else(|_| {
            problems.add("days", Problem::NotAPeriod);
            Period::Month
        }),
    };
    if problems.is_empty() { Ok(FiguresQuery { team, period }) } else { Err(problems) }
}

fn form(query: &Query, teams: &[Team], problems: &FieldProblems) -> AnyView {
    let problem = |field: &str| problems::of_field(problems, field);
    let teams: Vec<Choice> = teams.iter().map(|team| (team.slug.to_string(), team.name.clone())).collect();
    let periods = Period::ALL.iter().map(|period| (period.to_string(), format!("{period} days"))).collect();
    let days = query.get("days");
    let days = if days.trim().is_empty() { Period::Month.to_string() } else { days };
    view! {
        <form class="filters" role="search" aria-label="What is shown" method="get" action=PATH>
            <ChoiceField label="Team" name="team" none="all" choices=teams chosen=query.get("team") problem=problem("team")/>
            <SelectField label="The last" name="days" options=periods chosen=days problem=problem("days")/>
            <SubmitButton>"Show"</SubmitButton>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use portal::audit::Period;

    use super::request;
    use crate::query::Query;

    fn read(query: &str) -> Result<(Option<String>, Period), Vec<String>> {
        request(&Query::of(&format!("/x?{query}").parse().expect("a path")))
            .map(|request| (request.team.map(|team| team.to_string()), request.period))
            .map_err(|problems| problems.iter().map(|problem| problem.field.clone()).collect())
    }

    #[test]
    fn the_default_is_a_month_of_all_teams() {
        assert_eq!(read(""), Ok((None, Period::Month)));
        assert_eq!(read("team=payments&days=7"), Ok((Some("payments".to_owned()), Period::Week)));
        assert_eq!(read("team=No_Team&days=8"), Err(vec!["team".to_owned(), "days".to_owned()]));
        assert_eq!(read("days=7&days=30"), Err(vec!["days".to_owned()]));
    }
}
