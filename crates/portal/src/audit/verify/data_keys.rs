//! Whether the database has the keys that its rows depend on. Whether they are the right ones shows when they are opened.

use serde_json::Value;
use store::{Action, Entry, KeyPurpose, KeyState, Read, Stage, StoreError};

use super::rights::BadRight;

/// What the log says of rotations, so far.
#[derive(Default)]
pub(super) struct Rotations {
    /// The ids of the keys that the last one left, unless another has begun.
    left: Option<Vec<String>>,
}

impl Rotations {
    pub fn follow(&mut self, entry: &Entry) {
        match (entry.action, entry.stage) {
            (Action::KeyRotateBegin, Stage::Recorded) => self.left = None,
            (Action::KeyRotateEnd, Stage::Recorded) => {
                let ids = entry.parameters.get("data_keys").and_then(Value::as_array);
                self.left = ids.map(|ids| ids.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            }
            _ => {}
        }
    }
}

/// There is one current key for each purpose.
pub(super) async fn check_data_keys(
    conn: &mut Read,
    rotations: &Rotations,
) -> Result<Result<(), BadRight>, StoreError> {
    let bad = |row: String, why: &str| BadRight { table: "data_key", row, why: why.to_owned() };
    let keys = match store::data_keys::all(conn).await {
        Err(StoreError::Damaged { why, .. }) => return Ok(Err(bad("-".to_owned(), &why))),
        keys => keys?,
    };
    for purpose in KeyPurpose::ALL {
        let of_it = keys.iter().filter(|key| key.purpose == *purpose);
        let mut current = of_it.filter(|key| key.state == KeyState::Current);
        if current.next().is_none() {
            let why = format!("is missing: there is no current key of purpose {purpose}");
            return Ok(Err(bad("-".to_owned(), &why)));
        }
        if let Some(second) = current.next() {
            return Ok(Err(bad(second.id.clone(), "is a second current key for its purpose")));
        }
    }
    let mut ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    ids.sort_unstable();
    if rotations.left.as_ref().is_some_and(|left| *left != ids) {
        return Ok(Err(bad(ids.join(" "), "are not the keys that the last rotation left")));
    }
    Ok(Ok(()))
}
