//! Beginning and ending the session of a browser, for server functions and for the server's own routes.

use portal::{Error, Portal, accounts::Proof};

use crate::context::{Visitor, hand_over, key_of};

/// Starts a session for the person that `proof` names, under a new id. A current session ends.
///
/// # Errors
/// As [`Portal::begin_session`].
pub async fn begin(portal: &Portal, visitor: &Visitor, proof: &Proof) -> Result<(), Error> {
    end(portal, visitor).await?;
    let begun = portal.begin_session(proof, &key_of(portal, visitor.new_id), &visitor.origin).await?;
    hand_over(&visitor.session, visitor.new_id, &begun).await.map_err(internal)
}

/// Ends the browser's session, if it has one.
///
/// # Errors
/// As [`Portal::sign_out`].
pub async fn end(portal: &Portal, visitor: &Visitor) -> Result<(), Error> {
    if let (Some(actor), Some(key)) = (&visitor.actor, visitor.session_key(portal)) {
        portal.sign_out(actor, &key).await?;
    }
    if visitor.session.id().is_some() {
        visitor.session.flush().await.map_err(internal)?;
    }
    Ok(())
}

fn internal(error: tower_sessions::session::Error) -> Error {
    Error::Internal(error.to_string())
}
