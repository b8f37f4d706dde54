//! The sandbox as a program: listens, says where and for which tokens, serves until it is told to stop.
//! In-process use is `Sandbox::start`.

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

/// Serves until ctrl-c or SIGTERM. Prints the address and the tokens on standard output first.
///
/// # Errors
/// When the sandbox cannot be filled or its address cannot be listened on.
pub async fn run(options: Options) -> Result<(), Error> {
    let listener = listen(options.addr).await?;
    serve(options, listener, told_to_stop()).await
}

/// Serves on a listener until `shutdown` is ready. Prints the address and the tokens on standard output first.
///
/// # Errors
/// When the sandbox cannot be filled.
pub async fn serve(options: Options, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    let sandbox = Sandbox::new(&options)?;
    if let Err(error) = announce(&sandbox, &options, &listener, &mut io::stdout().lock()) {
        tracing::warn!(%error, "the address and the tokens could not be printed");
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
    writeln!(out, "  rate limits {}", if options.no_limits { "lifted" } else { "as Workato's" })?;
    for fault in &options.faults {
        writeln!(out, "  fault {fault}")?;
    }
    if let Some(path) = &options.ledger {
        writeln!(out, "  ledger {}", path.display())?;
    }
    out.flush()
}

async fn told_to_stop() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be listened for; ctrl-c still ends the sandbox");
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
        tracing::warn!(%error, "ctrl-c cannot be listened for; end the sandbox by SIGKILL");
        std::future::pending::<()>().await;
    }
}
