//! `GET /api/users/me`, which despite its path describes the token's workspace.

use axum::Extension;
use serde_json::json;
use time::Duration;

use crate::{
    admission::Caller,
    answers::{Answer, ok},
};

/// The fields of the sample in Workato's API reference (Workspace details).
pub async fn details(Extension(caller): Extension<Caller>) -> Answer {
    let world = caller.workspace.world();
    let now = world.clock.now();
    let period_start = now.minus(Duration::days(12));
    Ok(ok(&json!({
        "id": world.id,
        "name": world.name,
        "created_at": world.created_at,
        "plan_id": "oem_plan",
        "current_billing_period_start": period_start,
        "current_billing_period_end": period_start.minus(Duration::days(-30)),
        "expert": false,
        "avatar_url": null,
        "recipes_count": world.recipes.len(),
        "interested_applications": [],
        "company_name": world.name,
        "location": null,
        "last_seen": now,
        "contact_phone": null,
        "contact_email": null,
        "about_me": null,
        "email": world.email,
        "phone": null,
        "active_recipes_count": world.recipes.iter().filter(|recipe| recipe.active).count(),
        "root_folder_id": world.root_folder_id,
    })))
}
