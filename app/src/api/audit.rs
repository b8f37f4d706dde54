//! Exporting the audit log.

use std::io;

use futures::{StreamExt, TryStreamExt};
use leptos::prelude::*;
use portal::{
    Error,
    audit::{ExportFormat, FilterInput},
};
use server_fn::codec::PostUrl;
use time::OffsetDateTime;

use super::hidden;
use crate::{
    answer::{ApiError, File, Form, actor, safe_next},
    context,
    forms::names::EXPORT_AUDIT,
};

/// `POST /api/fn/export_audit`: the operations that match the filter at this moment. `page` is the URL of the list that
/// has the form.
#[server(prefix = "/api/fn", endpoint = "export_audit", input = PostUrl)]
pub async fn export_audit(
    #[server(default)] page: String,
    #[server(default)] format: String,
    #[server(default)] filter: FilterInput,
) -> Result<(), ApiError> {
    let form = Form { page: safe_next(&page), name: EXPORT_AUDIT, typed: &[] };
    form.answer(async {
        let (actor, now) = (actor()?, OffsetDateTime::now_utc());
        let format: ExportFormat = hidden(&format)?;
        let query = filter.read(now).map_err(Error::Invalid)?.query;
        let export = context::portal().export(&actor, &query, format).await?;
        let chunks = export.stream().map_err(io::Error::other).boxed();
        Ok(File { name: format.file_name(now.date()), media_type: format.media_type(), chunks })
    })
    .await
}
