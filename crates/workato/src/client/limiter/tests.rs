//! The limiter on a clock that tests turn by hand.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::*;

const LONGEST_WAIT: Duration = Duration::from_secs(20);

fn limiters(limit: Limit) -> Limiters {
    let limits = Limits { connectors: Some(limit), ..Limits::none() };
    Limiters::new(&limits, LONGEST_WAIT)
}

fn reserve(limiters: &Limiters) -> Result<Permit, QueueFull> {
    limiters.reserve(Class::Connectors)
}

/// The most calls in any window of this length, open at its start: what Workato would count.
fn most_in_a_window(sent: &[Instant], window: Duration) -> usize {
    let count = |first: &Instant| sent.iter().filter(|at| *at >= first && **at - *first < window).count();
    sent.iter().map(count).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_burst_and_its_refill_never_exceed_the_limit_in_any_window() {
    let limiters = limiters(Limit::per_minute(60));
    let (mut sent, mut refused) = (Vec::new(), 0);
    for _ in 0..2000 {
        match reserve(&limiters) {
            Ok(permit) => {
                permit.spend().await.expect("within 20 s");
                sent.push(Instant::now());
            }
            Err(_) => refused += 1,
        }
        advance(Duration::from_millis(137)).await;
    }
    assert_eq!(most_in_a_window(&sent, Duration::from_secs(60)), 60);
    assert!(sent.len() > 250 && refused > 0, "{} sent, {refused} refused", sent.len());
}

#[tokio::test(start_paused = true)]
async fn a_full_minutes_budget_is_there_at_once() {
    let limiters = limiters(Limit::per_minute(60));
    let permits: Vec<_> = (0..60).map(|_| reserve(&limiters).expect("room")).collect();
    assert!(permits.iter().all(|permit| permit.wait().is_zero()));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_more_than_twenty_seconds_is_refused_and_says_how_long() {
    let limiters = limiters(Limit::per_second(1));
    // A turn every 1.25 s, the margin included: the seventeenth comes after 20 s, the eighteenth after 21.25 s.
    let permits: Vec<_> = (0..17).map(|_| reserve(&limiters).expect("room")).collect();
    assert_eq!(permits[16].wait(), Duration::from_secs(20));
    let full = reserve(&limiters).expect_err("no room");
    assert_eq!(full, QueueFull { wait: Duration::from_millis(21_250) });
    assert_eq!(full.to_string(), "the queue for Workato is too long: the next turn comes in 22 s");
}

#[tokio::test(start_paused = true)]
async fn turns_come_in_the_order_of_reservation() {
    let limiters = limiters(Limit::per_second(1));
    let order = Arc::new(Mutex::new(Vec::new()));
    let permits: Vec<_> = (0..16).map(|_| reserve(&limiters).expect("room")).collect();
    // Whoever waits first has no advantage: the last one begins.
    let tasks: Vec<_> = permits
        .into_iter()
        .enumerate()
        .rev()
        .map(|(number, permit)| {
            let order = Arc::clone(&order);
            tokio::spawn(async move {
                permit.spend().await.expect("within 20 s");
                order.lock().expect("no panic").push(number);
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    assert_eq!(*order.lock().expect("no panic"), (0..16).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_held_back_counts_until_it_is_used() {
    let limiters = limiters(Limit::per_minute(2));
    let held = reserve(&limiters).expect("room");
    reserve(&limiters).expect("room").spend().await.expect("its turn");
    advance(Duration::from_secs(59)).await;
    held.spend().await.expect("its turn");
    // The first call leaves the window after 60.25 s; the held one counts from when it was sent.
    let next = reserve(&limiters).expect("room soon");
    assert_eq!(next.wait(), Duration::from_millis(1250));
    next.ready().await;
    let full = reserve(&limiters).expect_err("both places are taken");
    assert_eq!(full.wait, Duration::from_millis(59_000));
}

#[tokio::test(start_paused = true)]
async fn a_place_given_back_goes_to_the_next_one_at_once() {
    let limiters = limiters(Limit::per_second(1));
    let first = reserve(&limiters).expect("room");
    let second = reserve(&limiters).expect("room");
    let third = reserve(&limiters).expect("room");
    let start = Instant::now();
    let waiting = tokio::spawn(async move {
        second.spend().await.expect("its turn");
        Instant::now()
    });
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(waiting.await.expect("no panic"), start);
    assert_eq!(third.wait(), Duration::from_millis(1250));
}

#[tokio::test(start_paused = true)]
async fn a_429_moves_every_turn_of_its_class_and_of_no_other() {
    let limiters = limiters(Limit::per_minute(60));
    let granted = reserve(&limiters).expect("room");
    limiters.rest(Class::Connectors, Some(Duration::from_secs(7)));
    assert_eq!(granted.wait(), Duration::from_secs(7));
    assert_eq!(reserve(&limiters).expect("within 20 s").wait(), Duration::from_secs(7));
    assert_eq!(limiters.reserve(Class::Tags).expect("room").wait(), Duration::ZERO);

    limiters.rest(Class::Connectors, Some(Duration::from_secs(86_400)));
    assert_eq!(reserve(&limiters).expect_err("closed").wait, LONGEST_REST);
    assert_eq!(granted.spend().await, Err(QueueFull { wait: LONGEST_REST }));
    advance(LONGEST_REST).await;
    assert_eq!(reserve(&limiters).expect("open again").wait(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_429_that_asks_for_no_wait_still_gets_one() {
    let limiters = limiters(Limit::per_minute(60));
    limiters.rest(Class::Connectors, None);
    assert_eq!(reserve(&limiters).expect("within 20 s").wait(), DEFAULT_REST);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Reserve,
    Send(usize),
    GiveBack(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Reserve),
        3 => (0..8usize).prop_map(Step::Send),
        1 => (0..8usize).prop_map(Step::GiveBack),
        3 => (0..900u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Whatever its holders do (send late, give back, hold for ever), no window holds more than the limit, and a
    /// permit that says its turn has come keeps it.
    #[test]
    fn no_window_holds_more_than_the_limit(
        calls in 1..5usize,
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let limit = Limit { calls, window: Duration::from_secs(3) };
        let mut state = State::new(Some(limit));
        let mut now = Instant::now();
        let (mut held, mut sent) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Reserve => held.extend(state.reserve(now, LONGEST_WAIT)),
                Step::Send(place) => {
                    let due: Vec<u64> = held
                        .iter()
                        .copied()
                        .filter(|ticket| state.wait_of(*ticket, now).is_zero())
                        .collect();
                    if let Some(ticket) = due.get(place) {
                        state.spend(*ticket, now);
                        held.retain(|other| other != ticket);
                        sent.push(now);
                    }
                }
                Step::GiveBack(place) => {
                    if place < held.len() {
                        state.give_back(held.remove(place));
                    }
                }
                Step::Pass(milliseconds) => {
                    let due = |state: &State, now| {
                        held.iter().filter(|ticket| state.wait_of(**ticket, now).is_zero()).count()
                    };
                    let before = due(&state, now);
                    now += Duration::from_millis(milliseconds);
                    state.advance(now);
                    prop_assert!(due(&state, now) >= before);
                }
            }
            state.advance(now);
            prop_assert!(most_in_a_window(&sent, limit.window) <= calls);
        }
    }
}
