//! A portal served in this process, by the function that the program calls.

use std::ops::Deref;

use portal::{
    Portal, PortalRole, Settings,
    accounts::{Password, PersonInput},
};
use secrecy::{ExposeSecret, SecretString};
use server::{Config, Listeners, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{Browser, Installation, Page, email, password};

/// A portal that is being served. It dereferences to its installation.
pub struct TestPortal {
    pub installation: Installation,
    pub base: String,
    /// The address of the listener for metrics.
    pub monitoring: String,
    serving: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Deref for TestPortal {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.installation
    }
}

impl TestPortal {
    /// Serves a new installation.
    pub async fn start() -> Self {
        Self::serve(Installation::new().await).await
    }

    /// Serves this installation.
    pub async fn serve(installation: Installation) -> Self {
        Self::serve_with(installation, |_| {}).await
    }

    /// Serves this installation with other settings.
    pub async fn serve_with(installation: Installation, alter: impl FnOnce(&mut Settings)) -> Self {
        Self::serve_configured(installation, |config| alter(&mut config.portal)).await
    }

    /// Serves this installation with another configuration.
    pub async fn serve_configured(mut installation: Installation, alter: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let metrics = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let [base, monitoring] =
            [&listener, &metrics].map(|listener| format!("http://{}", listener.local_addr().unwrap()));
        let listeners = Listeners { portal: listener, metrics: Some(metrics) };
        let mut config = Config {
            portal: installation.settings(),
            public_url: base.parse().unwrap(),
            trusted_proxies: Vec::new(),
            is_demo: false,
            requests_per_second: 30,
        };
        alter(&mut config);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            serve(config, listeners, shutdown).await.unwrap();
        });
        installation.set_served(true);
        Self { installation, base, monitoring, serving, stop }
    }

    /// Serves this installation at `localhost`, where browsers have passkeys.
    pub async fn at_localhost(installation: Installation) -> Self {
        Self::at_localhost_with(installation, |_| {}).await
    }

    /// The same with other settings.
    pub async fn at_localhost_with(installation: Installation, alter: impl FnOnce(&mut Settings)) -> Self {
        let localhost = |base: &str| base.replace("127.0.0.1", "localhost");
        let portal = Self::serve_configured(installation, |config| {
            config.public_url = localhost(config.public_url.as_str()).parse().unwrap();
            alter(&mut config.portal);
        })
        .await;
        Self { base: localhost(&portal.base), ..portal }
    }

    /// Somebody's browser, signed in.
    pub async fn browser_of(&self, who: &str) -> Browser {
        Browser::of(&self.base, who).await
    }

    /// The path of the link with which the first admin signs up. Earlier links end.
    pub async fn setup_path(&self) -> String {
        // An answer means that the portal has finished opening its database, so a second opening cannot interfere.
        assert_eq!(self.browser().get("/readyz").await.status, 200);
        let beside = Portal::open(self.installation.settings()).await.unwrap();
        let secret = beside.setup_secret().await.unwrap().expect("there is no admin yet");
        beside.close().await;
        format!("/setup?secret={}", secret.expose_secret())
    }

    /// Signs up the first admin. Returns the signed-in browser.
    pub async fn first_admin(&self) -> Browser {
        let browser = self.browser();
        let form = browser.open_link(&self.setup_path().await).await.form("/api/fn/set_up");
        let form = form.with("email", &email("admin")).with("name", "The admin").with("password", &password("admin"));
        assert_eq!(browser.submit(&form).await.location(), "/");
        browser
    }

    /// Releases somebody's new one-time link by the command line, in place of a second admin.
    pub async fn release_link_of(&self, who: &str) {
        let beside = Portal::open(self.installation.settings()).await.unwrap();
        let root = beside.command_line("tests");
        let person = beside.person_by_email(&root, &email(who)).await.unwrap();
        beside.release_link(&root, person.id).await.unwrap();
        beside.close().await;
    }

    /// Another admin's browser. The command line made that admin, so nobody in the portal could have been both.
    pub async fn second_admin(&self) -> Browser {
        let beside = Portal::open(self.installation.settings()).await.unwrap();
        let input = PersonInput { email: email("second"), name: "The second".to_owned(), role: PortalRole::Admin };
        let password = Password::try_from(SecretString::from(password("second"))).unwrap();
        beside.create_person(&beside.command_line("tests"), &input, password).await.unwrap();
        beside.close().await;
        self.browser_of("second").await
    }

    /// Invites somebody. Returns the path of the one-time link.
    pub async fn invite(&self, admin: &Browser, who: &str, role: &str) -> String {
        let form = admin.get("/admin/people").await.form("/api/fn/invite");
        let form = form.with("email", &email(who)).with("name", &format!("The {who}")).with("role", role);
        let page = admin.submit_and_follow(&form).await;
        self.path_of(&page.value_of("link").expect("the link is shown"))
    }

    /// Invites somebody, who signs up with the link. Returns the signed-in browser.
    pub async fn invited(&self, admin: &Browser, who: &str, role: &str) -> Browser {
        let (browser, path) = (self.browser(), self.invite(admin, who, role).await);
        let form = browser.open_link(&path).await.form("/api/fn/join");
        assert_eq!(browser.submit(&form.with("password", &password(who))).await.location(), "/");
        browser
    }

    /// The path of a link to this portal.
    pub fn path_of(&self, link: &str) -> String {
        link.strip_prefix(&self.base).expect("a link to this portal").to_owned()
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// What monitoring is told.
    pub async fn readiness(&self) -> Page {
        Browser::new(&self.monitoring).get("/readyz").await
    }

    /// Stops serving and waits for everything under way.
    pub async fn stop(mut self) -> Installation {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.installation.set_served(false);
        self.installation
    }
}
