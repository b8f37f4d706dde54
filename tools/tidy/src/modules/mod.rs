//! A crate's modules: which file each is in, what it declares, what it imports, and which paths its code names. Modules
//! that only tests have are left out, and so is every item under `#[cfg(test)]`.

mod collect;
mod edges;
mod model;
mod resolve;

pub use collect::modules;
pub use edges::Edge;
pub use model::Modules;
