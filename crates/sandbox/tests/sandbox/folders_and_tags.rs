//! Folders, projects, tags and the workspace.

use serde_json::{Value, json};

use crate::{client::fields, start};

#[tokio::test]
async fn the_workspace_has_the_id_of_its_home_folder() {
    let test = start().await;
    let me = test.client.get("/api/users/me").await.json(200);
    assert_eq!(me["root_folder_id"], test.workspace.root_folder_id());
    assert_eq!((&me["id"], &me["name"]), (&json!(test.workspace.id()), &json!(test.workspace.name())));
    assert_eq!(me["recipes_count"], test.workspace.recipes().len());
}

#[tokio::test]
async fn folders_are_the_children_of_home_or_of_the_requested_parent() {
    let test = start().await;
    let home = test.client.get("/api/folders").await.list();
    assert!(!home.is_empty());
    for folder in &home {
        assert_eq!(fields(folder), ["created_at", "id", "is_project", "name", "parent_id", "project_id", "updated_at"]);
        assert_eq!(folder["parent_id"], test.workspace.root_folder_id());
    }
    let named = test.client.get(&format!("/api/folders?parent_id={}", test.workspace.root_folder_id())).await.list();
    assert_eq!(named, home);
    let below = test.client.get(&format!("/api/folders?parent_id={}", home[0]["id"])).await.list();
    assert!(!below.is_empty() && below.iter().all(|folder| folder["parent_id"] == home[0]["id"]));
    assert!(test.client.get("/api/folders?parent_id=1").await.list().is_empty());
}

#[tokio::test]
async fn a_walk_of_the_folder_tree_finds_every_folder() {
    let test = start().await;
    let mut found = 0;
    let mut to_visit = vec![test.workspace.root_folder_id()];
    while let Some(parent) = to_visit.pop() {
        for page in 1.. {
            let path = format!("/api/folders?parent_id={parent}&page={page}&per_page=2");
            let children = test.client.get(&path).await.list();
            assert!(children.len() <= 2);
            if children.is_empty() {
                break;
            }
            found += children.len();
            to_visit.extend(children.iter().map(|folder| folder["id"].as_u64().unwrap()));
        }
    }
    assert_eq!(found, test.workspace.folders().len());
}

#[tokio::test]
async fn projects_have_the_ids_of_their_folders() {
    let test = start().await;
    let folders = test.workspace.folders();
    let projects = test.client.get("/api/projects").await.list();
    assert!(!projects.is_empty());
    for project in projects {
        assert_eq!(fields(&project), ["description", "folder_id", "id", "name"]);
        assert!(folders.iter().any(|folder| project["folder_id"] == folder.id && folder.is_project));
    }
}

#[tokio::test]
async fn tags_have_handles_and_on_request_counts() {
    let test = start().await;
    let body = test.client.get("/api/tags?per_page=5&page=2&includes%5B%5D=assignment_count").await.json(200);
    let tags = body["data"]["tags"].as_array().unwrap();
    let known = test.workspace.tags();
    assert_eq!(tags.len(), 5);
    assert_eq!(tags[0]["handle"], known[5].handle);
    assert_eq!(tags[0]["handle"].as_str().unwrap().len(), "tag-ANgeffPL-3gxQwA".len());
    let on = |tags: &Option<Vec<String>>| tags.as_ref().is_some_and(|tags| tags.contains(&known[5].handle));
    let connections = test.workspace.connections().iter().filter(|one| on(&one.tags)).count();
    let recipes = test.workspace.recipes().iter().filter(|one| one.tags.contains(&known[5].handle)).count();
    assert_eq!(tags[0]["assignment_count"], connections + recipes);
    let plain = test.client.get("/api/tags").await.json(200);
    assert_eq!(plain["data"]["tags"][0].get("assignment_count"), None);
}

#[tokio::test]
async fn an_assignment_changes_the_tags_that_the_list_shows() {
    let test = start().await;
    let tags = test.workspace.tags();
    let connection =
        test.workspace.connections().into_iter().find(|one| !one.runtime_user && one.tags.is_none()).unwrap();
    let assign = |body: Value| {
        let client = test.client.clone();
        async move { client.post("/api/tags_assignments", body).await }
    };
    let shown = || async {
        let list = test.client.get("/api/connections?includes[]=tags").await.list();
        list.into_iter().find(|row| row["id"] == connection.id).unwrap()["tags"].clone()
    };
    let reply =
        assign(json!({ "add_tags": [tags[0].handle, tags[1].handle], "connection_ids": [connection.id] })).await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(shown().await, json!([tags[0].handle, tags[1].handle]));
    let both = json!([tags[0].handle, tags[1].handle]);
    assert_eq!(assign(json!({ "remove_tags": both, "connection_ids": [connection.id] })).await.status, 200);
    assert_eq!(shown().await, json!([]));
    let entries = test.running.ledger();
    assert_eq!((entries.len(), entries[0].action), (2, "tags.assign"));
}

#[tokio::test]
async fn an_assignment_of_unknown_objects_is_refused_in_the_format_of_tags() {
    let test = start().await;
    let handle = test.workspace.tags()[0].handle.clone();
    let connection = test.workspace.connections()[0].id;
    for body in [
        json!({ "add_tags": [handle] }),
        json!({ "add_tags": ["tag-unknown"], "connection_ids": [connection] }),
        json!({ "add_tags": [handle], "connection_ids": [1] }),
        json!({ "add_tags": [handle], "recipe_ids": [1] }),
    ] {
        let refused = test.client.post("/api/tags_assignments", &body).await.json(422);
        assert_eq!(fields(&refused["errors"][0]), ["code", "detail", "title"], "{body}");
    }
    assert!(test.running.ledger().is_empty());
}
