//! The bundled list of common passwords: the first bytes of their hashes. Its first lines say where it comes from and
//! how it was made.

use sha2::{Digest, Sha256};

const FILE: &[u8] = include_bytes!("common_passwords.bin");
/// How many bytes of each hash are kept. Of a hundred million other passwords, four are taken for a common one.
const KEPT: usize = 5;

/// Whether a password is on the list, in any case. It must be composed (NFC).
pub(super) fn contain(password: &str) -> bool {
    let hash = Sha256::digest(password.to_lowercase().as_bytes());
    hashes().binary_search_by(|kept| kept.as_slice().cmp(&hash[..KEPT])).is_ok()
}

fn hashes() -> &'static [[u8; KEPT]] {
    let header = FILE.windows(2).position(|two| two == b"\n\n").map_or(0, |end| end + 2);
    FILE[header..].as_chunks::<KEPT>().0
}

#[cfg(test)]
mod tests {
    use super::{FILE, KEPT, contain, hashes};

    #[test]
    fn the_list_is_sorted_and_whole() {
        assert!(hashes().is_sorted());
        assert_eq!(hashes().len(), 43_940);
        assert_eq!(FILE.len() - FILE.windows(2).position(|two| two == b"\n\n").unwrap() - 2, hashes().len() * KEPT);
    }

    #[test]
    fn common_passwords_are_found_in_any_case() {
        for common in ["1qaz2wsx3edc", "q1w2e3r4t5y6", "leavemealone", "LeaveMeAlone", "123456qwerty", "sonyericsson"] {
            assert!(contain(common), "{common}");
        }
        for other in ["", "123456", "tangerine lantern orbit", "leavemealone "] {
            assert!(!contain(other), "{other}");
        }
    }
}
