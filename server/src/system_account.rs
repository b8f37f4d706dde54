//! The system account that runs a command: the audit log names it as the actor.

use std::{env, fs, os::unix::fs::MetadataExt};

/// The system account that runs the command, and the account that `sudo` ran it for.
pub fn account() -> String {
    let account = system_account();
    match env::var("SUDO_USER") {
        Ok(person) if !person.is_empty() => format!("{account} (sudo: {person})"),
        _ => account,
    }
}

/// The account's name in `/etc/passwd`, or its number if it is not listed there.
fn system_account() -> String {
    let Ok(process) = fs::metadata("/proc/self") else { return "unknown".to_owned() };
    let id = process.uid().to_string();
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {id}"))
}
