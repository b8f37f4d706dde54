//! The README's tables of settings and commands, made from the command line's definition. The test fails while they
//! differ; `make readme` rewrites them.

use std::{fmt::Write, fs};

use clap::{Arg, Command, CommandFactory};

use crate::CommandLine;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");

/// The README with its tables made again, each between `<!-- NAME -->` and `<!-- end of NAME -->`.
fn with_tables(readme: &str) -> String {
    let command_line = CommandLine::command();
    let serve = command_line.find_subcommand("serve").expect("`serve` is a command");
    let readme = with_table(readme, "settings", &settings(serve));
    with_table(&readme, "commands", &commands(&command_line))
}

fn with_table(readme: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let parts = readme.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = parts.unwrap_or_else(|| panic!("the README has no {begin} or no {end}"));
    // Markdown needs the empty lines.
    format!("{before}{begin}\n{table}\n{end}{after}")
}

fn settings(serve: &Command) -> String {
    let mut table = "| variable | flag | default | description |\n| --- | --- | --- | --- |\n".to_owned();
    for setting in serve.get_arguments() {
        let (Some(variable), Some(flag)) = (setting.get_env(), setting.get_long()) else { continue };
        let description = setting.get_help().map(ToString::to_string).unwrap_or_default();
        let variable = variable.display();
        writeln!(table, "| `{variable}` | `--{flag}` | {} | {} |", default(setting), cell(&description))
            .expect("writing to a string does not fail");
    }
    table
}

fn default(setting: &Arg) -> String {
    let values: Vec<_> = setting.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if values.is_empty() { "–".to_owned() } else { format!("`{}`", values.join(",")) }
}

fn commands(command_line: &Command) -> String {
    let mut table = "| command | description |\n| --- | --- |\n".to_owned();
    add_commands(command_line, "", &mut table);
    table
}

fn add_commands(command: &Command, path: &str, table: &mut String) {
    for command in command.get_subcommands() {
        let path = format!("{path}{} ", command.get_name());
        if command.has_subcommands() {
            add_commands(command, &path, table);
        } else {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            writeln!(table, "| `{}` | {} |", path.trim_end(), cell(&about)).expect("writing to a string does not fail");
        }
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_readmes_tables_are_those_of_the_command_line() {
    let readme = fs::read_to_string(README).expect("the README is readable");
    let current = with_tables(&readme);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(README, &current).expect("the README is writable");
    } else {
        let differing = readme.lines().zip(current.lines()).zip(1..).find(|((is, should_be), _)| is != should_be);
        assert!(readme == current, "README.md differs from server/src/config.rs; run `make readme`: {differing:#?}");
    }
}

#[test]
fn a_setting_or_command_that_the_readme_lacks_or_words_differently_is_found() {
    let readme = with_tables(&fs::read_to_string(README).expect("the README is readable"));
    let without = |part: &str| {
        let lines = readme.lines().filter(|line| !line.contains(part));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let planted = [
        without("| `PORTAL_ADDR` |"),
        without("| `team add` |"),
        readme.replace("`127.0.0.1:3000` |", "`0.0.0.0:80` |"),
    ];
    for planted in planted {
        assert_ne!(planted, readme);
        assert_eq!(with_tables(&planted), readme);
    }
}
