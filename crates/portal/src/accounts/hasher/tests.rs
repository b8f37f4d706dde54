//! Who is hashed for, in which order, and who is not.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordVerifier},
};
use futures::future::join_all;
use secrecy::SecretString;
use tokio::task::{JoinHandle, yield_now};
use tokio_util::sync::CancellationToken;

use super::{Hasher, MOST_WAITING, PLACES, Turn};
use crate::{Error, Origin, PersonId, accounts::Password, caller::with_caller};

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn stranger(address: &str) -> Turn {
    Turn::of_stranger(&Origin { ip: Some(address.parse().unwrap()), ..Origin::default() })
}

const ME: &str = "203.0.113.7";

#[tokio::test]
async fn a_password_matches_only_its_own_hash_and_never_the_decoy() {
    let hasher = Hasher::new().unwrap();
    let password = Password::try_from(secret("correct horse battery")).unwrap();
    let stored = hasher.hash(stranger(ME), password).await.unwrap();
    assert!(stored.starts_with("$argon2id$"));
    assert!(hasher.verify(stranger(ME), secret("correct horse battery"), Some(stored.clone())).await.unwrap());
    assert!(!hasher.verify(stranger(ME), secret("correct horse batterz"), Some(stored)).await.unwrap());
    assert!(!hasher.verify(stranger(ME), secret("a decoy that no password matches"), None).await.unwrap());
}

#[tokio::test]
async fn a_password_works_in_every_spelling_of_its_characters() {
    let hasher = Hasher::new().unwrap();
    let (composed, decomposed) = ("caf\u{e9} au lait dehors", "cafe\u{301} au lait\u{a0}dehors");
    for (set, typed) in [(composed, decomposed), (decomposed, composed)] {
        let stored = hasher.hash(stranger(ME), Password::try_from(secret(set)).unwrap()).await.unwrap();
        for typed in [set, typed] {
            assert!(hasher.verify(stranger(ME), secret(typed), Some(stored.clone())).await.unwrap(), "{set} {typed}");
        }
        assert!(!hasher.verify(stranger(ME), secret("cafe au lait dehors"), Some(stored)).await.unwrap());
    }
}

#[tokio::test]
async fn memory_that_is_used_again_gives_hashes_that_any_argon2_accepts() {
    let hasher = Hasher::new().unwrap();
    for text in ["correct horse battery", "an entirely different one", "correct horse battery"] {
        let stored = hasher.hash(stranger(ME), Password::try_from(secret(text)).unwrap()).await.unwrap();
        let hash = PasswordHash::new(&stored).unwrap();
        assert!(Argon2::default().verify_password(text.as_bytes(), &hash).is_ok(), "{stored}");
        assert!(Argon2::default().verify_password(b"another", &hash).is_err(), "{stored}");
    }
}

/// Jobs that wait for a thread, and the names of those that were answered, in order.
#[derive(Clone)]
struct Waiting {
    hasher: Arc<Hasher>,
    checked: Arc<Mutex<Vec<&'static str>>>,
    others: Arc<Mutex<Vec<(&'static str, Error)>>>,
}

impl Waiting {
    fn new() -> Self {
        Self { hasher: Arc::new(Hasher::without_threads()), checked: Arc::default(), others: Arc::default() }
    }

    /// Has a password checked.
    fn check(&self, name: &'static str, turn: Turn) -> impl Future<Output = ()> + Send + 'static {
        let waiting = self.clone();
        async move {
            match waiting.hasher.verify(turn, secret("wrong"), None).await {
                Ok(matches) => {
                    assert!(!matches);
                    waiting.checked.lock().unwrap().push(name);
                }
                Err(error) => waiting.others.lock().unwrap().push((name, error)),
            }
        }
    }

    /// Starts a thread, and waits for the jobs.
    async fn serve(&self, jobs: Vec<JoinHandle<()>>) -> Vec<&'static str> {
        self.hasher.start(1, super::Memory::default()).unwrap();
        join_all(jobs).await;
        self.checked.lock().unwrap().clone()
    }

