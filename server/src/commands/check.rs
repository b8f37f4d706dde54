//! `partner-portal check`: whether the portal can work, a line for each thing that was looked at, and an exit status for
//! monitoring. It changes nothing, and works beside a portal that serves and without one.

mod report;
mod served;
mod team_lines;

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use app::wording::{alarms, checkup as wording, trust};
use portal::{
    Settings, StartError, StoreError,
    audit::StoredLog,
    checkup::{Checkup, TeamCheckup, TeamState, file_faults, free_bytes},
};

use self::report::{Report, State};
use crate::{
    Config, check_part::Part, command_error::CommandError, config::CheckOptions, output::print,
    store_settings::settings,
};

/// From here on, codes of a second factor fail: they count for 30 seconds, and one before and after is accepted.
const CLOCK_IS_LATE: time::Duration = time::Duration::seconds(30);
const CLOCK_IS_WRONG: time::Duration = time::Duration::seconds(90);
/// Below this many times the least free space, somebody should make room.
const SPACE_TO_SPARE: u64 = 2;

/// Checks what the options ask for and prints the report.
///
/// # Errors
/// If the report cannot be printed.
pub async fn run(options: &CheckOptions) -> Result<ExitCode, CommandError> {
    let report = examine(options).await;
    let text = if options.json { report.json() } else { report.text() };
    print(&text).map_err(CommandError::Output)?;
    Ok(ExitCode::from(report.state().exit_status()))
}

async fn examine(options: &CheckOptions) -> Report {
    let mut report = Report::default();
    let settings = configuration(options, &mut report);
    if options.includes(Part::Files)
        && let Some(settings) = &settings
    {
        files(settings, &mut report);
    }
    if options.includes(Part::Disk)
        && let Some(settings) = &settings
    {
        disk(settings, &mut report);
    }
    if options.includes(Part::Portal) {
        served::look(&options.serve.web, &mut report).await;
    }
    if let Some(settings) = settings {
        stored(options, settings, &mut report).await;
    }
    report
}

/// Reads the settings as `serve` does. `None` if nothing else can be checked with them.
fn configuration(options: &CheckOptions, report: &mut Report) -> Option<Settings> {
    let mut say = |state, text: String| {
        if options.includes(Part::Configuration) || state == State::Broken {
            report.add(state, Part::Configuration.name(), text);
        }
    };
    let settings = match settings(&options.serve.store) {
        Ok(settings) => settings,
        Err(error) => {
            say(State::Broken, error.to_string());
            return None;
        }
    };
    // A port that the system chooses is not known here; the URL is checked with it all the same.
    let addr: SocketAddr = options.serve.web.addr;
    match Config::new(settings.clone(), &options.serve.web, addr) {
        Ok(config) => {
            say(State::Fine, format!("Valid: {} on {addr}", config.public_url));
            Some(config.portal)
        }
        Err(error) => {
            say(State::Broken, error.to_string());
            Some(settings)
        }
    }
}

fn files(settings: &Settings, report: &mut Report) {
    let faults = file_faults(settings);
    for fault in &faults {
        let state = if fault.is_grave() { State::Broken } else { State::Warning };
        report.add(state, Part::Files.name(), wording::file_fault(fault));
    }
    if faults.is_empty() {
        let text = format!("{} and what is in it belong to one account and are private", settings.data_dir.display());
        report.add(State::Fine, Part::Files.name(), text);
    }
}

fn disk(settings: &Settings, report: &mut Report) {
    let folder = settings.data_dir.ancestors().find(|folder| folder.is_dir());
    let least = settings.min_free_disk;
    let (state, text) = match folder.and_then(free_bytes) {
        None => (State::Warning, format!("The free space at {} cannot be read", settings.data_dir.display())),
        Some(free) if free < least => (
            State::Broken,
            format!(
                "{} free, and the portal changes nothing with less than {} (PORTAL_MIN_FREE_DISK)",
                size(free),
                size(least)
            ),
        ),
        Some(free) if free < least.saturating_mul(SPACE_TO_SPARE) => {
            (State::Warning, format!("{} free; with less than {} the portal changes nothing", size(free), size(least)))
        }
        Some(free) => (State::Fine, format!("{} free", size(free))),
    };
    report.add(state, Part::Disk.name(), text);
}

