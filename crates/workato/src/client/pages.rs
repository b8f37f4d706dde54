//! The reads that take several calls: paginated lists and the folder tree. Each has a maximum number of calls, so that
//! one read cannot use up a workspace's rate limit and pages that repeat themselves come to an end.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

use time::{Duration, OffsetDateTime};

use super::client::Client;
use super::error::ReadError;
use super::parse;
use super::reads::add_parameters;
use crate::{
    ActivityEvent, ActivityQuery, Call, CustomerList, Folder, FolderId, FolderTree, ReplyError, Tag, Timestamp, reply,
};

/// Elements per page: Workato's maximum.
const PER_PAGE: usize = 100;

/// Most calls for one folder tree. Below the limit of 60 a minute, so that others can still read.
const MOST_FOLDER_CALLS: usize = 50;

/// Most pages of the activity log.
const MOST_ACTIVITY_PAGES: usize = 5;

/// Most pages of any other list.
const MOST_PAGES: usize = 50;

impl Client {
    /// Reads the workspace's folders, breadth first from the root: `GET /api/folders` (Workato API reference, Folders).
    /// Takes one call per folder and 50 calls at most; [`FolderTree::complete`] says whether that was enough.
    ///
    /// # Errors
    /// See [`ReadError`], if the first call fails. If a later call fails, the tree is incomplete.
    pub async fn folders(&self) -> Result<FolderTree, ReadError> {
        let mut tree = FolderTree { folders: Vec::new(), complete: true };
        let mut seen = HashSet::new();
        let mut to_read: VecDeque<(Option<FolderId>, usize)> = VecDeque::from([(None, 1)]);
        let mut calls = 0;
        while let Some((parent, page)) = to_read.pop_front() {
            if calls == MOST_FOLDER_CALLS {
                tree.complete = false;
                break;
            }
            calls += 1;
            let folders = match self.folder_page(parent, page).await {
                Ok(folders) => folders,
                Err(error) if calls == 1 => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, calls, "could not read the whole folder tree");
                    tree.complete = false;
                    break;
                }
            };
            let is_full = folders.len() >= PER_PAGE;
            let before = tree.folders.len();
            tree.folders.extend(folders.into_iter().filter(|folder| seen.insert(folder.id)));
            let new = &tree.folders[before..];
            if is_full && !new.is_empty() {
                to_read.push_front((parent, page + 1));
            }
            to_read.extend(new.iter().map(|folder| (Some(folder.id), 1)));
        }
        Ok(tree)
    }

    /// Lists the workspace's tags: `GET /api/tags` (Workato API reference, Tags), 5,000 at most.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn tags(&self) -> Result<Vec<Tag>, ReadError> {
        let (tags, _) = self.pages(Call::Tags, &["tags"], reply::tags, |tag| tag.handle.clone()).await?;
        Ok(tags)
    }

    /// Lists the embedded customers: `GET /api/managed_users` (Workato Embedded API reference, Managed users), 5,000 at
    /// most; [`CustomerList::complete`] says whether these are all.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn customers(&self) -> Result<CustomerList, ReadError> {
        let (customers, complete) =
            self.pages(Call::Customers, &["managed_users"], reply::customers, |customer| customer.id).await?;
        Ok(CustomerList { customers, complete })
    }

    /// Reads the activity log between two instants, newest event first, 500 events at most: `GET /api/activity_logs`
    /// (Workato API reference, Activity audit log).
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Denied`] or [`ReadError::NotFound`] if the workspace does not have this add-on.
    pub async fn activity(&self, query: ActivityQuery) -> Result<Vec<ActivityEvent>, ReadError> {
        // Whole seconds, rounded outwards.
        let instant = |at: OffsetDateTime| Timestamp::new(at.replace_nanosecond(0).unwrap_or(at)).to_string();
        let window = [("from", instant(query.from)), ("to", instant(query.to + Duration::SECOND))];
        let mut events: Vec<ActivityEvent> = Vec::new();
        for _ in 0..MOST_ACTIVITY_PAGES {
            let mut parameters = window.to_vec();
            parameters.push(("page[size]", PER_PAGE.to_string()));
            let last = events.last().and_then(|event| event.id.clone());
            parameters.extend(last.map(|id| ("page[after]", id)));
            let mut url = self.url(&["activity_logs"]);
            add_parameters(&mut url, parameters);
            let body = self.get(Call::ActivityLog, url).await?;
            let page = parse::reply(Call::ActivityLog, body, reply::activity).await?;
            let is_full = page.len() >= PER_PAGE;
            let before = events.len();
            for event in page {
                if event.id.is_none() || events.iter().all(|known| known.id != event.id) {
                    events.push(event);
                }
            }
            if !is_full || events.len() == before {
                break;
            }
        }
        Ok(events)
    }

    async fn folder_page(&self, parent: Option<FolderId>, page: usize) -> Result<Vec<Folder>, ReadError> {
        let mut url = self.url(&["folders"]);
        let parent = parent.map(|id| ("parent_id", id.to_string()));
        add_parameters(&mut url, parent.into_iter().chain(page_parameters(page)).collect());
        let body = self.get(Call::Folders, url).await?;
        parse::reply(Call::Folders, body, reply::folders).await
    }

    /// Reads pages until one is not full or has nothing new. `false` if there may be more pages than allowed.
    async fn pages<T: Send + 'static, K: Eq + Hash>(
        &self,
        call: Call,
        path: &[&str],
        parser: fn(&[u8]) -> Result<Vec<T>, ReplyError>,
        key: fn(&T) -> K,
    ) -> Result<(Vec<T>, bool), ReadError> {
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        for page in 1..=MOST_PAGES {
            let mut url = self.url(path);
            add_parameters(&mut url, page_parameters(page).into());
            let body = self.get(call, url).await?;
            let elements = parse::reply(call, body, parser).await?;
            let is_full = elements.len() >= PER_PAGE;
            let before = all.len();
            all.extend(elements.into_iter().filter(|element| seen.insert(key(element))));
            if !is_full || all.len() == before {
                return Ok((all, true));
            }
        }
        Ok((all, false))
    }
}

fn page_parameters(page: usize) -> [(&'static str, String); 2] {
    [("page", page.to_string()), ("per_page", PER_PAGE.to_string())]
}
