//! The response of a server function: a redirect to a page that shows the result, a file, or an error page. The
//! function leaves it in a [`Slot`] that the server reads. Its return value is for programs.

use std::{
    future::Future,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use futures::stream::BoxStream;
use leptos::{prelude::use_context, server_fn::codec::JsonEncoding};
use portal::{Error, FieldProblems, PublicError};
use serde::{Deserialize, Serialize, Serializer};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::{context, forms, query::Query, wording::refusals};

/// The response to a form.
pub enum Answer {
    /// Redirect to this path.
    SeeOther(String),
    /// Send this file.
    File(File),
    /// Show this error on a page of its own.
    Refused(PublicError),
}

/// A file that is streamed.
pub struct File {
    /// ASCII without quotes, as `Content-Disposition` needs it.
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

/// Where a server function leaves its answer for the server.
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

/// What a refused server function returns: the public error, without its cause.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub PublicError);

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        refusals::json(&self.0).serialize(serializer)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// For requests that fail before the function runs, such as a form with missing or unknown fields.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // An input that does not fit the form may be a secret in the wrong field, and the framework's error quotes it.
        match error {
            ServerFnErrorErr::Args(_) => tracing::debug!("the input of a server function does not fit its form"),
            error => tracing::debug!(%error, "cannot call a server function"),
        }
        Self(PublicError::Malformed)
    }
}

/// A form that was sent.
pub struct Form<'a> {
    /// The URL of the page that shows the form.
    pub page: String,
    /// The form's name on that page.
    pub name: &'a str,
    /// The input to show again if the form is refused. No secrets.
    pub typed: &'a [(&'a str, &'a str)],
}

impl Form<'_> {
    /// Does `work` and leaves the answer: the redirect or file that it returns, or else a redirect back to the form
    /// with its problems, a redirect to sign in, or an error page.
    pub async fn answer<A: Into<Answer>>(self, work: impl Future<Output = Result<A, Error>>) -> Result<(), ApiError> {
        let slot = use_context::<Slot>().unwrap_or_default();
        let answer = match work.await {
            Ok(answer) => answer.into(),
            Err(Error::SignedOut) => Answer::SeeOther(sign_in_path(&self.page)),
            Err(Error::Invalid(problems)) => Answer::SeeOther(self.page_with_problems(problems)),
            Err(error) => Answer::Refused(error.public()),
        };
        let returned = match &answer {
            Answer::SeeOther(_) | Answer::File(_) => Ok(()),
            Answer::Refused(error) => Err(ApiError(error.clone())),
        };
        slot.put(answer);
        returned
    }

    /// The URL of the form's page that shows the input and its problems again.
    fn page_with_problems(&self, problems: FieldProblems) -> String {
        let id = forms::keep_refused(self.name, self.typed, problems);
        with_parameter(&self.page, forms::PARAMETER, &id)
    }
}

/// The sign-in page that redirects to `next` afterwards.
pub fn sign_in_path(next: &str) -> String {
    if next == "/" { "/login".to_owned() } else { Query::default().with("next", next).on("/login") }
}

/// `page` with this parameter set. A fragment stays at the end.
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

/// Where to go after signing in: a path of the portal that no browser can take for another site.
pub fn safe_next(next: &str) -> String {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.chars().any(|c| c.is_control() || c == '\\')
        && next.len() <= 2_048;
    let loops = ["/login", "/setup", "/api/"].iter().any(|path| next.starts_with(path));
    if is_local && !loops { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{safe_next, sign_in_path, with_parameter};

    #[test]
    fn signing_in_redirects_only_within_the_portal() {
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
