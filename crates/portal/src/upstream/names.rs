//! Names for the ids that connections carry: folders and tags. They change rarely, and a token may lack the right to
//! read them; whatever is missing is told beside the ids, and everything else works.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use moka::future::Cache;
use tokio::time::timeout;
use workato::{Client, Folder, FolderId, Tag, TagHandle};

use super::Asker;
use crate::{Portal, Result, TeamId, teams::Team};

/// How long names are used again.
const FRESH: Duration = Duration::from_secs(300);
/// How long a page waits for names before it shows ids.
const PATIENCE: Duration = Duration::from_secs(4);

/// Names for ids, as far as they could be read.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Each folder's path from its project down, such as `Payments / Settlements`, in the order of the paths.
    pub folders: Vec<(FolderId, String)>,
    /// Each tag.
    pub tags: Vec<Tag>,
    /// Why folders have no names, if they have none or not all.
    pub no_folders: Option<String>,
    /// Why tags have no names, if they have none.
    pub no_tags: Option<String>,
    folder_of: HashMap<FolderId, usize>,
    tag_of: HashMap<TagHandle, usize>,
}

impl Names {
    /// A folder's path.
    #[must_use]
    pub fn folder(&self, id: FolderId) -> Option<&str> {
        self.folder_of.get(&id).and_then(|at| self.folders.get(*at)).map(|(_, path)| path.as_str())
    }

    /// A tag's title; the handle where it has none.
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
        let why = Some("Workato has not told the names yet; reload in a moment.".to_owned());
        Self { no_folders: why.clone(), no_tags: why, ..Self::default() }
    }
}

#[derive(Debug)]
pub(super) struct NamesCache(Cache<TeamId, Arc<Names>>);

impl NamesCache {
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(1_000).time_to_live(FRESH).build())
    }

    pub async fn forget(&self, team: TeamId) {
        self.0.invalidate(&team).await;
    }
}

impl Portal {
    /// The team's names, or after a few seconds' wait what is to be said instead of them.
    /// The read goes on beside the page, so that the next one has them.
    pub(crate) async fn names(&self, team: &Team) -> Result<Arc<Names>> {
        let client = self.workato(team, Asker::Background).await?;
        let (cache, id) = (self.upstream.names.0.clone(), team.id);
        let read = tokio::spawn(async move { cache.get_with(id, async move { Arc::new(read(&client).await) }).await });
        match timeout(PATIENCE, read).await {
            Ok(Ok(names)) => Ok(names),
            Ok(Err(error)) => {
                tracing::error!(%error, "reading names stopped");
                Ok(Arc::new(Names::still_reading()))
            }
            Err(_) => Ok(Arc::new(Names::still_reading())),
        }
    }
}

async fn read(client: &Client) -> Names {
    let mut names = Names::default();
    match client.folders().await {
        Ok(tree) => {
            if !tree.complete {
                names.no_folders = Some("There are more folders than could be read; some show their ids.".to_owned());
            }
            names.folders = paths(&tree.folders);
            names.folder_of = names.folders.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
        }
        Err(error) => names.no_folders = Some(error.to_string()),
    }
    match client.tags().await {
        Ok(tags) => {
            names.tags = tags;
            names.tags.sort_by_cached_key(|tag| tag.title.as_deref().unwrap_or(tag.handle.as_str()).to_lowercase());
            names.tag_of = names.tags.iter().enumerate().map(|(at, tag)| (tag.handle.clone(), at)).collect();
        }
        Err(error) => names.no_tags = Some(error.to_string()),
    }
    names
}

/// Each folder's path from its project down, by path. A parent that is not in the list ends the path; so does a ring.
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

/// Home stands in no list of folders: it is the one parent that the uppermost ones name.
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
    fn folders_are_named_by_their_paths_and_home_by_what_the_uppermost_name() {
        let tree = [(2, "Payments", Some(1)), (3, "Settlements", Some(2)), (4, "Archive", Some(1))];
        assert_eq!(named(&tree), ["4 Archive", "1 Home", "2 Payments", "3 Payments / Settlements"]);
    }

    #[test]
    fn a_ring_and_a_parent_that_is_not_told_end_a_path() {
        let odd = [(2, "A", Some(3)), (3, "B", Some(2)), (4, "C", Some(8)), (5, "D", Some(9))];
        assert_eq!(named(&odd).len(), 4, "which of two unknown parents is Home, nobody can tell");
    }
}
