//! `/login/signed-out`: after signing out, for people who may still be signed in at the OpenID Connect provider.

use leptos::prelude::*;
use portal::Error;

use crate::{
    components::{ButtonLink, ButtonLook, Frame, Rendered, page, redirected},
    context,
    urls::PROVIDER_SIGN_OUT,
};

#[component]
pub fn SignedOutPage() -> impl IntoView {
    page(signed_out())
}

async fn signed_out() -> Result<Rendered, Error> {
    let portal = context::portal();
    let Some(name) = portal.provider_name().map(str::to_owned) else { return Ok(redirected("/login")) };
    if context::visitor().actor.is_some() {
        return Ok(redirected("/"));
    }
    let at_provider = match portal.provider_sign_out(None).await.is_some() {
        true => view! {
            <p>{format!("You may still be signed in at {name}. If you share this device, sign out there as well.")}</p>
            <p><ButtonLink href=PROVIDER_SIGN_OUT look=ButtonLook::Primary rel="external">{format!("Sign out at {name}")}</ButtonLink></p>
        }
        .into_any(),
        false => view! {
            <p>{format!("You may still be signed in at {name}. If you share this device, sign out there as well, or close the browser.")}</p>
        }
        .into_any(),
    };
    Ok(Frame::bare().title("Signed out").render(view! {
        <div class="panel sign-in">
            <h1>"You are signed out"</h1>
            {at_provider}
            <p><a href="/login">"Sign in again"</a></p>
        </div>
    }))
}
