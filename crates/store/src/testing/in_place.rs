//! Tests run on SQLite, or all of them on PostgreSQL: the store then opens a database of PostgreSQL in place of the one in the
//! data folder.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::postgres;
use crate::{DATABASE, StoreError};

/// With this variable set to `postgres`, tests use PostgreSQL in place of `portal.db`: a database for each data folder.
const DATABASE_KIND: &str = "PORTAL_TEST_DATABASE";

/// Whether tests use PostgreSQL.
#[must_use]
pub fn is_postgres() -> bool {
    env::var_os(DATABASE_KIND).is_some_and(|kind| kind == "postgres")
}

/// The address of the database that tests use in place of the one in this folder.
pub(crate) async fn url(folder: &Path) -> Result<Option<String>, StoreError> {
    Ok(of(folder).await?.map(|name| postgres::server().url(&name)))
}

/// The name of the database that tests use in place of the one in this folder. Creates the database if it does not exist.
pub(super) async fn of(folder: &Path) -> Result<Option<String>, StoreError> {
    static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::const_new(BTreeMap::new());
    // A test about files puts an empty one there.
    if !is_postgres() || folder.join(DATABASE).exists() {
        return Ok(None);
    }
    let name = name_of(folder);
    let mut made = MADE.lock().await;
    if !made.contains_key(&name) {
        let unused: Vec<String> =
            made.iter().filter(|(_, folder)| !folder.exists()).map(|(name, _)| name.clone()).collect();
        for unused in unused {
            made.remove(&unused);
            postgres::server().discard(unused);
        }
        postgres::server().create(&name).await?;
        made.insert(name.clone(), folder.to_owned());
    }
    Ok(Some(name))
}

fn name_of(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| PathBuf::from(folder));
    format!("folder_{}", &hex::encode(Sha256::digest(folder.as_os_str().as_encoded_bytes()))[..24])
}
