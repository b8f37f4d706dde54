//! The Ed25519 key that signs checkpoints and bundles, and the public key that checks them.
//! Both are text in the format of C2SP `signed-note`; where the text is kept is the caller's concern.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{SigningKey as Ed25519Key, VerifyingKey};
use hmac::{Hmac, Mac};
use rand::{TryRngCore, rngs::OsRng};
use sha2::Sha256;
use signed_note::{
    Note, StandardSigner, StandardVerifier, Verifier, is_key_name_valid, key_id, new_ed25519_verifier_key,
};
use zeroize::Zeroizing;

use crate::note::{self, NoteError};

/// The number of Ed25519 among C2SP signed-note's signature types.
const ED25519: u8 = 1;

/// A new key cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewKeyError {
    /// The name is empty, or holds a plus sign, white space or a control character.
    #[error("a signing key's name is one word without a plus sign, such as audit.example.com/portal")]
    Name,
    /// The system's random number generator failed.
    #[error("the system's random number generator failed")]
    NoRandomness,
}

/// The text is not a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a private key as `SigningKey::generate` writes it")]
pub struct InvalidSigningKey;

/// The private key.
///
/// ```
/// use evidence::key::SigningKey;
///
/// let text = SigningKey::generate("log.example.com/orders")?; // keep this text secret
/// let key: SigningKey = text.parse()?;
/// assert_eq!(key.verifier().name(), "log.example.com/orders"); // hand `key.verifier()` to everybody
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct SigningKey {
    secret: Zeroizing<[u8; 32]>,
    signer: StandardSigner,
    verifier: VerifierKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

impl FromStr for SigningKey {
    type Err = InvalidSigningKey;

    fn from_str(text: &str) -> Result<Self, InvalidSigningKey> {
        Self::from_text(text.trim()).ok_or(InvalidSigningKey)
    }
}

impl SigningKey {
    /// A new private key as text, `PRIVATE+KEY+NAME+ID+KEY`. The name is part of every checkpoint that the key signs.
    ///
    /// # Errors
    /// If the name is not valid, or the system's random number generator fails.
    pub fn generate(name: &str) -> Result<Zeroizing<String>, NewKeyError> {
        if !is_key_name_valid(name) || name.chars().any(char::is_control) {
            return Err(NewKeyError::Name);
        }
        let mut secret = Zeroizing::new([0; 32]);
        OsRng.try_fill_bytes(secret.as_mut_slice()).map_err(|_| NewKeyError::NoRandomness)?;
        Ok(key_text(name, &secret))
    }

    /// The private key of this name with this secret, as text. For fixtures that must not change from run to run.
    #[must_use]
    pub fn from_secret(name: &str, secret: &[u8; 32]) -> Zeroizing<String> {
        key_text(name, secret)
    }

    fn from_text(text: &str) -> Option<Self> {
        let signer = StandardSigner::new(text).ok()?;
        // The last part is base64, which may contain plus signs.
        let mut parts = text.splitn(5, '+').skip(2);
        let (name, data) = (parts.next()?, parts.nth(1)?);
        let data = Zeroizing::new(STANDARD.decode(data).ok()?);
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(data.get(1..)?.try_into().ok()?);
        let public = Ed25519Key::from_bytes(&secret).verifying_key();
        Some(Self { verifier: new_ed25519_verifier_key(name, &public).parse().ok()?, secret, signer })
    }

    /// A secret for another purpose, which says nothing about this key or about the secrets for other purposes:
    /// HMAC-SHA-256 of the purpose under the private key.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.secret.as_slice()).expect("a key of 32 bytes");
        mac.update(purpose.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// The public key.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a text, which ends with a line break, as a note.
    ///
    /// # Errors
    /// If the text cannot be the text of a note.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        let unsignable = |_| NoteError::Malformed("it cannot be the text of a note");
        let mut note = Note::new(text.as_bytes(), &[]).map_err(unsignable)?;
        note.add_sigs(&[&self.signer]).map_err(unsignable)?;
        let note = String::from_utf8(note.to_bytes()).map_err(|_| NoteError::Malformed("it is not UTF-8"))?;
        // Nothing is signed that would be refused.
        note::Parsed::of(&note)?;
        Ok(note)
    }
}

fn key_text(name: &str, secret: &[u8; 32]) -> Zeroizing<String> {
    let public = Ed25519Key::from_bytes(secret).verifying_key();
    let id = key_id(name, &typed(public.as_bytes()));
    let data = Zeroizing::new(typed(secret));
    Zeroizing::new(format!("PRIVATE+KEY+{name}+{id:08x}+{}", STANDARD.encode(data.as_slice())))
}

/// The key as signed notes encode it, behind the number of its signature type.
fn typed(key: &[u8; 32]) -> Vec<u8> {
    [[ED25519].as_slice(), key].concat()
}

/// The public key. As text it is the verifier key of C2SP signed-note, `NAME+ID+KEY`.
#[derive(Clone)]
pub struct VerifierKey {
    text: String,
    verifier: StandardVerifier,
}

/// The text is not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a public key of the form NAME+ID+KEY")]
pub struct InvalidVerifierKey;

impl FromStr for VerifierKey {
    type Err = InvalidVerifierKey;

    fn from_str(text: &str) -> Result<Self, InvalidVerifierKey> {
        Self::from_text(text).ok_or(InvalidVerifierKey)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl VerifierKey {
    /// Accepts a key in its one spelling. With a weak key everybody can make signatures that it verifies.
    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, data) = (parts.next()?, parts.nth(1)?);
        let data = note::decode(data)?;
        let key = VerifyingKey::from_bytes(data.get(1..)?.try_into().ok()?).ok()?;
        let is_canonical = key.to_edwards().compress().as_bytes() == key.as_bytes();
        let is_name = is_key_name_valid(name) && !name.chars().any(char::is_control);
        if key.is_weak() || !is_canonical || !is_name || new_ed25519_verifier_key(name, &key) != text {
            return None;
        }
        Some(Self { text: text.to_owned(), verifier: StandardVerifier::new(text).ok()? })
    }

    /// The key's name, which is the origin in its checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.split('+').next().unwrap_or_default()
    }

    /// The id that signatures by the key begin with.
    pub(crate) fn id(&self) -> u32 {
        self.verifier.key_id()
    }

    pub(crate) fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(text, signature)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use signed_note::key_id;

    use super::{NewKeyError, SigningKey, VerifierKey, key_text, typed};
    use crate::signed_text::open;

    fn key(name: &str) -> SigningKey {
        SigningKey::generate(name).unwrap().parse().unwrap()
    }

    #[test]
    fn a_signed_text_opens_with_its_key_only() {
        let (key, other) = (key("a.example/log"), key("b.example/log"));
        let note = key.sign("some\ntext\n").unwrap();
        let opened = open(&note, &[other.verifier().clone(), key.verifier().clone()]).unwrap();
        assert_eq!(opened.text, "some\ntext\n");
        assert_eq!(opened.key.name(), "a.example/log");
        assert!(open(&note, &[other.verifier().clone()]).is_err());
        assert!(open(&note.replace("some", "same"), &[key.verifier().clone()]).is_err());
    }

    #[test]
    fn keys_have_the_format_of_gos_note_package() {
        // The example key of golang.org/x/mod/sumdb/note.
        let text = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        let key: SigningKey = text.parse().unwrap();
        let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(key.verifier().to_string(), public);
        assert!(public.parse::<VerifierKey>().is_ok());
        assert!(key_text("a.example/b", &[7; 32]).parse::<SigningKey>().is_ok());
    }

    #[test]
    fn malformed_keys_and_names_are_refused() {
        for name in ["", "two words", "a+b", "a\u{7}b", "line\nbreak"] {
            assert_eq!(SigningKey::generate(name).err(), Some(NewKeyError::Name), "{name:?}");
        }
        assert!("something else".parse::<SigningKey>().is_err());
        for text in [
            "",
            "name",
            "name+00000000+AAAA",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            // The right key in another spelling.
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann++c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW=",
        ] {
            assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_with_which_everybody_can_sign_is_refused() {
        // Points of small order, the last one in an encoding that is not canonical.
        for (first, rest, last) in [(1, 0, 0), (0, 0, 0), (0, 0, 0x80), (0xec, 0xff, 0x7f), (0xee, 0xff, 0x7f)] {
            let mut point = [rest; 32];
            (point[0], point[31]) = (first, last);
            let data = typed(&point);
            let text = format!("weak+{:08x}+{}", key_id("weak", &data), STANDARD.encode(&data));
            assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        }
    }
}
