//! The month before the demo: what happened when.

use portal::views::ViewedList;
use time::{Duration, OffsetDateTime, Time, Weekday};

use super::{
    cast::Who::{self, Jonas, Marcus, Mei, Olga, Priya, Tomas},
    scene::{
        Ask,
        Fate::{self, AnswerLost, Answered},
        Pick::{Dead, InUse, Working},
        Scene, Team, Which,
    },
};

/// How many days the history covers.
pub const DAYS: i64 = 30;

const PAYMENTS: Team = 0;
const HR: Team = 1;

/// When something happens.
enum When {
    /// This many days before today, at this hour and minute (UTC).
    Day(i64, u8, u8),
    /// This many minutes ago.
    Ago(i64),
}
use When::{Ago, Day};

/// Every scene of the month, in order. `now` is the end of it.
pub fn script(now: OffsetDateTime) -> Vec<(OffsetDateTime, Scene)> {
    let mut all: Vec<_> = story().into_iter().map(|(when, scene)| (instant(now, &when), scene)).collect();
    for day in (0..DAYS).rev() {
        all.extend(everyday(now, day));
    }
    // The first and the last are the workers', who take note of what was there before anybody changed it.
    all.push((now - Duration::days(DAYS), Scene::Workers));
    all.retain(|(at, _)| *at < now - Duration::minutes(1));
    all.push((now - Duration::minutes(1), Scene::Workers));
    all.sort_by_key(|(at, _)| *at);
    all
}

fn instant(now: OffsetDateTime, when: &When) -> OffsetDateTime {
    match *when {
        Ago(minutes) => now - Duration::minutes(minutes),
        Day(days, hour, minute) => {
            (now - Duration::days(days)).replace_time(Time::from_hms(hour, minute, 0).unwrap_or(Time::MIDNIGHT))
        }
    }
}

fn ask(by: Who, team: Team, ask: Ask, reason: &'static str) -> Scene {
    Scene::Ask { by, team, ask, reason, fate: Answered, label: "" }
}

fn told(by: Who, team: Team, ask: Ask, reason: &'static str, fate: Fate, label: &'static str) -> Scene {
    Scene::Ask { by, team, ask, reason, fate, label }
}

