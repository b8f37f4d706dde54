//! Writing to standard output. `println!` panics where standard output is closed or its disk is full; nothing here
//! does.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    thread,
    time::Duration,
};

use portal::{characters::escaped, private_file};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::oneshot, time::timeout};

use crate::command_error::CommandError;

/// How long serving waits for somebody to read what it prints.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes all of `text`, for a command whose result it is. Characters that nobody sees are written out: names can hold
/// some that a terminal obeys.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(escaped(text).as_bytes())?;
    out.flush()
}

/// Writes `text` if that can be done, for a process that goes on in any case. A failure is logged.
///
/// A thread of its own does the writing, because writing to a pipe that nobody reads blocks.
pub async fn announce(text: String) {
    let (done, printed) = oneshot::channel();
    let write = move || {
        // Nobody receives it after the time-out.
        let _ = done.send(print(&text));
    };
    let printing = async {
        thread::Builder::new().name("output".to_owned()).spawn(write)?;
        match timeout(PATIENCE, printed).await {
            Ok(printed) => printed.map_err(io::Error::other)?,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it")),
        }
    };
    if let Err(error) = printing.await {
        tracing::warn!(%error, "cannot write to standard output");
    }
}

/// If standard output is a file, makes it one that only its owner can read: a key is about to be written to it.
pub fn make_output_private() -> io::Result<()> {
    let out = io::stdout();
    let found = rustix::fs::fstat(&out)?;
    if rustix::fs::FileType::from_raw_mode(found.st_mode).is_file() {
        rustix::fs::fchmod(&out, rustix::fs::Mode::from_raw_mode(0o600))?;
    }
    Ok(())
}

/// Says where to find a link that holds a secret, as the end of a sentence: in the text itself if standard output is a
/// terminal, and else in `file`, which only its owner can read. What is not a terminal is often a log.
pub fn hand_over(link: &SecretString, file: &Path) -> io::Result<String> {
    if io::stdout().is_terminal() {
        return Ok(format!("open {}", link.expose_secret()));
    }
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    private_file::replace(file, format!("{}\n", link.expose_secret()).as_bytes()).map_err(named)?;
    Ok(format!("open the link in the file {}", file.display()))
}

/// Prints what a command has done. If that fails, the error says that it was done: nobody should do it again.
pub fn print_done(done: String) -> Result<(), CommandError> {
    print(&format!("{done}\n")).map_err(|cause| CommandError::DoneButNotPrinted { done, cause })
}
