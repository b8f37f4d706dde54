//! Which workspace a token opens.

use std::sync::Arc;

use store::Workspace;
use workato::Client;

use crate::{Error, Result};

/// The workspace that the client's token opens.
pub(crate) async fn workspace_of(client: &Client) -> Result<Workspace> {
    let answer = client.workspace().await.map_err(Arc::new)?;
    let id = answer.id.ok_or_else(|| Error::Internal("Workato's answer names no workspace id".to_owned()))?;
    Ok(Workspace { id: id.get(), name: answer.company.or(answer.name) })
}
