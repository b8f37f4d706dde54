//! HTTP to the provider: within a time and a size, without redirects, and encrypted unless it stays on this machine.

use std::{future::Future, pin::Pin, time::Duration};

use http::{Request, Response};
use openidconnect::AsyncHttpClient;
use reqwest::{Client, redirect};
use url::Url;

use super::settings::is_safe;

/// How long the provider may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest answer, in bytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("TLS cannot be set up")]
    Tls,
    /// The provider names an address that others could read or change.
    #[error("the provider names an address without https")]
    Insecure,
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Malformed(#[from] http::Error),
}

/// Calls the provider.
pub(super) struct Http(Option<Client>);

impl Http {
    pub fn new(issuer: &str) -> Self {
        let client = workato::tls_config().ok().and_then(|tls| {
            let builder = Client::builder().tls_backend_preconfigured(tls).redirect(redirect::Policy::none());
            // A proxy from the environment is for the network, not for this machine.
            let builder = if issuer.starts_with("http:") { builder.no_proxy() } else { builder };
            builder.timeout(TIMEOUT).build().ok()
        });
        Self(client)
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, NoAnswer> {
        let client = self.0.as_ref().ok_or(NoAnswer::Tls)?;
        if !Url::parse(&request.uri().to_string()).is_ok_and(|url| is_safe(&url)) {
            return Err(NoAnswer::Insecure);
        }
        let mut answer = client.execute(request.try_into()?).await?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            if body.len() + piece.len() > LONGEST_ANSWER {
                return Err(NoAnswer::TooLong);
            }
            body.extend_from_slice(&piece);
        }
        Ok(response.body(body)?)
    }
}

impl<'client> AsyncHttpClient<'client> for Http {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, NoAnswer>> + Send + 'client>>;

    fn call(&'client self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}
