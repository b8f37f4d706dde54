//! Compares the rows that grant or hide something with what the log says: people, their second factors, memberships,
//! teams, their tokens' fingerprints, one-time links, sessions, shared views and tokens of the feed. Each entry about
//! one of them says all there is to say, so that the newest is enough.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use store::{
    BadRow, Read, StoreError, micros,
    rows::all::{Cell, StoredRow, bad, stored},
};
use time::Duration;

use super::{
    code_rows, factor_rows, feed_rows, job_rows, link_rows, promotion_rows,
    said::{Columns, Says, at, id_of, instant, micros_of, parameter, text},
};
use crate::audit::{Action, Entry, Outcome, Stage, TargetType};

/// For how long an entry about reading the log explains a row, which is kept for two days.
const READING_KNOWN_FOR: Duration = Duration::days(3);

/// How many sessions and readings are remembered although they have passed, in case the clock was set back since.
const REMEMBERED: usize = 100_000;

/// The columns of a team that each entry about it has.
const OF_TEAM: &[&str] =
    &["slug", "name", "production", "workato_url", "reason_pattern", "reason_hint", "workspace_id", "workspace_name"];
/// And those of its policy.
const OF_POLICY: &[&str] = &["approval", "approval_items", "break_glass"];

/// Stands for the key of a row, of which the log has the first 16 digits.
const ID: &str = "id_hash (first 16 digits)";

/// A row that is not what the log says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the row {row} of the table {table} {why}")]
pub struct BadRight {
    /// Its table.
    pub table: &'static str,
    /// The values of its key.
    pub row: String,
    /// What is wrong with it.
    pub why: String,
}

impl From<BadRow> for BadRight {
    fn from(bad: BadRow) -> Self {
        Self { table: bad.table, row: bad.row, why: bad.fault.text().to_owned() }
    }
}

/// How many rows agree with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedRows {
    /// How many rows there are.
    pub rows: usize,
    /// Whether their HMACs were checked, which takes the master key.
    pub has_macs: bool,
}

/// What the log says of the rows, so far.
#[derive(Default)]
pub(super) struct Rights {
    /// Rows that must exist as they are, by table and key.
    rows: BTreeMap<(&'static str, String), Columns>,
    /// The one-time link of each person who has one.
    links: BTreeMap<String, Columns>,
    /// Sessions by their label, each with its person. They may have been removed when they expired.
    sessions: BTreeMap<String, (String, Columns)>,
    /// The sessions that read the log of a team.
    readings: BTreeMap<String, ()>,
    /// When what is only kept for a while can be forgotten, in microseconds.
    forget: VecDeque<(i64, Passing)>,
    /// Whether retention has removed any body, so that not every first entry is known.
    is_partial: bool,
    /// When the newest entry was written, in microseconds.
    now: i64,
}

/// What is only kept for a while.
enum Passing {
    Session(String),
    Reading(String),
}

impl Rights {
    /// An entry without a body.
    pub fn skip(&mut self) {
        self.is_partial = true;
    }

    pub fn follow(&mut self, entry: &Entry) {
        let is_of_job = job_rows::follow(&mut self.rows, entry);
        if is_of_job || entry.stage != Stage::Recorded || entry.outcome != Some(Outcome::Succeeded) {
            return;
        }
        self.now = micros(entry.at);
        self.forget_what_has_passed();
        match entry.action {
            Action::PersonInvite
            | Action::PersonCreate
            | Action::PersonJoin
            | Action::PersonRole
            | Action::PersonDisable
            | Action::PersonEnable
            | Action::PersonPassword
            | Action::PersonRelease
            | Action::PersonProvider
            | Action::FactorAdd
            | Action::FactorRemove => self.person(entry),
            Action::RecoveryCreate | Action::RecoveryUse => factor_rows::follow_recovery(&mut self.rows, entry),
            Action::MemberSet | Action::MemberRemove => self.member(entry),
            Action::TeamCreate
            | Action::TeamUpdate
            | Action::TeamPolicy
            | Action::TeamTokenSet
            | Action::TeamTokenReplace
            | Action::TeamTokenWithdraw
            | Action::TeamTokenRefuse
            | Action::TeamTokenAccept
            | Action::TeamRetire => self.team(entry),
            Action::TeamWatch => {
                if let Some(team) = id_of(entry, TargetType::Team) {
                    self.rows.entry(("watch", team)).or_default();
                }
            }
            Action::ConnectorCodeKeep => code_rows::follow(&mut self.rows, entry),
            Action::ConnectorPair => promotion_rows::follow_pair(&mut self.rows, entry),
            Action::ConnectorPromote => promotion_rows::follow_promotion(&mut self.rows, entry),
            Action::ViewShare | Action::ViewRename | Action::ViewDelete => self.view(entry),
            Action::FeedCreate | Action::FeedRevoke => feed_rows::follow(&mut self.rows, entry),
            Action::SessionStart | Action::SessionRenew => self.session(entry),
            Action::SessionEnd => self.session_end(entry),
            Action::SessionElsewhere => self.session_elsewhere(entry),
            Action::AuditRead => {
                let team = entry.team.as_ref().map_or_else(String::new, |team| team.id.to_string());
                let reading = format!("{} {team}", entry.actor.session.clone().unwrap_or_default());
                self.forget.push_back((micros(entry.at + READING_KNOWN_FOR), Passing::Reading(reading.clone())));
                self.readings.insert(reading, ());
            }
            _ => {}
        }
    }

