//! Man pages and shell completions, made from the command line's definition. The Debian package is built with these
//! commands, so neither can go out of date.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{CommandLine, command_error::CommandError};

const NAME: &str = "partner-portal";

/// Prints the completions for a shell.
///
/// # Errors
/// If they cannot be printed.
pub fn print_completions(shell: Shell) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    out.write_all(&completions(shell)).and_then(|()| out.flush()).map_err(CommandError::Output)
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), NAME, &mut script);
    script
}

/// Writes a man page for the program and one for each command into a folder, which is made if it is missing.
///
/// # Errors
/// If a file cannot be written.
pub fn write_man_pages(folder: &Path) -> Result<(), CommandError> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(named)?;
    Ok(clap_mangen::generate_to(CommandLine::command(), folder).map_err(named)?)
}

#[cfg(test)]
mod tests {
    use clap::{Command, ValueEnum};

    use super::*;

    /// Each command with the words before it: `key-rotate`.
    fn commands(command: &Command, before: &str, found: &mut Vec<String>) {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let name = format!("{before}-{}", sub.get_name());
            commands(sub, &name, found);
            found.push(name);
        }
    }

    #[test]
    fn every_command_has_a_man_page_with_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        let man = folder.path().join("man1");
        write_man_pages(&man).unwrap();
        let mut all = vec![NAME.to_owned()];
        commands(&CommandLine::command(), NAME, &mut all);
        assert!(all.len() > 15, "{all:?}");
        for name in &all {
            let page =
                fs::read_to_string(man.join(format!("{name}.1"))).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(page.contains(".SH DESCRIPTION") && page.contains(".SH NAME"), "{name}");
        }
        let program = fs::read_to_string(man.join("partner-portal.1")).unwrap();
        assert!(program.contains("an audit log of every change"), "{program}");
        let serve = fs::read_to_string(man.join("partner-portal-serve.1")).unwrap();
        for setting in ["PORTAL_DATA_DIR", "PORTAL_MASTER_KEY_FILE", "PORTAL_METRICS_ADDR"] {
            assert!(serve.replace('\\', "").contains(setting), "{setting}");
        }
        // A date would make each build different.
        write_man_pages(&folder.path().join("again")).unwrap();
        assert_eq!(serve, fs::read_to_string(folder.path().join("again/partner-portal-serve.1")).unwrap());
    }

    #[test]
    fn every_shell_completes_every_command_and_its_values() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(*shell)).unwrap();
            for word in ["serve", "check", "rotate", "acknowledge", "--retention-days", "--only"] {
                let spelled = word.trim_start_matches('-');
                assert!(script.contains(spelled), "{shell}: {word}");
            }
        }
    }
}
