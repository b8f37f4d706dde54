//! What the command line can ask for. Changes made here act as the system account that runs it, and are entries like
//! any other.

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    os::unix::fs::MetadataExt,
};

use portal::{
    Portal, PublicError, Settings, StoreError,
    accounts::{Password, PasswordError, PersonInput},
    audit::{
        self, AuditQuery, BundleError, ExportError, OutsideCheckpoints, OutsideError, SigningKeyError, StoredLog,
        VerifiedBundle, VerifierKey, VerifyError,
    },
    teams::TeamInput,
    vault::{Vault, VaultError},
};
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tracing_subscriber::filter::ParseError;

use crate::{
    CommandLine, Config, ServeError, StoreOptions,
    config::{AuditCommand, Command, MemberCommand, ServeOptions, TeamCommand, UserCommand},
    demo, logging,
    serve::{asked_to_stop, serve},
};

/// Why a command was not carried out. Each is one clear line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The portal is not served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The portal does not start.
    #[error(transparent)]
    Start(#[from] portal::StartError),
    /// There is no master key.
    #[error("PORTAL_MASTER_KEY_FILE is not set: `partner-portal keygen > portal.key` makes a key file")]
    NoKey,
    /// The input is wrong.
    #[error("{0}")]
    Input(String),
    /// The password cannot be one.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The signing key.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The log is not whole, or cannot be read.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Checkpoints from outside cannot be used.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// The log cannot be handed out.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is logged cannot be set so.
    #[error("PORTAL_LOG: {0}")]
    Log(#[from] ParseError),
    /// The sandbox.
    #[error("the sandbox: {0}")]
    Sandbox(#[from] sandbox::Error),
    /// Standard input, standard output or the network.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<portal::Error> for CommandError {
    fn from(error: portal::Error) -> Self {
        Self::Input(match error.public() {
            PublicError::Invalid(problems) => {
                let all: Vec<_> = problems.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
                all.join(" ")
            }
            PublicError::NotFound => "there is no such team or person".to_owned(),
            PublicError::Internal => error.to_string(),
            public => public.to_string(),
        })
    }
}

/// Carries a command out.
///
/// # Errors
/// One clear line.
pub async fn run(command_line: CommandLine) -> Result<(), CommandError> {
    match command_line.command {
        Command::Serve(options) => run_serve(options).await,
        Command::Demo(options) => demo::run(options).await,
        Command::Sandbox(options) => {
            logging::start("info", crate::LogFormat::Text)?;
            Ok(sandbox::run(options).await?)
        }
        Command::Keygen { signing } => {
            let key = match signing {
                Some(name) => audit::new_signing_key(&name)?,
                None => Vault::new_key()?,
            };
            Ok(writeln!(io::stdout(), "{}", key.as_str())?)
        }
        Command::User(UserCommand::Add { email, name, role, password_stdin: _, store }) => {
            let password = Password::try_from(SecretString::from(line_from_stdin()?))?;
            let portal = open(&store).await?;
            let person = portal
                .create_person(&portal.command_line(&account()), &PersonInput { email, name, role }, password)
                .await?;
            println!("{} is {} now.", person.email, person.role);
            portal.close().await;
            Ok(())
        }
        Command::Team(TeamCommand::Add { slug, name, workato_url, token_stdin: _, production, store }) => {
            let token = SecretString::from(line_from_stdin()?);
            let portal = open(&store).await?;
            let input = TeamInput { slug, name, workato_url, production };
            let team = portal.create_team_with_token(&portal.command_line(&account()), &input, token).await?;
            match team.workspace {
                Some(workspace) => println!("Team {} opens workspace {}.", team.slug, workspace.id),
                None => println!(
                    "Team {} is set up, but Workato did not tell which workspace its token opens: test it on the Teams page.",
                    team.slug
                ),
            }
            portal.close().await;
            Ok(())
        }
        Command::Member(MemberCommand::Add { team, email, role, store }) => {
            let portal = open(&store).await?;
            let admin = portal.command_line(&account());
            let team = portal.team_for_admin(&admin, &team).await?;
            let person = portal.person_by_email(&admin, &email).await?;
            portal.set_member(&admin, team.id, person.id, role).await?;
            println!("{} is {role} of {} now.", person.email, team.slug);
            portal.close().await;
            Ok(())
        }
        Command::Audit(AuditCommand::Verify { bundle: Some(bundle), key, .. }) => {
            let [key] = key.as_slice() else { return Err(CommandError::Input("give one --key".to_owned())) };
            let file = File::open(&bundle)
                .map_err(|error| CommandError::Input(format!("{} cannot be read: {error}", bundle.display())))?;
            let found = audit::verify_bundle(BufReader::new(file), &verifier_key(key)?)?;
            Ok(write!(io::stdout(), "{}", of_bundle(&found))?)
        }
        Command::Audit(AuditCommand::Verify { bundle: None, checkpoints, key, data }) => {
            let keys = key.iter().map(|key| verifier_key(key)).collect::<Result<_, _>>()?;
            let outside = OutsideCheckpoints::read(&checkpoints, keys)?;
            let log = StoredLog::open_read_only(&data.data_dir, data.signing_key_file.as_deref()).await?;
            let found = log.verify(outside).await?;
            let mut out = io::stdout();
            writeln!(
                out,
                "{} entries, all as they were written. Root: {}",
                found.entries,
                audit::root_text(&found.root)
            )?;
            writeln!(
                out,
                "Checkpoints that agree: {} of the log's own, {} from outside.",
                found.checkpoints, found.outside
            )?;
            for trouble in log.failing_destinations().await? {
                writeln!(out, "{trouble}")?;
            }
            Ok(())
        }
        Command::Audit(AuditCommand::PublicKey { data }) => {
            let log = StoredLog::open_read_only(&data.data_dir, data.signing_key_file.as_deref()).await?;
            Ok(writeln!(io::stdout(), "{}", log.public_key().await?)?)
        }
        Command::Audit(AuditCommand::Export { format, search, data }) => {
            let query = AuditQuery::read(&search, OffsetDateTime::now_utc()).map_err(CommandError::Input)?;
            let log = StoredLog::open(&data.data_dir, data.signing_key_file.as_deref()).await?;
            let export = log.export(&account(), &query, format).await?;
            Ok(export.write_to(io::BufWriter::new(io::stdout().lock())).await?)
        }
    }
}

/// What a bundle was found to hold, for whoever was given it.
fn of_bundle(found: &VerifiedBundle) -> String {
    let removed = match found.removed {
        0 => String::new(),
        removed => format!(", of {removed} of them only the hash, since their contents were no longer kept"),
    };
    let export = &found.export;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("everything").to_owned();
    // Whoever reads some teams has exported no more than theirs.
    let teams = if export["parameters"]["teams"].is_array() { ", of the teams that the exporter reads" } else { "" };
    format!(
        "{} entries, each in the log as it was when it had {}{removed}.\nRoot: {}\nExported by {} at {}: {}{teams}\n",
        found.entries,
        found.checkpoint.size,
        found.checkpoint.root_text(),
        text(&export["actor"]["name"]),
        text(&export["at"]),
        text(&export["parameters"]["search"]),
    )
}

async fn run_serve(options: ServeOptions) -> Result<(), CommandError> {
    logging::start(&options.web.log, options.web.log_format)?;
    let settings = settings(&options.store)?;
    let listener = TcpListener::bind(options.web.addr)
        .await
        .map_err(|error| CommandError::Input(format!("{} cannot be listened on: {error}", options.web.addr)))?;
    let config = Config::new(settings, &options.web, listener.local_addr()?)?;
    Ok(serve(config, listener, asked_to_stop()).await?)
}

fn settings(options: &StoreOptions) -> Result<Settings, CommandError> {
    let key = options.master_key_file.clone().ok_or(CommandError::NoKey)?;
    let mut settings = Settings::new(options.data.data_dir.clone(), key);
    settings.signing_key_file = options.data.signing_key_file.clone();
    settings.workato_hosts =
        options.workato_hosts.iter().map(|host| host.trim().trim_end_matches('/').to_owned()).collect();
    Ok(settings)
}

async fn open(options: &StoreOptions) -> Result<std::sync::Arc<Portal>, CommandError> {
    Ok(Portal::open(settings(options)?).await?)
}

/// The system account that runs the command, and the account that `sudo` ran it for.
pub(crate) fn account() -> String {
    let account = system_account();
    match std::env::var("SUDO_USER") {
        Ok(person) if !person.is_empty() => format!("{account} (sudo: {person})"),
        _ => account,
    }
}

/// The account's name in the system's list, or its number where that has none.
fn system_account() -> String {
    let Ok(process) = std::fs::metadata("/proc/self") else { return "unknown".to_owned() };
    let id = process.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {id}"))
}

/// A public key, as it is or in a file.
fn verifier_key(key: &str) -> Result<VerifierKey, CommandError> {
    let parsed = key.trim().parse().or_else(|error| match std::fs::read_to_string(key) {
        Ok(text) => text.trim().parse(),
        Err(_) => Err(error),
    });
    parsed.map_err(|error| CommandError::Input(format!("{key}: {error}")))
}

/// The first line of standard input: a secret that must not stand in a list of processes.
fn line_from_stdin() -> Result<String, CommandError> {
    let mut text = String::new();
    io::stdin().lock().take(64 * 1024).read_to_string(&mut text)?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.is_empty() { Err(CommandError::Input("standard input is empty".to_owned())) } else { Ok(line) }
}
