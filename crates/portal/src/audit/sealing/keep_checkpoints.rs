//! The portal's own checkpoints: signed when due, delivered, and what is wrong with either.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use store::StoreError;
use tokio::time::timeout;

use super::{
    delivery::{Delivery, trouble_with},
    destination::Messenger,
    sign_error::SignError,
    signing::{due, sign_due},
    trust::{Trust, trust},
};
use crate::{Portal, instances::Work, page_reads::note_change};

/// How long shutting down waits for destinations.
const FAREWELL: Duration = Duration::from_secs(3);
/// How long the start waits for destinations to be read back. Those that are slower are compared later.
const GREETING: Duration = Duration::from_secs(3);

impl Portal {
    /// Compares the log with everything that is known about it, and signs checkpoints that are due: at every hundredth
    /// entry, and after a while of what is new. Of several instances, each compares, and one signs.
    ///
    /// # Errors
    /// If nothing can be signed; [`Portal::checkpoint_troubles`] then says so as well.
    pub async fn sign_due(&self) -> Result<(), SignError> {
        self.sign_if_older_than(self.settings.checkpoint_every).await
    }

    /// A delivery for each destination. Each runs by itself: no destination waits for another.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        let messenger = Arc::new(Messenger::new(self.settings.checkpoints_token.clone()));
        let destinations = self.settings.checkpoints_to.iter().cloned();
        destinations.map(|to| Delivery::new(Arc::clone(&self.guard), to, Arc::clone(&messenger))).collect()
    }

    /// Compares the log with everything that is known about it: the high-water mark, its own checkpoints, and what
    /// destinations hold. What it contradicts is an alarm.
    pub(crate) async fn check_history(&self) -> Result<(), StoreError> {
        let deliveries = self.deliveries();
        if timeout(GREETING, join_all(deliveries.iter().map(Delivery::read_back))).await.is_err() {
            tracing::warn!("not every destination of checkpoints could be read yet; they are compared later");
        }
        self.guard.check().await
    }

    /// What the log's signatures rest on.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn trust(&self) -> Result<Trust, StoreError> {
        let names: Vec<String> = self.settings.checkpoints_to.iter().map(ToString::to_string).collect();
        trust(&mut self.store.read().await?, &names).await
    }

    /// Signs what is new, whenever the last checkpoint was, and delivers it if that is quickly done.
    pub(crate) async fn sign_and_deliver_news(&self) {
        if let Err(error) = self.sign_if_older_than(Duration::ZERO).await {
            tracing::error!(%error, "the last entries cannot be signed");
        }
        if !self.instance.does(Work::Deliver) {
            return;
        }
        let deliveries = self.deliveries();
        let all = join_all(deliveries.iter().map(async |delivery| {
            if let Err(error) = delivery.deliver().await {
                tracing::error!(%error, destination = delivery.place(), "checkpoints cannot be delivered");
            }
        }));
        if timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("not every destination has taken the last checkpoints; they get them after the next start");
        }
    }

    async fn sign_if_older_than(&self, every: Duration) -> Result<(), SignError> {
        self.guard.check().await?;
        if self.alarms.history_is_in_doubt() {
            // The alarm says it all.
            *self.signing_trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
            note_change();
            return Ok(());
        }
        let seal = &self.guard.seal;
        let signing = async {
            let due = if self.instance.does(Work::Sign) { due(&self.store, every).await? } else { None };
            match due {
                Some(due) => self.do_for_all(Work::Sign, sign_due(&self.store, seal, due)).await,
                // The mark follows the log even between two checkpoints.
                None => seal.raise_mark(&self.store).await,
            }
        };
        let signed = signing.await;
        let trouble = signed.as_ref().err().map(ToString::to_string);
        *self.signing_trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        note_change();
        signed
    }

    /// What is wrong with checkpoints: that none can be signed, or which destination takes none or is behind.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn checkpoint_troubles(&self) -> Result<Vec<String>, StoreError> {
        let signing = self.signing_trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut troubles: Vec<_> =
            signing.map(|why| format!("no checkpoint can be signed: {why}")).into_iter().collect();
        let mut conn = self.store.read().await?;
        let newest = store::checkpoints::newest(&mut conn).await?;
        for destination in &self.settings.checkpoints_to {
            let name = destination.to_string();
            let handed = store::checkpoints::handed(&mut conn, &name).await?;
            troubles.extend(handed.and_then(|handed| trouble_with(&name, &handed, newest.as_ref(), self.now())));
        }
        Ok(troubles)
    }
}
