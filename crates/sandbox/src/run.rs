//! The sandbox as a program: prints its address and tokens, and serves until it is stopped.
//! For use within a process, see `Sandbox::start`.

use std::{
    future::Future,
    io::{self, Write},
};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    options::Options,
    running::{Error, Sandbox, listen},
};

/// Prints the address and tokens to standard output, and serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// [`Error::Listen`] if it cannot listen on the address; otherwise as [`Sandbox::new`].
pub async fn run(options: Options) -> Result<(), Error> {
    let listener = listen(options.addr).await?;
    serve(options, listener, shutdown_signal()).await
}

/// Prints the address and tokens to standard output, and serves on a listener until `shutdown` completes.
///
/// # Errors
/// As [`Sandbox::new`].
pub async fn serve(options: Options, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    let sandbox = Sandbox::new(&options)?;
    if let Err(error) = announce(&sandbox, &options, &listener, &mut io::stdout().lock()) {
        tracing::warn!(%error, "could not print the address and the tokens");
    }
    sandbox.serve(listener, shutdown).await;
    Ok(())
}

fn announce(sandbox: &Sandbox, options: &Options, listener: &TcpListener, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Workato sandbox on http://{}", listener.local_addr()?)?;
    for (token, workspace) in sandbox.tokens().iter().zip(sandbox.workspace_names()) {
        writeln!(out, "  token {token}  workspace {workspace}")?;
    }
    if let Some(token) = sandbox.restricted_token() {
        let lacks: Vec<String> = options.lacks.iter().map(ToString::to_string).collect();
        writeln!(out, "  token {token}  the first workspace, without {}", lacks.join(", "))?;
    }
    writeln!(out, "  rate limits {}", if options.no_limits { "off" } else { "on" })?;
    for fault in &options.faults {
        writeln!(out, "  fault {fault}")?;
    }
    if let Some(path) = &options.ledger {
        writeln!(out, "  ledger {}", path.display())?;
    }
    out.flush()
}

async fn shutdown_signal() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "could not listen for SIGTERM; Ctrl-C still stops the sandbox");
            return wait_for_ctrl_c().await;
        }
    };
    tokio::select! {
        () = wait_for_ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

async fn wait_for_ctrl_c() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "could not listen for Ctrl-C; stop the sandbox with SIGKILL");
        std::future::pending::<()>().await;
    }
}