    fn forget_what_has_passed(&mut self) {
        while self.forget.len() > REMEMBERED
            && let Some((_, passing)) = self.forget.pop_front_if(|(until, _)| *until < self.now)
        {
            match passing {
                Passing::Session(label) => drop(self.sessions.remove(&label)),
                Passing::Reading(reading) => drop(self.readings.remove(&reading)),
            }
        }
    }

    fn person(&mut self, entry: &Entry) {
        let Some(person) = id_of(entry, TargetType::Person) else { return };
        let key = ("person", person.clone());
        let is_new = !self.rows.contains_key(&key);
        let columns = self.rows.entry(key).or_default();
        if is_new && !self.is_partial {
            columns.insert("created_at", at(entry));
        }
        for (column, name) in [("email", "email"), ("role", "role"), ("subject", "subject"), ("factors", "factors")] {
            columns.insert(column, parameter(entry, name));
        }
        columns
            .insert("name", Says::Exactly(entry.targets.first().and_then(|target| Some(target.name.clone()?.into()))));
        columns.insert("recorded_in", Says::Exactly(Some(entry.sequence.into())));
        let is_disabled = entry.parameters.get("disabled") == Some(&Value::Bool(true));
        match (is_disabled, entry.action) {
            (true, Action::PersonDisable) => drop(columns.insert("disabled_at", at(entry))),
            (true, _) => drop(columns.entry("disabled_at").or_insert(Says::Something)),
            (false, _) => drop(columns.insert("disabled_at", Says::Exactly(None))),
        }
        match entry.action {
            Action::PersonCreate | Action::PersonJoin | Action::PersonPassword => {
                columns.insert("password_hash", Says::Something);
            }
            // Somebody who signs in at the provider has none.
            Action::PersonProvider => drop(columns.insert("password_hash", Says::Exactly(None))),
            Action::PersonInvite if is_new && !self.is_partial => {
                columns.insert("password_hash", Says::Exactly(None));
            }
            _ => {}
        }
        factor_rows::follow(&mut self.rows, entry, &person);
        match entry.action {
            Action::PersonInvite => drop(self.links.insert(person.clone(), link_rows::made(entry))),
            // Retention may have removed the entry that made the link.
            Action::PersonRelease => link_rows::release(self.links.entry(person.clone()).or_default(), entry),
            Action::PersonJoin | Action::PersonProvider | Action::PersonDisable => {
                self.links.remove(&person);
                self.end_sessions_of(&person);
            }
            // An own session goes on under a new id, which has an entry of its own.
            Action::PersonPassword | Action::PersonEnable => self.end_sessions_of(&person),
            _ => {}
        }
    }

    fn member(&mut self, entry: &Entry) {
        let (Some(team), Some(person)) = (&entry.team, id_of(entry, TargetType::Person)) else { return };
        let key = ("membership", format!("{} {person}", team.id));
        if entry.action == Action::MemberRemove {
            self.rows.remove(&key);
            return;
        }
        let columns = [("role", parameter(entry, "role")), ("recorded_in", Says::Exactly(Some(entry.sequence.into())))];
        self.rows.insert(key, columns.into());
    }

