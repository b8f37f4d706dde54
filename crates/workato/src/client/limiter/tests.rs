//! The limiter on a clock that tests turn by hand.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::*;

const TWENTY_SECONDS: Duration = Duration::from_secs(20);

fn limiters(limit: Limit) -> Limiters {
    let limits = Limits { connectors: Some(limit), ..Limits::none() };
    Limiters::new(&limits, TWENTY_SECONDS)
}

fn reserve(limiters: &Limiters) -> Result<Permit, QueueFull> {
    reserve_for(limiters, "ann")
}

/// For this person; for nobody, where the name is empty.
fn reserve_for(limiters: &Limiters, who: &str) -> Result<Permit, QueueFull> {
    limiters.reserve(Class::Connectors, &caller(who))
}

fn caller(who: &str) -> Caller {
    if who.is_empty() { Caller::Background } else { Caller::Person(who.into()) }
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

/// Uses permits all at once, the last one first, and tells in which order their turns came.
async fn order_of(permits: Vec<(&'static str, Permit)>) -> Vec<&'static str> {
    let order = Arc::new(Mutex::new(Vec::new()));
    // Whoever waits first has no advantage.
    let tasks: Vec<_> = permits
        .into_iter()
        .rev()
        .map(|(name, permit)| {
            let order = Arc::clone(&order);
            tokio::spawn(async move {
                if permit.spend().await.is_ok() {
                    order.lock().expect("no panic").push(name);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let order = order.lock().expect("no panic");
    order.clone()
}

#[tokio::test(start_paused = true)]
async fn one_persons_turns_come_in_the_order_of_reservation() {
    let limiters = limiters(Limit::per_second(1));
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let permits = names.map(|name| (name, reserve(&limiters).expect("room")));
    assert_eq!(order_of(permits.into()).await, names);
}

#[tokio::test(start_paused = true)]
async fn who_clicks_once_does_not_wait_for_all_the_clicks_of_another() {
    let limiters = limiters(Limit::per_second(1));
    let mut permits: Vec<_> = (0..10).map(|_| ("ann", reserve(&limiters).expect("room"))).collect();
    permits.push(("ben", reserve_for(&limiters, "ben").expect("room")));
    permits.push(("cleo", reserve_for(&limiters, "cleo").expect("room")));
    // One of Ann's is granted, one of hers is first in the queue.
    let turn = |name: &str| permits.iter().find(|(who, _)| *who == name).expect("there").1.wait();
    assert_eq!([turn("ben"), turn("cleo")], [Duration::from_millis(2_500), Duration::from_millis(3_750)]);
    assert_eq!(order_of(permits).await[..6], ["ann", "ann", "ben", "cleo", "ann", "ann"]);
}

#[tokio::test(start_paused = true)]
async fn a_person_finds_room_where_another_has_filled_the_queue() {
    let limiters = limiters(Limit::per_second(1));
    let permits: Vec<_> = (0..17).map(|_| ("ann", reserve(&limiters).expect("room"))).collect();
    let last = permits[16].1.wait();
    assert!(reserve(&limiters).is_err());
    let ben = reserve_for(&limiters, "ben").expect("room for him");
    assert_eq!(ben.wait(), Duration::from_millis(2_500));
    // Ann's last turn has moved back past what she can be made to wait, so it is given up.
    assert_eq!(permits[16].1.wait(), last + Duration::from_millis(1_250));
    let order = order_of(permits.into_iter().chain([("ben", ben)]).collect()).await;
    assert_eq!((order.len(), order[2]), (17, "ben"));
}

#[tokio::test(start_paused = true)]
async fn background_work_comes_after_people_and_is_not_forgotten() {
    let limiters = limiters(Limit::per_second(1));
    let granted = reserve(&limiters).expect("room");
    let mut permits = vec![("background", reserve_for(&limiters, "").expect("room"))];
    permits.extend((0..9).map(|_| ("ann", reserve(&limiters).expect("room"))));
    drop(granted);
    let order = order_of(permits).await;
    assert_eq!(order.iter().position(|who| *who == "background"), Some(4), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_held_back_counts_until_it_is_used() {
    let limiters = limiters(Limit::per_minute(2));
    let held = reserve(&limiters).expect("room");
    reserve(&limiters).expect("room").spend().await.expect("its turn");
    advance(Duration::from_secs(20)).await;
    held.spend().await.expect("its turn");
    advance(Duration::from_secs(39)).await;
    // The first call leaves the window after 60.25 s; the held one counts from when it was sent.
    let next = reserve(&limiters).expect("room soon");
    assert_eq!(next.wait(), Duration::from_millis(1250));
    next.ready().await;
    assert!(next.wait().is_zero());
    let after = reserve(&limiters).expect("room later");
    assert_eq!(after.wait(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_good_for_the_longest_wait_and_no_longer() {
    let limiters = limiters(Limit::per_minute(2));
    let (kept, lapsed) = (reserve(&limiters).expect("room"), reserve(&limiters).expect("room"));
    assert_eq!(kept.time_left(), TWENTY_SECONDS + GRACE);
    advance(kept.time_left()).await;
    kept.spend().await.expect("just in time");
    advance(Duration::from_millis(1)).await;
    lapsed.spend().await.expect_err("too late");
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
    assert_eq!(limiters.reserve(Class::Tags, &caller("ann")).expect("room").wait(), Duration::ZERO);

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

#[tokio::test(start_paused = true)]
async fn a_429_that_asks_to_come_again_at_once_gets_a_second() {
    let limiters = limiters(Limit::per_minute(60));
    limiters.rest(Class::Connectors, Some(Duration::ZERO));
    assert_eq!(reserve(&limiters).expect("within 20 s").wait(), SHORTEST_REST);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Reserve(&'static str),
    Send(usize),
    GiveBack(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::sample::select(vec!["", "ann", "ben"]).prop_map(Step::Reserve),
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
        let mut state = State::new(Class::Connectors, Some(limit));
        let mut now = Instant::now();
        let (mut held, mut sent) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Reserve(who) => held.extend(state.reserve(&caller(who), now, TWENTY_SECONDS)),
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