/// What needs the database.
async fn stored(options: &CheckOptions, settings: Settings, report: &mut Report) {
    let wanted = [Part::Keys, Part::Database, Part::Clock, Part::Checkpoints, Part::Workato];
    if !wanted.into_iter().any(|part| options.includes(part)) {
        return;
    }
    let checkup = match Checkup::open(settings.clone()).await {
        Ok(checkup) => checkup,
        Err(error) => {
            let part = if matches!(error, StartError::Vault(_)) { Part::Keys } else { Part::Database };
            // A portal that was never started has no database.
            let is_new = matches!(error, StartError::Store(StoreError::Missing { .. }));
            report.add(if is_new { State::Warning } else { State::Broken }, part.name(), error.to_string());
            return;
        }
    };
    if options.includes(Part::Keys) {
        let ids: Vec<_> = checkup.master_keys().collect();
        report.add(State::Fine, Part::Keys.name(), format!("Master key {} opens the database", ids.join(" and ")));
    }
    log_lines(options, &settings, report).await;
    let mut clock_ahead = database(options, &checkup, report).await;
    if options.includes(Part::Workato) {
        match checkup.teams(Duration::from_secs(options.within)).await {
            Ok(teams) if teams.is_empty() => report.add(State::Fine, Part::Workato.name(), "There are no teams yet"),
            Ok(teams) => {
                for team in &teams {
                    team_lines::add(team, report);
                }
                clock_ahead = clock_ahead.or(shown_by(&teams));
            }
            Err(error) => report.add(State::Broken, Part::Workato.name(), error.to_string()),
        }
    }
    if options.includes(Part::Clock) {
        clock(clock_ahead, report);
    }
    checkup.close().await;
}

/// The keys and witnesses of the log.
async fn log_lines(options: &CheckOptions, settings: &Settings, report: &mut Report) {
    let (folder, key) = (&settings.data_dir, settings.signing_key_file.as_deref());
    let log = match &settings.database_url {
        Some(url) => StoredLog::connect_read_only(url, folder, key).await,
        None => StoredLog::open_read_only(folder, key).await,
    };
    let log = match log {
        Ok(log) => log.with_mark_file(settings.mark_file.as_deref()),
        Err(error) => return report.add(State::Broken, Part::Database.name(), error.to_string()),
    };
    if options.includes(Part::Keys) {
        match log.public_key().await {
            Ok(key) => report.add(State::Fine, Part::Keys.name(), format!("{} signs checkpoints", key.name())),
            Err(error) => report.add(State::Broken, Part::Keys.name(), error.to_string()),
        }
    }
    if options.includes(Part::Checkpoints) {
        let name = Part::Checkpoints.name();
        match (log.failing_destinations().await, log.trust(&settings.checkpoints_to).await) {
            (Ok(failing), Ok(found)) => {
                for trouble in &failing {
                    report.add(State::Warning, name, trouble);
                }
                if failing.is_empty() {
                    report.add(State::Fine, name, trust::sentence(&found));
                }
            }
            (Err(error), _) | (_, Err(error)) => report.add(State::Broken, name, error.to_string()),
        }
    }
}

/// Reads the database. Returns how far its newest entry is ahead of the clock.
async fn database(options: &CheckOptions, checkup: &Checkup, report: &mut Report) -> Option<time::Duration> {
    let name = Part::Database.name();
    let (log, bad) = match (checkup.log().await, checkup.bad_rows().await) {
        (Ok(log), Ok(bad)) => (log, bad),
        (Err(error), _) | (_, Err(error)) => {
            report.add(State::Broken, name, error.to_string());
            return None;
        }
    };
    if options.includes(Part::Database) {
        for alarm in &bad {
            report.add(State::Broken, name, alarms::sentence(alarm));
        }
        if log.is_rotating {
            report.add(State::Warning, name, "A key rotation is not finished: run `partner-portal key rotate`");
        }
        if bad.is_empty() && !log.is_rotating {
            report.add(State::Fine, name, format!("{} entries in {}", log.entries, size(log.bytes)));
        }
    }
    log.ahead
}

/// How far the clocks of the teams' Workato are ahead, as the first that answered shows.
fn shown_by(teams: &[TeamCheckup]) -> Option<time::Duration> {
    teams.iter().find_map(|team| match &team.state {
        TeamState::Answered(found) => found.clock_ahead,
        _ => None,
    })
}

fn clock(ahead: Option<time::Duration>, report: &mut Report) {
    let (state, text) = match ahead {
        None => (State::Fine, "Nothing to compare it with".to_owned()),
        Some(ahead) if ahead.abs() < CLOCK_IS_LATE => {
            (State::Fine, "It agrees with Workato's clock and the log".to_owned())
        }
        Some(ahead) => {
            let side = if ahead.is_positive() { "behind" } else { "ahead" };
            let text = format!(
                "It is {} s {side}. Codes of second factors and identity providers need the right time",
                ahead.abs().whole_seconds()
            );
            (if ahead.abs() < CLOCK_IS_WRONG { State::Warning } else { State::Broken }, text)
        }
    };
    report.add(state, Part::Clock.name(), text);
}

/// A number of bytes for people: `512.0 MiB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_what_depends_on_it() {
        let judged = |seconds| {
            let mut report = Report::default();
            clock(Some(time::Duration::seconds(seconds)), &mut report);
            (report.state(), report.text().contains(" behind."))
        };
        assert_eq!(judged(0).0, State::Fine);
        assert_eq!(judged(-29).0, State::Fine);
        assert_eq!(judged(31), (State::Warning, true));
        assert_eq!(judged(-200), (State::Broken, false));
    }

    #[test]
    fn sizes_are_for_people() {
        for (bytes, expected) in [(0, "0.0 KiB"), (1_536, "1.5 KiB"), (512 << 20, "512.0 MiB"), (3 << 40, "3.0 TiB")] {
            assert_eq!(size(bytes), expected);
        }
    }
}
