//! Argon2id on two threads with memory of their own, behind a bounded queue. Each hash takes 19 MiB and some 30 ms of a
//! core: made by whichever task wants one, they would take all memory and all cores.
//!
//! People who are signed in come first, then people at a browser where they were signed in before, then strangers. Within
//! these classes people or networks take turns.

use std::{
    fmt, io,
    net::IpAddr,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString, rand_core::OsRng},
};
use secrecy::{ExposeSecret, SecretString};
use store::Origin;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::{Password, fair_queue::FairQueue, password::normalized};
use crate::{Error, PersonId, Result, caller::Caller, network};

const THREADS: usize = 2;
/// How many hashes of each class wait at most. Two threads need about half a second for them.
const MOST_WAITING: usize = 32;
/// How many people whose password was hashed wait for the database at once: what they do goes on when they hang up.
const PLACES: usize = 8;
/// How long a thread without work keeps its memory.
const MEMORY_KEPT_FOR: Duration = Duration::from_secs(5);
/// When to try again if there is no room, in seconds.
const TRY_AGAIN_AFTER: u64 = 2;

/// Whose turns are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Person(PersonId),
    Network(Option<IpAddr>),
    /// The command line and the demo, which have a process of their own.
    Machine,
}

impl Sender {
    fn of(origin: &Origin) -> Self {
        Self::Network(origin.ip.map(network))
    }
}

/// How soon a hash is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    class: usize,
    sender: Sender,
}

/// Signed in, known, strangers.
const CLASSES: usize = 3;

impl Turn {
    /// Of somebody who is signed in.
    pub fn of_person(person: PersonId) -> Self {
        Self { class: 0, sender: Sender::Person(person) }
    }

    /// Of the command line.
    pub fn of_command_line() -> Self {
        Self { class: 0, sender: Sender::Machine }
    }

    /// Of somebody whom the portal knows: by a browser in which the same person was signed in before, or by a one-time
    /// link.
    pub fn of_known(person: Option<PersonId>, origin: &Origin) -> Self {
        let sender = person.map_or(Sender::of(origin), Sender::Person);
        Self { class: 1, sender }
    }

    /// Of anybody else.
    pub fn of_stranger(origin: &Origin) -> Self {
        Self { class: 2, sender: Sender::of(origin) }
    }
}

/// What a thread is asked to do.
enum Work {
    Hash(SecretString),
    Verify { typed: SecretString, stored: String },
}

enum Done {
    Hashed(String),
    Verified(bool),
}

struct Job {
    work: Work,
    caller: Caller,
    answer: oneshot::Sender<Result<Done>>,
}

impl Job {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool {
        !self.caller.has_hung_up() && !self.answer.is_closed()
    }
}

struct Waiting {
    classes: [FairQueue<Sender, Job>; CLASSES],
    is_closed: bool,
}

struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job, or answers the one for which there is no room.
    fn push(&self, turn: Turn, job: Job) {
        let mut waiting = self.lock();
        let class = &mut waiting.classes[turn.class];
        class.make_room(Job::is_wanted);
        let refused = class.push(turn.sender, job);
        drop(waiting);
        self.changed.notify_one();
        if let Some(job) = refused {
            metrics::counter!("portal_password_hashes_refused_total").increment(1);
            answer(job.answer, Err(Error::Busy { seconds: TRY_AGAIN_AFTER }));
        }
    }

    /// Waits for the next job whose result is still wanted, and frees `memory` if none comes for a while. Returns `None` once
    /// the queue is closed.
    fn next(&self, memory: &mut Memory) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if waiting.is_closed {
                return None;
            }
            match waiting.classes.iter_mut().find_map(FairQueue::pop) {
                Some(job) if job.is_wanted() => return Some(job),
                Some(job) => answer(job.answer, Err(Error::HungUp)),
                None if memory.is_empty() => {
                    waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                }
                None => {
                    let waited = self.changed.wait_timeout(waiting, MEMORY_KEPT_FOR);
                    let (after, wait) = waited.unwrap_or_else(PoisonError::into_inner);
                    waiting = after;
                    if wait.timed_out() {
                        *memory = Memory::default();
                    }
                }
            }
        }
    }
}

/// Hashes and checks passwords.
pub(crate) struct Hasher {
    queue: Arc<Queue>,
    places: Semaphore,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.queue.lock().is_closed = true;
        self.queue.changed.notify_all();
    }
}

