//! The steps of a promotion, and the ids of their operations.

use store::OperationId;

use crate::vault::Vault;

store::words! {
    /// A step of a promotion.
    pub enum PromotionStep {
        /// Create the connector with a draft, or write its draft.
        Draft => "draft",
        /// Release the draft.
        Release => "release",
        /// Read back which version that made.
        Read => "read",
        /// Share that version.
        Share => "share",
        /// Check that the team has the code that was promoted.
        Check => "check",
    }
}

/// The operation of a step's attempt. It is the same whenever it is asked for, so that a step that was sent before a crash
/// is found again, and nobody without the portal's keys can use it up beforehand.
pub(super) fn operation_of(vault: &Vault, promotion: OperationId, step: PromotionStep, attempt: u32) -> OperationId {
    let (promotion, attempt) = (promotion.to_string(), attempt.to_string());
    let parts = [promotion.as_bytes(), step.as_str().as_bytes(), attempt.as_bytes()];
    let hash = vault.keyed_hash("promotion step", parts);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    OperationId::derived(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_attempt_of_each_step_has_an_id_of_its_own_that_stays_the_same() {
        let (vault, promotion) = (Vault::for_test(), OperationId::new());
        let all =
            || PromotionStep::ALL.iter().flat_map(|step| (0..3).map(|n| operation_of(&vault, promotion, *step, n)));
        assert_eq!(all().collect::<BTreeSet<_>>().len(), 15);
        assert_eq!(all().collect::<Vec<_>>(), all().collect::<Vec<_>>());
        assert_ne!(operation_of(&vault, OperationId::new(), PromotionStep::Draft, 0), all().next().unwrap());
        assert_ne!(operation_of(&Vault::for_test(), promotion, PromotionStep::Draft, 0), all().next().unwrap());
        let text = all().next().unwrap().to_string();
        assert_eq!(text.parse::<OperationId>().unwrap().to_string(), text);
    }
}
