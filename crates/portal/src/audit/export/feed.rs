//! The feed for log collectors: entries after a sequence, in order and without gaps. Its tokens give access to the
//! audit log and to nothing else.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};

use super::jsonl_line;
use crate::{
    Admin, Error, FeedTokenId, FieldProblems, OperationId, Origin, Portal, Problem, Result,
    accounts::attempts::{Account, Guess, GuessedSecret},
    actor::signed_out,
    fields::own_name,
    gathering::{Group, Who},
    random_secret::random_secret,
    vault::Vault,
};
use evidence::verify::BadEntry;
use store::{Action, Draft, FeedToken, Outcome, Stage, StoreError, append, entries::StoredEntry};

/// The prefix of every token, so that scanners for leaked secrets recognise one.
const PREFIX: &str = "portal-feed-";
/// How often the last use of a token is updated.
const NOTED_EVERY: time::Duration = time::Duration::minutes(1);
/// How often a waiting request looks for new entries.
const LOOKED_EVERY: Duration = Duration::from_millis(500);

/// The right to read the whole log through the feed. See [`Portal::collector`].
#[derive(Clone, Debug)]
pub struct Collector {
    token: FeedToken,
}

/// Entries in the order of the log.
#[derive(Clone, Debug, Default)]
pub struct FeedPage {
    /// One entry per line, as in a JSONL export.
    pub lines: Vec<u8>,
    /// The `after` of the next request: the last sequence in this page, or the same as before if it is empty.
    pub next: i64,
    /// The number of entries.
    pub entries: usize,
}