impl Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    /// `Internal` if the operating system has no threads left.
    pub fn new() -> Result<Self> {
        let hasher = Self::without_threads();
        let mut memory = Memory::default();
        // Before the first sign-in needs it, and in the memory of the first thread: memory of its own was not given back for a
        // second (mimalloc's delay), and counted when strangers came right after the start (132 MiB instead of 113).
        decoy(&mut memory)?;
        for number in 1..=THREADS {
            hasher
                .start(number, std::mem::take(&mut memory))
                .map_err(|error| Error::Internal(format!("a thread for passwords: {error}")))?;
        }
        Ok(hasher)
    }

    /// One in which passwords wait for ever.
    pub(crate) fn without_threads() -> Self {
        let classes = [(); CLASSES].map(|()| FairQueue::new(MOST_WAITING));
        let waiting = Mutex::new(Waiting { classes, is_closed: false });
        let queue = Arc::new(Queue { waiting, changed: Condvar::new() });
        Self { queue, places: Semaphore::new(PLACES) }
    }

    fn start(&self, number: usize, mut memory: Memory) -> io::Result<()> {
        let queue = Arc::clone(&self.queue);
        let work = move || {
            while let Some(job) = queue.next(&mut memory) {
                let done = match job.work {
                    Work::Hash(password) => memory.hash(&password).map(Done::Hashed),
                    Work::Verify { typed, stored } => memory.verify(&typed, &stored).map(Done::Verified),
                };
                answer(job.answer, done);
            }
        };
        thread::Builder::new().name(format!("passwords-{number}")).spawn(work).map(drop)
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// `Busy` if too many wait, `HungUp` if the sender of the request left before its turn.
    pub async fn hash(&self, turn: Turn, password: Password) -> Result<String> {
        match self.wait_for(turn, Work::Hash(password.into_text())).await? {
            Done::Hashed(hash) => Ok(hash),
            Done::Verified(_) => Err(Error::Internal("a thread answered another question".to_owned())),
        }
    }

    /// Whether `typed` matches the stored hash. If nothing is stored it does not, and the answer takes the same time.
    ///
    /// # Errors
    /// `Busy` if too many wait, `HungUp` if the sender of the request left before its turn.
    pub async fn verify(&self, turn: Turn, typed: SecretString, stored: Option<String>) -> Result<bool> {
        let is_known = stored.is_some();
        let stored = stored.map_or_else(|| decoy(&mut Memory::default()), Ok)?;
        match self.wait_for(turn, Work::Verify { typed: normalized(&typed), stored }).await? {
            Done::Verified(matches) => Ok(is_known && matches),
            Done::Hashed(_) => Err(Error::Internal("a thread answered another question".to_owned())),
        }
    }

    /// Waits for a place among the few who write to the database after their password was hashed. If there is one, a
    /// sender who hung up gets it as well: what was begun is done to its end.
    ///
    /// # Errors
    /// `HungUp` if the sender of the request leaves before.
    pub async fn place(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let place = Caller::current().while_waiting(self.places.acquire()).await.ok_or(Error::HungUp)?;
        place.map_err(internal)
    }

    async fn wait_for(&self, turn: Turn, work: Work) -> Result<Done> {
        let (answer, answered) = oneshot::channel();
        let caller = Caller::current();
        self.queue.push(turn, Job { work, caller: caller.clone(), answer });
        answered.await.unwrap_or_else(|_| {
            let ended = || Error::Internal("a thread for passwords ended".to_owned());
            Err(if caller.has_hung_up() { Error::HungUp } else { ended() })
        })
    }
}

/// Nobody may wait for it any more.
fn answer(to: oneshot::Sender<Result<Done>>, done: Result<Done>) {
    drop(to.send(done));
}

/// The hash that is checked if there is no such person, so that the answer takes the same time.
fn decoy(memory: &mut Memory) -> Result<String> {
    static DECOY: OnceLock<Result<String, String>> = OnceLock::new();
    let made = || memory.hash(&"a decoy that no password matches".into()).map_err(|error| error.to_string());
    DECOY.get_or_init(made).clone().map_err(Error::Internal)
}

/// A thread's memory, used for one hash after another. Argon2 overwrites all of it in its first pass.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Memory {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn hash(&mut self, password: &SecretString) -> Result<String> {
        let salt = SaltString::generate(&mut OsRng);
        let params = Params::default();
        let output = self.output(
            Algorithm::default(),
            Version::default(),
            &params,
            password,
            salt.as_salt(),
            Params::DEFAULT_OUTPUT_LEN,
        )?;
        let hash = PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(&params).map_err(internal)?,
            salt: Some(salt.as_salt()),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    fn verify(&mut self, typed: &SecretString, stored: &str) -> Result<bool> {
        let stored = PasswordHash::new(stored).map_err(internal)?;
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return Err(Error::Internal("a stored hash has no salt or no output".to_owned()));
        };
        let algorithm = Algorithm::try_from(stored.algorithm).map_err(internal)?;
        let version = stored.version.map_or(Ok(Version::default()), Version::try_from).map_err(internal)?;
        let params = Params::try_from(&stored).map_err(internal)?;
        // The comparison takes the same time wherever they differ.
        Ok(self.output(algorithm, version, &params, typed, salt, expected.len())? == expected)
    }

    fn output(
        &mut self,
        algorithm: Algorithm,
        version: Version,
        params: &Params,
        password: &SecretString,
        salt: Salt<'_>,
        length: usize,
    ) -> Result<Output> {
        let mut decoded = [0; Salt::MAX_LENGTH];
        let salt = salt.decode_b64(&mut decoded).map_err(internal)?;
        if self.0.len() < params.block_count() {
            self.0.resize(params.block_count(), Block::default());
        }
        let argon2 = Argon2::new(algorithm, version, params.clone());
        let memory = &mut self.0;
        Output::init_with(length, |output| {
            argon2.hash_password_into_with_memory(password.expose_secret().as_bytes(), salt, output, memory)?;
            Ok(())
        })
        .map_err(internal)
    }
}

fn internal(error: impl fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

#[cfg(test)]
mod tests;
