//! What the audit log's signatures rest on, and which destinations of its checkpoints fail or are behind.

use leptos::prelude::*;
use portal::Error;

use super::{Tone, standing_notice};
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
        .map(|trouble| standing_notice(Tone::Warn, view! { <p>{trouble}</p> }))
        .collect();
    let alone = trust.witnesses.is_empty();
    let sentence = trust::sentence(&trust);
    let sentence = match alone {
        true => standing_notice(Tone::Info, view! { <p>{sentence}</p> }),
        false => view! { <p class="soft">{sentence}</p> }.into_any(),
    };
    Ok(view! { {troubles}{sentence} }.into_any())
}
