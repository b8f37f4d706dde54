//! Accepting a one-time link, as the first admin or an invited person. Neither is signed in yet.

use leptos::prelude::*;
use portal::{
    Error,
    accounts::{FirstStep, Password},
};
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use super::session::after_first_step;
use crate::{
    answer::{ApiError, Form},
    context,
};

/// The page of the link that the form was sent with. The link itself is in a cookie.
const PAGE: &str = "/setup";

/// `POST /api/fn/set_up`
#[server(prefix = "/api/fn", endpoint = "set_up", input = PostUrl)]
pub async fn set_up(
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "set-up", typed: &[("email", &email), ("name", &name)] };
    form.answer(async {
        let (secret, password) = (context::one_time_link(), new_password(password)?);
        let origin = context::visitor().origin;
        let made = context::portal().set_up(&secret, email.clone(), name.clone(), password, &origin).await;
        sign_in_by_link(made.map(FirstStep::Proved)).await
    })
    .await
}

/// `POST /api/fn/join`
#[server(prefix = "/api/fn", endpoint = "join", input = PostUrl)]
pub async fn join(#[server(default)] password: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "join", typed: &[] };
    form.answer(async {
        let (secret, password) = (context::one_time_link(), new_password(password)?);
        sign_in_by_link(context::portal().join(&secret, password, &context::visitor().origin).await).await
    })
    .await
}

/// Signs in the person, or asks for the second factor. If the link is no longer valid, redirects to its page, which says so.
async fn sign_in_by_link(first: Result<FirstStep, Error>) -> Result<String, Error> {
    match first {
        Ok(first) => after_first_step(first, "/").await,
        Err(Error::NotFound) => Ok(PAGE.to_owned()),
        Err(error) => Err(error),
    }
}

/// Parses a new password.
pub(super) fn new_password(typed: String) -> Result<Password, Error> {
    Password::try_from(SecretString::from(typed)).map_err(|problem| problem.of("password"))
}

#[cfg(test)]
mod tests {
    use portal::{Error, Problem};

    use super::new_password;

    #[test]
    fn a_short_password_is_a_problem_of_its_field() {
        let Err(Error::Invalid(problems)) = new_password("eleven char".to_owned()) else { panic!("it was accepted") };
        assert_eq!(problems.of("password"), Some(&Problem::PasswordTooShort { least: 12 }));
        assert!(new_password("twelve chars".to_owned()).is_ok());
    }
}
