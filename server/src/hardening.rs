//! What the process gives up at its start: files that others can read, and core dumps, which would hold keys.

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, setrlimit, umask},
};

/// Creates only files that nobody else can read, and leaves no memory behind in core dumps. Call it before anything
/// is opened.
pub fn harden() {
    umask(Mode::from_raw_mode(0o077));
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps cannot be switched off");
    }
    // A core pattern that pipes to a program ignores the limit. This also keeps other processes of the same account
    // from reading this one's memory.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the process can still be dumped");
    }
}
