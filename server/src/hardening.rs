//! What the process gives up at its start: files that others can read, and core dumps, which would hold keys.

use std::io;

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, setrlimit, umask},
};

/// Creates only files that nobody else can read, and leaves no memory behind in core dumps. Call it before anything
/// is opened.
///
/// # Errors
/// If core dumps cannot be switched off.
pub fn harden() -> io::Result<()> {
    umask(Mode::from_raw_mode(0o077));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // A core pattern that pipes to a program ignores the limit. This also keeps other processes of the same account
    // from reading this one's memory.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    use super::harden;

    #[test]
    fn nothing_can_dump_the_process_afterwards_and_its_files_are_private() {
        harden().expect("nothing forbids it");
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
