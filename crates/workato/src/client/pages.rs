//! The reads that take several calls: paginated lists and the folder tree. Each has a maximum number of calls, so that
//! one read cannot use up a workspace's rate limit. What was asked for is checked in the answer: a page number, a page
//! size or another parameter that Workato ignores makes no endless, doubled or silently shortened list.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

use time::{Duration, OffsetDateTime};

use super::client::Client;
use super::error::ReadError;
use super::parse;
use super::reads::add_parameters;
use crate::{
    ActivityEvent, ActivityQuery, Call, CustomerList, CustomerRef, Folder, FolderId, FolderTree, List, Recipe,
    RecipeList, ReplyError, Tag, Timestamp, reply,
};

/// Elements per page: Workato's maximum.
const PER_PAGE: usize = 100;

/// Page sizes that a server may use whatever it was asked for. After a first page of this length another may follow.
const USUAL_SIZES: [usize; 5] = [10, 20, 25, 30, 50];

/// Most calls for one folder tree. Below the limit of 60 a minute, so that others can still read.
const MOST_FOLDER_CALLS: usize = 50;

/// Most pages of the activity log.
const MOST_ACTIVITY_PAGES: usize = 5;

/// Most pages of recipes: 20,000 recipes.
const MOST_RECIPE_PAGES: usize = 200;

/// Most pages of any other list.
const MOST_PAGES: usize = 50;

/// A list in pages.
struct Paged<'a> {
    call: Call,
    path: &'a [&'a str],
    parameters: &'a [(&'static str, &'static str)],
    most_pages: usize,
    /// Whether work in the background waits for the turn of each page, however long the queue is.
    is_patient: bool,
}

/// Recipes without their code, which is large.
const WITHOUT_CODE: &[(&str, &str)] = &[("exclude_code", "true")];

impl Client {
    /// Reads the workspace's folders, breadth first from the root: `GET /api/folders` (Workato API reference, Folders).
    /// Takes one call per folder and 50 calls at most; [`FolderTree::complete`] says whether that was enough.
    ///
    /// # Errors
    /// See [`ReadError`], if the first call fails. If a later call fails, the tree is incomplete.
    pub async fn folders(&self) -> Result<FolderTree, ReadError> {
        let mut tree = FolderTree { folders: Vec::new(), left_out: 0, complete: true };
        let mut seen = HashSet::new();
        let mut to_read = VecDeque::from([(None, 1, None)]);
        let mut calls = 0;
        while let Some((parent, page, size)) = to_read.pop_front() {
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
            let (length, before) = (folders.items.len() + folders.left_out, tree.folders.len());
            let is_asked_for =
                |folder: &Folder| parent.is_none() || folder.parent_id.is_none_or(|it| Some(it) == parent);
            let left_out = folders.left_out;
            tree.folders.extend(folders.into_iter().filter(|it| is_asked_for(it) && seen.insert(it.id)));
            let new = &tree.folders[before..];
            match After::page(size, length, new.len()) {
                After::MoreMayFollow => to_read.push_front((parent, page + 1, size.or(Some(length)))),
                After::Nothing => {}
                After::TheRestIsHidden => tree.complete = false,
            }
            if page == 1 || !new.is_empty() {
                tree.left_out += left_out;
            }
            to_read.extend(new.iter().map(|folder| (Some(folder.id), 1, None)));
        }
        Ok(tree)
    }

