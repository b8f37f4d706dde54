//! Strangers who have passwords hashed: they take little memory, and people whom the portal knows sign in meanwhile.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::sleep,
};

use crate::support::{Browser, Child, Installation, TestPortal, email, password};

const NO_LIMIT: [&str; 2] = ["env", "PORTAL_REQUESTS_PER_SECOND=0"];

/// A post of somebody without a session, and the connection it was sent on.
async fn post(base: &str, from: Ipv4Addr, path: &str, body: &str) -> std::io::Result<TcpStream> {
    let (_, port) = base.rsplit_once(':').unwrap();
    let (host, port) = (base.trim_start_matches("http://"), port.parse().unwrap());
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    let mut stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// What the stranger with this number sends: each function that hashes a password for people without a session.
fn form_of(number: usize) -> (&'static str, String) {
    match number % 3 {
        0 => ("/api/fn/join", "password=long+enough+to+be+one".to_owned()),
        1 => ("/api/fn/set_up", "email=a%40b&name=A&password=long+enough+to+be+one".to_owned()),
        _ => ("/api/fn/sign_in", format!("email=nobody{number}%40partner.example&password=made-up-{number}")),
    }
}

/// One of the addresses of the loopback network, each of which counts as a network of its own.
fn address_of(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, u8::try_from(number / 250).unwrap(), u8::try_from(number % 250 + 1).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_thousand_posts_that_hang_up_take_little_memory() {
    let installation = Installation::new().await;
    let child = Child::start_program(&installation, &NO_LIMIT).await;
    let before = child.peak_memory();
    let posts = (0..4_166).map(|number| {
        let base = child.base.clone();
        async move {
            let (path, body) = form_of(number);
            let stream = post(&base, address_of(number % 200), path, &body).await;
            sleep(Duration::from_millis(3)).await;
            drop(stream);
        }
    });
    stream::iter(posts).buffer_unordered(32).collect::<Vec<()>>().await;
    let browser = Browser::of(&child.base, "viewer").await;
    assert_eq!(browser.get("/account").await.status, 200);
    let after = child.peak_memory();
    // Two threads hash in 19 MiB each. It took 60 to 72 MiB in ten runs (2026-11-28).
    assert!(after < 96, "{after} MiB at most, {before} MiB before");
    child.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleague_signs_in_while_200_strangers_have_passwords_hashed() {
    // Each of them is answered. How soon, the soak bounds.
    assert_eq!(sign_ins_under_attack(20, Duration::from_millis(100)).await.len(), 20);
}

/// Run with `make soak`.
mod soak {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "it takes more than a minute"]
    async fn ninety_nine_of_a_hundred_colleagues_sign_in_within_a_second_while_200_strangers_have_passwords_hashed() {
        let mut took = sign_ins_under_attack(100, Duration::ZERO).await;
        took.sort();
        println!("half of the sign-ins took up to {:?}, 99 of 100 up to {:?}", took[50], took[98]);
        assert!(took[98] < Duration::from_secs(1), "{took:?}");
    }
}

/// How long each sign-in takes of somebody who was signed in before, while 200 strangers in as many networks have
/// passwords hashed. Each waits for its answer, and then for `pause`.
async fn sign_ins_under_attack(sign_ins: usize, pause: Duration) -> Vec<Duration> {
    let installation = Installation::new().await;
    let child = Child::start_program(&installation, &NO_LIMIT).await;
    let colleague = Browser::of(&child.base, "viewer").await;
    let mut strangers = JoinSet::new();
    for number in 0..200 {
        let base = child.base.clone();
        strangers.spawn(async move {
            for attempt in 0.. {
                let (path, body) = form_of(number + attempt);
                if let Ok(mut stream) = post(&base, address_of(number), path, &body).await {
                    drop(stream.read_to_end(&mut Vec::new()).await);
                }
                sleep(pause).await;
            }
        });
    }
    sleep(Duration::from_secs(1)).await;
    let mut took = Vec::new();
    for _ in 0..sign_ins {
        assert_eq!(colleague.post("/api/fn/sign_out", &[]).await.location(), "/login");
        let form = colleague.get("/login").await.form("/api/fn/sign_in");
        let form = form.with("email", &email("viewer")).with("password", &password("viewer"));
        let begun = Instant::now();
        assert_eq!(colleague.submit(&form).await.location(), "/");
        took.push(begun.elapsed());
    }
    strangers.abort_all();
    child.stop().await;
    took
}

#[tokio::test]
async fn strangers_for_whom_there_is_no_room_are_asked_to_come_back() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let answers = (0..150).map(|number| {
        let (base, body) = (portal.base.clone(), form_of(3 * number + 2).1);
        async move {
            let mut stream = post(&base, address_of(number), "/api/fn/sign_in", &body).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        }
    });
    let answers = join_all(answers).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 503 ")).collect();
    let checked = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 303 ")).count();
    assert_eq!(refused.len() + checked, 150);
    assert!(!refused.is_empty() && checked >= 32, "{checked} were checked");
    for said in ["retry-after: 2\r\n", "The portal is busy", "Try again in 2"] {
        assert!(refused[0].contains(said), "{said} is not in {}", refused[0]);
    }
}
