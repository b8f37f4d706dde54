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

#[cfg(test)]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    use super::harden;

    #[test]
    fn nothing_can_dump_the_process_afterwards_and_its_files_are_private() {
        harden();
        assert_eq!(dumpable_behavior().expect("Linux says"), DumpableBehavior::NotDumpable);
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("new");
        std::fs::write(&file, "x").expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("it is there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
