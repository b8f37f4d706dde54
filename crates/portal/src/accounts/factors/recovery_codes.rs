//! Recovery codes: ten, shown once, each good once. They are stored as keyed hashes.

use rand::{TryRngCore, rngs::OsRng};
use secrecy::{ExposeSecret, SecretString};
use store::{Person, Write};

use crate::{
    Actor, PersonId, Result,
    audit::{Action, Draft, EntryActor, append},
    vault::{Vault, VaultError},
};

/// How many codes a person gets.
const CODES: usize = 10;
/// How many characters a code has: of 31 characters each, 79 bits.
const LENGTH: usize = 16;
/// Digits and letters without those that look alike: 0 and O, 1, I and L.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// What somebody typed, if it can be a recovery code: in capitals, without spaces and hyphens.
pub(super) fn typed_code(text: &str) -> Option<String> {
    let code: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    (code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(code)
}

/// The keyed hash of a person's code.
pub(super) fn hash(vault: &Vault, person: PersonId, code: &str) -> [u8; 32] {
    vault.keyed_hash("recovery code", [person.to_string().as_bytes(), code.as_bytes()])
}

/// Gives a person new codes in place of the earlier ones.
pub(super) async fn issue(tx: &mut Write, vault: &Vault, actor: &Actor, person: &Person) -> Result<Vec<SecretString>> {
    let codes = (0..CODES).map(|_| new_code()).collect::<Result<Vec<_>>>()?;
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| hash(vault, person.id, code.expose_secret())).collect();
    let draft = Draft::recorded(actor.entry_actor(), Action::RecoveryCreate).target(person.target());
    let told = append(tx, draft.parameter("left", CODES)).await?;
    store::recovery_codes::set(tx, person.id, &hashes, &told).await?;
    Ok(codes.iter().map(for_reading).collect())
}

/// Uses up a code, and records it. Returns whether it was one of the person's unused codes.
pub(super) async fn use_up(
    tx: &mut Write,
    vault: &Vault,
    actor: EntryActor,
    person: &Person,
    code: &str,
) -> Result<bool> {
    let (hash, mut left) = (hash(vault, person.id, code), store::recovery_codes::of_person(tx, person.id).await?);
    let before = left.len();
    left.retain(|known| *known != hash);
    if left.len() == before {
        return Ok(false);
    }
    let draft = Draft::recorded(actor, Action::RecoveryUse).target(person.target()).parameter("left", left.len());
    let told = append(tx, draft).await?;
    store::recovery_codes::set(tx, person.id, &left, &told).await?;
    Ok(true)
}

fn new_code() -> Result<SecretString> {
    let mut code = String::with_capacity(LENGTH);
    while code.len() < LENGTH {
        let mut byte = [0_u8];
        OsRng.try_fill_bytes(&mut byte).map_err(|_| VaultError::NoRandomness)?;
        // Five bits choose one of 32, of which the last is drawn again.
        if let Some(character) = ALPHABET.get(usize::from(byte[0] >> 3)) {
            code.push(char::from(*character));
        }
    }
    Ok(code.into())
}

/// A code in groups of four.
fn for_reading(code: &SecretString) -> SecretString {
    let code = code.expose_secret();
    [&code[..4], &code[4..8], &code[8..12], &code[12..]].join("-").into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret;

    use super::{ALPHABET, for_reading, new_code, typed_code};

    #[test]
    fn a_code_is_read_as_it_is_shown_and_as_people_type_it() {
        let code = new_code().unwrap();
        let shown = for_reading(&code);
        assert_eq!(shown.expose_secret().len(), 19);
        for typed in [
            shown.expose_secret().to_owned(),
            shown.expose_secret().to_lowercase(),
            shown.expose_secret().replace('-', " "),
            format!("  {} ", code.expose_secret()),
        ] {
            assert_eq!(typed_code(&typed).as_deref(), Some(code.expose_secret()), "{typed}");
        }
        for typed in
            ["", "123456", "2345-6789-ABCD-EFG", "2345-6789-ABCD-EFGHJ", "2345-6789-ABCD-EFG0", "2345-6789-ABCD-EFGÄ"]
        {
            assert_eq!(typed_code(typed), None, "{typed}");
        }
    }

    #[test]
    fn codes_use_every_character() {
        let codes: Vec<String> = (0..200).map(|_| new_code().unwrap().expose_secret().to_owned()).collect();
        let used: BTreeSet<u8> = codes.iter().flat_map(|code| code.bytes()).collect();
        assert_eq!(used, ALPHABET.iter().copied().collect());
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 200);
    }
}
