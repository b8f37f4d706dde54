//! The words of the home page.

use std::collections::BTreeMap;

use portal::{
    audit::{Entry, OperationSummary, OutcomeFilter, Trust},
    home::{Home, TeamHealth},
    teams::Team,
};
use time::{Date, OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};
use workato::{AuthorizationStatus, Connection, Connector};

use super::{capitalized, connection_errors::Cause, numbers::grouped, operations::Sentence, times};
use crate::operation_status::OperationStatus;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short]");

/// How many changes of one day ended how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// "14 Nov".
    pub name: String,
    pub succeeded: i64,
    pub failed: i64,
    pub unknown: i64,
}

impl Day {
    pub const fn total(&self) -> i64 {
        self.succeeded + self.failed + self.unknown
    }
}

/// What the page says when there is nothing to do.
pub const CALM: &str = "No connection is broken, every outcome is known, and no flag or change waits.";

/// The page's heading.
pub fn heading(home: &Home) -> &'static str {
    match (home.total(), home.lacks_reads()) {
        (0, false) => "Nothing needs attention",
        (0, true) => "Nothing needs attention so far",
        _ => "Needs attention",
    }
}

/// When Workato was read, if it was not yet.
pub fn not_read(home: &Home) -> &'static str {
    let teams = &home.health;
    if teams.iter().any(|team| team.is_being_read) {
        "The portal has just started and is reading Workato. Reload in a few seconds."
    } else if teams.iter().all(|team| team.team.token.is_none()) {
        "No token for Workato yet"
    } else {
        "Workato not read yet"
    }
}

/// Why a team's connections are not counted.
pub const fn uncounted(health: &TeamHealth) -> &'static str {
    match health {
        TeamHealth { team: Team { token: None, .. }, .. } => "No token",
        TeamHealth { is_being_read: true, .. } => "Reading…",
        _ => "Not read yet",
    }
}

/// How much there is, and how old the oldest is.
pub fn summary(home: &Home, now: OffsetDateTime, zone: UtcOffset) -> String {
    let place = match (&home.team, home.teams.len()) {
        (Some(team), _) => format!("in {}", team.name),
        (None, 1) => "in your team".to_owned(),
        (None, teams) => format!("in your {teams} teams"),
    };
    let items = match home.total() {
        0 if home.lacks_reads() => return "Connections and connectors aren’t checked yet.".to_owned(),
        0 => return format!("All is well {place}."),
        1 => "1 item".to_owned(),
        total => format!("{} items", grouped(total)),
    };
    match home.oldest() {
        Some(oldest) => format!("{items} {place}. The oldest has been waiting {}.", waiting(oldest, now, zone)),
        None => format!("{items} {place}."),
    }
}

/// "for 26 minutes", "for 3 hours", "since 21 Nov 2026".
fn waiting(since: OffsetDateTime, now: OffsetDateTime, zone: UtcOffset) -> String {
    let passed = now - since;
    let (count, unit) = match (passed.whole_days(), passed.whole_hours()) {
        (1.., _) => return format!("since {}", times::date(since, zone)),
        (_, hours @ 1..) => (hours, "hour"),
        _ => (passed.whole_minutes().max(1), "minute"),
    };
    if count == 1 { format!("for 1 {unit}") } else { format!("for {count} {unit}s") }
}

/// "and 12 more".
pub fn more(count: usize) -> String {
    format!("and {} more", grouped(count))
}

/// Why a connection is broken.
pub fn broken(connection: &Connection) -> String {
    let texts = [&connection.authorization_error, &connection.connection_lost_reason];
    let is_exception = connection.authorization_status == Some(AuthorizationStatus::Exception);
    match Cause::of(texts.into_iter().flatten().map(String::as_str)) {
        Some(cause) => cause.words().to_owned(),
        None if is_exception => "The application reports an error".to_owned(),
        None => "Failed".to_owned(),
    }
}

/// Why nobody knows how an operation ended.
pub const fn unknown(status: OperationStatus) -> &'static str {
    match status {
        OperationStatus::Waiting => "The portal can’t tell if this went through",
        OperationStatus::Unknown => "Workato’s answer was lost. The portal is checking",
        _ => "Recorded. Waiting for Workato to answer",
    }
}

/// What somebody did, where the line names them and the heading says how it ended.
pub fn deed(sentence: &Sentence, actor: &str) -> String {
    let deed = sentence.deed(actor).unwrap_or_else(|| sentence.text());
    let doubts = ["; outcome unknown", "; outcome pending"];
    capitalized(doubts.into_iter().find_map(|doubt| deed.strip_suffix(doubt)).unwrap_or(&deed))
}

/// What was said last about a flagged operation.
pub fn flag(said: Option<&Entry>, is_flagged: bool) -> String {
    let Some((name, Some(words))) = said.map(|entry| (&entry.actor.name, entry.reason.as_deref())) else {
        return if is_flagged { "Flagged".to_owned() } else { "Flag answered".to_owned() };
    };
    let did = if is_flagged { "Flagged" } else { "Answered" };
    format!("“{words}” {did} by {name}")
}

/// What was changed outside the portal. The list's heading says already that it was there.
pub fn outside_title(sentence: &str) -> String {
    capitalized(sentence.strip_prefix("Outside the portal: ").unwrap_or(sentence))
}

/// Who made a change outside the portal, as far as Workato's activity log tells.
pub fn outside(operation: &OperationSummary) -> String {
    let evidence = operation.first.as_ref().and_then(|entry| entry.evidence.as_ref());
    let person = evidence.and_then(|evidence| evidence.get("person"));
    let text = |name: &str| person.and_then(|person| person.get(name)).and_then(|text| text.as_str());
    match text("email").or(text("name")) {
        Some(person) => format!("In Workato, by {person}"),
        None => "In Workato. No one in the portal asked for it".to_owned(),
    }
}

