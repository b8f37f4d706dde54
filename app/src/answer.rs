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

pub use crate::urls::{SIGNED_OUT, confirm_path, safe_next, second_step_path, sign_in_path, with_parameter};
use crate::{context, form_memory::OPERATION, forms, wording::refusals};

/// The response to a form.
pub enum Answer {
    /// Redirect to this path.
    SeeOther(String),
    /// The same, after the browser's session was ended. The browser is to forget what it stores for the portal.
    SignedOut(String),
    /// Send this file.
    File(File),
    /// Redirect to the form, which shows the input again with its problems. A program gets the problems.
    Invalid { page: String, problems: FieldProblems },
    /// Show this error on a page of its own.
    Refused(PublicError),
    /// The form's operation id was used before for something else. Show that, and offer the form again with a new id.
    Conflict {
        error: PublicError,
        /// The URL of the form with what was typed.
        fresh_form: String,
    },
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
            Err(Error::SignedOut) => Answer::SeeOther(forms::sign_in_page(&self.page, self.name, self.typed)),
            Err(Error::FactorNeeded) => Answer::SeeOther(forms::confirm_page(&self.page, self.name, self.typed)),
            Err(Error::Invalid(problems)) => {
                Answer::Invalid { page: self.page_with_problems(problems.clone()), problems }
            }
            Err(error) => self.refusal(error.public()),
        };
        let returned = match &answer {
            Answer::SeeOther(_) | Answer::SignedOut(_) | Answer::File(_) => Ok(()),
            Answer::Invalid { problems, .. } => Err(ApiError(PublicError::Invalid(problems.clone()))),
            Answer::Refused(error) | Answer::Conflict { error, .. } => Err(ApiError(error.clone())),
        };
        slot.put(answer);
        returned
    }

    /// The URL of the form's page that shows the input and its problems again. It has no fragment: with one, browsers do
    /// not give the focus to the summary of the problems.
    fn page_with_problems(&self, problems: FieldProblems) -> String {
        let id = forms::keep_refused(self.name, self.typed, problems);
        let page = self.page.split_once('#').map_or(self.page.as_str(), |(page, _)| page);
        with_parameter(page, forms::PARAMETER, &id)
    }

    fn refusal(&self, error: PublicError) -> Answer {
        let starts_operation = self.typed.iter().any(|(field, _)| *field == OPERATION);
        let kept = match &error {
            PublicError::Conflict { .. } if starts_operation => forms::keep_for_another_id(self.name, self.typed),
            _ => None,
        };
        match kept {
            Some(id) => Answer::Conflict { error, fresh_form: with_parameter(&self.page, forms::PARAMETER, &id) },
            None => Answer::Refused(error),
        }
    }
}

/// The signed-in person who sent the form.
pub fn actor() -> Result<portal::Actor, Error> {
    context::visitor().actor.ok_or(Error::SignedOut)
}