    fn team(&mut self, entry: &Entry) {
        let Some(team) = id_of(entry, TargetType::Team) else { return };
        code_rows::follow_team(&mut self.rows, entry, &team);
        let recorded_in = Says::Exactly(Some(entry.sequence.into()));
        // Whether Workato refuses the token is not in the team's own row.
        let is_about_refusal = matches!(entry.action, Action::TeamTokenRefuse | Action::TeamTokenAccept);
        let columns = self.rows.entry(("team", team.clone())).or_default();
        if entry.action == Action::TeamCreate {
            columns.insert("created_at", at(entry));
        }
        for column in OF_TEAM.iter().chain(OF_POLICY).copied() {
            columns.insert(column, parameter(entry, column));
        }
        match entry.action {
            Action::TeamRetire => drop(columns.insert("retired_at", at(entry))),
            _ => drop(columns.entry("retired_at").or_insert(Says::Exactly(None))),
        }
        if !is_about_refusal {
            columns.insert("recorded_in", recorded_in.clone());
        }
        let key = ("team_token", team);
        match parameter(entry, "token") {
            Says::Exactly(None) => drop(self.rows.remove(&key)),
            fingerprint => {
                let columns = self.rows.entry(key).or_default();
                columns.insert("fingerprint", fingerprint);
                match entry.action {
                    Action::TeamUpdate | Action::TeamPolicy => {}
                    Action::TeamTokenRefuse => drop(columns.insert("refused_at", at(entry))),
                    Action::TeamTokenAccept => drop(columns.insert("refused_at", Says::Exactly(None))),
                    _ => {
                        columns.insert("set_at", at(entry));
                        columns.insert("refused_at", Says::Exactly(None));
                    }
                }
                if !matches!(entry.action, Action::TeamUpdate | Action::TeamPolicy) {
                    columns.insert("recorded_in", recorded_in);
                }
            }
        }
    }

    fn view(&mut self, entry: &Entry) {
        let Some(view) = id_of(entry, TargetType::View) else { return };
        let key = ("saved_view", view);
        if entry.action == Action::ViewDelete {
            self.rows.remove(&key);
            return;
        }
        let columns = self.rows.entry(key).or_default();
        if entry.action == Action::ViewShare {
            columns.insert("created_at", at(entry));
        }
        for (column, name) in [("name", "name"), ("list", "list"), ("query", "query"), ("person_id", "owner")] {
            columns.insert(column, parameter(entry, name));
        }
        columns.insert("team_id", Says::Exactly(entry.team.as_ref().map(|team| team.id.to_string().into())));
        columns.insert("shared", Says::Exactly(Some(1.into())));
        columns.insert("recorded_in", Says::Exactly(Some(entry.sequence.into())));
    }

    /// A session that began, or got a new id.
    fn session(&mut self, entry: &Entry) {
        let (Some(label), Some(person)) = (id_of(entry, TargetType::Session), entry.actor.id) else { return };
        let since = |name: &str| if entry.parameters.contains_key(name) { instant(entry, name) } else { at(entry) };
        let expires_at = instant(entry, "expires_at");
        if let Says::Exactly(Some(Cell::Number(until))) = expires_at {
            self.forget.push_back((until, Passing::Session(label.clone())));
        }
        let columns = [
            ("label", Says::Exactly(Some(label.as_str().into()))),
            ("person_id", Says::Exactly(Some(person.to_string().into()))),
            ("created_at", since("began_at")),
            ("expires_at", expires_at),
            ("signed_in_with", parameter(entry, "signed_in_with")),
            ("second_factor", parameter(entry, "second_factor")),
            ("factor_at", since("factor_at")),
            ("kept", parameter(entry, "kept")),
            ("ip", text(&entry.actor.ip)),
            ("user_agent", text(&entry.actor.user_agent)),
            ("elsewhere_at", Says::Exactly(None)),
            ("elsewhere_ip", Says::Exactly(None)),
            ("elsewhere_user_agent", Says::Exactly(None)),
            ("recorded_in", Says::Exactly(Some(entry.sequence.into()))),
            (ID, parameter(entry, "id_hash")),
        ];
        self.sessions.insert(label, (person.to_string(), columns.into()));
    }