/// "7 → 8".
pub fn versions(connector: &Connector) -> String {
    match (connector.shared_version(), connector.latest_released_version) {
        (Some(shared), Some(newest)) => format!("{shared} → {newest}"),
        _ => String::new(),
    }
}

/// Beside a change without the approval that it needed, if its reason was removed.
pub const NOT_REVIEWED: &str = "Nobody has reviewed it yet";

pub fn release_note(connector: &Connector) -> String {
    connector.latest_released_version_note.clone().unwrap_or_else(|| "No release note".to_owned())
}

/// Who keeps the log's checkpoints: "1 destination".
pub fn witnesses(count: usize) -> String {
    if count == 1 { "1 destination".to_owned() } else { format!("{count} destinations") }
}

/// Nobody else has a checkpoint.
pub const fn unwitnessed(trust: &Trust) -> &'static str {
    if trust.is_delivered { "No destination has taken one yet" } else { "Only this portal" }
}

/// The days of the chart.
pub fn days(days: &[(Date, BTreeMap<OutcomeFilter, i64>)]) -> Vec<Day> {
    days.iter()
        .map(|(day, outcomes)| {
            let sum = |wanted: &[OutcomeFilter]| wanted.iter().filter_map(|one| outcomes.get(one)).sum();
            Day {
                name: day.format(DAY).unwrap_or_default(),
                succeeded: sum(&[OutcomeFilter::Succeeded]),
                failed: sum(&[OutcomeFilter::Rejected, OutcomeFilter::Failed, OutcomeFilter::Denied]),
                unknown: sum(&[OutcomeFilter::Unknown, OutcomeFilter::Waiting, OutcomeFilter::None]),
            }
        })
        .collect()
}

/// The legend: the class of each colour, and its words.
pub fn sums(days: &[Day]) -> Vec<(&'static str, String)> {
    let sum = |of: fn(&Day) -> i64| days.iter().map(of).sum::<i64>();
    let all = [
        ("f-ok", "Succeeded", sum(|day| day.succeeded)),
        ("f-bad", "Failed", sum(|day| day.failed)),
        ("f-unk", "Unknown", sum(|day| day.unknown)),
    ];
    all.into_iter().map(|(class, word, sum)| (class, format!("{word} {sum}"))).collect()
}

/// What the chart shows, for those who don't see it.
pub fn chart(days: &[Day]) -> String {
    let busiest = days.iter().max_by_key(|day| day.total()).filter(|day| day.total() > 0);
    match busiest {
        None => format!("No changes in the last {} days.", days.len()),
        Some(day) => {
            format!("Changes per day over the last {} days. Busiest: {} with {}.", days.len(), day.name, day.total())
        }
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Outcome, Trust};
    use time::{Duration, UtcOffset, macros::datetime};
    use workato::Connection;

    use super::{broken, deed, outside_title, unwitnessed, waiting, witnesses};
    use crate::{fixture, wording::operations::Sentence};

    #[test]
    fn a_wait_has_one_unit_and_after_a_day_a_date() {
        let now = datetime!(2026-11-28 09:00 UTC);
        for (passed, words) in [
            (Duration::seconds(20), "for 1 minute"),
            (Duration::minutes(26), "for 26 minutes"),
            (Duration::minutes(119), "for 1 hour"),
            (Duration::hours(23), "for 23 hours"),
            (Duration::hours(24), "since 27 Nov 2026"),
            (Duration::days(874), "since 7 Jul 2024"),
        ] {
            assert_eq!(waiting(now - passed, now, UtcOffset::UTC), words);
        }
    }

    #[test]
    fn a_known_error_has_words_and_an_unknown_one_is_not_guessed() {
        let of = |json: &str| broken(&serde_json::from_str::<Connection>(json).expect("a connection"));
        let lost = r#"{"id":1,"authorization_status":"failed","connection_lost_reason":"Refresh token expired"}"#;
        assert_eq!(of(lost), "Sign-in expired");
        assert_eq!(of(r#"{"id":1,"authorization_status":"failed","authorization_error":"whatever"}"#), "Failed");
        let exception = r#"{"id":1,"authorization_status":"exception","authorization_error":"RuntimeError: odd"}"#;
        assert_eq!(of(exception), "The application reports an error");
    }

    #[test]
    fn a_line_names_neither_its_actor_nor_the_outcome_twice() {
        let mut operation = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        operation.outcome = Some(Outcome::Unknown);
        let sentence = Sentence::of(&operation);
        assert!(sentence.text().ends_with("; outcome unknown"), "{}", sentence.text());
        assert_eq!(deed(&sentence, "Demo operator"), "Tried to share version 4 of Acme Connector, was not shared");
        assert_eq!(deed(&sentence, "Somebody else"), sentence.text().trim_end_matches("; outcome unknown"));
    }

    #[test]
    fn the_heading_is_not_said_again() {
        assert_eq!(outside_title("Outside the portal: deleted connection Box"), "Deleted connection Box");
        assert_eq!(outside_title("something else"), "Something else");
        assert_eq!(outside_title(""), "");
    }

    #[test]
    fn it_says_whether_anybody_else_holds_the_log() {
        assert_eq!(unwitnessed(&Trust::default()), "Only this portal");
        let configured = Trust { is_delivered: true, ..Trust::default() };
        assert_eq!(unwitnessed(&configured), "No destination has taken one yet");
        assert_eq!([1, 2].map(witnesses), ["1 destination", "2 destinations"]);
    }
}
