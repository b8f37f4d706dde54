//! Tags, which give titles and colours to the tag handles of connections.

use serde::Serialize;

use crate::row::row;
use crate::{TagHandle, Unreadable};

/// A tag (Workato API reference, Tags). All fields but the handle can be absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The handle, unique in the workspace.
    pub handle: TagHandle,
    /// The title, 30 characters at most (Workato API reference, Tags).
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The name of its colour in Workato's console.
    pub color: Option<String>,
    /// The fields that could not be read.
    #[serde(skip)]
    pub unreadable: Unreadable,
}

row! {
    Fields => Tag {
        handle: TagHandle,
        title: String,
        description: String,
        color: String,
    } by |fields| {
        let unreadable = fields.unreadable();
        Some(Self {
            handle: fields.handle.value?,
            title: fields.title.value,
            description: fields.description.value,
            color: fields.color.value,
            unreadable,
        })
    }
}
