//! A simulator of Workato's API: the calls that a software vendor's team needs, with state, Workato's refusals and rate
//! limits, and faults on demand. For demonstrations and for tests of Workato clients. It stores nothing.
//!
//! ```no_run
//! # async fn example() -> Result<(), sandbox::Error> {
//! let sandbox = sandbox::Sandbox::start(sandbox::Options::on_any_port()).await?;
//! println!("GET {}/api/connections with Bearer {}", sandbox.base_url, sandbox.tokens[0]);
//! # Ok(())
//! # }
//! ```

mod accept;
mod admission;
mod alteration;
mod answers;
mod api;
mod clock;
mod control;
mod fault_injection;
mod faults;
mod ledger;
mod limits;
mod odd_values;
mod options;
mod pacific_time;
mod population;
mod privileges;
mod query;
mod resettable_stream;
mod run;
mod running;
mod workspace_handle;
mod workspaces;
mod world;

pub use alteration::{Alteration, AlterationError};
pub use clock::Clock;
pub use faults::{Fault, FaultKind, FaultSyntaxError, Faults, Moment, Pattern, RetryAfter, SetFault};
pub use ledger::{Entry, Target};
pub use limits::Calls;
pub use options::{Options, SharePath, Token};
pub use pacific_time::PacificTime;
pub use privileges::{Privilege, Privileges, UnknownPrivilege};
pub use run::{run, serve};
pub use running::{Error, Running, Sandbox};
pub use workspace_handle::WorkspaceHandle;
pub use world::{
    assets::{Customer, Folder, Tag},
    connection::{Connection, Connections},
    connector::{Connector, Shared, Version},
    recipe::Recipe,
};