impl Portal {
    /// Every token, also revoked ones, newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn feed_tokens(&self, _admin: &Admin) -> Result<Vec<FeedToken>> {
        Ok(store::feed_tokens::list(&mut self.store.read().await?).await?)
    }

    /// Creates a token, which is returned only here.
    ///
    /// # Errors
    /// `Invalid` for the name; `Store` if it cannot be recorded.
    pub async fn create_feed_token(&self, admin: &Admin, name: &str) -> Result<(FeedToken, SecretString)> {
        let mut problems = FieldProblems::default();
        let name = own_name(name, &mut problems);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let secret = random_secret(PREFIX)?;
        let mut token = FeedToken {
            id: FeedTokenId::new(),
            name,
            created_at: self.now(),
            created_by: admin.entry_actor().name,
            last_used_at: None,
            last_sequence: None,
            revoked_at: None,
        };
        let mut tx = self.store.write().await?;
        let draft = about(Draft::recorded(admin.entry_actor(), Action::FeedCreate), &token);
        let told = append(&mut tx, draft).await?;
        token.created_at = told.at;
        store::feed_tokens::insert(&mut tx, &token, &hash(&self.vault, &secret), &told).await?;
        tx.commit().await?;
        Ok((token, secret))
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// `NotFound` without such a token; `Store` if it cannot be recorded.
    pub async fn revoke_feed_token(&self, admin: &Admin, id: FeedTokenId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let token = store::feed_tokens::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if token.revoked_at.is_some() {
            return Ok(());
        }
        let draft = about(Draft::recorded(admin.entry_actor(), Action::FeedRevoke), &token);
        let told = append(&mut tx, draft).await?;
        store::feed_tokens::revoke(&mut tx, id, &told).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The right that a token gives. A refusal is counted by address, and recorded within a minute.
    ///
    /// # Errors
    /// `SignedOut` without a token, and for an unknown or revoked one; `TooManyAttempts` after too many wrong ones.
    pub async fn collector(&self, secret: Option<&SecretString>, origin: &Origin) -> Result<Collector> {
        if let Some(secret) = secret {
            let account = Account::token(&self.vault, secret);
            let attempt = self.attempt(Guess::signed_out(GuessedSecret::FeedToken, account, None, origin))?;
            let found = store::feed_tokens::by_hash(&mut self.store.read().await?, &hash(&self.vault, secret)).await?;
            if let Some(token) = found {
                attempt.give_back();
                return Ok(Collector { token });
            }
        }
        let (operation, actor) = (OperationId::new(), signed_out(origin));
        let mut draft = Draft::new(operation, Stage::Denied, actor, Action::FeedRead);
        draft.outcome = Some(Outcome::Denied);
        let group = Group { who: Who::signed_out(None, origin.ip), action: Action::FeedRead, team: None };
        self.gatherer.count(group, draft);
        Err(Error::SignedOut)
    }

    /// The entries after `after`, at most `limit`. If there are none, it waits for new ones up to `wait`, or until the
    /// process is asked to stop. Entries are appended one transaction after the other, so there are no gaps.
    ///
    /// # Errors
    /// `Invalid` if `after` is beyond the end of the log, which must have been longer; [`StoreError::Changed`] if the
    /// next entry is not as it was written; `SignedOut` if the token is revoked meanwhile.
    pub async fn feed(&self, collector: &Collector, after: i64, limit: i64, wait: Duration) -> Result<FeedPage> {
        let deadline = Instant::now() + wait;
        let entries = loop {
            let mut conn = self.store.read().await?;
            let entries = store::entries::after(&mut conn, after, limit).await?;
            if entries.is_empty() {
                let head = store::tree::size(&mut conn).await?;
                if after > head {
                    return Err(Problem::BeyondTheLog { head }.of("after"));
                }
            }
            drop(conn);
            if !entries.is_empty() || Instant::now() >= deadline || self.leaving.is_cancelled() {
                break entries;
            }
            let pause = sleep(LOOKED_EVERY.min(deadline.saturating_duration_since(Instant::now())));
            tokio::select! {
                () = pause => {}
                () = self.leaving.cancelled() => {}
            }
        };
        // The token may have been revoked while the request waited.
        let token = store::feed_tokens::find(&mut self.store.read().await?, collector.token.id).await?;
        if token.is_none_or(|token| token.revoked_at.is_some()) {
            return Err(Error::SignedOut);
        }
        let mut page = FeedPage { next: after, ..FeedPage::default() };
        for stored in &entries {
            if let Err(bad) = is_next(stored, page.next) {
                // The collector gets what is before it, and the error with its next request.
                if page.entries == 0 {
                    return Err(StoreError::Changed(bad).into());
                }
                break;
            }
            jsonl_line(stored, &mut page.lines);
            page.next = stored.sequence;
            page.entries += 1;
        }
        self.note_use(&collector.token, page.next);
        Ok(page)
    }

    /// Updates the last use of a token, once a minute and without delaying the request.
    fn note_use(&self, token: &FeedToken, sequence: i64) {
        let now = self.now();
        if token.last_used_at.is_some_and(|last| now - last < NOTED_EVERY) {
            return;
        }
        let (store, id) = (self.store.clone(), token.id);
        self.running.spawn(async move {
            let noted = async {
                let mut tx = store.write().await?;
                store::feed_tokens::touch(&mut tx, id, now, sequence).await?;
                tx.commit().await
            };
            if let Err(error) = noted.await {
                tracing::warn!(%error, "the use of a feed's token could not be noted");
            }
        });
    }
}

/// Whether it is the entry after this sequence, as it was written.
fn is_next(stored: &StoredEntry, after: i64) -> Result<(), BadEntry> {
    if stored.sequence == after + 1 {
        stored.checked().map(|_| ())
    } else {
        Err(BadEntry::new(after + 1, "it is missing"))
    }
}

/// A token has 256 random bits, so it needs neither a salt nor a slow hash. It has a key, so that nobody without the
/// master key can write the hash of a token of their own.
fn hash(vault: &Vault, secret: &SecretString) -> [u8; 32] {
    vault.keyed_hash("feed token", [secret.expose_secret().as_bytes()])
}

/// An entry about a token, with everything that the log says of it: what it is is derived from the newest entry alone.
fn about(draft: Draft, token: &FeedToken) -> Draft {
    draft.target(token.target()).parameter("name", &token.name).parameter("created_by", &token.created_by)
}

#[cfg(test)]
mod tests;
