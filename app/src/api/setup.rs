//! Accepting a one-time link, as the first admin or an invited person. Neither is signed in yet.

use leptos::prelude::*;
use portal::{
    Error,
    accounts::{Password, Proof},
};
use secrecy::SecretString;
use server_fn::codec::PostUrl;

use super::session::begin_session;
use crate::{
    answer::{ApiError, Form},
    context,
    query::Query,
};

/// `POST /api/fn/set_up`
#[server(prefix = "/api/fn", endpoint = "set_up", input = PostUrl)]
pub async fn set_up(
    #[server(default)] secret: String,
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let page = link_page(&secret);
    let form = Form { page: page.clone(), name: "set-up", typed: &[("email", &email), ("name", &name)] };
    form.answer(async {
        let (secret, password) = (SecretString::from(secret), new_password(password)?);
        let origin = context::visitor().origin;
        sign_in_by_link(context::portal().set_up(&secret, email.clone(), name.clone(), password, &origin).await, page)
            .await
    })
    .await
}

/// `POST /api/fn/join`
#[server(prefix = "/api/fn", endpoint = "join", input = PostUrl)]
pub async fn join(#[server(default)] secret: String, #[server(default)] password: String) -> Result<(), ApiError> {
    let page = link_page(&secret);
    let form = Form { page: page.clone(), name: "join", typed: &[] };
    form.answer(async {
        let (secret, password) = (SecretString::from(secret), new_password(password)?);
        sign_in_by_link(context::portal().join(&secret, password, &context::visitor().origin).await, page).await
    })
    .await
}

/// Signs in the person that `proof` names. If the link is no longer valid, redirects to its page, which says so.
async fn sign_in_by_link(proof: Result<Proof, Error>, page: String) -> Result<String, Error> {
    match proof {
        Ok(proof) => {
            begin_session(&proof).await?;
            Ok("/".to_owned())
        }
        Err(Error::NotFound) => Ok(page),
        Err(error) => Err(error),
    }
}

fn link_page(secret: &str) -> String {
    Query::default().with("secret", secret).on("/setup")
}

/// Parses a new password.
pub(super) fn new_password(typed: String) -> Result<Password, Error> {
    Password::try_from(SecretString::from(typed)).map_err(|problem| problem.of("password"))
}

#[cfg(test)]
mod tests {
    use portal::{Error, Problem};

    use super::{link_page, new_password};

    #[test]
    fn a_one_time_link_is_escaped_in_its_url() {
        assert_eq!(link_page("abc-_1"), "/setup?secret=abc-_1");
        assert_eq!(link_page("a&b\r\n#"), "/setup?secret=a%26b%0D%0A%23");
    }

    #[test]
    fn a_short_password_is_a_problem_of_its_field() {
        let Err(Error::Invalid(problems)) = new_password("eleven char".to_owned()) else { panic!("it was accepted") };
        assert_eq!(problems.of("password"), Some(&Problem::PasswordTooShort { least: 12 }));
        assert!(new_password("twelve chars".to_owned()).is_ok());
    }
}
