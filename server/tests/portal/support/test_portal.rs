//! A portal served in this process, by the very function that the program calls.

use std::ops::Deref;

use portal::Settings;
use server::{Config, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{Browser, Installation};

/// A portal, served. It is its installation, too.
pub struct TestPortal {
    pub installation: Installation,
    pub base: String,
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
    /// In a installation of its own.
    pub async fn start() -> Self {
        Self::serve(Installation::new().await).await
    }

    /// In this installation.
    pub async fn serve(installation: Installation) -> Self {
        Self::serve_with(installation, |_| {}).await
    }

    /// In this installation, with its settings altered.
    pub async fn serve_with(installation: Installation, alter: impl FnOnce(&mut Settings)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut settings = installation.settings();
        alter(&mut settings);
        let config = Config { portal: settings, public_url: base.clone(), trusted_proxies: Vec::new() };
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            serve(config, listener, shutdown).await.unwrap();
        });
        Self { installation, base, serving, stop }
    }

    /// Somebody's browser, signed in.
    pub async fn browser_of(&self, who: &str) -> Browser {
        Browser::of(&self.base, who).await
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// Stops serving, in order.
    pub async fn stop(self) -> Installation {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.installation
    }
}
