//! What the pages of a connection, a connector and a customer share: the way back to the list, what the log tells of it,
//! and the page that is told from the log alone when Workato does not show it. What Workato shows is each page's own.

use std::future::Future;

use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    audit::{LogOf, OperationSummary, Target, TargetType},
    upstream::soon,
};

use crate::{
    components::{OperationsTable, TeamColumn, operation_notice, unsent_notice, unsettled_warning},
    context, forms,
    wording::refusals,
};

/// A connection, a connector or a customer, as far as the log and the forms of its page know it.
pub struct TargetLog {
    reader: TeamReader,
    kind: TargetType,
    id: String,
    /// Its newest operations, newest first.
    pub history: Vec<OperationSummary>,
    /// What became of the operation that the URL names.
    notice: Option<AnyView>,
    /// What was wrong with a form that was refused.
    unsent: Option<String>,
}

impl TargetLog {
    /// Reads the log. `forms` are the names of the page's forms.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn read(reader: &TeamReader, kind: TargetType, id: impl ToString, forms: &[&str]) -> Result<Self, Error> {
        let id = id.to_string();
        let history = context::portal().history(reader, kind, &id).await?;
        if !history.is_empty() {
            context::portal().note_reading(reader.actor(), LogOf::Team(reader.team().id)).await;
        }
        let notice = operation_notice(reader, kind, &id, &history).await?;
        let unsent = forms.iter().find_map(|form| forms::refused(form).unsent());
        Ok(Self { reader: reader.clone(), kind, id, history, notice, unsent })
    }

    /// The target itself; else why it cannot be shown. Whoever was led here by a change reads what came of it, whether
    /// or not Workato can be read, and does not wait for it long.
    ///
    /// # Errors
    /// What `read` gives, where there is nothing to tell instead.
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
                Some(Err(error @ (Error::Workato(_) | Error::NoToken))) if has_news => {
                    Ok(Err(format!("The {kind} itself cannot be shown now. {}", refusals::message_of(&error))))
                }
                Some(Err(error)) => Err(error),
                None => Ok(Err(format!(
                    "The {kind} itself cannot be shown now: Workato has not told of it yet. Reload this page in a while."
                ))),
            }
        }
    }

    /// The way back to the list.
    pub fn breadcrumb(&self) -> AnyView {
        let list = format!("/teams/{}/{}s", self.reader.team().slug, self.kind);
        view! { <p class="back"><a href=list>{format!("All {}s", self.kind)}</a></p> }.into_any()
    }

    /// What became of the operation that the URL names, else a warning where an earlier one is not settled. Once.
    pub fn notice(&mut self) -> Option<AnyView> {
        self.notice.take().or_else(|| unsettled_warning(&self.history))
    }

    /// What it was called when something was last done to it.
    pub fn name(&self) -> String {
        let is_it = |target: &&Target| target.kind == self.kind && target.id == self.id;
        // Whom a recipe is shared with is the second target.
        let named = self.history.iter().find_map(|operation| {
            let beside = operation.first.iter().flat_map(|entry| &entry.targets);
            operation.target.iter().chain(beside).find(is_it)?.name.clone()
        });
        named.unwrap_or_else(|| {
            let kind = self.kind.as_str();
            format!("{}{} {}", kind[..1].to_ascii_uppercase(), &kind[1..], self.id)
        })
    }

    /// The page of what Workato does not show.
    pub fn page(mut self, why: String) -> AnyView {
        let notice = self.notice();
        view! {
            {self.breadcrumb()}
            <div class="head">
                <div>
                    <h1>{self.name()}</h1>
                    <p class="soft">"Id "<span class="id">{self.id.clone()}</span></p>
                </div>
            </div>
            {notice}
            {self.unsent.take().map(unsent_notice)}
            <p class="panel">{why}</p>
            {self.operations()}
        }
        .into_any()
    }

    /// Its own operations, newest first.
    pub fn operations(self) -> AnyView {
        let all = format!("/audit?team={}&target={}%3A{}", self.reader.team().slug, self.kind, self.id);
        let content = if self.history.is_empty() {
            view! { <p class="soft">"Nothing was done to it through the portal yet."</p> }.into_any()
        } else {
            view! {
                <OperationsTable
                    operations=self.history
                    caption=format!("Operations on this {}", self.kind)
                    teams=TeamColumn::Left
                    viewer=self.reader.actor().role()
                />
                <p><a href=all>"See them in the audit log"</a></p>
            }
            .into_any()
        };
        view! {
            <section aria-labelledby="operations">
                <h2 id="operations">"Operations"</h2>
                {content}
            </section>
        }
        .into_any()
    }
}
