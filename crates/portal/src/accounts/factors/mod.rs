//! Second factors: codes of authenticator apps, passkeys, recovery codes; the second step of signing in, and confirming
//! who somebody is before a delicate change.

mod challenges;
mod checking;
mod fresh;
mod in_memory;
mod listing;
mod managing;
mod passkeys;
mod pending_keys;
mod recovery_codes;
mod rules;
mod second_step;
#[cfg(test)]
mod tests;
mod totp;

use store::FactorId;

#[cfg(test)]
use self::challenges::Passkeys;
pub(crate) use self::in_memory::FactorSetup;
#[cfg(test)]
pub(crate) use self::totp::code_of;
pub use self::{
    challenges::Challenge,
    checking::Given,
    listing::FactorList,
    managing::NewTotp,
    rules::{FRESH_FOR, SecondFactorRule, needs_fresh_factor},
    second_step::{FirstStep, SECOND_STEP_FOR, SecondStep},
};

/// What the secret of a factor is sealed for.
fn subject(id: FactorId) -> String {
    format!("factor v1 {id}")
}
