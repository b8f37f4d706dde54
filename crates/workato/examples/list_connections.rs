//! Lists a workspace's connections. The base URL is an argument; the token comes from standard input, because other
//! users of the machine can see arguments:
//!
//! ```sh
//! cargo run -p workato --features client --example list_connections -- https://www.workato.com < token.txt
//! ```

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;

use secrecy::SecretString;
use workato::{BaseUrl, Client, ClientOptions, ConnectionQuery};

#[tokio::main]
async fn main() -> ExitCode {
    match list().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn list() -> Result<(), Box<dyn Error>> {
    let base_url: BaseUrl = std::env::args().nth(1).ok_or("usage: list_connections BASE_URL < TOKEN_FILE")?.parse()?;
    let mut token = String::new();
    std::io::stdin().read_to_string(&mut token)?;
    let token = SecretString::from(token.trim());

    let client = Client::new(ClientOptions::new(base_url, token))?;
    let workspace = client.workspace().await?;
    println!("Workspace: {}", workspace.name.as_deref().unwrap_or("(no name)"));
    for connection in client.connections(&ConnectionQuery::default()).await? {
        println!(
            "{}\t{}\t{}",
            connection.id,
            connection.application.as_deref().unwrap_or("-"),
            connection.name.as_deref().unwrap_or("(no name)"),
        );
    }
    Ok(())
}
