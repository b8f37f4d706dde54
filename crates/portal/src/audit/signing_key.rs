//! The key that signs checkpoints and bundles, and the public key that checks them. It is not the master key: it opens
//! nothing, and nothing that the master key opens helps to forge a signature.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::SigningKey as Ed25519Key;
use rand::{TryRngCore, rngs::OsRng};
use signed_note::{
    Note, NoteError, StandardSigner, StandardVerifier, VerifierList, is_key_name_valid, key_id,
    new_ed25519_verifier_key,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::store::{self, Store, StoreError};

/// The file in the data folder, where no other is configured.
const FILE: &str = "signing.key";
/// C2SP signed-note's number for Ed25519.
const ED25519: u8 = 1;

/// Why there is no signing key. No variant tells it.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The key file cannot be read or made.
    #[error("the signing key file {path} cannot be used: {cause}")]
    File {
        /// The file.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// The key file holds something else.
    #[error("the signing key file {path} does not hold a key: `partner-portal keygen --signing NAME` prints one")]
    NotAKey {
        /// The file.
        path: String,
    },
    /// A key's name is part of every checkpoint.
    #[error("a signing key's name is one word without a plus sign, such as audit.example.com/portal")]
    Name,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The database, which knows the names of earlier keys.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key that signs.
pub struct SigningKey {
    signer: StandardSigner,
    verifier: VerifierKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The key in the file that is configured, or else the data folder's own.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds something else; when the database cannot be read.
    pub async fn load(store: &Store, data_dir: &Path, configured: Option<&Path>) -> Result<Self, SigningKeyError> {
        if let Some(file) = configured {
            return Self::from_file(file);
        }
        let earlier = store::checkpoints::keys(&mut *store.read().await?).await?;
        let earlier = earlier.last().and_then(|key| key.split('+').next());
        Self::in_folder(data_dir, earlier)
    }

    /// The key in this file.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn from_file(path: &Path) -> Result<Self, SigningKeyError> {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|cause| SigningKeyError::File { path: shown(), cause })?;
        Self::from_text(text.trim()).ok_or_else(|| SigningKeyError::NotAKey { path: shown() })
    }

    /// The key in the data folder, which is made if it is not there: under the name that the log's keys had so far, or
    /// a new one.
    ///
    /// # Errors
    /// When the file cannot be read, made, or holds something else.
    pub fn in_folder(folder: &Path, earlier_name: Option<&str>) -> Result<Self, SigningKeyError> {
        let path = folder.join(FILE);
        if !path.exists() {
            let name =
                earlier_name.map_or_else(|| format!("partner-portal/{}", Uuid::new_v4().simple()), str::to_owned);
            let key = Self::new_key(&name)?;
            make_file(&path, key.as_bytes())
                .map_err(|cause| SigningKeyError::File { path: path.display().to_string(), cause })?;
        }
        Self::from_file(&path)
    }

    /// A new key, as text for a key file. Its name stands in every checkpoint that it signs.
    ///
    /// # Errors
    /// When the name cannot be one, or the system gives no random bytes.
    pub fn new_key(name: &str) -> Result<Zeroizing<String>, SigningKeyError> {
        if !is_key_name_valid(name) || name.chars().any(char::is_control) {
            return Err(SigningKeyError::Name);
        }
        let mut secret = Zeroizing::new([0; 32]);
        OsRng.try_fill_bytes(secret.as_mut_slice()).map_err(|_| SigningKeyError::NoRandomness)?;
        Ok(key_text(name, &secret))
    }

    fn from_text(text: &str) -> Option<Self> {
        let signer = StandardSigner::new(text).ok()?;
        // The last part is base64 and may hold plus signs of its own.
        let mut parts = text.splitn(5, '+').skip(2);
        let (name, data) = (parts.next()?, parts.nth(1)?);
        let data = Zeroizing::new(STANDARD.decode(data).ok()?);
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(data.get(1..)?.try_into().ok()?);
        let public = Ed25519Key::from_bytes(&secret).verifying_key();
        Some(Self { signer, verifier: new_ed25519_verifier_key(name, &public).parse().ok()? })
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The text as a note with this key's signature.
    pub(crate) fn sign(&self, text: &str) -> Result<String, NoteError> {
        let mut note = Note::new(text.as_bytes(), &[])?;
        note.add_sigs(&[&self.signer])?;
        String::from_utf8(note.to_bytes()).map_err(|_| NoteError::MalformedNote)
    }
}

pub(super) fn key_text(name: &str, secret: &[u8; 32]) -> Zeroizing<String> {
    let public = Ed25519Key::from_bytes(secret).verifying_key();
    let id = key_id(name, &typed(public.as_bytes()));
    let data = Zeroizing::new(typed(secret));
    Zeroizing::new(format!("PRIVATE+KEY+{name}+{id:08x}+{}", STANDARD.encode(data.as_slice())))
}

fn typed(key: &[u8; 32]) -> Vec<u8> {
    [[ED25519].as_slice(), key].concat()
}

/// Makes the file at once and whole, and leaves one that is there already as it is.
fn make_file(path: &PathBuf, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(format!("{}.new", Uuid::new_v4().simple()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    let made = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// The public half: checks what the key of this name has signed. As text it is C2SP's verifier key, `NAME+ID+KEY`.
#[derive(Clone)]
pub struct VerifierKey {
    text: String,
    verifier: StandardVerifier,
}

/// The text is no verifier key.
#[derive(Debug, thiserror::Error)]
#[error("not a public key as `partner-portal audit public-key` prints it")]
pub struct InvalidVerifierKey;

impl FromStr for VerifierKey {
    type Err = InvalidVerifierKey;

    fn from_str(text: &str) -> Result<Self, InvalidVerifierKey> {
        let verifier = StandardVerifier::new(text).map_err(|_| InvalidVerifierKey)?;
        Ok(Self { text: text.to_owned(), verifier })
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
    /// The name, which is also the origin of what it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.split('+').next().unwrap_or_default()
    }
}

/// What one of the keys has signed: the note's text, and whether nothing else stands in the note but that and the one
/// signature.
pub(crate) struct Opened {
    pub text: String,
    pub key: VerifierKey,
    pub is_bare: bool,
}

/// Opens a note that one of the keys has signed.
pub(crate) fn open(note: &str, keys: &[VerifierKey]) -> Result<Opened, NoteError> {
    let parsed = Note::from_bytes(note.as_bytes())?;
    let verifiers = keys.iter().map(|key| Box::new(key.verifier.clone()) as Box<dyn signed_note::Verifier>);
    let (verified, others) = parsed.verify(&VerifierList::new(verifiers.collect()))?;
    let signed_by = |key: &&VerifierKey| {
        verified.iter().any(|signature| {
            signature.name() == key.name() && signature.id() == signed_note::Verifier::key_id(&key.verifier)
        })
    };
    let key = keys.iter().find(signed_by).ok_or(NoteError::UnverifiedNote)?.clone();
    let is_bare = verified.len() == 1 && others.is_empty() && parsed.to_bytes() == note.as_bytes();
    let text = String::from_utf8(parsed.text().to_vec()).map_err(|_| NoteError::MalformedNote)?;
    Ok(Opened { text, key, is_bare })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{SigningKey, SigningKeyError, VerifierKey, key_text, open};

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = SigningKey::in_folder(folder.path(), None).unwrap();
        let again = SigningKey::in_folder(folder.path(), Some("another")).unwrap();
        assert_eq!(first.verifier().to_string(), again.verifier().to_string());
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, ["signing.key"]);
        let mode = folder.path().join("signing.key").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_lost_key_is_replaced_under_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::in_folder(folder.path(), Some("audit.example.com/portal")).unwrap();
        assert!(key.verifier().to_string().starts_with("audit.example.com/portal+"));
    }

    #[test]
    fn what_is_signed_opens_with_its_key_and_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::in_folder(folder.path(), None).unwrap();
        let other = SigningKey::in_folder(tempfile::tempdir().unwrap().path(), None).unwrap();
        let note = key.sign("some\ntext\n").unwrap();
        let opened = open(&note, &[other.verifier().clone(), key.verifier().clone()]).unwrap();
        assert_eq!((opened.text.as_str(), opened.is_bare), ("some\ntext\n", true));
        assert_eq!(opened.key.name(), key.verifier().name());
        assert!(open(&note, &[other.verifier().clone()]).is_err());
        assert!(open(&note.replace("some", "same"), &[key.verifier().clone()]).is_err());
    }

    #[test]
    fn keys_are_written_as_go_writes_them() {
        // The example key of Go's golang.org/x/mod/sumdb/note.
        let text = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        let key = SigningKey::from_text(text).unwrap();
        let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(key.verifier().to_string(), public);
        assert!(public.parse::<VerifierKey>().is_ok());
        let secret = [7; 32];
        assert!(SigningKey::from_text(&key_text("a.example/b", &secret)).is_some());
    }

    #[test]
    fn what_is_no_key_or_no_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("signing.key"), "something else").unwrap();
        assert!(matches!(SigningKey::in_folder(folder.path(), None), Err(SigningKeyError::NotAKey { .. })));
        for name in ["", "two words", "a+b", "a\u{7}b", "line\nbreak"] {
            assert!(matches!(SigningKey::new_key(name), Err(SigningKeyError::Name)), "{name:?}");
        }
        for text in
            ["", "name", "name+00000000+AAAA", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
        {
            assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        }
    }
}
