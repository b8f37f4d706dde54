//! What is noted when a session is used: the time, once a minute, and a use on another network with another browser. Both
//! are written in the background, since a request does not wait for the writer.

use std::{net::IpAddr, sync::Arc};

use store::SessionFacts;
use time::{Duration, OffsetDateTime};

use super::{GoodSession, device::differ, session_entries::session_target, session_uses::Due};
use crate::{
    Actor, Origin, Portal, Result,
    audit::{Action, Draft, append},
    network,
};

/// How often the time of a session's last use is written. Less often than a tenth of the time without use that ends it.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// Whether a request comes from another network and another browser than the session's own.
fn is_elsewhere(session: &SessionFacts, origin: &Origin) -> bool {
    let own: Option<IpAddr> = session.ip.as_deref().and_then(|ip| ip.parse().ok());
    let is_other_network = matches!((own, origin.ip), (Some(own), Some(now)) if network(own) != network(now));
    is_other_network && differ(session.user_agent.as_deref(), origin.user_agent.as_deref())
}

impl Portal {
    /// Notes that a session was used by a request from `origin`.
    pub fn note_session_use(self: &Arc<Self>, session: &GoodSession, origin: &Origin) {
        let now = self.now();
        let idle = Duration::try_from(self.settings.sessions.idle).unwrap_or(Duration::MAX);
        let every = NOTED_EVERY.min(idle / 10);
        let due = self.session_uses.due(&session.facts, is_elsewhere(&session.facts, origin), every, now);
        if due == Due::default() {
            return;
        }
        let (portal, session) = (Arc::clone(self), session.clone());
        let actor = session.actor.coming_from(origin.clone());
        self.running.spawn(async move {
            if let Err(error) = portal.write_use(&actor, &session.facts, due, now).await {
                tracing::warn!(%error, "cannot note that a session was used");
            }
        });
    }

    async fn write_use(&self, actor: &Actor, session: &SessionFacts, due: Due, now: OffsetDateTime) -> Result<()> {
        let mut tx = self.store.write().await?;
        // The session may have ended, or got another id, while this waited for the writer.
        let alive = store::sessions::list(&mut tx, actor.id(), self.alive()).await?;
        let Some(session) = alive.into_iter().find(|alive| alive.key == session.key) else { return Ok(()) };
        if due.used {
            store::sessions::touch(&mut tx, &session.key, now).await?;
        }
        if due.elsewhere {
            let draft = Draft::recorded(actor.entry_actor(), Action::SessionElsewhere)
                .target(session_target(&session.label))
                .parameter("began_ip", &session.ip)
                .parameter("began_user_agent", &session.user_agent);
            let told = append(&mut tx, draft).await?;
            store::sessions::note_elsewhere(&mut tx, &session.key, &told).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use store::{SessionFacts, SessionKey, SignIn, SignedInWith};
    use time::{Duration, OffsetDateTime, macros::datetime};

    use super::is_elsewhere;
    use crate::Origin;

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36";
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

    fn session(ip: &str, user_agent: &str) -> SessionFacts {
        let key = SessionKey::from_hash([7; 32]);
        let sign_in = SignIn { with: SignedInWith::Password, second_factor: false, factor_at: NOW, kept: false };
        SessionFacts {
            label: key.label(),
            key,
            created_at: NOW,
            last_used_at: NOW,
            expires_at: NOW + Duration::DAY,
            sign_in,
            ip: Some(ip.to_owned()),
            user_agent: Some(user_agent.to_owned()),
            elsewhere: None,
        }
    }

    fn from(ip: &str, user_agent: &str) -> Origin {
        Origin { ip: ip.parse().ok(), user_agent: Some(user_agent.to_owned()), ..Origin::default() }
    }

    #[test]
    fn only_another_network_with_another_browser_is_elsewhere() {
        let session_at_home = session("203.0.113.7", CHROME);
        assert!(is_elsewhere(&session_at_home, &from("198.51.100.1", FIREFOX)));
        assert!(is_elsewhere(&session_at_home, &from("2001:db8::1", "curl/8.14.1")));
        for fine in [from("198.51.100.1", CHROME), from("203.0.113.7", FIREFOX), from("203.0.113.7", CHROME)] {
            assert!(!is_elsewhere(&session_at_home, &fine), "{fine:?}");
        }
        let at_home = session("2001:db8:1:2::1", CHROME);
        assert!(!is_elsewhere(&at_home, &from("2001:db8:1:2:ffff::9", FIREFOX)), "one person has the whole /64");
        assert!(is_elsewhere(&at_home, &from("2001:db8:1:3::1", FIREFOX)));
    }
}
