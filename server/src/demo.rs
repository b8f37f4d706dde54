//! The demo: the real portal with a sandbox as its Workato, two teams with a month behind them, and two people to sign in
//! as.

mod cast;
mod history;
mod job;
mod promotion;
mod scene;
mod script;
mod stage;

use std::{
    collections::HashMap,
    fs::{self, DirBuilder},
    io::ErrorKind,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

use portal::{
    Clock, Portal, Settings,
    audit::{Destination, DestinationError},
    private_file,
    vault::Vault,
};
use sandbox::{Options, Running, Sandbox};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use workato::Limits;

use self::cast::{EVERYBODY, TEAMS, Who, people_and_teams};
use crate::{
    Config,
    command_error::CommandError,
    demo_options::DemoOptions,
    factor_options::SecondFactor,
    listen::listen,
    logging,
    output::announce,
    serve::{asked_to_stop, serve},
};

/// The people to sign in as.
const GUESTS: [Who; 2] = [Who::Olga, Who::Marcus];
/// What the file about the demo's beginning says if there is a month before it.
const HISTORY: &str = "with history";

/// Runs the demo until the process is asked to stop.
///
/// # Errors
/// One line for the person at the terminal.
pub async fn run(mut options: DemoOptions) -> Result<(), CommandError> {
    // The demo's people sign in with a password alone, unless somebody wants to see more.
    options.web.factors.second_factor.get_or_insert(SecondFactor::Optional);
    logging::start(&options.web.log, options.web.log_format)?;
    let fresh = TempDir::with_prefix("partner-portal-")?;
    let folder = options.data_dir.as_deref().unwrap_or(fresh.path());
    announce(format!("Preparing the portal in {} …\n", folder.display())).await;
    let mut settings = Settings::new(folder.to_owned(), key_in(folder)?);
    // The home page shows what the comparison has read.
    settings.first_watch_after = Some(Duration::ZERO);
    if options.web.destinations.checkpoints_to.is_empty() {
        options.web.destinations.checkpoints_to.push(witness(folder)?);
    }
    settings.checkpoints_to.clone_from(&options.web.destinations.checkpoints_to);
    let earlier = earlier_sandbox(&settings).await?;
    announce(format!("Starting the sandbox with {} connections …\n", options.connections)).await;
    // The dates of an earlier demo's sandbox count back from when it began.
    let beginning = Beginning::of(folder, earlier.is_some(), !options.no_history)?;
    let clock = Clock::at(beginning.at);
    let workato = Sandbox::start(sandbox_options(&options, earlier, &clock)?).await?;
    settings.workato_hosts.push(workato.base_url.clone());
    let passwords = match earlier {
        None if !beginning.has_history => set_up(&settings, &workato, &EVERYBODY, &clock).await?,
        None => history::make(settings.clone(), &workato, &clock).await?,
        Some(_) => {
            if beginning.has_history {
                // The portal remembers its month, but the sandbox does not. It is made once more, elsewhere.
                let elsewhere = TempDir::with_prefix("partner-portal-")?;
                let (data_dir, master_key_file) = (elsewhere.path().to_owned(), key_in(elsewhere.path())?);
                let checkpoints_to = Vec::new();
                let settings = Settings { data_dir, master_key_file, checkpoints_to, ..settings.clone() };
                history::make(settings, &workato, &clock).await?;
            }
            set_up(&settings, &workato, &GUESTS, &clock).await?
        }
    };
    clock.follow_system();
    workato.set_limited(!options.no_limits);
    if options.no_limits {
        settings.upstream.limits = Limits::none();
    }
    let listeners = listen(&options.web)?;
    let config = Config { is_demo: true, ..Config::new(settings, &options.web, listeners.portal.local_addr()?)? };
    let guests = GUESTS.map(|who| {
        let password = passwords.get(&who).map_or("", |password| password.expose_secret());
        format!("{}\n  Email     {}\n  Password  {password}\n", who.described(), who.email())
    });
    announce(format!(
        "\n  Open      {}\n\n  {}\n  {}\n  The sandbox listens on {}. Ctrl-C stops both.\n\n",
        config.public_url, guests[0], guests[1], workato.base_url
    ))
    .await;
    Ok(serve(config, listeners, asked_to_stop()).await?)
}

/// Makes sure that the teams and these people are there now. Returns their new passwords.
async fn set_up(
    settings: &Settings,
    sandbox: &Running,
    people: &[Who],
    clock: &Clock,
) -> Result<HashMap<Who, SecretString>, CommandError> {
    clock.follow_system();
    let portal = Portal::open(settings.clone()).await?;
    let passwords = people_and_teams(&portal, sandbox, people).await?;
    portal.close().await;
    Ok(passwords)
}

/// The address of an earlier demo's sandbox: the teams in the folder still call it there.
async fn earlier_sandbox(settings: &Settings) -> Result<Option<SocketAddr>, CommandError> {
    if !settings.data_dir.join(portal::DATABASE).exists() {
        return Ok(None);
    }
    let portal = Portal::open(settings.clone()).await?;
    let team = portal.team_for_admin(&portal.command_line("demo"), TEAMS[0].0).await;
    portal.close().await;
    Ok(team.ok().and_then(|team| team.workato_url.strip_prefix("http://")?.parse().ok()))
}

/// When the demo in a folder began, and whether it has a month before that.
struct Beginning {
    at: OffsetDateTime,
    has_history: bool,
}

impl Beginning {
    /// As an earlier start has noted it, or now.
    fn of(folder: &Path, is_earlier: bool, has_history: bool) -> Result<Self, CommandError> {
        let file = folder.join("demo.began");
        if is_earlier && let Some(noted) = fs::read_to_string(&file).ok().and_then(|text| Self::read(&text)) {
            return Ok(noted);
        }
        let at = OffsetDateTime::now_utc().truncate_to_second();
        let text = at.format(&Rfc3339).map_err(|error| CommandError::Input(error.to_string()))?;
        fs::write(file, format!("{text}\n{}\n", if has_history { HISTORY } else { "" }))?;
        Ok(Self { at, has_history })
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let at = OffsetDateTime::parse(lines.next()?, &Rfc3339).ok()?;
        Some(Self { at, has_history: lines.next() == Some(HISTORY) })
    }
}

fn sandbox_options(options: &DemoOptions, earlier: Option<SocketAddr>, clock: &Clock) -> Result<Options, CommandError> {
    let tokens = TEAMS.iter().map(|(slug, _, _)| format!("sandbox-{slug}").parse());
    let began_at = clock.now();
    let clock = clock.clone();
    Ok(Options {
        tokens: tokens.collect::<Result<_, _>>().map_err(|error: &str| CommandError::Input(error.to_owned()))?,
        connections: options.connections,
        connectors: options.connectors,
        // While the history is made. A month of calls takes a second.
        no_limits: true,
        oddities: true,
        addr: earlier.unwrap_or(Options::on_any_port().addr),
        started_at: Some(began_at),
        no_releases_for: time::Duration::days(script::DAYS + 1),
        clock: sandbox::Clock::new(move || clock.now()),
        ..Options::on_any_port()
    })
}

/// A folder for checkpoints that nobody else controls, which only a demo may have.
fn witness(folder: &Path) -> Result<Destination, CommandError> {
    let witness = folder.join("checkpoints");
    fs::create_dir_all(&witness)?;
    let witness = witness.canonicalize()?.display().to_string();
    witness.parse().map_err(|error: DestinationError| CommandError::Input(error.to_string()))
}

/// A key beside the data, which only a demo may have.
fn key_in(folder: &Path) -> Result<PathBuf, CommandError> {
    let file = folder.join("demo.key");
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    match private_file::create(&file, Vault::new_key()?.as_bytes()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    private_file::mend(&file);
    Ok(file)
}
