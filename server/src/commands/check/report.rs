//! What was found, as lines for people or as JSON for programs, and the exit status.

use std::fmt::Write;

use portal::one_line;
use serde_json::{Value, json};

/// How bad something is. The exit statuses are those of monitoring plug-ins (Nagios, Icinga, Sensu).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    #[default]
    Fine,
    /// The portal works, and somebody should look.
    Warning,
    /// The portal, or a team in it, does not work.
    Broken,
}

impl State {
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Warning => 1,
            Self::Broken => 2,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }
}

/// A finding.
#[derive(Debug)]
struct Line {
    state: State,
    check: String,
    text: String,
}

/// All findings, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Report(Vec<Line>);

impl Report {
    /// Adds a line. Line breaks in it are written out.
    pub fn add(&mut self, state: State, check: impl Into<String>, text: impl AsRef<str>) {
        self.0.push(Line { state, check: check.into(), text: one_line(text.as_ref()) });
    }

    /// The worst of the findings.
    pub fn state(&self) -> State {
        self.0.iter().map(|line| line.state).max().unwrap_or_default()
    }

    /// A line that sums up, as monitoring shows it, and one for each finding.
    pub fn text(&self) -> String {
        let mut text = self.summary() + "\n";
        let widest = self.0.iter().map(|line| line.check.chars().count()).max().unwrap_or_default();
        for Line { state, check, text: said } in &self.0 {
            writeln!(text, "{:<7}  {check:<widest$}  {said}", state.word()).expect("writing to a string does not fail");
        }
        text
    }

    fn summary(&self) -> String {
        let count = |state| self.0.iter().filter(|line| line.state == state).count();
        match (count(State::Broken), count(State::Warning)) {
            (0, 0) => format!("OK: {} of {0} checks are fine", self.0.len()),
            (0, warnings) => format!("WARNING: {warnings} of {} checks need attention", self.0.len()),
            (broken, 0) => format!("CRITICAL: {broken} of {} checks failed", self.0.len()),
            (broken, warnings) => {
                format!("CRITICAL: {broken} of {} checks failed, and {warnings} need attention", self.0.len())
            }
        }
    }

    /// The same as JSON.
    pub fn json(&self) -> String {
        let line = |line: &Line| json!({ "state": line.state.word(), "check": line.check, "text": line.text });
        let lines: Vec<Value> = self.0.iter().map(line).collect();
        format!("{}\n", json!({ "state": self.state().word(), "checks": lines }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_and_each_has_one_line() {
        let mut report = Report::default();
        assert_eq!((report.state().exit_status(), report.text().as_str()), (0, "OK: 0 of 0 checks are fine\n"));
        report.add(State::Fine, "disk", "3.0 GiB free");
        report.add(State::Warning, "workato payments", "No answer\nbut two lines");
        assert_eq!(report.state().exit_status(), 1);
        assert_eq!(
            report.text(),
            "WARNING: 1 of 2 checks need attention\n\
             ok       disk              3.0 GiB free\n\
             warning  workato payments  No answer but two lines\n"
        );
        report.add(State::Broken, "keys", "There is none");
        assert_eq!(report.state().exit_status(), 2);
        assert!(report.text().starts_with("CRITICAL: 1 of 3 checks failed, and 1 need attention\n"));
        let json: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["state"], "broken");
        assert_eq!(json["checks"][2], json!({ "state": "broken", "check": "keys", "text": "There is none" }));
    }
}
