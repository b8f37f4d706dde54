//! The log for collectors: entries after a sequence, in order and without gaps, for whoever holds a token. Tokens read
//! the audit log and open nothing else.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::jsonl_line;
use crate::audit::search::saved::read_name;
use crate::{Admin, Error, FeedTokenId, FieldProblems, Portal, Result, vault::VaultError};
use store::{Action, Draft, FeedToken, append};

/// What every token begins with, so that those who scan for leaked secrets know one when they see it.
const PREFIX: &str = "portal-feed-";
/// How often the use of a token is noted.
const NOTED_EVERY: time::Duration = time::Duration::minutes(1);
/// How often is looked for news while somebody waits for it.
const LOOKED_EVERY: Duration = Duration::from_millis(500);

/// The right to read the whole log, as a collector. Made by [`Portal::collector`].
#[derive(Clone, Debug)]
pub struct Collector {
    token: FeedToken,
}

/// Entries in the order of the log.
#[derive(Clone, Debug, Default)]
pub struct FeedPage {
    /// One entry a line, as an export as JSONL has them.
    pub lines: Vec<u8>,
    /// What to ask for next: the last sequence in it, or the one that was asked for where there is nothing new.
    pub next: i64,
    /// How many.
    pub entries: usize,
}

impl Portal {
    /// Every token there is or was, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn feed_tokens(&self, _admin: &Admin) -> Result<Vec<FeedToken>> {
        Ok(store::feed_tokens::list(&mut self.store.read().await?).await?)
    }

    /// Makes a token; it is given out here and never again.
    ///
    /// # Errors
    /// What is wrong with the name; when it cannot be written down.
    pub async fn create_feed_token(&self, admin: &Admin, name: &str) -> Result<(FeedToken, SecretString)> {
        let mut problems = FieldProblems::default();
        let name = read_name(name, &mut problems);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let secret = new_secret()?;
        let token = FeedToken {
            id: FeedTokenId::new(),
            name,
            created_at: OffsetDateTime::now_utc(),
            created_by: admin.entry_actor().name,
            last_used_at: None,
            last_sequence: None,
            revoked_at: None,
        };
        let mut tx = self.store.write().await?;
        store::feed_tokens::insert(&mut tx, &token, &hash(&secret)).await?;
        append(&mut tx, Draft::recorded(admin.entry_actor(), Action::FeedCreate).target(token.target())).await?;
        tx.commit().await?;
        Ok((token, secret))
    }

    /// Revokes a token: it opens nothing from now on.
    ///
    /// # Errors
    /// `NotFound` when there is no such token; when it cannot be written down.
    pub async fn revoke_feed_token(&self, admin: &Admin, id: FeedTokenId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let token = store::feed_tokens::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if token.revoked_at.is_some() {
            return Ok(());
        }
        store::feed_tokens::revoke(&mut tx, id, OffsetDateTime::now_utc()).await?;
        append(&mut tx, Draft::recorded(admin.entry_actor(), Action::FeedRevoke).target(token.target())).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The right that a token gives.
    ///
    /// # Errors
    /// `SignedOut` for what is no good token.
    pub async fn collector(&self, secret: &SecretString) -> Result<Collector> {
        let found = store::feed_tokens::by_hash(&mut self.store.read().await?, &hash(secret)).await?;
        found.map(|token| Collector { token }).ok_or(Error::SignedOut)
    }

    /// The entries after `after`, `limit` at most. Where there are none it waits for some, but no longer than `wait`,
    /// and not while the portal leaves.
    /// Entries are appended one transaction after the other, so that what is there is there without gaps.
    ///
    /// # Errors
    /// `Invalid` for an `after` beyond the end of the log, which was longer then; `SignedOut` where the token was revoked
    /// meanwhile; when the log cannot be read.
    pub async fn feed(&self, collector: &Collector, after: i64, limit: i64, wait: Duration) -> Result<FeedPage> {
        let deadline = Instant::now() + wait;
        let entries = loop {
            let mut conn = self.store.read().await?;
            let entries = store::entries::after(&mut conn, after, limit).await?;
            if entries.is_empty() {
                let head = store::tree::size(&mut conn).await?;
                if after > head {
                    let told = format!("The log ends at {head}: since you read so far, something was cut off from it.");
                    return Err(Error::Invalid(FieldProblems::from([("after", told.as_str())])));
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
        // It may have been revoked while it waited.
        let token = store::feed_tokens::find(&mut self.store.read().await?, collector.token.id).await?;
        if token.is_none_or(|token| token.revoked_at.is_some()) {
            return Err(Error::SignedOut);
        }
        let mut page = FeedPage { next: after, entries: entries.len(), ..FeedPage::default() };
        for stored in &entries {
            jsonl_line(stored, &mut page.lines);
            page.next = stored.sequence;
        }
        self.note_use(&collector.token, page.next);
        Ok(page)
    }

    /// Notes that a token was used, once a minute and beside the request.
    fn note_use(&self, token: &FeedToken, sequence: i64) {
        let now = OffsetDateTime::now_utc();
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

fn new_secret() -> Result<SecretString> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    OsRng.try_fill_bytes(bytes.as_mut_slice()).map_err(|_| VaultError::NoRandomness)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice())).into())
}

/// 256 random bits need no salt and no slow hash.
fn hash(secret: &SecretString) -> [u8; 32] {
    Sha256::digest(secret.expose_secret().as_bytes()).into()
}

#[cfg(test)]
mod tests;
