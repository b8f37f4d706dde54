//! Workato's API: serde types, and with the feature `client` a client that stays within the rate limits.
//! It knows nothing about people, teams or the audit log, and does not decide who may do what.
//!
//! Without features the crate compiles to WebAssembly. With `client` it has [`Client`]: reads fail with a
//! [`ReadError`], changes always return a [`ChangeAnswer`].

#![warn(missing_docs)]
#![cfg_attr(all(doctest, feature = "client"), doc = include_str!("../README.md"))]

mod activity;
mod api_client;
mod call;
mod change;
mod connection;
mod connection_draft;
mod connector;
mod connector_draft;
mod customer;
mod data_center;
mod denial;
mod folder;
mod ids;
mod list;
mod query;
mod recipe;
pub mod reply;
mod row;
mod tag;
mod timestamp;
mod unreadable;
mod updated_after;
mod workspace;

#[cfg(feature = "client")]
mod client;

pub use activity::{ActivityEvent, ActivityQuery, ActivityResource, ActivityUser};
pub use api_client::ApiClient;
pub use call::{Call, Class};
pub use change::{CallOutcome, ChangeAnswer, Force, ResponseKind};
pub use connection::{AuthorizationStatus, Connection};
pub use connection_draft::{ConnectionDraft, ConnectionUpdate, TagAssignment};
pub use connector::{Connector, ReleasedVersion};
pub use connector_draft::ConnectorDraft;
pub use customer::{Customer, CustomerList, CustomerRef, CustomerRefError};
pub use data_center::DataCenter;
pub use denial::Denial;
pub use folder::{Folder, FolderTree};
pub use ids::{
    ApiClientId, ConnectionId, ConnectorId, ConnectorVersion, CustomerId, FolderId, IdError, ProjectId, RecipeId,
    TagHandle, WorkspaceId,
};
pub use list::List;
pub use query::{ConnectionQuery, ConnectorQuery};
pub use recipe::{Recipe, RecipeList, RecipeUse};
pub use reply::ReplyError;
pub use tag::Tag;
pub use timestamp::{Timestamp, TimestampError};
pub use unreadable::Unreadable;
pub use updated_after::UpdatedAfter;
pub use workspace::Workspace;

#[cfg(feature = "client")]
pub use client::{
    BaseUrl, BaseUrlError, Client, ClientError, ClientOptions, Counting, Credentials, CredentialsError, Limit, Limits,
    NotCounted, Permit, Probe, QueueFull, ReadError, SharedLimits, TRACES, in_span, in_trace, is_loopback, tls_config,
    wait_in_seconds,
};
