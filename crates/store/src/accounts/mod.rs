//! People, their memberships, sessions and invitations, and tokens of the feed.

pub mod feed_tokens;
pub mod invitations;
pub mod members;
pub mod people;
pub mod session;
pub mod sessions;
