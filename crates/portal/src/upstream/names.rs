//! Names for the ids in connections: folders and tags. They change rarely, so old names are shown while newer ones are
//! read. A token may lack the privilege to read them; then pages show ids, and why.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;
use tokio::time::{Instant, timeout};
use workato::{Client, Denial, Folder, FolderId, List, ReadError, Tag, TagHandle, in_trace};

use super::reads::LASTING;
use crate::{
    ReadFailure, TeamId,
    page_reads::{note_change, passing},
};

/// How soon names are read again if some are missing and another try may get them.
const SOON: Duration = Duration::from_secs(30);
/// How long a page waits for names before it shows ids.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why there are ids without names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoNames {
    /// Workato has not answered yet.
    StillReading,
    /// There are more folders than could be read.
    NotAllFolders,
    /// The ids of this many could not be read.
    Unreadable(usize),
    /// Workato could not be read.
    Failed(ReadFailure),
}

/// Names for ids, as far as they could be read.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Each folder's path from its project down, such as `Payments / Settlements`, in the order of the paths.
    pub folders: Vec<(FolderId, String)>,
    /// Each tag.
    pub tags: Vec<Tag>,
    /// Why folders have no names, if they have none or not all.
    pub no_folders: Option<NoNames>,
    /// Why tags have no names, if they have none.
    pub no_tags: Option<NoNames>,
    folder_of: HashMap<FolderId, usize>,
    tag_of: HashMap<TagHandle, usize>,
}

impl Names {
    /// A folder's path.
    #[must_use]
    pub fn folder(&self, id: FolderId) -> Option<&str> {
        self.folder_of.get(&id).and_then(|at| self.folders.get(*at)).map(|(_, path)| path.as_str())
    }

    /// A tag's title, or its handle if it has no title.
    #[must_use]
    pub fn tag<'a>(&'a self, handle: &'a TagHandle) -> &'a str {
        self.known_tag(handle).and_then(|tag| tag.title.as_deref()).unwrap_or(handle.as_str())
    }

    /// A tag's colour, as Workato names it.
    #[must_use]
    pub fn tag_color(&self, handle: &TagHandle) -> Option<&str> {
        self.known_tag(handle)?.color.as_deref()
    }

    fn known_tag(&self, handle: &TagHandle) -> Option<&Tag> {
        self.tag_of.get(handle).and_then(|at| self.tags.get(*at))
    }

    fn still_reading() -> Self {
        let why = Some(NoNames::StillReading);
        Self { no_folders: why.clone(), no_tags: why, ..Self::default() }
    }

    fn set_folders(&mut self, folders: Vec<(FolderId, String)>) {
        self.folder_of = folders.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
        self.folders = folders;
    }

    fn set_tags(&mut self, tags: Vec<Tag>) {
        self.tag_of = tags.iter().enumerate().map(|(at, tag)| (tag.handle.clone(), at)).collect();
        self.tags = tags;
    }
}

/// Names in the cache.
#[derive(Debug)]
struct Held {
    names: Arc<Names>,
    read_at: Instant,
    /// Whether another try soon would get no more names.
    is_complete: bool,
    /// Whether somebody has asked for newer names.
    is_outdated: AtomicBool,
    is_being_replaced: AtomicBool,
}

impl Held {
    fn is_old(&self) -> bool {
        let used_for = if self.is_complete { LASTING } else { SOON };
        self.is_outdated.load(Ordering::Relaxed) || self.read_at.elapsed() > used_for
    }
}

/// Newer names are being read. Ends when it is dropped.
struct Replacing(Arc<Held>);

impl Replacing {
    fn begin(held: &Arc<Held>) -> Option<Self> {
        (!held.is_being_replaced.swap(true, Ordering::Relaxed)).then(|| Self(Arc::clone(held)))
    }
}

impl Drop for Replacing {
    fn drop(&mut self) {
        self.0.is_being_replaced.store(false, Ordering::Relaxed);
    }
}

/// The names of all teams, by team and the epoch of its client.
#[derive(Debug)]
pub(super) struct NamesCache(Cache<(TeamId, u64), Arc<Held>>);

impl NamesCache {
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(1_000).support_invalidation_closures().build())
    }

    /// The names that are held, however old.
    pub async fn in_copy(&self, team: TeamId, epoch: u64) -> Option<Arc<Names>> {
        Some(Arc::clone(&self.0.get(&(team, epoch)).await?.names))
    }

    pub fn forget(&self, team: TeamId) {
        if let Err(error) = self.0.invalidate_entries_if(move |(of, _), _| *of == team) {
            tracing::error!(%error, "cannot drop the names of a team");
        }
    }

    /// Somebody asked for the team's current names.
    pub fn refresh(&self, team: TeamId) {
        for (_, held) in self.0.iter().filter(|(of, _)| of.0 == team) {
            held.is_outdated.store(true, Ordering::Relaxed);
        }
    }
}

impl NamesCache {
    /// The team's names. The first time, if reading them takes longer than a page waits, the reason why there are none
    /// yet. Reading continues in the background, so that a later page has them.
    pub async fn get(&self, team: TeamId, epoch: u64, client: Client) -> Arc<Names> {
        let (cache, key) = (self.0.clone(), (team, epoch));
        if let Some(held) = cache.get(&key).await {
            if held.is_old()
                && let Some(replacing) = Replacing::begin(&held)
            {
                passing();
                tokio::spawn(async move {
                    let newer = read(&client, Some(&replacing.0.names)).await;
                    cache.insert(key, Arc::new(newer)).await;
                    note_change();
                });
            }
            return Arc::clone(&held.names);
        }
        let first = async move {
            let held = cache.get_with(key, async move { Arc::new(read(&client, None).await) }).await;
            note_change();
            held
        };
        match timeout(PATIENCE, tokio::spawn(in_trace(first))).await {
            Ok(Ok(held)) => Arc::clone(&held.names),
            Ok(Err(error)) => {
                tracing::error!(%error, "reading names panicked");
                Arc::new(Names::still_reading())
            }
            Err(_) => Arc::new(Names::still_reading()),
        }
    }
}