    fn session_elsewhere(&mut self, entry: &Entry) {
        let Some(label) = id_of(entry, TargetType::Session) else { return };
        let Some((_, columns)) = self.sessions.get_mut(&label) else { return };
        columns.insert("elsewhere_at", at(entry));
        columns.insert("elsewhere_ip", text(&entry.actor.ip));
        columns.insert("elsewhere_user_agent", text(&entry.actor.user_agent));
    }

    /// The end of a session, or of every session of a person.
    fn session_end(&mut self, entry: &Entry) {
        if let Some(label) = id_of(entry, TargetType::Session) {
            self.sessions.remove(&label);
        }
        if let Some(person) = id_of(entry, TargetType::Person) {
            self.end_sessions_of(&person);
        }
    }

    fn end_sessions_of(&mut self, person: &str) {
        self.sessions.retain(|_, (of, _)| of != person);
    }

    /// Compares what the log says with the rows that there are. First the HMACs, if there is the key for them.
    pub async fn finish(mut self, conn: &mut Read) -> Result<Result<CheckedRows, BadRight>, StoreError> {
        let forged = bad(conn).await?;
        let has_macs = forged.is_some();
        if let Some(bad) = forged.into_iter().flatten().next() {
            return Ok(Err(bad.into()));
        }
        let all = stored(conn).await?;
        for row in &all {
            if let Err(bad) = self.compare(conn, row).await? {
                return Ok(Err(bad));
            }
        }
        if let Some((row, why)) = job_rows::fault(conn, &all).await? {
            return Ok(Err(BadRight { table: "job_item", row, why: why.to_owned() }));
        }
        let link = self.links.into_keys().next().map(|person| ("invitation", format!("of {person}")));
        Ok(match self.rows.into_keys().next().or(link) {
            None => Ok(CheckedRows { rows: all.len(), has_macs }),
            Some((table, row)) => {
                Err(BadRight { table, row, why: "is missing, though the log says it is there".to_owned() })
            }
        })
    }

    async fn compare(&mut self, conn: &mut Read, row: &StoredRow) -> Result<Result<(), BadRight>, StoreError> {
        let text = |column: &str| row.columns.get(column).map_or_else(String::new, Cell::text);
        let number = |column: &str| match row.columns.get(column) {
            Some(Cell::Number(number)) => *number,
            _ => 0,
        };
        let said = match row.table {
            "invitation" if text("purpose") == "setup" => return Ok(Ok(())),
            "invitation" => self.links.remove(&text("person_id")),
            "session" if number("expires_at") < self.now => return Ok(Ok(())),
            "session" => self.sessions.remove(&text("label")).map(|(_, columns)| columns),
            "log_read" if self.readings.contains_key(&row.row) || self.is_partial => return Ok(Ok(())),
            "log_read" if number("at") < self.now - micros_of(READING_KNOWN_FOR) => return Ok(Ok(())),
            // Only their HMACs say what is right: the log does not hold each state of Workato, or what is private.
            "seen" => return Ok(Ok(())),
            "saved_view" if number("shared") == 0 && !self.rows.contains_key(&(row.table, row.row.clone())) => {
                return Ok(Ok(()));
            }
            "job" if text("state") == "draft" => return Ok(Ok(())),
            table => self.rows.remove(&(table, row.row.clone())),
        };
        let wrong = |why: String| BadRight { table: row.table, row: row.row.clone(), why };
        let Some(said) = said else {
            // Retention may have removed the contents of the entry that would explain it.
            let passing = matches!(row.table, "invitation" | "session" | "factor" | "recovery_codes" | "job");
            if passing && store::retention::is_removed(conn, number("recorded_in")).await? {
                return Ok(Ok(()));
            }
            return Ok(Err(wrong("is not explained by any entry".to_owned())));
        };
        let differs = said.iter().find(|(column, says)| match says {
            Says::Exactly(cell) if **column == ID => Some(&Cell::Text(row.row.clone())) != cell.as_ref(),
            Says::Exactly(cell) => row.columns.get(**column) != cell.as_ref(),
            Says::Something => !row.columns.contains_key(**column),
        });
        Ok(match differs {
            None => Ok(()),
            Some((column, _)) => Err(wrong(format!("differs from the log in the column {column}"))),
        })
    }
}
