//! An admin's acknowledgement that the log contradicts what was signed or is held elsewhere. It is an entry that names
//! exactly what was found, with a statement signed by the log's key: somebody who can write the database alone cannot
//! make one. Whatever contradicts the log later is a new alarm.

use evidence::{
    checkpoint::Checkpoint,
    key::{SigningKey, VerifierKey},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::{Entry, Read, StoreError};

use super::statement::{self, Kind};
use crate::alarms::Alarm;

/// What was found and acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::audit) struct Acknowledgement {
    /// The alarms that were raised.
    pub alarms: Vec<Alarm>,
    /// The number of the last checkpoint in the database. Those up to it may contradict the log.
    pub last_number: i64,
    /// How many checkpoints are missing among their numbers.
    pub gaps: i64,
    /// The destinations that hold what contradicts the log, each with a digest of it.
    pub held: Vec<(String, String)>,
}

impl Acknowledgement {
    /// As an entry's parameters, with the signed statement.
    pub fn parameters(&self, key: &SigningKey) -> Result<Map<String, Value>, StoreError> {
        let statement = statement::sign(Kind::Acknowledgement, self, key)?;
        let Value::Object(mut parameters) = serde_json::to_value(self).map_err(|error| damaged(&error))? else {
            return Err(StoreError::damaged("acknowledgement", "it is not an object"));
        };
        parameters.insert("statement".to_owned(), statement.into());
        Ok(parameters)
    }

    /// Reads it from an entry's parameters, if one of the keys signed it.
    fn read(mut parameters: Map<String, Value>, keys: &[VerifierKey]) -> Option<Self> {
        let statement = parameters.remove("statement")?;
        let said: Self = serde_json::from_value(Value::Object(parameters)).ok()?;
        statement::is_signed(statement.as_str()?, Kind::Acknowledgement, &said, keys).then_some(said)
    }
}

/// Every acknowledgement in the log that one of these keys signed, oldest first.
pub(in crate::audit) async fn acknowledgements(
    conn: &mut Read,
    keys: &[VerifierKey],
) -> Result<Vec<Acknowledgement>, StoreError> {
    let bodies = store::checkpoints::acknowledgements(conn).await?;
    let entries = bodies.iter().filter_map(|bytes| serde_json::from_slice::<Entry>(bytes).ok());
    Ok(entries.filter_map(|entry| Acknowledgement::read(entry.parameters, keys)).collect())
}

/// A digest of what a destination holds that contradicts the log.
pub(in crate::audit) fn digest(contradicting: &[&Checkpoint]) -> String {
    let mut hash = Sha256::new();
    for checkpoint in contradicting {
        hash.update(format!("{} {}\n", checkpoint.size, checkpoint.root_text()));
    }
    hex::encode(hash.finalize())
}

fn damaged(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::damaged("acknowledgement", error)
}

#[cfg(test)]
mod tests {
    use evidence::key::SigningKey;

    use super::Acknowledgement;
    use crate::alarms::Alarm;

    #[test]
    fn only_a_statement_of_the_logs_key_about_exactly_this_counts() {
        let key = |name: &str| -> SigningKey { SigningKey::generate(name).unwrap().parse().unwrap() };
        let (ours, other) = (key("a.example/log"), key("a.example/log"));
        let keys = [ours.verifier().clone()];
        let said = Acknowledgement { alarms: vec![Alarm::MarkMissing], last_number: 6, ..Acknowledgement::default() };
        let parameters = said.parameters(&ours).unwrap();
        assert_eq!(Acknowledgement::read(parameters.clone(), &keys), Some(said.clone()));
        assert_eq!(Acknowledgement::read(said.parameters(&other).unwrap(), &keys), None);
        let mut changed = parameters.clone();
        changed.insert("last_number".to_owned(), 7.into());
        assert_eq!(Acknowledgement::read(changed, &keys), None);
        let mut unsigned = parameters;
        unsigned.remove("statement");
        assert_eq!(Acknowledgement::read(unsigned, &keys), None);
    }
}