/// Reads all names. What cannot be read now is taken from the older names.
async fn read(client: &Client, older: Option<&Names>) -> Held {
    let mut names = Names::default();
    let mut is_complete = true;
    match client.folders().await {
        // An incomplete tree has less than an older complete one.
        Ok(tree) if !tree.complete && older.is_some_and(|older| older.folders.len() > tree.folders.len()) => {
            keep_folders(&mut names, older);
        }
        Ok(tree) => {
            names.no_folders = match (tree.complete, tree.left_out) {
                (false, _) => Some(NoNames::NotAllFolders),
                (true, 0) => None,
                (true, count) => Some(NoNames::Unreadable(count)),
            };
            names.set_folders(paths(&tree.folders));
        }
        Err(error) => {
            is_complete &= !may_pass(&error);
            if error.is_transient() && older.is_some_and(|older| !older.folders.is_empty()) {
                keep_folders(&mut names, older);
            } else {
                names.no_folders = Some(NoNames::Failed(ReadFailure::from(&error)));
            }
        }
    }
    match client.tags().await {
        Ok(List { items: mut tags, left_out, .. }) => {
            names.no_tags = (left_out > 0).then_some(NoNames::Unreadable(left_out));
            tags.sort_by_cached_key(|tag| tag.title.as_deref().unwrap_or(tag.handle.as_str()).to_lowercase());
            names.set_tags(tags);
        }
        Err(error) => {
            is_complete &= !may_pass(&error);
            match older {
                Some(older) if error.is_transient() && !older.tags.is_empty() => names.set_tags(older.tags.clone()),
                _ => names.no_tags = Some(NoNames::Failed(ReadFailure::from(&error))),
            }
        }
    }
    Held {
        names: Arc::new(names),
        read_at: Instant::now(),
        is_complete,
        is_outdated: AtomicBool::new(false),
        is_being_replaced: AtomicBool::new(false),
    }
}

fn keep_folders(names: &mut Names, older: Option<&Names>) {
    if let Some(older) = older {
        names.set_folders(older.folders.clone());
        names.no_folders.clone_from(&older.no_folders);
    }
}

/// Whether the next try may get names, or at least a better reason why there are none: once another call was answered,
/// it is known what a denial means.
fn may_pass(error: &ReadError) -> bool {
    error.is_transient() || matches!(error, ReadError::Denied { denial: Denial::TokenOrPrivilege, .. })
}

/// Each folder's path from its project down, sorted. A parent that is not in the list ends the path, and so does a
/// cycle.
fn paths(folders: &[Folder]) -> Vec<(FolderId, String)> {
    let by_id: HashMap<FolderId, &Folder> = folders.iter().map(|folder| (folder.id, folder)).collect();
    let path = |folder: &Folder| {
        let mut parts = vec![name(folder)];
        let mut at = folder;
        while let Some(parent) = at.parent_id.and_then(|id| by_id.get(&id))
            && parts.len() < 32
        {
            parts.push(name(parent));
            at = parent;
        }
        parts.reverse();
        parts.join(" / ")
    };
    let mut paths: Vec<_> = folders.iter().map(|folder| (folder.id, path(folder))).collect();
    paths.extend(home(folders).map(|id| (id, "Home".to_owned())));
    paths.sort_by_cached_key(|(id, path)| (path.to_lowercase(), *id));
    paths
}

/// Workato lists no Home folder: it is the one parent that the topmost folders name.
fn home(folders: &[Folder]) -> Option<FolderId> {
    let known: HashSet<FolderId> = folders.iter().map(|folder| folder.id).collect();
    let mut unlisted: Vec<_> = folders.iter().filter_map(|folder| folder.parent_id).collect();
    unlisted.retain(|id| !known.contains(id));
    unlisted.sort_unstable();
    unlisted.dedup();
    match unlisted.as_slice() {
        [home] => Some(*home),
        _ => None,
    }
}

fn name(folder: &Folder) -> String {
    folder.name.clone().unwrap_or_else(|| format!("folder {}", folder.id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Folder;

    use super::paths;

    fn folders(of: &[(i64, &str, Option<i64>)]) -> Vec<Folder> {
        of.iter()
            .map(|(id, name, parent)| {
                serde_json::from_value(json!({ "id": id, "name": name, "parent_id": parent })).unwrap()
            })
            .collect()
    }

    fn named(of: &[(i64, &str, Option<i64>)]) -> Vec<String> {
        paths(&folders(of)).into_iter().map(|(id, path)| format!("{id} {path}")).collect()
    }

    #[test]
    fn folders_are_named_by_their_paths_and_home_is_the_parent_of_the_topmost() {
        let tree = [(2, "Payments", Some(1)), (3, "Settlements", Some(2)), (4, "Archive", Some(1))];
        assert_eq!(named(&tree), ["4 Archive", "1 Home", "2 Payments", "3 Payments / Settlements"]);
    }

    #[test]
    fn a_cycle_or_an_unlisted_parent_ends_a_path() {
        let odd = [(2, "A", Some(3)), (3, "B", Some(2)), (4, "C", Some(8)), (5, "D", Some(9))];
        assert_eq!(named(&odd).len(), 4, "either of two unknown parents could be Home");
    }
}
