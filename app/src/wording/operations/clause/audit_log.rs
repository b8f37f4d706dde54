//! Clauses about the audit log itself.

use crate::wording::operations::part::Part;

impl super::Clause<'_> {
    pub(super) fn audit_export(&self) -> Vec<Part> {
        let mut what = String::new();
        if let Some(count) = self.number("operations") {
            what.push_str(&format!(", {count} {}", if count == 1 { "operation" } else { "operations" }));
        }
        if let Some(search) = self.parameter_text("search") {
            what.push_str(&format!(", matching {search}"));
        }
        if self.parameter("teams").is_some() {
            what.push_str(", only teams that the actor has access to");
        }
        self.actor_verb(&what)
    }

    pub(super) fn audit_clock_set(&self) -> Vec<Part> {
        let (Some(from), Some(to)) = (self.parameter_text("from"), self.parameter_text("to")) else {
            return self.actor_verb("");
        };
        vec![Part::Text(format!("The clock was set back from {from} to {to}"))]
    }

    pub(super) fn audit_expire(&self) -> Vec<Part> {
        let (Some(removed), Some(days)) = (self.number("removed"), self.number("days")) else {
            return self.actor_verb("");
        };
        let entries = if removed == 1 { "1 entry".to_owned() } else { format!("{removed} entries") };
        let actor = &self.operation.actor_name;
        vec![Part::Text(format!("{actor} removed the contents of {entries}, older than {days} days"))]
    }
}
