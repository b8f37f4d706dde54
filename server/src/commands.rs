//! The commands. What they change, they change as the system account that runs them, and each change is an entry in the
//! audit log.

mod audit;
mod backup;
mod check;
mod key;
mod manual;
mod moving;

use std::{
    io::{self, Read},
    process::ExitCode,
    sync::Arc,
};

use portal::{
    Portal,
    accounts::{Password, PersonInput},
    audit::new_signing_key,
    teams::TeamInput,
    vault::Vault,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    CommandLine, Config, LogFormat, PublicUrl, PublicUrlError, ServeError, StoreOptions,
    command_error::CommandError,
    config::{Command, KeyCommand, MemberCommand, ReasonOptions, ServeOptions, TeamCommand, UserCommand},
    demo,
    listen::listen,
    logging,
    output::{hand_over, make_output_private, print, print_done},
    serve::{asked_to_stop, serve},
    store_settings::settings,
    system_account::account,
};

/// Runs the command. A command that looks for something says with its exit status what it found.
///
/// # Errors
/// One line for the person at the terminal.
pub async fn run(command_line: CommandLine) -> Result<ExitCode, CommandError> {
    let done = match command_line.command {
        Command::Check(options) => return check::run(&options).await,
        Command::Serve(options) => run_serve(options).await,
        Command::Demo(options) => demo::run(options).await,
        Command::Sandbox(options) => {
            logging::start("info", LogFormat::Text)?;
            Ok(sandbox::run(options).await?)
        }
        Command::Keygen { signing } => {
            let key = match signing {
                Some(name) => new_signing_key(&name)?,
                None => Vault::new_key()?,
            };
            make_output_private()?;
            print(&format!("{}\n", key.as_str())).map_err(CommandError::Output)
        }
        Command::Key(KeyCommand::Rotate { store }) => key::rotate(open(&store).await?).await,
        Command::User(UserCommand::Add { email, name, role, password_stdin: _, store }) => {
            let password = Password::try_from(SecretString::from(line_from_stdin()?))?;
            let portal = open(&store).await?;
            let admin = portal.command_line(&account());
            let person = portal.create_person(&admin, &PersonInput { email, name, role }, password).await?;
            portal.close().await;
            print_done(format!("{} is {} now.", person.email, person.role))
        }
        Command::User(UserCommand::Recover { email, public_url, store }) => {
            let public_url: PublicUrl = public_url
                .public_url
                .parse()
                .map_err(|error: PublicUrlError| ServeError::PublicUrl(error.to_string()))?;
            let portal = open(&store).await?;
            let admin = portal.command_line(&account());
            let person = portal.person_by_email(&admin, &email).await?;
            let (person, secret) = portal.recover(&admin, person.id).await?;
            portal.close().await;
            let link = format!("{public_url}/setup?secret={}", secret.expose_secret()).into();
            let place = hand_over(&link, &store.data.data_dir.join("recovery-link"))?;
            print_done(format!(
                "To choose a new password and remove the second factors of {}, {place}\nThe link works once, for 7 \
                 days. Send it only to {}.",
                person.email, person.name
            ))
        }
        Command::User(UserCommand::ReleaseLink { email, store }) => {
            let portal = open(&store).await?;
            let admin = portal.command_line(&account());
            let person = portal.person_by_email(&admin, &email).await?;
            portal.release_link(&admin, person.id).await?;
            portal.close().await;
            print_done(format!("The one-time link of {} works now.", person.email))
        }
        Command::Team(TeamCommand::Add { slug, name, workato_url, token_stdin: _, production, reasons, store }) => {
            let token = SecretString::from(line_from_stdin()?);
            let portal = open(&store).await?;
            let ReasonOptions { reason_pattern, reason_hint } = reasons;
            let input = TeamInput { slug, name, workato_url, production, reason_pattern, reason_hint };
            let team = portal.create_team_with_token(&portal.command_line(&account()), &input, token).await?;
            portal.close().await;
            print_done(match team.workspace {
                Some(workspace) => format!("Team {} uses workspace {}.", team.slug, workspace.id),
                None => format!(
                    "Team {} was created, but Workato did not confirm its token. Test the token on the Teams page.",
                    team.slug
                ),
            })
        }
        Command::Member(MemberCommand::Add { team, email, role, store }) => {
            let portal = open(&store).await?;
            let admin = portal.command_line(&account());
            let team = portal.team_for_admin(&admin, &team).await?;
            let person = portal.person_by_email(&admin, &email).await?;
            portal.set_member(&admin, team.id, person.id, role).await?;
            portal.close().await;
            print_done(format!("{} is {role} of {} now.", person.email, team.slug))
        }
        Command::Audit(command) => audit::run(command).await,
        Command::Completions { shell } => manual::print_completions(shell),
        Command::Man { folder } => manual::write_man_pages(&folder),
        Command::Move { to, data } => moving::run(&to, &data).await,
        Command::Backup { file, data } => backup::back_up(&file, &data).await,
        Command::Restore { file, data } => backup::restore(&file, &data).await,
    };
    done.map(|()| ExitCode::SUCCESS)
}

async fn run_serve(options: ServeOptions) -> Result<(), CommandError> {
    let traces = options.web.traces()?;
    logging::start_with(&options.web.log, options.web.log_format, traces.as_ref())?;
    let settings = settings(&options.store)?;
    let listeners = listen(&options.web)?;
    let config = Config::new(settings, &options.web, listeners.portal.local_addr()?)?;
    let served = serve(config, listeners, asked_to_stop()).await;
    if let Some(traces) = traces {
        traces.stop().await;
    }
    Ok(served?)
}

async fn open(options: &StoreOptions) -> Result<Arc<Portal>, CommandError> {
    Ok(Portal::open(settings(options)?).await?)
}

/// The first line of standard input. Secrets come this way because arguments show up in the list of processes.
fn line_from_stdin() -> Result<String, CommandError> {
    let mut text = String::new();
    io::stdin().lock().take(64 * 1024).read_to_string(&mut text)?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.is_empty() { Err(CommandError::Input("standard input is empty".to_owned())) } else { Ok(line) }
}
