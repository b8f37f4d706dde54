//! Destinations of checkpoints: a folder, standard output, or an address that takes them by POST.

use std::{
    fmt,
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use reqwest::{Client, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::{sync::oneshot, task::spawn_blocking, time::timeout};
use workato::is_loopback;

use evidence::checkpoint::{Checkpoint, CheckpointLine};

/// How long an address may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long an address's newest checkpoint may be.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A destination that keeps checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An existing folder, which gets one file per checkpoint.
    Folder(PathBuf),
    /// Standard output, which gets one JSON line per checkpoint.
    StandardOutput,
    /// An address, which gets one POST per checkpoint.
    Address(Url),
}

/// Why a text does not name a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// It is empty.
    #[error("expected a folder, - for standard output, or an https:// address")]
    Empty,
    /// Not a URL with a host.
    #[error("not an address such as https://witness.example.com/checkpoints")]
    NotAUrl,
    /// The scheme is not `https`.
    #[error("must begin with https:// (http:// is for this machine alone)")]
    Insecure,
    /// The address holds a password, which would be logged and shown.
    #[error("must not hold a password: PORTAL_CHECKPOINTS_TOKEN_FILE names a file with a bearer token")]
    Secret,
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        match text.trim() {
            "" => Err(DestinationError::Empty),
            "-" => Ok(Self::StandardOutput),
            text if text.contains("://") => {
                let url = Url::parse(text).map_err(|_| DestinationError::NotAUrl)?;
                match url.scheme() {
                    "https" => {}
                    "http" if is_loopback(&url) => {}
                    _ => return Err(DestinationError::Insecure),
                }
                if !url.username().is_empty() || url.password().is_some() {
                    return Err(DestinationError::Secret);
                }
                Ok(Self::Address(url))
            }
            folder => Ok(Self::Folder(PathBuf::from(folder))),
        }
    }
}

/// A destination's name where more people can see it than have the settings: an address without its path, which may be a
/// secret that lets anybody post there.
pub(super) fn label(name: &str) -> String {
    match name.parse() {
        Ok(Destination::Address(url)) if url.path() != "/" || url.query().is_some() => {
            format!("{}/…", url.origin().ascii_serialization())
        }
        _ => name.to_owned(),
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::StandardOutput => f.write_str("standard output"),
            Self::Address(url) => f.write_str(url.as_str()),
        }
    }
}

/// Why a checkpoint was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The folder or standard output cannot be written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The address cannot be reached.
    #[error("{}", with_causes(.0))]
    Http(#[source] reqwest::Error),
    /// The address answered with another status than success.
    #[error("it answered {0}")]
    Status(u16),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}

impl From<reqwest::Error> for NotTaken {
    /// The address's path may be a secret, and the error is logged and shown.
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

/// reqwest's own message is "error sending request"; the reason is in its causes.
fn with_causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Delivers checkpoints.
pub(crate) struct Messenger {
    token: Option<SecretString>,
    client: Option<Client>,
}

impl Messenger {
    pub fn new(token: Option<SecretString>) -> Self {
        let client = workato::tls_config().ok().and_then(|tls| {
            let builder = Client::builder().tls_backend_preconfigured(tls).redirect(redirect::Policy::none());
            builder.timeout(TIMEOUT).build().ok()
        });
        Self { token, client }
    }

    /// Delivers one checkpoint. It is stored when this returns.
    pub async fn hand(&self, destination: &Destination, checkpoint: &Checkpoint) -> Result<(), NotTaken> {
        match destination {
            Destination::Folder(folder) => {
                let (folder, checkpoint) = (folder.clone(), checkpoint.clone());
                spawn_blocking(move || put_into(&folder, &checkpoint)).await.map_err(io::Error::other)??;
                Ok(())
            }
            Destination::StandardOutput => {
                let line = CheckpointLine { checkpoint: checkpoint.note.clone() };
                Ok(print(serde_json::to_string(&line).map_err(io::Error::other)?).await?)
            }
            Destination::Address(url) => {
                let client = self.client.as_ref().ok_or(NotTaken::Tls)?;
                let request = client.post(url.clone()).header("content-type", "text/plain; charset=utf-8");
                let request = match &self.token {
                    Some(token) => request.bearer_auth(token.expose_secret()),
                    None => request,
                };
                let status = request.body(checkpoint.note.clone()).send().await?.status();
                if status.is_success() { Ok(()) } else { Err(NotTaken::Status(status.as_u16())) }
            }
        }
    }

    /// What an address answers to GET: `None` if it does not answer with a short text.
    pub async fn ask(&self, url: &Url) -> Option<Vec<String>> {
        let request = self.client.as_ref()?.get(url.clone()).header("accept", "text/plain");
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        };
        let mut answer = request.send().await.ok().filter(|answer| answer.status().is_success())?;
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.ok()? {
            if text.len() + piece.len() > LONGEST_ANSWER {
                return None;
            }
            text.extend_from_slice(&piece);
        }
        Some(vec![String::from_utf8(text).ok()?])
    }
}

