//! The file that holds the key that signs the log. It is not the master key: neither helps to get at the other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use evidence::key::{NewKeyError, SigningKey, VerifierKey};
use store::{
    Store, StoreError,
    private_file::{self, SecretFileError, read_secret},
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The file in the data folder, unless another is configured.
const FILE: &str = "signing.key";

/// Why there is no signing key. No variant reveals one.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The key file cannot be read or created.
    #[error("the signing key file {path} cannot be used: {cause}")]
    File {
        /// The file.
        path: String,
        /// The cause.
        cause: SecretFileError,
    },
    /// The file does not hold a key.
    #[error("the signing key file {path} does not hold a key: `partner-portal keygen --signing NAME` prints one")]
    NotAKey {
        /// The file.
        path: String,
    },
    /// There is no key file, and no key has signed the log.
    #[error("this log has not been signed yet, and there is no signing key")]
    NotSigned,
    /// The high-water mark cannot be written.
    #[error("the high-water mark {path} cannot be written: {cause} (PORTAL_MARK_FILE names another file)")]
    Mark {
        /// The file.
        path: String,
        /// The cause.
        cause: io::Error,
    },
    /// A new key cannot be made.
    #[error(transparent)]
    New(#[from] NewKeyError),
    /// The database, which knows the names of earlier keys, cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key in the configured file, or else in the data folder, where one is made if there is none: under the name of
/// the log's last key, or a new one.
///
/// # Errors
/// If the file cannot be read or created, or does not hold a key; if the database cannot be read.
pub(crate) async fn load_signing_key(
    store: &Store,
    data_dir: &Path,
    configured: Option<&Path>,
) -> Result<SigningKey, SigningKeyError> {
    if let Some(file) = configured {
        return from_file(file);
    }
    let earlier = store::checkpoints::keys(&mut store.read().await?).await?;
    let earlier = earlier.last().and_then(|key| key.split('+').next());
    in_folder(data_dir, earlier)
}

/// The public key, without creating anything: of the key file, or else the last key that signed.
pub(in crate::audit) async fn existing_verifier_key(
    store: &Store,
    data_dir: &Path,
    configured: Option<&Path>,
) -> Result<VerifierKey, SigningKeyError> {
    if let Some(file) = configured {
        return Ok(from_file(file)?.verifier().clone());
    }
    let file = data_dir.join(FILE);
    if file.exists() {
        return Ok(from_file(&file)?.verifier().clone());
    }
    let keys = store::checkpoints::keys(&mut store.read().await?).await?;
    keys.last().and_then(|key| key.parse().ok()).ok_or(SigningKeyError::NotSigned)
}

/// The private key, if there is one, without creating it.
pub(in crate::audit) fn signing_key_here(data_dir: &Path, configured: Option<&Path>) -> Option<SigningKey> {
    from_file(&configured.map_or_else(|| data_dir.join(FILE), Path::to_owned)).ok()
}

/// Whether a key was made in the data folder.
pub(crate) fn has_signing_key(data_dir: &Path) -> bool {
    data_dir.join(FILE).exists()
}

/// A new signing key, as text for a key file.
///
/// # Errors
/// If the name is not valid.
pub fn new_signing_key(name: &str) -> Result<Zeroizing<String>, SigningKeyError> {
    Ok(SigningKey::generate(name)?)
}

pub(crate) fn from_file(path: &Path) -> Result<SigningKey, SigningKeyError> {
    let shown = || path.display().to_string();
    let text = read_secret(path).map_err(|cause| SigningKeyError::File { path: shown(), cause })?;
    text.parse().map_err(|_| SigningKeyError::NotAKey { path: shown() })
}

pub(crate) fn in_folder(folder: &Path, earlier_name: Option<&str>) -> Result<SigningKey, SigningKeyError> {
    let path = folder.join(FILE);
    if !path.exists() {
        let name = earlier_name.map_or_else(|| format!("partner-portal/{}", Uuid::new_v4().simple()), str::to_owned);
        let key = SigningKey::generate(&name)?;
        create_file(&path, key.as_bytes())
            .map_err(|cause| SigningKeyError::File { path: path.display().to_string(), cause: cause.into() })?;
    }
    // The portal made it, so the portal corrects its permissions.
    private_file::mend(&path);
    from_file(&path)
}

/// Creates the file in one step, so that it is never there in part. An existing file stays as it is.
fn create_file(path: &PathBuf, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(format!("{}.new", Uuid::new_v4().simple()));
    let line = Zeroizing::new([content, b"\n"].concat());
    private_file::create(&unfinished, &line)?;
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{SigningKeyError, from_file, in_folder};

    #[test]
    fn a_key_is_created_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = in_folder(folder.path(), None).unwrap();
        let again = in_folder(folder.path(), Some("another")).unwrap();
        assert_eq!(first.verifier().to_string(), again.verifier().to_string());
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, ["signing.key"]);
        let mode = folder.path().join("signing.key").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_portals_own_key_becomes_private_and_anybody_elses_is_refused_until_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("signing.key");
        in_folder(folder.path(), None).unwrap();
        let open_to_all = || std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        open_to_all();
        let refused = from_file(&file).map(drop).unwrap_err().to_string();
        assert!(refused.ends_with(&format!("Run: chmod 600 {}", file.display())), "{refused}");
        in_folder(folder.path(), None).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_lost_key_is_replaced_under_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let key = in_folder(folder.path(), Some("audit.example.com/portal")).unwrap();
        assert!(key.verifier().to_string().starts_with("audit.example.com/portal+"));
    }

    #[test]
    fn a_file_without_a_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("signing.key"), "something else").unwrap();
        assert!(matches!(in_folder(folder.path(), None), Err(SigningKeyError::NotAKey { .. })));
    }
}
