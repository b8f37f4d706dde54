//! How a server function answers: a redirect to a page that says what happened, a file, or a page of its own when there
//! is nothing to lead to. The answer is put into a slot that the server reads; what the function returns is for programs.

use std::{
    future::Future,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use futures::stream::BoxStream;
use leptos::{prelude::use_context, server_fn::codec::JsonEncoding};
use portal::{Error, FieldProblems, PublicError};
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::{context, forms, query::Query};

/// What to answer a form with.
pub enum Answer {
    /// Go and see there.
    SeeOther(String),
    /// Take this and keep it.
    File(File),
    /// Nothing to see but this.
    Refused(PublicError),
}

/// A file, written while it is sent.
pub struct File {
    /// In ASCII, without quotes.
    pub name: String,
    pub media_type: &'static str,
    pub chunks: BoxStream<'static, io::Result<Vec<u8>>>,
}

impl From<String> for Answer {
    fn from(path: String) -> Self {
        Self::SeeOther(path)
    }
}

impl From<File> for Answer {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}

/// Where a server function leaves its answer.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Answer>>>);

impl Slot {
    pub fn take(&self) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, answer: Answer) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }
}

/// What a server function returns when it refused: the public error, and nothing of its cause.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub PublicError);

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// What the framework refuses before the function runs: a form that is not one of ours.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // What does not fit the form may be a secret in the wrong place, and the framework quotes it.
        match error {
            ServerFnErrorErr::Args(_) => tracing::debug!("a server function was sent what its form does not send"),
            error => tracing::debug!(%error, "a server function could not be called"),
        }
        Self(PublicError::Malformed)
    }
}

/// A form as it was sent: on which page it stands, by which name, and what was typed that may be shown again.
pub struct Form<'a> {
    /// The page that shows the form, with the query that it needs.
    pub page: String,
    /// The form's name on that page.
    pub name: &'a str,
    /// Fields to fill in again when it is refused. No secrets.
    pub typed: &'a [(&'a str, &'a str)],
}

impl Form<'_> {
    /// Does what the form asks for and leaves the answer: a redirect to where `work` says or the file that it gives, back
    /// to the form with what is wrong with it, to the sign-in page, or an error page.
    pub async fn answer<A: Into<Answer>>(self, work: impl Future<Output = Result<A, Error>>) -> Result<(), ApiError> {
        let slot = use_context::<Slot>().unwrap_or_default();
        let answer = match work.await {
            Ok(answer) => answer.into(),
            Err(Error::SignedOut) => Answer::SeeOther(sign_in_path(&self.page)),
            Err(Error::Invalid(problems)) => Answer::SeeOther(self.kept(problems)),
            Err(error) => Answer::Refused(error.public()),
        };
        let returned = match &answer {
            Answer::SeeOther(_) | Answer::File(_) => Ok(()),
            Answer::Refused(error) => Err(ApiError(error.clone())),
        };
        slot.put(answer);
        returned
    }

    /// The page of the form, told to show what was typed and what is wrong with it.
    fn kept(&self, problems: FieldProblems) -> String {
        let id = forms::keep_refused(self.name, self.typed, problems);
        with_parameter(&self.page, forms::PARAMETER, &id)
    }
}

/// The sign-in page that leads back to `next`.
pub fn sign_in_path(next: &str) -> String {
    if next == "/" { "/login".to_owned() } else { Query::default().with("next", next).on("/login") }
}

/// `page` with one parameter set, and the fragment kept at the end.
pub fn with_parameter(page: &str, name: &str, value: &str) -> String {
    let (page, fragment) = page.split_once('#').map_or((page, String::new()), |(page, at)| (page, format!("#{at}")));
    let path = page.split_once('?').map_or(page, |(path, _)| path);
    let query = page.parse().map(|uri| Query::of(&uri)).unwrap_or_default();
    format!("{}{fragment}", query.with(name, value).on(path))
}

/// The signed-in person who sent the form.
pub fn actor() -> Result<portal::Actor, Error> {
    context::visitor().actor.ok_or(Error::SignedOut)
}

/// Where to go after signing in: a page of the portal, and nothing that a browser could take for another site.
pub fn safe_next(next: &str) -> String {
    let here = next.starts_with('/')
        && !next.starts_with("//")
        && !next.chars().any(|c| c.is_control() || c == '\\')
        && next.len() <= 2_048;
    let loops = ["/login", "/setup", "/api/"].iter().any(|path| next.starts_with(path));
    if here && !loops { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{safe_next, sign_in_path, with_parameter};

    #[test]
    fn signing_in_leads_to_pages_of_the_portal_only() {
        for good in ["/", "/audit?team=payments", "/teams/a/connections?q=%2F"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\n/evil", "/login?next=/login", "audit"]
        {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn a_parameter_is_added_before_the_fragment() {
        assert_eq!(with_parameter("/a?x=1#form", "problem", "p q"), "/a?x=1&problem=p+q#form");
        assert_eq!(sign_in_path("/a?x=1&y=2"), "/login?next=%2Fa%3Fx%3D1%26y%3D2");
    }
}