/// What an auditor would want to read about.
fn story() -> Vec<(When, Scene)> {
    use Ask::{Create, Delete, Disconnect, Rename, Share, ShareRecipe, Suppress};
    use Which::{Newest, Previous};
    let (lost, fine) = (AnswerLost, Answered);
    vec![
        (
            Day(28, 10, 12),
            ask(
                Priya,
                PAYMENTS,
                Share("Personio Employees", Newest),
                "Release notes signed off by QA, ticket PAY-2201",
            ),
        ),
        (Day(27, 9, 31), ask(Tomas, HR, Share("Adyen Settlement", Newest), "Rollout of the October release")),
        (Day(26, 14, 3), told(Priya, PAYMENTS, Delete(InUse(0)), "Customer has left, PAY-2214", fine, "delete in use")),
        (
            Day(26, 14, 20),
            Scene::Flag {
                by: Marcus,
                label: "delete in use",
                note: "Active recipes use this connection. Was the customer told?",
            },
        ),
        (
            Day(25, 9, 15),
            Scene::Answer {
                by: Priya,
                label: "delete in use",
                answer: "Workato refused, nothing was deleted. The recipes are being stopped first, see PAY-2219.",
            },
        ),
        (Day(25, 11, 40), Scene::Review { by: Marcus, label: "delete in use" }),
        (Day(24, 8, 52), Scene::WrongPassword(Jonas, 3)),
        (Day(23, 13, 5), Scene::SharedOutside { team: PAYMENTS, connector: "Klarna Disputes", which: Newest }),
        (Day(23, 13, 10), Scene::Workers),
        (
            Day(21, 15, 44),
            told(Jonas, PAYMENTS, Delete(Dead(1)), "Duplicate of the UAT connection, PAY-2230", lost, "delete lost"),
        ),
        (Day(21, 15, 52), Scene::Workers),
        (Day(20, 10, 0), Scene::ExportConnections(Priya, PAYMENTS)),
        (
            Day(19, 9, 40),
            Scene::Released { team: PAYMENTS, connector: "FedEx Labels", note: "Add the \"Void label\" action" },
        ),
        (
            Day(18, 10, 8),
            told(
                Jonas,
                PAYMENTS,
                Share("FedEx Labels", Newest),
                "Void label was asked for by 6 customers, PAY-2237",
                fine,
                "fedex",
            ),
        ),
        (
            Day(18, 15, 31),
            told(
                Olga,
                PAYMENTS,
                Share("FedEx Labels", Previous),
                "Roll back: labels for Canada fail with the new version, INC-881",
                fine,
                "fedex back",
            ),
        ),
        (
            Day(17, 9, 5),
            Scene::Flag { by: Marcus, label: "fedex", note: "Why was this shared without a run in the UAT folder?" },
        ),
        (
            Day(17, 11, 26),
            Scene::Answer {
                by: Jonas,
                label: "fedex",
                answer: "The UAT carrier account had expired. It is renewed, and the release checklist asks for it now.",
            },
        ),
        (Day(16, 10, 30), Scene::Review { by: Marcus, label: "fedex back" }),
        (Day(16, 10, 41), Scene::Review { by: Marcus, label: "fedex" }),
        (Day(15, 8, 57), Scene::WrongPassword(Olga, 2)),
        (
            Day(14, 11, 20),
            told(Tomas, HR, ShareRecipe(2, 4), "Onboarding of a new customer, HR-118", lost, "recipe lost"),
        ),
        (Day(14, 11, 30), Scene::Workers),
        (
            Day(14, 13, 2),
            Scene::Settle {
                by: Priya,
                label: "recipe lost",
                note: "Looked into the customer's workspace: the recipe is there, stopped.",
            },
        ),
        (Day(13, 9, 55), Scene::Denied { by: Mei, team: PAYMENTS, connector: "DHL Express Tracking" }),
        (Day(12, 16, 10), Scene::ExportLog(Marcus)),
        (Day(11, 10, 45), Scene::DeletedOutside { team: HR, pick: Dead(3) }),
        (Day(11, 10, 50), Scene::Workers),
        (Day(10, 14, 41), ask(Tomas, HR, Share("Personio Employees", Newest), "Fix for empty line items")),
        (
            Day(9, 9, 20),
            Scene::Released { team: PAYMENTS, connector: "DHL Express Tracking", note: "Webhooks instead of polling" },
        ),
        (
            Day(8, 10, 5),
            ask(
                Priya,
                PAYMENTS,
                Share("DHL Express Tracking", Newest),
                "Polling is switched off by DHL in December, PAY-2250",
            ),
        ),
        (
            Day(7, 15, 12),
            ask(
                Olga,
                PAYMENTS,
                Disconnect(Working(11)),
                "Credentials leaked in a ticket, rotated by the customer, INC-894",
            ),
        ),
        (
            Day(6, 11, 0),
            told(
                Tomas,
                HR,
                Suppress("DHL Express Tracking"),
                "HR customers have no shipments; it was shared by mistake",
                fine,
                "suppress",
            ),
        ),
        (
            Day(5, 9, 30),
            Scene::Flag { by: Marcus, label: "suppress", note: "Which customers used it, and were they told before?" },
        ),
        (
            Day(12, 9, 4),
            Scene::SaveView {
                by: Priya,
                team: PAYMENTS,
                list: ViewedList::Connections,
                name: "Broken at Salesforce",
                query: "provider=salesforce&status=broken",
            },
        ),
        (
            Day(11, 15, 40),
            Scene::SaveView {
                by: Olga,
                team: PAYMENTS,
                list: ViewedList::Connectors,
                name: "Newest releases",
                query: "sort=-released&columns=latest%2Creleased",
            },
        ),
        (Day(5, 9, 45), Scene::SaveSearch(Marcus, "Suppressed connectors", "action:connector.suppress")),
        (
            Day(6, 15, 20),
            Scene::Released {
                team: PAYMENTS,
                connector: "Adyen Settlement",
                note: "Better error for expired API keys",
            },
        ),
        (
            Day(5, 13, 0),
            Scene::Released { team: HR, connector: "Deel Contractors", note: "Support EU data residency host" },
        ),
        (
            Day(8, 9, 20),
            Scene::Job {
                by: Jonas,
                team: PAYMENTS,
                from: 2,
                to: 14,
                reason: "Marked for the clean-up in December, PAY-2255",
            },
        ),
        (
            Day(5, 8, 40),
            Scene::Released { team: HR, connector: "HiBob People", note: "Support custom fields of employees" },
        ),
        (
            Day(4, 9, 12),
            Scene::Promote {
                by: Priya,
                from: HR,
                to: PAYMENTS,
                connector: "HiBob People",
                note: "Support custom fields of employees",
                reason: "Tested with two customers in HR Cloud, PAY-2259",
            },
        ),
        (Day(4, 10, 10), ask(Jonas, PAYMENTS, Create(7), "Onboarding, PAY-2261")),
        (
            Day(3, 14, 0),
            Scene::Released { team: PAYMENTS, connector: "FedEx Labels", note: "Hotfix: labels for Canada" },
        ),
        (
            Day(2, 10, 24),
            told(
                Jonas,
                PAYMENTS,
                Share("Rippling Directory", Newest),
                "Support for custom fields, PAY-2266",
                fine,
                "rippling",
            ),
        ),
        (
            Day(1, 16, 5),
            Scene::Flag { by: Marcus, label: "rippling", note: "The reason names no approval. Who agreed to this?" },
        ),
        (
            Day(1, 16, 40),
            Scene::Answer {
                by: Jonas,
                label: "rippling",
                answer: "Approved in the release call on Monday, minutes in PAY-2266.",
            },
        ),
        (Day(1, 17, 20), Scene::Lost { team: PAYMENTS, pick: Working(3), cause: "User access was revoked" }),
        (Ago(14 * 60), Scene::DeletedOutside { team: HR, pick: Dead(4) }),
        (Ago(13 * 60), Scene::Workers),
        (Ago(11 * 60), Scene::Lost { team: HR, pick: Working(5), cause: "Refresh token expired" }),
        (Ago(195), Scene::Lost { team: PAYMENTS, pick: Working(8), cause: "The account's password was changed" }),
        (Ago(170), ask(Priya, PAYMENTS, Rename(Dead(5), "to be replaced"), "The customer moves to OAuth, PAY-2270")),
        (Ago(95), Scene::SharedOutside { team: PAYMENTS, connector: "Deel Contractors", which: Newest }),
        (Ago(90), Scene::Workers),
        (Ago(62), Scene::Lost { team: PAYMENTS, pick: Working(2), cause: "Refresh token expired" }),
        (
            Ago(48),
            told(
                Jonas,
                PAYMENTS,
                ShareRecipe(1, 9),
                "Settlement recipe for a new customer, PAY-2272",
                lost,
                "recipe waits",
            ),
        ),
        (Ago(40), Scene::Workers),
        (Ago(33), Scene::Policy { team: PAYMENTS, reason: "Agreed in the operations review, PAY-2275" }),
        (Ago(21), ask(Priya, PAYMENTS, Delete(Dead(5)), "The customer has moved to OAuth, PAY-2270")),
    ]
}

