//! An operation's sentence, with links to its targets.

use leptos::prelude::*;
use portal::{
    PortalRole, TeamSlug,
    audit::{Target, TargetType},
};

use crate::wording::{
    operations::{Part, Sentence},
    targets,
};

/// Links that the viewer may not follow become text.
#[component]
pub fn SentenceView(sentence: Sentence, viewer: PortalRole) -> impl IntoView {
    sentence
        .parts
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => text.into_any(),
            Part::Target(target, team) => {
                let label = targets::label(&target);
                match target_path(&target, team.as_ref(), viewer) {
                    Some(path) => view! { <a href=path>{label}</a> }.into_any(),
                    None => label.into_any(),
                }
            }
        })
        .collect_view()
}

/// The page of a target, if it has one that the viewer may open.
pub fn target_path(target: &Target, team: Option<&TeamSlug>, viewer: PortalRole) -> Option<String> {
    if target.kind == TargetType::Operation {
        return Some(format!("/audit/{}", target.id));
    }
    let team = team.filter(|_| target.id != Target::NOT_YET)?;
    match target.kind {
        TargetType::Connector => Some(format!("/teams/{team}/connectors/{}", target.id)),
        TargetType::Connection => Some(format!("/teams/{team}/connections/{}", target.id)),
        TargetType::Job => Some(format!("/teams/{team}/jobs/{}", target.id)),
        TargetType::Team if viewer == PortalRole::Admin => Some(format!("/admin/teams/{team}")),
        // A customer that is not in the list is identified by its external id, and has no page.
        TargetType::Customer if target.id.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(format!("/teams/{team}/customers/{}", target.id))
        }
        TargetType::Team
        | TargetType::Person
        | TargetType::Session
        | TargetType::AuditLog
        | TargetType::View
        | TargetType::Feed
        | TargetType::Recipe
        | TargetType::Operation
        | TargetType::Customer => None,
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        PortalRole,
        audit::{Target, TargetType},
    };

    use super::target_path;

    #[test]
    fn a_target_links_to_a_page_that_the_viewer_may_open() {
        let path = |kind, viewer| {
            target_path(&Target::new(kind, 36, None), Some(&"payments".parse().expect("a slug")), viewer)
        };
        assert_eq!(path(TargetType::Connector, PortalRole::Member).as_deref(), Some("/teams/payments/connectors/36"));
        assert_eq!(
            path(TargetType::Connection, PortalRole::Auditor).as_deref(),
            Some("/teams/payments/connections/36")
        );
        assert_eq!(path(TargetType::Team, PortalRole::Admin).as_deref(), Some("/admin/teams/payments"));
        assert_eq!(path(TargetType::Team, PortalRole::Auditor), None);
        assert_eq!(path(TargetType::Session, PortalRole::Admin), None);
        assert_eq!(path(TargetType::Recipe, PortalRole::Admin), None);
        assert_eq!(path(TargetType::Customer, PortalRole::Member).as_deref(), Some("/teams/payments/customers/36"));
        let payments = "payments".parse().expect("a slug");
        for nowhere in [
            Target::new(TargetType::Connection, Target::NOT_YET, Some("Jira")),
            Target::new(TargetType::Customer, "Eacme", None),
        ] {
            assert_eq!(target_path(&nowhere, Some(&payments), PortalRole::Admin), None, "{nowhere:?}");
        }
        assert_eq!(target_path(&Target::new(TargetType::Connector, 36, None), None, PortalRole::Admin), None);
    }
}
