//! The commands about the keys in the database.

use std::sync::Arc;

use portal::Portal;

use crate::{
    command_error::CommandError,
    output::{print, print_done},
    system_account::account,
};

pub async fn rotate(portal: Arc<Portal>) -> Result<(), CommandError> {
    // The portal serves meanwhile, so this may take a while. Whether anybody reads it does not matter.
    let _ = print("Rotating the keys. You can stop this at any time and run it again.\n");
    let rotated = portal.rotate_keys(&portal.command_line(&account())).await;
    portal.close().await;
    let rotated = rotated?;
    let mut done = format!("Every key in the database is new or newly sealed, with master key {}.", rotated.master);
    if !rotated.unused.is_empty() {
        let unused = rotated.unused.join(" and ");
        done += &format!(
            "\nNothing in the database depends on {unused} now. Remove the lines below the first from the master key \
             file, and restart the portal.\nOlder backups still need it: make a new backup now."
        );
    }
    print_done(done)
}
