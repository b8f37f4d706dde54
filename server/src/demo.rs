//! The demo: the real portal with a sandbox as its Workato, two teams, and a person who can do everything in them.

use std::{fs::DirBuilder, io::ErrorKind, net::SocketAddr, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

use portal::{
    Portal, PortalRole, Settings, TeamRole,
    accounts::{Password, PersonInput},
    private_file,
    teams::TeamInput,
    vault::Vault,
};
use sandbox::{Options, Sandbox};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use uuid::Uuid;
use workato::Limits;

use crate::{
    Config,
    command_error::CommandError,
    config::DemoOptions,
    factor_options::SecondFactor,
    listen::listen,
    logging,
    output::announce,
    serve::{asked_to_stop, serve},
};

const EMAIL: &str = "operator@example.com";
const NAME: &str = "Demo operator";
/// Slug, name, and whether the team is in production.
const TEAMS: [(&str, &str, bool); 2] = [("demo", "Demo", false), ("payments", "Payments", true)];

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
    let earlier = earlier_sandbox(&settings).await?;
    announce(format!("Starting the sandbox with {} connections …\n", options.connections)).await;
    let workato = Sandbox::start(sandbox_options(&options, earlier)?).await?;
    settings.workato_hosts.push(workato.base_url.clone());
    if options.no_limits {
        settings.upstream.limits = Limits::none();
    }
    let password = {
        let portal = Portal::open(settings.clone()).await?;
        let tokens: Vec<SecretString> = workato.tokens.iter().map(|token| token.as_str().into()).collect();
        let password = people_and_teams(&portal, &workato.base_url, tokens).await?;
        portal.close().await;
        password
    };
    let listeners = listen(&options.web)?;
    let config = Config::new(settings, &options.web, listeners.portal.local_addr()?)?;
    announce(format!(
        "\n  Open      {}\n  Email     {EMAIL}\n  Password  {}\n\n  \
         The sandbox listens on {}. Ctrl-C stops both.\n\n",
        config.public_url,
        password.expose_secret(),
        workato.base_url
    ))
    .await;
    Ok(serve(config, listeners, asked_to_stop()).await?)
}

/// The address of an earlier demo's sandbox: the teams in the folder still call it there.
async fn earlier_sandbox(settings: &Settings) -> Result<Option<SocketAddr>, CommandError> {
    let portal = Portal::open(settings.clone()).await?;
    let team = portal.team_for_admin(&portal.command_line("demo"), TEAMS[0].0).await;
    portal.close().await;
    Ok(team.ok().and_then(|team| team.workato_url.strip_prefix("http://")?.parse().ok()))
}

fn sandbox_options(options: &DemoOptions, earlier: Option<SocketAddr>) -> Result<Options, CommandError> {
    let tokens = TEAMS.iter().map(|(slug, _, _)| format!("sandbox-{slug}").parse());
    Ok(Options {
        tokens: tokens.collect::<Result<_, _>>().map_err(|error: &str| CommandError::Input(error.to_owned()))?,
        connections: options.connections,
        connectors: options.connectors,
        no_limits: options.no_limits,
        oddities: true,
        addr: earlier.unwrap_or(Options::on_any_port().addr),
        ..Options::on_any_port()
    })
}

/// A key beside the data, which only a demo may have.
fn key_in(folder: &Path) -> Result<std::path::PathBuf, CommandError> {
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

/// Creates the demo's person and teams, or finds those of an earlier demo. Returns the person's new password.
async fn people_and_teams(
    portal: &Arc<Portal>,
    base_url: &str,
    tokens: Vec<SecretString>,
) -> Result<SecretString, CommandError> {
    let admin = portal.command_line("demo");
    let password = SecretString::from(Uuid::new_v4().simple().to_string()[..16].to_owned());
    let person = match portal.person_by_email(&admin, EMAIL).await {
        Ok(person) => {
            let (_, secret) = portal.invite_again(&admin, person.id).await?;
            portal.join(&secret, Password::try_from(password.clone())?, &portal::Origin::default()).await?;
            person
        }
        Err(_) => {
            let input = PersonInput { email: EMAIL.to_owned(), name: NAME.to_owned(), role: PortalRole::Admin };
            portal.create_person(&admin, &input, Password::try_from(password.clone())?).await?
        }
    };
    for ((slug, name, production), token) in TEAMS.into_iter().zip(tokens) {
        let input =
            TeamInput { slug: slug.to_owned(), name: name.to_owned(), workato_url: base_url.to_owned(), production };
        let team = match portal.team_for_admin(&admin, slug).await {
            Ok(team) => team,
            Err(_) => portal.create_team_with_token(&admin, &input, token).await?,
        };
        portal.set_member(&admin, team.id, person.id, TeamRole::Operator).await?;
    }
    Ok(password)
}