    /// Lists the workspace's tags: `GET /api/tags` (Workato API reference, Tags), 5,000 at most.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn tags(&self) -> Result<List<Tag>, ReadError> {
        let paged =
            Paged { call: Call::Tags, path: &["tags"], parameters: &[], most_pages: MOST_PAGES, is_patient: false };
        let (tags, _) = self.pages(paged, reply::tags, |tag| tag.handle.clone()).await?;
        Ok(tags)
    }

    /// Lists the embedded customers: `GET /api/managed_users` (Workato Embedded API reference, Managed users), 5,000 at
    /// most; [`CustomerList::complete`] says whether these are all.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn customers(&self) -> Result<CustomerList, ReadError> {
        let paged = Paged {
            call: Call::Customers,
            path: &["managed_users"],
            parameters: &[],
            most_pages: MOST_PAGES,
            is_patient: false,
        };
        let (List { items: customers, left_out, .. }, complete) =
            self.pages(paged, reply::customers, |customer| customer.id).await?;
        Ok(CustomerList { customers, left_out, complete })
    }

    /// Lists the workspace's recipes without their code: `GET /api/recipes` (Workato API reference, Recipes), 20,000 at
    /// most; [`RecipeList::complete`] says whether these are all. Takes a call for a hundred recipes, so a client that
    /// calls [in the background](Self::in_background) waits for its turns, however long the queue is.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn recipes(&self) -> Result<RecipeList, ReadError> {
        let paged = Paged {
            call: Call::Recipes,
            path: &["recipes"],
            parameters: WITHOUT_CODE,
            most_pages: MOST_RECIPE_PAGES,
            is_patient: true,
        };
        self.recipe_pages(paged, reply::recipes).await
    }

    /// Lists an embedded customer's recipes without their code: `GET /api/managed_users/:id/recipes` (Workato Embedded API
    /// reference, Managed users). Like [`recipes`](Self::recipes).
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Denied`] if the token may not read this customer, or no customer at all.
    pub async fn customer_recipes(&self, customer: &CustomerRef) -> Result<RecipeList, ReadError> {
        let customer = customer.to_string();
        let paged = Paged {
            call: Call::CustomerRecipes,
            path: &["managed_users", &customer, "recipes"],
            parameters: WITHOUT_CODE,
            most_pages: MOST_RECIPE_PAGES,
            is_patient: true,
        };
        self.recipe_pages(paged, reply::customer_recipes).await
    }

    async fn recipe_pages(
        &self,
        paged: Paged<'_>,
        parser: fn(&[u8]) -> Result<List<Recipe>, ReplyError>,
    ) -> Result<RecipeList, ReadError> {
        let (List { items: recipes, left_out, .. }, complete) = self.pages(paged, parser, |recipe| recipe.id).await?;
        Ok(RecipeList { recipes, left_out, complete })
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
        let mut size = None;
        for _ in 0..MOST_ACTIVITY_PAGES {
            let mut parameters = window.to_vec();
            parameters.push(("page[size]", PER_PAGE.to_string()));
            let last = events.last().and_then(|event| event.id.clone());
            parameters.extend(last.map(|id| ("page[after]", id)));
            let mut url = self.url(&["activity_logs"]);
            add_parameters(&mut url, parameters);
            let body = self.get(Call::ActivityLog, url).await?;
            let page = parse::reply(Call::ActivityLog, body, reply::activity).await?;
            let (length, before) = (page.items.len() + page.left_out, events.len());
            let is_asked_for = |event: &ActivityEvent| {
                event
                    .timestamp
                    .is_none_or(|at| (query.from - Duration::SECOND..=query.to + Duration::SECOND).contains(&at.get()))
            };
            let is_known = |event: &ActivityEvent| match &event.id {
                Some(_) => events[..before].iter().any(|known| known.id == event.id),
                None => events[..before].contains(event),
            };
            let new: Vec<_> = page.into_iter().filter(|event| is_asked_for(event) && !is_known(event)).collect();
            events.extend(new);
            // Without the last event's id, the next page cannot be asked for.
            let has_next = events.last().is_some_and(|event| event.id.is_some());
            if !has_next || !matches!(After::page(size, length, events.len() - before), After::MoreMayFollow) {
                break;
            }
            size = size.or(Some(length));
        }
        Ok(events)
    }

    async fn folder_page(&self, parent: Option<FolderId>, page: usize) -> Result<List<Folder>, ReadError> {
        let mut url = self.url(&["folders"]);
        let parent = parent.map(|id| ("parent_id", id.to_string()));
        add_parameters(&mut url, parent.into_iter().chain(page_parameters(page)).collect());
        let body = self.get(Call::Folders, url).await?;
        parse::reply(Call::Folders, body, reply::folders).await
    }

    /// Reads pages until one is not full or has nothing new. `false` if there may be more than could be read.
    async fn pages<T: Send + 'static, K: Eq + Hash>(
        &self,
        paged: Paged<'_>,
        parser: fn(&[u8]) -> Result<List<T>, ReplyError>,
        key: fn(&T) -> K,
    ) -> Result<(List<T>, bool), ReadError> {
        let Paged { call, path, parameters, most_pages, is_patient } = paged;
        let mut all = List::default();
        let (mut seen, mut size) = (HashSet::new(), None);
        for page in 1..=most_pages {
            let mut url = self.url(path);
            let parameters = parameters.iter().map(|(name, value)| (*name, (*value).to_owned()));
            add_parameters(&mut url, page_parameters(page).into_iter().chain(parameters).collect());
            let body = if is_patient { self.get_in_turn(call, url).await? } else { self.get(call, url).await? };
            let elements = parse::reply(call, body, parser).await?;
            let (length, before, left_out) = (elements.items.len() + elements.left_out, all.len(), elements.left_out);
            all.items.extend(elements.into_iter().filter(|element| seen.insert(key(element))));
            let new = all.len() - before;
            if page == 1 || new > 0 {
                all.left_out += left_out;
            }
            match After::page(size, length, new) {
                After::MoreMayFollow => size = size.or(Some(length)),
                After::Nothing => return Ok((all, true)),
                After::TheRestIsHidden => return Ok((all, false)),
            }
        }
        Ok((all, false))
    }
}

/// What comes after a page.
enum After {
    MoreMayFollow,
    Nothing,
    /// Workato ignores the number of the page, so that only the first one can be read.
    TheRestIsHidden,
}

impl After {
    /// What comes after a page of this length, of which so many elements were not on a page before. `first` is the
    /// length of the first page, if this is a later one.
    fn page(first: Option<usize>, length: usize, new: usize) -> Self {
        let may_be_full = match first {
            None => length >= PER_PAGE || USUAL_SIZES.contains(&length),
            Some(first) => length >= first,
        };
        match (may_be_full, new) {
            (true, 1..) => Self::MoreMayFollow,
            // The same page again. A longer or shorter one would be the whole list.
            (true, 0) if first.is_some() && length == PER_PAGE => Self::TheRestIsHidden,
            _ => Self::Nothing,
        }
    }
}

fn page_parameters(page: usize) -> [(&'static str, String); 2] {
    [("page", page.to_string()), ("per_page", PER_PAGE.to_string())]
}
