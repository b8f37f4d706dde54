//! What a log's signatures rest on: for the audit log's page, `/readyz` and the command line.

use portal::audit::Trust;

use super::times;

/// One or two sentences.
pub fn sentence(trust: &Trust) -> String {
    let own_key = "The log is signed with the portal's own key, which is stored beside the database";
    match (trust.witnesses.len(), trust.last_at()) {
        (0, _) | (_, None) if trust.is_delivered => {
            format!("{own_key}. No outside witness holds a checkpoint yet.")
        }
        (0, _) | (_, None) => format!(
            "{own_key}. No one else holds a checkpoint, so anyone who can write both can rewrite the log. Set \
             PORTAL_CHECKPOINTS_TO to a folder or an address that other people control."
        ),
        (1, Some(at)) => format!("{own_key}. 1 outside witness holds checkpoints, the last from {}.", times::exact(at)),
        (count, Some(at)) => {
            format!("{own_key}. {count} outside witnesses hold checkpoints, the last from {}.", times::exact(at))
        }
    }
}

/// What a check rests on that used a key from the command line.
pub const KEY_GIVEN: &str = "Signatures were checked with the key that you gave.";

#[cfg(test)]
mod tests {
    use portal::audit::Trust;
    use time::macros::datetime;

    use super::sentence;

    #[test]
    fn trust_names_the_witnesses_or_the_way_to_have_some() {
        let at = |minute: i64| datetime!(2026-11-27 09:00 UTC) + time::Duration::minutes(minute);
        let witness = |name: &str, minute| (name.to_owned(), at(minute));
        let mut trust = Trust::default();
        assert!(
            sentence(&trust).contains("No one else holds a checkpoint")
                && sentence(&trust).contains("PORTAL_CHECKPOINTS_TO")
        );
        trust.is_delivered = true;
        assert!(sentence(&trust).ends_with("No outside witness holds a checkpoint yet."));
        trust.witnesses.push(witness("/mnt/witness", 0));
        assert!(
            sentence(&trust).ends_with("1 outside witness holds checkpoints, the last from 27 Nov 2026, 09:00:00 UTC.")
        );
        trust.witnesses.push(witness("https://witness.example.com/", 5));
        assert!(
            sentence(&trust)
                .ends_with("2 outside witnesses hold checkpoints, the last from 27 Nov 2026, 09:05:00 UTC.")
        );
    }
}
