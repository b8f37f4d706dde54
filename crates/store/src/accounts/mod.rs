//! People, how they come in, and what they and collectors are known by.

pub mod feed_tokens;
pub mod invitations;
pub mod members;
pub mod people;
pub mod sessions;
