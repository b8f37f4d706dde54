//! Connections as their clients misuse them: bytes on a socket, and what comes back.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use futures::future::join_all;
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::support::{Browser, Child, Installation, TestPortal};

fn port_of(base: &str) -> u16 {
    base.rsplit_once(':').unwrap().1.parse().unwrap()
}

async fn connect(base: &str) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port_of(base))).await.unwrap()
}

/// Sends these bytes, with the portal's host in place of `HOST`, and reads until the portal closes the connection or
/// says nothing more for a second.
async fn answer_to(base: &str, request: &str) -> String {
    let mut stream = connect(base).await;
    let request = request.replace("HOST", base.trim_start_matches("http://"));
    // The portal may close the connection before it has read everything.
    drop(stream.write_all(request.as_bytes()).await);
    until_silent(&mut stream).await
}

async fn until_silent(stream: &mut TcpStream) -> String {
    let (mut answer, mut part) = (Vec::new(), [0; 65_536]);
    while let Ok(Ok(read @ 1..)) = timeout(Duration::from_secs(1), stream.read(&mut part)).await {
        answer.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; `None` if there is none.
fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[rstest]
#[case::a_bare_line_feed_after_the_first_line("GET /login HTTP/1.1\nHost: HOST\r\n\r\n", 400)]
#[case::a_bare_line_feed_after_a_header("GET /login HTTP/1.1\r\nHost: HOST\nX: y\r\n\r\n", 400)]
#[case::a_bare_line_feed_at_the_end("GET /login HTTP/1.1\r\nHost: HOST\r\n\n", 400)]
#[case::only_bare_line_feeds("GET /login HTTP/1.1\nHost: HOST\n\n", 400)]
#[case::a_bare_carriage_return("GET /login HTTP/1.1\r\nHost: HOST\rX: y\r\n\r\n", 400)]
#[case::a_folded_header("GET /login HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n", 400)]
#[case::a_space_before_the_colon("GET /login HTTP/1.1\r\nHost: HOST\r\nContent-Length : 1\r\n\r\n", 400)]
#[case::a_nul("GET /login HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n", 400)]
#[case::no_host("GET /login HTTP/1.1\r\n\r\n", 400)]
#[case::two_hosts("GET /login HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", 400)]
#[case::two_hosts_for_a_probe("GET /healthz HTTP/1.1\r\nHost: HOST\r\nhost: evil.example\r\n\r\n", 400)]
#[case::another_host("GET /login HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421)]
#[case::the_url_of_another_host("GET http://evil.example/login HTTP/1.1\r\nHost: HOST\r\n\r\n", 421)]
#[case::a_probe_by_another_name("GET /healthz HTTP/1.1\r\nHost: 10.1.2.3\r\n\r\n", 200)]
#[case::two_lengths("POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400)]
#[case::a_length_that_is_none("POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: +1\r\n\r\na", 400)]
#[case::a_length_and_an_encoding(
    "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400
)]
#[case::an_encoding_and_a_length(
    "POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    400
)]
#[case::another_encoding("POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
#[case::an_upgrade_to_http_2(
    "GET /healthz HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
     HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    200
)]
#[tokio::test]
async fn what_a_proxy_could_read_differently_is_refused(#[case] request: &str, #[case] expected: u16) {
    let portal = TestPortal::start().await;
    let answer = answer_to(&portal.base, request).await;
    assert_eq!(status(&answer), Some(expected), "{answer}");
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let portal = TestPortal::start().await;
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let answer = answer_to(&portal.base, preface).await;
    assert!(answer.is_empty() || status(&answer) == Some(400), "{answer:?}");
}

#[tokio::test]
async fn long_heads_and_urls_are_refused_and_the_longest_allowed_are_served() {
    let portal = TestPortal::start().await;
    let with_header =
        |length: usize| format!("GET /healthz HTTP/1.1\r\nHost: HOST\r\nX: {}\r\n\r\n", "a".repeat(length));
    let with_url = |length: usize| format!("GET /healthz?{} HTTP/1.1\r\nHost: HOST\r\n\r\n", "a".repeat(length - 9));
    for (request, expected) in [
        (with_header(31 * 1_024), 200),
        (with_header(33 * 1_024), 431),
        (with_header(1 << 20), 431),
        (with_url(8 * 1_024), 200),
        (with_url(8 * 1_024 + 1), 414),
        (with_url(100 * 1_024), 414),
        (format!("GET /healthz HTTP/1.1\r\nHost: HOST\r\n{}\r\n", "X: y\r\n".repeat(200)), 431),
    ] {
        let answer = answer_to(&portal.base, &request).await;
        assert_eq!(status(&answer), Some(expected), "{} bytes: {answer}", request.len());
    }
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_turn() {
    let portal = TestPortal::start().await;
    let get = "GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n";
    let form = "POST /api/fn/sign_out HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 5\r\n\r\na=\n\nb";
    let answer = answer_to(&portal.base, &format!("{get}{form}{get}")).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 303 See Other").count(), 1, "{answer}");
    // What comes after chunks could be a request that a proxy does not see.
    let chunks = "POST /api/fn/sign_out HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\
                  Content-Type: application/x-www-form-urlencoded\r\n\r\n3\r\na=b\r\n0\r\n\r\n";
    let answer = answer_to(&portal.base, &format!("{chunks}{get}")).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("connection: close\r\n"), "{answer}");
}

