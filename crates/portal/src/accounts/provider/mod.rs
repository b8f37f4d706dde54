//! Signing in at an OpenID Connect provider.

mod accounts;
mod hint;
mod http;
mod mapping;
mod oidc;
mod pending;
mod protocol;
mod refusal;
mod settings;
mod signing_in;
#[cfg(test)]
pub(crate) mod test_people;

pub(crate) use oidc::Provider;
pub use pending::PENDING_LENGTH;
pub use refusal::{ProviderError, ProviderRefusal};
pub use settings::{GroupRole, GroupTeamRole, NotAnIssuer, ProviderIssuer, ProviderSettings};
pub use signing_in::{CALLBACK, CameBack, ProviderAnswer, SetOut};
