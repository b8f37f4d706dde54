//! The reasons that a person gave last, to give again.

use crate::{Portal, Result, TeamReader};

/// How many reasons are offered.
const OFFERED: usize = 5;
/// How many of the person's changes are looked at for different reasons.
const LOOKED_AT: i64 = 50;

impl Portal {
    /// The last different reasons that the person gave for changes in this team, newest first.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn own_reasons(&self, reader: &TeamReader) -> Result<Vec<String>> {
        let mut conn = self.store.read().await?;
        let (person, team) = (reader.actor().id(), reader.team().id);
        Ok(store::own_operations::reasons(&mut conn, person, team, OFFERED, LOOKED_AT).await?)
    }
}

#[cfg(test)]
mod tests {
    use store::{Action, Draft, OperationId, Stage, Target, TargetType, Team};
    use time::Duration;

    use crate::{
        Actor, PortalRole, TeamReader, TeamRole,
        audit::{
            append,
            test_log::{TestLog, somebody},
        },
    };

    async fn change(log: &TestLog, actor: &Actor, team: &Team, reason: &str) -> OperationId {
        let mut draft = Draft::new(OperationId::new(), Stage::Intent, actor.entry_actor(), Action::ConnectionDelete)
            .team(Some(team.entry_team()))
            .target(Target::new(TargetType::Connection, "36", Some("Stripe")))
            .reason(Some(reason.to_owned()));
        draft.deadline = Some(log.portal.now() + Duration::MINUTE);
        let mut tx = log.store.write().await.expect("the writer");
        let entry = append(&mut tx, draft).await.expect("an entry");
        tx.commit().await.expect("a commit");
        entry.operation_id
    }

    async fn offered(log: &TestLog, actor: &Actor, team: &Team) -> Vec<String> {
        let reader = TeamReader::new(actor, team.clone()).expect("the right");
        log.portal.own_reasons(&reader).await.expect("reasons")
    }

    #[tokio::test]
    async fn reasons_are_offered_to_the_person_who_gave_them_in_the_team() {
        let log = TestLog::empty().await;
        let (payments, lending) = (log.team("payments").await, log.team("lending").await);
        let both = [(&payments, TeamRole::Operator), (&lending, TeamRole::Operator)];
        let (olga, otto) = (somebody("Olga", PortalRole::Member, &both), somebody("Otto", PortalRole::Member, &both));
        for reason in ["One", "Two", "One", "Three", "Four", "Five", "Six", "Six"] {
            change(&log, &olga, &payments, reason).await;
        }
        let own = change(&log, &olga, &lending, "Elsewhere").await;
        let secret = change(&log, &otto, &payments, "Otto's own").await;
        assert_eq!(offered(&log, &olga, &payments).await, ["Six", "Five", "Four", "Three", "One"]);
        assert_eq!(offered(&log, &olga, &lending).await, ["Elsewhere"]);
        let auditor = somebody("Aude", PortalRole::Auditor, &[]);
        assert_eq!(offered(&log, &auditor, &payments).await, [""; 0]);

        let home = log.portal.home(&olga, Some(&lending.slug)).await.expect("a home");
        assert_eq!(home.own.iter().map(|operation| operation.id).collect::<Vec<_>>(), [own]);
        assert_eq!(log.portal.home(&olga, None).await.expect("a home").own.len(), 5, "the newest few");
        assert_eq!(log.portal.home(&auditor, None).await.expect("a home").own.len(), 0);

        // The entry says whose reason it is, so a changed row does not show one person's reasons to another.
        let stolen = format!("UPDATE operation SET actor_id = '{}' WHERE id = '{secret}'", olga.id());
        log.attacker().await.execute(&stolen).await.expect("a row");
        assert_eq!(offered(&log, &olga, &payments).await[0], "Six");
    }
}