    /// Why jobs were not done: how many because the queue was full, and how many because nobody waited.
    fn refused(&self) -> (usize, usize) {
        let others = self.others.lock().unwrap();
        let busy = others.iter().filter(|(_, error)| matches!(error, Error::Busy { seconds: 1.. })).count();
        (busy, others.iter().filter(|(_, error)| matches!(error, Error::HungUp)).count())
    }
}

/// Lets every task run until it waits.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

#[tokio::test]
async fn people_who_are_signed_in_come_first_then_known_people_then_strangers() {
    let waiting = Waiting::new();
    let known = Turn::of_known(Some(PersonId::new()), &Origin::default());
    let mut jobs: Vec<_> = (0..200)
        .map(|number| waiting.check("stranger", stranger(&format!("198.51.100.{number}"))))
        .map(tokio::spawn)
        .collect();
    jobs.push(tokio::spawn(waiting.check("known", known)));
    jobs.push(tokio::spawn(waiting.check("signed in", Turn::of_person(PersonId::new()))));
    // Each has taken its place, or was refused.
    settle().await;
    let served = waiting.serve(jobs).await;
    assert_eq!(served[..2], ["signed in", "known"]);
    assert_eq!(served[2..], ["stranger"; MOST_WAITING]);
    assert_eq!(waiting.refused(), (200 - MOST_WAITING, 0));
}

#[tokio::test]
async fn a_network_that_sends_much_does_not_take_the_turns_of_another() {
    let waiting = Waiting::new();
    let mut jobs: Vec<_> =
        (0..2 * MOST_WAITING).map(|_| tokio::spawn(waiting.check("much", stranger("198.51.100.1")))).collect();
    jobs.push(tokio::spawn(waiting.check("little", stranger(ME))));
    settle().await;
    let served = waiting.serve(jobs).await;
    assert_eq!(served[..3], ["much", "little", "much"]);
    assert_eq!((served.len(), waiting.refused()), (MOST_WAITING, (MOST_WAITING + 1, 0)));
}

#[tokio::test]
async fn the_password_of_somebody_who_hung_up_is_not_hashed() {
    let (waiting, gone) = (Waiting::new(), CancellationToken::new());
    let mut jobs: Vec<_> = (0..MOST_WAITING)
        .map(|number| {
            let hung_up = if number % 2 == 0 { gone.clone() } else { CancellationToken::new() };
            let check = waiting.check("first", stranger(&format!("192.0.2.{number}")));
            tokio::spawn(with_caller(hung_up, check))
        })
        .collect();
    settle().await;
    gone.cancel();
    // Those who left make room in the full queue.
    jobs.push(tokio::spawn(waiting.check("later", stranger(ME))));
    settle().await;
    let served = waiting.serve(jobs).await;
    assert_eq!(served.len(), MOST_WAITING / 2 + 1);
    assert!(served.contains(&"later"));
    let (busy, hung_up) = waiting.refused();
    assert_eq!((busy, hung_up), (0, MOST_WAITING / 2));
}

#[tokio::test]
async fn few_wait_for_the_database_and_somebody_who_hung_up_does_not() {
    let hasher = Arc::new(Hasher::without_threads());
    let places = join_all((0..PLACES).map(|_| hasher.place())).await;
    let gone = CancellationToken::new();
    let waiting = tokio::spawn({
        let (hasher, gone) = (Arc::clone(&hasher), gone.clone());
        with_caller(gone, async move { hasher.place().await.map(drop) })
    });
    settle().await;
    assert!(!waiting.is_finished());
    gone.cancel();
    assert!(matches!(waiting.await.unwrap(), Err(Error::HungUp)));
    drop(places);
    assert!(hasher.place().await.is_ok());
}