/// How long the portal keeps a connection on which this sends or reads as it likes, and what it answered.
async fn kept<F: Future<Output = String>>(client: F) -> (Duration, String) {
    let begun = Instant::now();
    let answer = timeout(Duration::from_secs(90), client).await.expect("the connection is still open");
    (begun.elapsed(), answer)
}

/// Sends a byte a second until the portal answers or closes the connection. Returns the answer.
async fn trickle(base: &str, at_once: &str, slowly: &str) -> String {
    let (mut from, mut to) = connect(base).await.into_split();
    let host = base.trim_start_matches("http://");
    to.write_all(at_once.replace("HOST", host).as_bytes()).await.unwrap();
    let sending = async {
        for byte in slowly.bytes().cycle() {
            if to.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    tokio::select! {
        _ = from.read_to_end(&mut answer) => {}
        () = sending => {}
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks for a page again and again and reads nothing.
async fn ask_without_reading(base: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(base)))).await.unwrap();
    let request = format!("GET /login HTTP/1.1\r\nHost: {}\r\n\r\n", base.trim_start_matches("http://"));
    while stream.write_all(request.as_bytes()).await.is_ok() {}
    String::new()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_given_up() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let base = portal.base.as_str();
    let form = "POST /api/fn/sign_in HTTP/1.1\r\nHost: HOST\r\nAccept: text/html\r\nContent-Length: 1000\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=";
    let unread = "POST /nowhere HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000\r\n\r\n";
    let (silent, head, body, for_nothing, reader) = tokio::join!(
        kept(async { until_closed(connect(base).await).await }),
        kept(trickle(base, "GET /login HTTP/1.1\r\n", "X: y\r\n")),
        kept(trickle(base, form, "a")),
        kept(trickle(base, unread, "a")),
        kept(ask_without_reading(base)),
    );
    let (least, most) = (Duration::from_secs(8), Duration::from_secs(20));
    for (what, (took, answer)) in [("nothing", &silent), ("half a head", &head)] {
        assert!((least..most).contains(took) && answer.is_empty(), "{what}: {took:?}, {answer}");
    }
    assert!((least..most).contains(&body.0), "{:?}", body.0);
    assert_eq!(status(&body.1), Some(408), "{}", body.1);
    assert!(body.1.contains("Request too slow"), "{}", body.1);
    assert_eq!(status(&for_nothing.1), Some(405), "{}", for_nothing.1);
    assert!(for_nothing.0 < most, "{:?}", for_nothing.0);
    assert!((Duration::from_secs(25)..Duration::from_secs(60)).contains(&reader.0), "{:?}", reader.0);
    portal.stop().await;
}

async fn until_closed(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    drop(stream.read_to_string(&mut answer).await);
    answer
}

/// Asks whether the portal is alive, over a new connection. Returns how long that took.
async fn probe(base: &str) -> Duration {
    let begun = Instant::now();
    let host = base.trim_start_matches("http://");
    let mut stream = connect(base).await;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = timeout(Duration::from_secs(10), until_closed(stream)).await.expect("an answer");
    assert_eq!(status(&answer), Some(200), "{answer:?}");
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_sent_requests_beyond_the_limit_on_files_do_not_silence_the_portal() {
    let installation = Installation::new().await;
    let limited = ["bash", "-c", "ulimit -n 1024 && exec \"$@\"", "limited"];
    let child = Child::start_program(&installation, &limited).await;
    let colleague = Browser::of(&child.base, "viewer").await;
    let half_a_form = "POST /api/fn/sign_in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100\r\n\
                       Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=";
    let host = child.base.trim_start_matches("http://");
    for half in ["", "GET /login HTTP/1.1\r\nHo", &half_a_form.replace("HOST", host)] {
        let opened = (0..1_100).map(|_| async {
            let mut stream = connect(&child.base).await;
            // It may be closed already, to make room.
            drop(stream.write_all(half.as_bytes()).await);
            stream
        });
        let opened = join_all(opened).await;
        for _ in 0..5 {
            let took = probe(&child.base).await;
            assert!(took < Duration::from_secs(1), "{took:?} under 1,100 times {half:?}");
        }
        assert_eq!(colleague.get("/account").await.status, 200, "under 1,100 times {half:?}");
        drop(opened);
    }
    child.stop().await;
}
