//! What the audit log's signatures rest on, and which destinations of its checkpoints fail or are behind.

use leptos::prelude::*;
use portal::Error;

use crate::{context, wording::trust};

/// The lines below the list.
///
/// # Errors
/// `Store` if the database cannot be read.
pub async fn log_trust() -> Result<AnyView, Error> {
    let portal = context::portal();
    let trust = portal.trust().await?;
    let troubles: Vec<_> = portal
        .checkpoint_troubles()
        .await?
        .into_iter()
        .map(|trouble| view! { <p class="callout notice warn" role="status">{trouble}</p> })
        .collect();
    let alone = trust.witnesses.is_empty();
    let class = if alone { "callout notice info" } else { "soft" };
    Ok(view! { {troubles}<p class=class>{trust::sentence(&trust)}</p> }.into_any())
}
