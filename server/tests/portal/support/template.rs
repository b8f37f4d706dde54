//! Installed portals that tests copy, since hashing six passwords and committing twenty entries takes longer than most
//! tests. A team's base URL cannot change once it has a token, so a template belongs to the address of its sandbox: a
//! test borrows the template, starts its own sandbox on that address, and returns both in the end. There are only as
//! many templates as installations at once.

use std::{
    fs,
    future::pending,
    net::SocketAddr,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use portal::{
    Portal, PortalRole, TeamRole,
    accounts::{Password, PersonInput},
    private_file,
    teams::TeamInput,
};
use sandbox::{Options, Running, Sandbox};
use secrecy::SecretString;
use tokio::runtime::Handle;

use super::{
    Installation,
    installation::{LENDING, PAYMENTS, email, password},
};

/// Name, role in the portal, and team with the role there.
type Person = (&'static str, PortalRole, Option<(&'static str, TeamRole)>);

const PEOPLE: [Person; 6] = [
    ("operator", PortalRole::Member, Some((PAYMENTS, TeamRole::Operator))),
    ("viewer", PortalRole::Member, Some((PAYMENTS, TeamRole::Viewer))),
    ("stranger", PortalRole::Member, Some((LENDING, TeamRole::Operator))),
    ("leaver", PortalRole::Member, None),
    ("auditor", PortalRole::Auditor, None),
    ("admin", PortalRole::Admin, None),
];

/// Two teams and their people, as files.
struct Template {
    /// The address in the teams' base URL.
    addr: SocketAddr,
    key: Vec<u8>,
    /// The data folder: names and contents.
    data: Vec<(String, Vec<u8>)>,
}

/// Templates that no test uses right now.
static FREE: Mutex<Vec<Template>> = Mutex::new(Vec::new());

/// Copies a template into the folder of an installation, and starts the sandbox that its teams use.
pub async fn install(options: &Options, key_file: &Path, data_dir: &Path) -> (Running, Borrowed) {
    let mut busy = Vec::new();
    loop {
        let free_template = free().pop();
        let template = match free_template {
            Some(template) => template,
            None => Template::build().await,
        };
        match Sandbox::start(Options { addr: template.addr, ..options.clone() }).await {
            Ok(sandbox) => {
                free().extend(busy);
                template.copy_to(key_file, data_dir);
                return (sandbox, Borrowed { template: Some(template), is_served: false });
            }
            // The sandbox of the last borrower is still being stopped.
            Err(sandbox::Error::Listen { .. }) => busy.push(template),
            Err(error) => panic!("{error}"),
        }
    }
}

fn free() -> MutexGuard<'static, Vec<Template>> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Template {
    async fn build() -> Self {
        let installation = Installation::empty(Options { connections: 1, ..Options::on_any_port() }).await;
        let portal = Portal::open(installation.settings()).await.unwrap();
        people_and_teams(&portal, &installation.sandbox).await;
        portal.close().await;
        let files = fs::read_dir(installation.data_dir()).unwrap().map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
        });
        let (data, key, addr) =
            (files.collect(), fs::read(installation.key_file()).unwrap(), installation.sandbox.addr);
        installation.sandbox.stop().await;
        Self { addr, key, data }
    }

    fn copy_to(&self, key_file: &Path, data_dir: &Path) {
        private_file::create(key_file, &self.key).unwrap();
        fs::create_dir(data_dir).unwrap();
        for (name, contents) in &self.data {
            private_file::create(&data_dir.join(name), contents).unwrap();
        }
    }
}

/// Adds the teams of the sandbox's tokens, and their people.
pub async fn people_and_teams(portal: &Portal, sandbox: &Running) {
    let admin = portal.command_line("tests");
    for (number, (slug, production)) in [(PAYMENTS, false), (LENDING, true)].into_iter().enumerate() {
        let mut name = slug.to_owned();
        name[..1].make_ascii_uppercase();
        let workato_url = sandbox.base_url.clone();
        let input = TeamInput { slug: slug.to_owned(), name, workato_url, production, ..TeamInput::default() };
        let token = sandbox.tokens[number].as_str().into();
        portal.create_team_with_token(&admin, &input, token).await.unwrap();
    }
    for (who, role, membership) in PEOPLE {
        let input = PersonInput { email: email(who), name: format!("The {who}"), role };
        let password = Password::try_from(SecretString::from(password(who))).unwrap();
        let person = portal.create_person(&admin, &input, password).await.unwrap();
        if let Some((team, role)) = membership {
            let team = portal.team_for_admin(&admin, team).await.unwrap();
            portal.set_member(&admin, team.id, person.id, role).await.unwrap();
        }
    }
}

/// A template that is free again once this is dropped.
pub struct Borrowed {
    template: Option<Template>,
    /// Whether a portal in this process may still call the sandbox. It must not call that of the next borrower, so the
    /// template is not free before the runtime ends.
    pub is_served: bool,
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let template = self.template.take();
        match Handle::try_current() {
            Ok(runtime) if self.is_served => {
                let borrowed = Self { template, is_served: false };
                runtime.spawn(async move {
                    pending::<()>().await;
                    drop(borrowed);
                });
            }
            _ => free().extend(template),
        }
    }
}
