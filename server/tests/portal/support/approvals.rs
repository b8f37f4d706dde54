//! What tests of approvals need: a team's policy, and a second operator.

use portal::{
    Portal, PortalRole, TeamRole,
    accounts::{Password, PersonInput},
    teams::PolicyInput,
};
use secrecy::SecretString;

use super::{Installation, PAYMENTS, email, password};

/// Every kind of change that can need a second person.
pub const ALL_GUARDED: [&str; 5] = ["share", "roll_back", "suppress", "disconnect", "delete"];

impl Installation {
    /// Another portal on the same database, for what the command line can do.
    pub async fn beside(&self) -> std::sync::Arc<Portal> {
        Portal::open(self.settings()).await.unwrap()
    }

    /// Makes these changes of the team `payments` need a second person.
    pub async fn guard(&self, guarded: &[&str]) {
        self.set_policy(guarded, true).await;
    }

    /// Sets the policy of the team `payments`.
    pub async fn set_policy(&self, guarded: &[&str], break_glass: bool) {
        let beside = self.beside().await;
        let root = beside.command_line("tests");
        let team = beside.team_for_admin(&root, PAYMENTS).await.unwrap();
        let guarded = guarded.iter().map(|word| (*word).to_owned()).collect();
        let input = PolicyInput { guarded, items: String::new(), break_glass, reason: "For the test".to_owned() };
        beside.set_policy(&root, team.id, &input).await.unwrap();
        beside.close().await;
    }

    /// Creates a person with this role in the portal, who is an operator of the team `payments`.
    pub async fn add_operator(&self, who: &str, role: PortalRole) {
        let beside = self.beside().await;
        let input = PersonInput { email: email(who), name: format!("The {who}"), role };
        let password = Password::try_from(SecretString::from(password(who))).unwrap();
        beside.create_person(&beside.command_line("tests"), &input, password).await.unwrap();
        beside.close().await;
        self.make_member(who, Some(TeamRole::Operator)).await;
    }

    /// Gives somebody a role in the team `payments`, or removes them from it.
    pub async fn make_member(&self, who: &str, role: Option<TeamRole>) {
        self.make_member_of(PAYMENTS, who, role).await;
    }

    /// Gives somebody a role in this team, or removes them from it.
    pub async fn make_member_of(&self, team: &str, who: &str, role: Option<TeamRole>) {
        let beside = self.beside().await;
        let root = beside.command_line("tests");
        let team = beside.team_for_admin(&root, team).await.unwrap();
        let person = beside.person_by_email(&root, &email(who)).await.unwrap();
        match role {
            Some(role) => beside.set_member(&root, team.id, person.id, role).await.unwrap(),
            None => beside.remove_member(&root, team.id, person.id).await.unwrap(),
        }
        beside.close().await;
    }

    /// Disables somebody.
    pub async fn disable(&self, who: &str) {
        let beside = self.beside().await;
        let root = beside.command_line("tests");
        let person = beside.person_by_email(&root, &email(who)).await.unwrap();
        beside.disable(&root, person.id).await.unwrap();
        beside.close().await;
    }
}
