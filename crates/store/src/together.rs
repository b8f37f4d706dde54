//! Group commit: transactions that wait for the writer together are committed together, so that many people share one wait
//! for the disk. Each runs alone, one after the other, in a savepoint of one transaction, and is told only when
//! that transaction is durable. If it cannot be committed, all are told, and nothing of any of them is there.
//!
//! A transaction sees what those before it in the same group wrote, which is not durable yet. So one that only
//! looked has to wait as well: see [`crate::Write::leave`].

use std::{io, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, OwnedMutexGuard, oneshot},
    time::timeout,
};

use crate::{
    StoreError,
    sql::{Connection, Pool, Transaction},
};

/// Begins a member's part. The part of the member before it, if there is one, joins the group's.
const FIRST: &str = "SAVEPOINT member";
const NEXT: &str = "RELEASE member; SAVEPOINT member";
/// Undoes a member's part. Like [`NEXT`] it fails if the database has ended the
/// transaction, as SQLite does when the disk is full.
const UNDO: &str = "ROLLBACK TO member";

/// Whose turn it is. Turns are given in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Together(Arc<Mutex<Turns>>);

#[derive(Debug, Default)]
struct Turns {
    open: Option<Group>,
    begun: u64,
}

/// Members whose turn is over and who wait for the commit.
#[derive(Debug)]
struct Group {
    number: u64,
    transaction: Transaction,
    waiting: Vec<oneshot::Sender<Result<(), Arc<sqlx::Error>>>>,
    /// The last member left halfway.
    is_halfway: bool,
}

/// A member's turn.
pub(crate) struct Turn {
    /// `None` once the turn is over.
    turns: Option<OwnedMutexGuard<Turns>>,
    all: Together,
}

impl Together {
    /// Waits for a turn, no longer than `most`.
    pub(crate) async fn turn(&self, writer: &Pool, most: Duration) -> Result<Turn, sqlx::Error> {
        let turns = timeout(most, Arc::clone(&self.0).lock_owned()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let mut turn = Turn { turns: Some(turns), all: self.clone() };
        turn.begin(writer).await?;
        Ok(turn)
    }

    #[cfg(test)]
    pub(crate) async fn groups(&self) -> u64 {
        self.0.lock().await.begun
    }

    /// Commits a group, once everybody who asked for a turn before this has had it. A task of its own: no member can stop
    /// it halfway.
    fn commit(&self, number: u64) {
        let turns = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut turns = turns.lock_owned().await;
            if turns.open.as_ref().is_some_and(|group| group.number == number)
                && let Some(group) = turns.open.take()
            {
                group.commit().await;
            }
        });
    }
}

impl Group {
    async fn commit(mut self) {
        let done = async {
            if self.is_halfway {
                self.transaction.connection().run(UNDO).await?;
            }
            self.transaction.commit().await
        };
        tell(self.waiting, done.await);
    }
}

fn tell(waiting: Vec<oneshot::Sender<Result<(), Arc<sqlx::Error>>>>, done: Result<(), sqlx::Error>) {
    let done = done.map_err(Arc::new);
    for member in waiting {
        // Who has left does not need to know.
        let _ = member.send(done.clone());
    }
}

impl Turn {
    async fn begin(&mut self, writer: &Pool) -> Result<(), sqlx::Error> {
        let Some(turns) = &mut self.turns else { return Ok(()) };
        if let Some(mut group) = turns.open.take() {
            let start = if group.is_halfway { UNDO } else { NEXT };
            match group.transaction.connection().run(start).await {
                Ok(_) => {
                    turns.open = Some(Group { is_halfway: true, ..group });
                    return Ok(());
                }
                // The transaction is lost, and with it what the others wrote. This member begins another.
                Err(error) => tell(group.waiting, Err(error)),
            }
        }
        let mut transaction = writer.begin_writing().await?;
        transaction.connection().run(FIRST).await?;
        turns.begun += 1;
        turns.open = Some(Group { number: turns.begun, transaction, waiting: Vec::new(), is_halfway: true });
        Ok(())
    }

    pub(crate) fn connection(&mut self) -> Connection<'_> {
        let group = self.turns.as_mut().and_then(|turns| turns.open.as_mut());
        group.expect("a turn has a group until it is over").transaction.connection()
    }

    /// Waits until what this member wrote is durable.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.finish().await
    }

    /// Undoes what this member wrote, and waits until what it saw is durable.
    pub(crate) async fn leave(mut self) -> Result<(), StoreError> {
        self.connection().run(UNDO).await.map_err(StoreError::Unwritable)?;
        self.finish().await
    }

    async fn finish(&mut self) -> Result<(), StoreError> {
        let (member, told) = oneshot::channel();
        if let Some(mut turns) = self.turns.take()
            && let Some(group) = &mut turns.open
        {
            group.is_halfway = false;
            group.waiting.push(member);
            self.all.commit(group.number);
        }
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(StoreError::Unwritable(sqlx::Error::Io(io::Error::other(error)))),
            Err(_) => Err(StoreError::Unwritable(sqlx::Error::WorkerCrashed)),
        }
    }
}

impl Drop for Turn {
    /// A member that ends halfway, because it failed or nobody waits for it, changes nothing. If others wait, the commit
    /// that each of them has asked for undoes its part first; if it was alone, so is its transaction.
    fn drop(&mut self) {
        if let Some(turns) = &mut self.turns
            && turns.open.as_ref().is_some_and(|group| group.waiting.is_empty())
        {
            turns.open = None;
        }
    }
}
