//! Impact: which recipes use a connection, and which customers and recipes use a connector. What was read last is held
//! for each team, with its age and how much of it is known. Changes nothing, and blocks no change: what cannot be read
//! is said.

mod cache;
mod customers;
mod entry;
mod own;
mod read;
mod recipe;

pub(crate) use self::cache::ImpactCache;
pub use self::{
    customers::{
        ConnectorInUse, Coverage, CustomerInUse, CustomerRead, CustomersRecipes, CustomersRecipesBuilder, UsedBy,
        UsingCustomer,
    },
    entry::{Counts, CustomerCounts, EntryImpact, MOST_SAMPLED, Sampled, Unread, UnreadWhat, WhyUnread},
    own::{OwnRecipes, RecipesInUse},
    read::{Known, Wanted},
    recipe::UsedRecipe,
};
