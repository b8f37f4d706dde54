//! People, their memberships, second factors, sessions and invitations, and tokens of the feed.

pub mod factors;
pub mod feed_tokens;
pub mod invitations;
pub mod members;
pub mod people;
pub mod recovery_codes;
pub mod session;
pub mod sessions;
