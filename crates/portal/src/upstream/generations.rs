//! Generations of answers. A change or a refresh begins the next generation, so that older answers are not reused.

use time::OffsetDateTime;

use crate::audit::TargetType;

/// The generation of one kind of answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Generation {
    pub number: u64,
    /// When the portal last sent a change that could be in such an answer.
    pub changed_at: Option<OffsetDateTime>,
}

/// The generations of one team's answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Generations {
    pub connections: Generation,
    pub connectors: Generation,
    pub customers: Generation,
}

impl Generations {
    /// A change was sent to a target of this kind.
    pub fn changed(&mut self, kind: TargetType, at: OffsetDateTime) {
        let generation = match kind {
            TargetType::Connection => &mut self.connections,
            TargetType::Connector => &mut self.connectors,
            // No read shows which recipes were shared with a customer.
            _ => return,
        };
        generation.number += 1;
        generation.changed_at = Some(at);
    }

    /// Somebody asked for the current connections and connectors.
    pub fn refresh(&mut self) {
        self.connections.number += 1;
        self.connectors.number += 1;
    }

    /// Somebody asked for the current customers.
    pub fn refresh_customers(&mut self) {
        self.customers.number += 1;
    }
}
