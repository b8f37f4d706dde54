//! The fields of a team, for the forms that create and edit one. The token has its own form.

use leptos::prelude::*;
use portal::{pattern_problem, teams::Team};
use workato::DataCenter;

use super::{Field, SelectField, choice::Choice};
use crate::{form_memory::Refused, wording::problems::patterns};

/// The id of the field of a team's form that a problem is about.
pub fn team_ids(field: &str) -> Option<String> {
    let fields = ["name", "slug", "workato_url", "production", "reason_pattern", "reason_hint", "token"];
    fields.contains(&field).then(|| field.to_owned())
}

/// Name, slug, data centre, production mark and the pattern of reasons.
#[component]
pub fn TeamFields(
    refused: Refused,
    #[prop(optional)] team: Option<Team>,
    /// Base URLs that are allowed beside those of Workato's data centres.
    hosts: Vec<String>,
) -> impl IntoView {
    let of_team = |read: fn(&Team) -> String| team.as_ref().map(read).unwrap_or_default();
    let (name, slug) = (of_team(|team| team.name.clone()), of_team(|team| team.slug.to_string()));
    let url = refused.value("workato_url", &of_team(|team| team.workato_url.clone()));
    let production =
        refused.value("production", if team.as_ref().is_some_and(|team| team.production) { "yes" } else { "" });
    let pattern = team.as_ref().and_then(|team| team.reason_pattern.as_ref());
    let broken = pattern.and_then(|pattern| pattern_problem(&pattern.expression));
    let broken = broken.map(|problem| patterns::unchecked(&problem));
    let hint = pattern.and_then(|pattern| pattern.hint.clone()).unwrap_or_default();
    let pattern = pattern.map(|pattern| pattern.expression.clone()).unwrap_or_default();
    let fixed = team.as_ref().is_some_and(|team| team.token.is_some());
    let center = if fixed {
        let problem = refused.problem("workato_url");
        let url = of_team(|team| team.workato_url.clone());
        view! {
            <input type="hidden" name="workato_url" value=url.clone()/>
            <p class="field">
                <span>"Workato data centre"</span>
                <span>{center_name(&url)}</span>
                <span class="hint">"Fixed, because the token belongs to it. Create a new team for another workspace."</span>
            </p>
            {problem.map(|problem| view! { <p class="problem">{problem}</p> })}
        }
        .into_any()
    } else {
        view! {
            <SelectField
                label="Workato data centre"
                name="workato_url"
                options=centers(&hosts, &url)
                chosen=url
                hint="Where you sign in to Workato. A token works only in its own data centre."
                problem=refused.problem("workato_url")
            />
        }
        .into_any()
    };
    view! {
        <Field label="Name" name="name" value=refused.value("name", &name) required=true problem=refused.problem("name")/>
        <Field
            label="Slug"
            name="slug"
            value=refused.value("slug", &slug)
            required=true
            hint="Used in URLs: a–z, 0–9, hyphens"
            problem=refused.problem("slug")
        />
        {center}
        <div class="field check">
            <input
                type="checkbox"
                id="production"
                name="production"
                value="yes"
                checked=production == "yes"
                aria-describedby="production-hint"
            />
            <label for="production">"Production"</label>
            <p class="hint" id="production-hint">
                "Its pages are marked, and every change needs a reason. In a new production team, suppressing and deleting also need approval."
            </p>
        </div>
        <Field
            label="Pattern of reasons"
            name="reason_pattern"
            value=refused.value("reason_pattern", &pattern)
            autocomplete="off"
            placeholder=r"[A-Z]+-\d+"
            hint="A regular expression that every reason for a change must contain, such as a ticket number."
            problem=refused.problem("reason_pattern").or(broken)
        />
        <Field
            label="Hint for the pattern"
            name="reason_hint"
            value=refused.value("reason_hint", &hint)
            autocomplete="off"
            placeholder="Name a ticket, such as PAY-123"
            hint="Shown below the reason field instead of the pattern."
            problem=refused.problem("reason_hint")
        />
    }
}

/// The display name of the data centre with this base URL.
pub fn center_name(url: &str) -> String {
    match DataCenter::of_base_url(url) {
        Some(center) => format!("{center} ({})", host(url)),
        None => host(url).to_owned(),
    }
}

/// The choices of data centre. The team's current one is always among them, even if the portal's settings no longer
/// list it.
fn centers(hosts: &[String], at_present: &str) -> Vec<Choice> {
    let mut urls: Vec<&str> = DataCenter::ALL.iter().map(|center| center.base_url()).collect();
    urls.extend(hosts.iter().map(String::as_str).chain([at_present]).filter(|url| !url.is_empty()));
    let mut offered: Vec<Choice> = Vec::new();
    for url in urls {
        if !offered.iter().any(|(known, _)| known == url) {
            offered.push((url.to_owned(), center_name(url)));
        }
    }
    offered
}

fn host(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use workato::DataCenter;

    use super::{center_name, centers};

    #[test]
    fn data_centres_are_offered_by_name_and_extra_hosts_by_address() {
        let hosts = ["http://127.0.0.1:4010".to_owned(), "https://www.workato.com".to_owned()];
        let offered = centers(&hosts, "http://127.0.0.1:4010");
        assert_eq!(offered.len(), DataCenter::ALL.len() + 1);
        assert_eq!(offered[1].1, "Europe (app.eu.workato.com)");
        assert_eq!(offered.last().expect("the extra host").1, "http://127.0.0.1:4010");
    }

    #[test]
    fn a_teams_current_address_is_offered_even_if_no_longer_allowed() {
        assert!(centers(&[], "https://old.example").iter().any(|(url, _)| url == "https://old.example"));
        assert_eq!(center_name("https://old.example"), "old.example");
    }
}