/// Prints a line on a thread of its own. Writing to a pipe that nobody reads blocks: here it blocks neither the runtime
/// nor, as `spawn_blocking` would, the end of the process.
async fn print(line: String) -> io::Result<()> {
    static IS_PRINTING: AtomicBool = AtomicBool::new(false);
    let nobody_reads = || io::Error::new(io::ErrorKind::TimedOut, "nobody reads standard output");
    if IS_PRINTING.swap(true, Ordering::AcqRel) {
        return Err(nobody_reads());
    }
    let (done, printed) = oneshot::channel();
    let write = move || {
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{line}").and_then(|()| out.flush());
        IS_PRINTING.store(false, Ordering::Release);
        // Nobody receives it after the time-out.
        let _ = done.send(written);
    };
    if let Err(error) = thread::Builder::new().name("checkpoints".to_owned()).spawn(write) {
        IS_PRINTING.store(false, Ordering::Release);
        return Err(error);
    }
    timeout(TIMEOUT, printed).await.map_err(|_| nobody_reads())?.map_err(io::Error::other)?
}

/// Writes a file for the checkpoint, in one step. A file that holds it already stays as it is; one that somebody emptied or
/// changed is written again.
fn put_into(folder: &Path, checkpoint: &Checkpoint) -> io::Result<()> {
    let hash = hex::encode(&Sha256::digest(&checkpoint.note)[..4]);
    let path = folder.join(format!("{:012}-{hash}.note", checkpoint.size));
    if fs::read(&path).is_ok_and(|held| held == checkpoint.note.as_bytes()) {
        return Ok(());
    }
    let unfinished = path.with_extension("new");
    let mut file = File::create(&unfinished)?;
    // The process creates private files only, but checkpoints are there for others to read.
    file.set_permissions(Permissions::from_mode(0o644))?;
    // The process creates private files only, but checkpoints are there for others to read.
    file.set_permissions(Permissions::from_mode(0o644))?;
    file.write_all(checkpoint.note.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)
}

#[cfg(test)]
mod tests {
    use super::{Destination, DestinationError, Messenger, NotTaken, label};
    use crate::audit::{Checkpoint, leaf_hash, notes_in, sealing::key_file};

    #[tokio::test]
    async fn an_address_is_shown_without_its_path() {
        for (name, shown) in [
            ("https://witness.example.com/", "https://witness.example.com/"),
            ("https://witness.example.com:8443/hooks/s3cret", "https://witness.example.com:8443/…"),
            ("https://witness.example.com/?key=s3cret", "https://witness.example.com/…"),
            ("/mnt/witness", "/mnt/witness"),
            ("standard output", "standard output"),
        ] {
            assert_eq!(label(name), shown);
        }
        let note = Checkpoint { note: String::new(), size: 0, root: leaf_hash(b"") };
        let nobody: Destination = "http://127.0.0.1:9/hooks/s3cret".parse().unwrap();
        let refused = Messenger::new(None).hand(&nobody, &note).await.unwrap_err().to_string();
        assert!(!refused.contains("s3cret") && refused.contains("refused"), "{refused}");
    }

    #[test]
    fn a_destination_is_a_folder_standard_output_or_a_safe_address() {
        assert_eq!("-".parse(), Ok(Destination::StandardOutput));
        assert!(matches!("/mnt/witness".parse(), Ok(Destination::Folder(_))));
        assert!(matches!("https://witness.example.com/in?log=1".parse(), Ok(Destination::Address(_))));
        assert!(matches!("http://127.0.0.1:9/".parse(), Ok(Destination::Address(_))));
        assert_eq!(" ".parse::<Destination>(), Err(DestinationError::Empty));
        assert_eq!("http://witness.example.com".parse::<Destination>(), Err(DestinationError::Insecure));
        assert_eq!("ftp://witness.example.com".parse::<Destination>(), Err(DestinationError::Insecure));
        assert_eq!("https://".parse::<Destination>(), Err(DestinationError::NotAUrl));
        assert_eq!("https://me:secret@witness.example.com".parse::<Destination>(), Err(DestinationError::Secret));
    }

    #[tokio::test]
    async fn a_folder_gets_a_file_a_checkpoint_and_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let key = key_file::in_folder(folder.path(), None).unwrap();
        let checkpoint = Checkpoint::sign(&key, 100, leaf_hash(&[])).unwrap();
        let outside = folder.path().join("outside");
        let messenger = Messenger::new(None);
        let destination = Destination::Folder(outside.clone());
        assert!(matches!(messenger.hand(&destination, &checkpoint).await, Err(NotTaken::Io(_))));
        std::fs::create_dir(&outside).unwrap();
        for _ in 0..2 {
            messenger.hand(&destination, &checkpoint).await.unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(&outside).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        assert_eq!(notes_in(&std::fs::read_to_string(&files[0]).unwrap()), [checkpoint.note]);
    }
}
