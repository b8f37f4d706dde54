//! The limiter on a clock that the tests advance.

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

/// Reserves for this person, or for background work if the name is empty.
fn reserve_for(limiters: &Limiters, who: &str) -> Result<Permit, QueueFull> {
    limiters.reserve(Class::Connectors, &caller(who))
}

fn caller(who: &str) -> Caller {
    if who.is_empty() { Caller::Background } else { person(who, Purpose::Change) }
}

fn person(who: &str, purpose: Purpose) -> Caller {
    Caller::Person(who.into(), purpose)
}

/// The most calls in any window of this length, as Workato would count them.
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
                permit.consume().await.expect("within 20 s");
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
async fn a_whole_minutes_budget_is_available_at_once() {
    let limiters = limiters(Limit::per_minute(60));
    let permits: Vec<_> = (0..60).map(|_| reserve(&limiters).expect("room")).collect();
    assert!(permits.iter().all(|permit| permit.wait().is_zero()));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_more_than_twenty_seconds_is_refused_with_its_length() {
    let limiters = limiters(Limit::per_second(1));
    // One call every 1.25 s, margin included: the seventeenth after 20 s, the eighteenth after 21.25 s.
    let permits: Vec<_> = (0..17).map(|_| reserve(&limiters).expect("room")).collect();
    assert_eq!(permits[16].wait(), Duration::from_secs(20));
    let full = reserve(&limiters).expect_err("no room");
    assert_eq!(full, QueueFull { wait: Duration::from_millis(21_250) });
    assert_eq!(full.to_string(), "the queue for Workato is too long: the next turn comes in 22 s");
}

/// Uses all permits at once, the last one first, and returns the order in which they were granted.
async fn order_of(permits: Vec<(&'static str, Permit)>) -> Vec<&'static str> {
    let order = Arc::new(Mutex::new(Vec::new()));
    // Reversed: to wait first is no advantage.
    let tasks: Vec<_> = permits
        .into_iter()
        .rev()
        .map(|(name, permit)| {
            let order = Arc::clone(&order);
            tokio::spawn(async move {
                if permit.consume().await.is_ok() {
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
async fn one_persons_calls_are_sent_in_the_order_of_reservation() {
    let limiters = limiters(Limit::per_second(1));
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let permits = names.map(|name| (name, reserve(&limiters).expect("room")));
    assert_eq!(order_of(permits.into()).await, names);
}

#[tokio::test(start_paused = true)]
async fn one_click_does_not_wait_for_all_the_clicks_of_someone_else() {
    let limiters = limiters(Limit::per_second(1));
    let mut permits: Vec<_> = (0..10).map(|_| ("ann", reserve(&limiters).expect("room"))).collect();
    permits.push(("ben", reserve_for(&limiters, "ben").expect("room")));
    permits.push(("cleo", reserve_for(&limiters, "cleo").expect("room")));
    // One of Ann's is granted, another is first in the queue.
    let turn = |name: &str| permits.iter().find(|(who, _)| *who == name).expect("there").1.wait();
    assert_eq!([turn("ben"), turn("cleo")], [Duration::from_millis(2_500), Duration::from_millis(3_750)]);
    assert_eq!(order_of(permits).await[..6], ["ann", "ann", "ben", "cleo", "ann", "ann"]);
}

#[tokio::test(start_paused = true)]
async fn a_person_finds_room_in_a_queue_that_someone_else_has_filled() {
    let limiters = limiters(Limit::per_second(1));
    let permits: Vec<_> = (0..17).map(|_| ("ann", reserve(&limiters).expect("room"))).collect();
    let last = permits[16].1.wait();
    assert!(reserve(&limiters).is_err());
    let ben = reserve_for(&limiters, "ben").expect("room for him");
    assert_eq!(ben.wait(), Duration::from_millis(2_500));
    // Ann's last call has moved back past the longest wait, so it fails.
    assert_eq!(permits[16].1.wait(), last + Duration::from_millis(1_250));
    let order = order_of(permits.into_iter().chain([("ben", ben)]).collect()).await;
    assert_eq!((order.len(), order[2]), (17, "ben"));
}

#[tokio::test(start_paused = true)]
async fn background_work_comes_after_people_but_does_come() {
    let limiters = limiters(Limit::per_second(1));
    let granted = reserve(&limiters).expect("room");
    let mut permits = vec![("background", reserve_for(&limiters, "").expect("room"))];
    permits.extend((0..9).map(|_| ("ann", reserve(&limiters).expect("room"))));
    drop(granted);
    let order = order_of(permits).await;
    assert_eq!(order.iter().position(|who| *who == "background"), Some(4), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_granted_permit_counts_until_it_is_used() {
    let limiters = limiters(Limit::per_minute(2));
    let held = reserve(&limiters).expect("room");
    reserve(&limiters).expect("room").consume().await.expect("granted");
    advance(Duration::from_secs(20)).await;
    held.consume().await.expect("granted");
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
async fn a_permit_expires_after_the_longest_wait() {
    let limiters = limiters(Limit::per_minute(2));
    let (kept, lapsed) = (reserve(&limiters).expect("room"), reserve(&limiters).expect("room"));
    assert_eq!(kept.time_left(), TWENTY_SECONDS + GRACE);
    advance(kept.time_left()).await;
    kept.consume().await.expect("just in time");
    advance(Duration::from_millis(1)).await;
    lapsed.consume().await.expect_err("too late");
}

#[tokio::test(start_paused = true)]
async fn a_released_permit_goes_to_the_next_call_at_once() {
    let limiters = limiters(Limit::per_second(1));
    let first = reserve(&limiters).expect("room");
    let second = reserve(&limiters).expect("room");
    let third = reserve(&limiters).expect("room");
    let start = Instant::now();
    let waiting = tokio::spawn(async move {
        second.consume().await.expect("granted");
        Instant::now()
    });
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(waiting.await.expect("no panic"), start);
    assert_eq!(third.wait(), Duration::from_millis(1250));
}

#[tokio::test(start_paused = true)]
async fn a_429_delays_every_call_of_its_class_and_of_no_other() {
    let limiters = limiters(Limit::per_minute(60));
    let granted = reserve(&limiters).expect("room");
    limiters.pause(Class::Connectors, Some(Duration::from_secs(7)));
    assert_eq!(granted.wait(), Duration::from_secs(7));
    assert_eq!(reserve(&limiters).expect("within 20 s").wait(), Duration::from_secs(7));
    assert_eq!(limiters.reserve(Class::Tags, &caller("ann")).expect("room").wait(), Duration::ZERO);

    limiters.pause(Class::Connectors, Some(Duration::from_secs(200_000)));
    assert_eq!(reserve(&limiters).expect_err("closed").wait, LONGEST_PAUSE);
    assert_eq!(granted.consume().await, Err(QueueFull { wait: LONGEST_PAUSE }));
    advance(LONGEST_PAUSE).await;
    assert_eq!(reserve(&limiters).expect("open again").wait(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_429_without_retry_after_still_pauses_its_class() {
    let limiters = limiters(Limit::per_minute(60));
    limiters.pause(Class::Connectors, None);
    assert_eq!(reserve(&limiters).expect("within 20 s").wait(), DEFAULT_PAUSE);
}

#[tokio::test(start_paused = true)]
async fn a_429_with_a_retry_after_of_zero_pauses_for_a_second() {
    let limiters = limiters(Limit::per_minute(60));
    limiters.pause(Class::Connectors, Some(Duration::ZERO));
    assert_eq!(reserve(&limiters).expect("within 20 s").wait(), SHORTEST_PAUSE);
}

/// People who share connectors, each of whom looks at the connector before and after, beside one who clicks without
/// pause. Returns how many shares were put off.
async fn shares_put_off(purposes: [Purpose; 2], clicks: bool, shares: usize, pause: Duration) -> usize {
    let limiters = Arc::new(limiters(Limit::per_minute(60)));
    let [looking, before] = purposes;
    let clicking = clicks.then(|| {
        let limiters = Arc::clone(&limiters);
        tokio::spawn(async move {
            loop {
                // A page shows its copy at once if it would have to wait.
                if limiters.expected_wait(Class::Connectors, &person("busy", looking)).is_zero()
                    && let Ok(permit) = limiters.reserve(Class::Connectors, &person("busy", looking))
                {
                    permit.consume().await.ok();
                }
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
        })
    });
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut under_way = Vec::new();
    for share in 0..shares {
        let (limiters, who) = (Arc::clone(&limiters), format!("operator {}", share % 5));
        under_way.push(tokio::spawn(async move {
            let look = |caller: Caller| {
                let limiters = Arc::clone(&limiters);
                async move {
                    if limiters.expected_wait(Class::Connectors, &caller).is_zero()
                        && let Ok(permit) = limiters.reserve(Class::Connectors, &caller)
                    {
                        permit.consume().await.ok();
                    }
                }
            };
            look(person(&who, looking)).await;
            for purpose in [before, Purpose::Change] {
                match limiters.reserve(Class::Connectors, &person(&who, purpose)) {
                    Ok(permit) => {
                        if permit.consume().await.is_err() {
                            return false;
                        }
                    }
                    Err(_) => return false,
                }
            }
            look(person(&who, looking)).await;
            true
        }));
        tokio::time::sleep(pause).await;
    }
    let mut put_off = 0;
    for share in under_way {
        put_off += usize::from(!share.await.expect("no panic"));
    }
    if let Some(clicking) = clicking {
        clicking.abort();
    }
    put_off
}

#[tokio::test(start_paused = true)]
async fn no_share_is_put_off_because_somebody_clicks_without_pause() {
    for pause in [Duration::ZERO, Duration::from_millis(700), Duration::from_millis(2_400), Duration::from_secs(5)] {
        for clicks in [true, false] {
            let put_off = shares_put_off([Purpose::Refresh, Purpose::Change], clicks, 25, pause).await;
            assert_eq!(put_off, 0, "25 shares, one each {pause:?}, clicks: {clicks}");
        }
    }
    // If all calls are equal, as they were once, this test sees the difference.
    let equal = shares_put_off([Purpose::Change, Purpose::Change], true, 25, Duration::from_millis(700)).await;
    assert!(equal >= 10, "{equal} of 25 were put off");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_served_before_the_second_read_of_somebody_else() {
    let limiters = limiters(Limit::per_second(1));
    let mut permits = vec![("granted", reserve(&limiters).expect("room"))];
    for _ in 0..6 {
        permits.push(("read", limiters.reserve(Class::Connectors, &person("busy", Purpose::Read)).expect("room")));
    }
    permits.push(("change", reserve_for(&limiters, "ben").expect("room")));
    assert_eq!(permits[7].1.wait(), Duration::from_millis(1_250));
    assert_eq!(order_of(permits).await[..3], ["granted", "change", "read"]);
}

#[tokio::test(start_paused = true)]
async fn reads_leave_a_part_of_the_limit_to_changes() {
    let limiters = limiters(Limit::per_minute(60));
    let take = |purpose| {
        let caller = person("ann", purpose);
        let at_once = || limiters.expected_wait(Class::Connectors, &caller).is_zero();
        let mut taken = Vec::new();
        while at_once() {
            taken.push(limiters.reserve(Class::Connectors, &caller).expect("room"));
        }
        taken
    };
    let (refreshes, reads, changes) = (take(Purpose::Refresh), take(Purpose::Read), take(Purpose::Change));
    assert_eq!((refreshes.len(), reads.len(), changes.len()), (10, 20, 30));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Reserve(&'static str, Purpose),
    Send(usize),
    Release(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (
            prop::sample::select(vec!["", "ann", "ben"]),
            prop::sample::select(vec![Purpose::Change, Purpose::Read, Purpose::Refresh]),
        )
            .prop_map(|(who, purpose)| Step::Reserve(who, purpose)),
        3 => (0..8usize).prop_map(Step::Send),
        1 => (0..8usize).prop_map(Step::Release),
        3 => (0..900u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Whatever the holders of permits do (send late, release, hold forever), no window holds more than the limit, and
    /// a granted permit stays granted.
    #[test]
    fn no_window_holds_more_than_the_limit(
        calls in 1..5usize,
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let limit = Limit { calls, window: Duration::from_secs(3) };
        let mut window = Window::new(Class::Connectors, Some(limit));
        let mut now = Instant::now();
        let (mut held, mut sent) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Reserve(who, purpose) => {
                    held.extend(window.reserve(&caller(who).with(purpose), now, TWENTY_SECONDS));
                }
                Step::Send(place) => {
                    let due: Vec<u64> = held
                        .iter()
                        .copied()
                        .filter(|ticket| window.wait_of(*ticket, now).is_zero())
                        .collect();
                    if let Some(ticket) = due.get(place) {
                        window.count(*ticket, now);
                        held.retain(|other| other != ticket);
                        sent.push(now);
                    }
                }
                Step::Release(place) => {
                    if place < held.len() {
                        window.release(held.remove(place));
                    }
                }
                Step::Pass(milliseconds) => {
                    let due = |window: &Window, now| {
                        held.iter().filter(|ticket| window.wait_of(**ticket, now).is_zero()).count()
                    };
                    let before = due(&window, now);
                    now += Duration::from_millis(milliseconds);
                    window.advance(now);
                    prop_assert!(due(&window, now) >= before);
                }
            }
            window.advance(now);
            prop_assert!(most_in_a_window(&sent, limit.window) <= calls);
        }
    }
}