/// Numbers that look random and are the same each time.
fn mix(number: u64) -> u64 {
    let mixed = (number.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 16
}

/// The work of a usual day: a few on weekdays, next to nothing on weekends, and the auditor on Fridays.
fn everyday(now: OffsetDateTime, days: i64) -> Vec<(OffsetDateTime, Scene)> {
    let weekday = (now - Duration::days(days)).weekday();
    let is_weekend = matches!(weekday, Weekday::Saturday | Weekday::Sunday);
    let at = |hour, minute| instant(now, &Day(days, hour, minute));
    let seed = days.unsigned_abs() * 97;
    let mut all = Vec::new();
    // Everybody signs in on the first day and again two weeks later.
    if days == DAYS - 1 || days == DAYS - 15 {
        all.extend(
            [(Olga, 1), (Priya, 4), (Jonas, 9), (Tomas, 14)].map(|(who, minute)| (at(8, minute), Scene::SignIn(who))),
        );
    }
    let asked = if is_weekend { mix(seed) % 2 } else { 3 + mix(seed) % 6 };
    for number in 0..asked {
        let chance = mix(seed + 7 * number + 1);
        let minute = u8::try_from(chance % 60).unwrap_or(0);
        let hour = 9 + u8::try_from(number).unwrap_or(0);
        all.push((at(hour, minute), routine(chance / 60)));
    }
    match weekday {
        Weekday::Friday if days > 0 => {
            all.push((at(16, 30), Scene::SignIn(Marcus)));
            all.push((at(16, 45), Scene::ReviewTheRest(Marcus)));
        }
        Weekday::Wednesday if days > 14 => all.push((at(8, 40), Scene::SignIn(Mei))),
        _ => {}
    }
    if !is_weekend {
        all.push((at(18, 0), Scene::Evening));
    }
    all
}

/// A change as it is made every day.
fn routine(chance: u64) -> Scene {
    let place = usize::try_from(chance / 64 % 40).unwrap_or(0);
    let (team, who) = match chance % 4 {
        0 => (HR, Tomas),
        1 => (PAYMENTS, Jonas),
        2 => (PAYMENTS, Priya),
        _ => (HR, Priya),
    };
    match chance / 4 % 16 {
        0..=5 => ask(who, team, Ask::Tag(Working(place + 12), place), "Tags for the quarterly review"),
        6..=8 => ask(who, team, Ask::Rename(Working(place + 12), "EU"), "Moved to the EU data centre"),
        9..=11 => ask(who, team, Ask::ShareRecipe(place, place / 2), "Onboarding"),
        12 => ask(who, team, Ask::Create(place), "Onboarding"),
        13 => ask(who, team, Ask::Delete(Dead(6)), "Dead for months, the customer confirmed"),
        14 => ask(who, team, Ask::Delete(InUse(place % 5)), "Clean-up of unused connections"),
        _ => ask(who, team, Ask::Tag(Dead(place % 8 + 6), place), "Marked for clean-up"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{DAYS, Scene, script};

    #[test]
    fn the_month_runs_forwards_ends_before_now_and_has_work_on_most_days() {
        for now in [datetime!(2026-11-27 00:03 UTC), datetime!(2026-03-01 12:00 UTC), datetime!(2024-02-29 23:59 UTC)] {
            let script = script(now);
            assert!(script.is_sorted_by_key(|(at, _)| *at), "{now}");
            assert!(script.iter().all(|(at, _)| *at < now && *at >= now - time::Duration::days(DAYS)), "{now}");
            let asked = script.iter().filter(|(_, scene)| matches!(scene, Scene::Ask { .. })).count();
            assert!((90..260).contains(&asked), "{asked} changes before {now}");
        }
    }
}
