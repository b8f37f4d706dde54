//! What the pages of a connection, a connector and a customer share: the link to the list, the target's operations, and
//! the page that is made from the log alone if Workato does not have the target.

use std::{collections::BTreeSet, future::Future};

use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    audit::{LogOf, OperationSummary, Target, TargetType},
    teams::Guarded,
    upstream::soon,
};

use crate::{
    components::{history, operation_notice, requested_note, unsent_notice, unsettled_warning},
    context, forms,
    wording::{refusals, targets::label},
};

/// What the log and the page's forms have about one target.
pub struct TargetLog {
    reader: TeamReader,
    kind: TargetType,
    id: String,
    /// The newest operations on the target, newest first.
    pub history: Vec<OperationSummary>,
    /// The changes that need a second person if the reader makes them.
    pub guarded: BTreeSet<Guarded>,
    /// The notice about the operation that the URL names.
    notice: Option<AnyView>,
    /// The problems of a refused form.
    unsent: Option<String>,
}

impl TargetLog {
    /// Reads the log. `forms` are the names of the page's forms.
    ///
    /// # Errors
    /// `Store` if the log cannot be read.
    pub async fn read(reader: &TeamReader, kind: TargetType, id: impl ToString, forms: &[&str]) -> Result<Self, Error> {
        let id = id.to_string();
        let history = context::portal().history(reader, kind, &id).await?;
        if !history.is_empty() {
            context::portal().note_reading(reader.actor(), LogOf::Team(reader.team().id)).await;
        }
        let notice = operation_notice(reader, kind, &id, &history).await?;
        let unsent = forms.iter().find_map(|form| forms::refused(form).unsent());
        let guarded = context::portal().guarded(reader).await?;
        Ok(Self { reader: reader.clone(), kind, id, history, guarded, notice, unsent })
    }

    /// The target, or why it cannot be shown. If there is a notice to show, the page does not wait long for Workato,
    /// and a failed read is not an error.
    ///
    /// # Errors
    /// The error of `read`, if there is nothing else to show.
    pub fn find<T>(
        &self,
        read: impl Future<Output = Result<T, Error>> + Send,
    ) -> impl Future<Output = Result<Result<T, String>, Error>> + Send {
        let (kind, has_news) = (self.kind, self.notice.is_some() || self.unsent.is_some());
        let known = has_news || self.history.iter().any(OperationSummary::was_sent);
        async move {
            let found = if has_news { soon(read).await } else { Some(read.await) };
            match found {
                Some(Ok(found)) => Ok(Ok(found)),
                Some(Err(Error::NotFound)) if known => Ok(Err(format!("This {kind} is not in Workato."))),
                Some(Err(
                    error @ (Error::Workato(_)
                    | Error::NoToken
                    | Error::TokenNotUsed
                    | Error::TokenRefused
                    | Error::TeamRetired),
                )) if has_news => {
                    Ok(Err(format!("The {kind} itself cannot be shown now. {}", refusals::message_of(&error))))
                }
                Some(Err(error)) => Err(error),
                None => Ok(Err(format!(
                    "The {kind} itself cannot be shown now: Workato has not told of it yet. Reload this page later."
                ))),
            }
        }
    }

    /// The link to the list.
    pub fn breadcrumb(&self) -> AnyView {
        let list = format!("/teams/{}/{}s", self.reader.team().slug, self.kind);
        let kind = self.kind.as_str();
        let label = format!("{}{}s", kind[..1].to_ascii_uppercase(), &kind[1..]);
        view! { <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href=list>{label}</a></li></ol></nav> }
            .into_any()
    }

    /// The notice about the operation that the URL names, or else a warning about an earlier operation without a final
    /// outcome, or else what waits for approval. The first call takes it.
    pub fn notice(&mut self) -> Option<AnyView> {
        let notice = self.notice.take().or_else(|| unsettled_warning(&self.history));
        notice.or_else(|| requested_note(&self.history))
    }

    /// The target's name in its newest operation that has one.
    pub fn name(&self) -> String {
        let is_it = |target: &&Target| target.kind == self.kind && target.id == self.id;
        // The customer of a shared recipe is the second target.
        let named = self.history.iter().find_map(|operation| {
            let beside = operation.first.iter().flat_map(|entry| &entry.targets);
            let target = operation.target.iter().chain(beside).find(is_it)?;
            target.name.is_some().then(|| label(target))
        });
        named.unwrap_or_else(|| {
            let kind = self.kind.as_str();
            format!("{}{} {}", kind[..1].to_ascii_uppercase(), &kind[1..], self.id)
        })
    }

    /// The page of a target that Workato does not show.
    pub fn page(mut self, why: String) -> AnyView {
        let notice = self.notice();
        view! {
            <div class="head">
                <div class="head-main">
                    {self.breadcrumb()}
                    <h1>{self.name()}</h1>
                    <p class="soft">"ID "<span class="id">{self.id.clone()}</span></p>
                </div>
            </div>
            {notice}
            {self.unsent.take().map(unsent_notice)}
            <p class="card card-body">{why}</p>
            {self.operations()}
        }
        .into_any()
    }

    /// The target's operations, newest first.
    pub fn operations(self) -> AnyView {
        let all = format!("/audit?team={}&target={}%3A{}", self.reader.team().slug, self.kind, self.id);
        history(self.history, self.reader.actor().role(), all)
    }
}
