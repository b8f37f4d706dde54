//! Generates the data that a workspace starts with: what the workspace of a software vendor could look like.
//! The same seed gives the same data. Dates count back from now, so that "the last 24 hours" is never empty.

mod connections;
mod connectors;
mod customer_recipes;
mod customers;
mod folders;
mod history;
mod plan;
pub mod providers;
mod recipes;
mod tags;
mod vocabulary;

use rand::{SeedableRng, rngs::StdRng};
use time::Duration;

use crate::{clock::Clock, world::World};

pub use plan::Plan;

/// Generates a workspace. Each kind of object has its own random numbers, so that more connections do not change the
/// connectors.
pub fn populate(plan: &Plan) -> World {
    let rng = |kind: u64| {
        StdRng::seed_from_u64(plan.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((plan.workspace as u64) << 8) ^ kind)
    };
    let (vendor, domain) = vocabulary::VENDORS[plan.workspace % vocabulary::VENDORS.len()];
    let root_folder_id = plan.id(10_294);
    let (folders, projects) = folders::folders(plan, root_folder_id, &mut rng(1));
    let tags = tags::tags(plan, &mut rng(2));
    let connectors = connectors::connectors(plan, vendor, &mut rng(3));
    let context = connections::Context { root_folder_id, folders: &folders, tags: &tags, connectors: &connectors };
    let connections = connections::connections(plan, &context, &mut rng(4));
    let mut customers = customers::customers(plan, &mut rng(5));
    let mut recipes = recipes::recipes(plan, &folders, &connections, &connectors, &tags, &mut rng(6));
    recipes::date(plan, &mut recipes, &mut rng(7));
    customer_recipes::add(plan, &mut customers, &connectors, &mut rng(8));
    let audit_log_destination = recipes::unused_connection(&connections, &recipes);
    let mut world = World {
        id: plan.id(17_293),
        name: match plan.workspace / vocabulary::VENDORS.len() {
            0 => vendor.to_owned(),
            again => format!("{vendor} {}", again + 1),
        },
        email: format!("owner@{domain}"),
        created_at: plan.now.minus(Duration::days(1_900)),
        root_folder_id,
        home_is_project: false,
        folders,
        projects,
        tags,
        connections,
        connectors,
        customers,
        recipes,
        audit_log_destination,
        activity: history::empty_log(plan),
        clock: Clock::default(),
    };
    history::fill(&mut world, plan);
    world
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn plan(seed: u64, workspace: usize) -> Plan {
        Plan {
            seed,
            workspace,
            connections: 412,
            connectors: 18,
            customers: 64,
            recipes: None,
            customer_recipes: None,
            oddities: true,
            now: datetime!(2026-05-04 12:00 UTC).into(),
            no_releases_for: Duration::ZERO,
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_workspace() {
        assert_eq!(format!("{:?}", populate(&plan(7, 0))), format!("{:?}", populate(&plan(7, 0))));
    }

    #[test]
    fn the_clock_changes_nothing_but_dates() {
        let described = |now: time::OffsetDateTime| {
            let world = populate(&Plan { now: now.into(), ..plan(7, 0) });
            let connections: Vec<_> = world
                .connections
                .iter()
                .map(|one| {
                    let texts = (one.name.clone(), one.provider.clone(), one.authorization_status.clone());
                    (one.id, texts, one.folder_id, one.parent_id, one.tags.clone())
                })
                .collect();
            let connectors: Vec<_> = world.connectors.iter().map(|one| (one.id, one.name.clone())).collect();
            let of_customers = world.customers.iter().flat_map(|customer| &customer.recipes);
            let recipes: Vec<_> = world
                .recipes
                .iter()
                .chain(of_customers)
                .map(|one| {
                    let uses = (one.connection_ids.clone(), one.connector_ids.clone());
                    (one.id, one.name.clone(), one.active, uses, one.tags.clone(), one.jobs_failed)
                })
                .collect();
            (connections, connectors, recipes, world.audit_log_destination)
        };
        assert_eq!(described(datetime!(2026-05-04 12:00 UTC)), described(datetime!(2031-12-31 23:59 UTC)));
    }

    #[test]
    fn another_seed_or_workspace_gives_different_data() {
        let names = |world: &World| world.connections.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        let first = populate(&plan(7, 0));
        assert_ne!(names(&first), names(&populate(&plan(8, 0))));
        let second = populate(&plan(7, 1));
        assert_ne!(names(&first), names(&second));
        assert!(first.connections.iter().all(|one| second.connections.get(one.id).is_none()));
        assert_ne!(first.id, second.id);
    }

    #[test]
    fn by_default_every_value_is_one_that_is_documented() {
        let world = populate(&Plan { oddities: false, ..plan(1, 0) });
        for connection in world.connections.iter().chain(world.customers.iter().flat_map(|one| one.connections.iter()))
        {
            let status = connection.authorization_status.as_deref();
            assert!(matches!(status, None | Some("success" | "failed" | "exception")), "{connection:?}");
            assert!(connection.name.is_some() && connection.provider.is_some(), "{connection:?}");
        }
        let odd = populate(&plan(1, 0));
        let differ = world.connections.iter().zip(odd.connections.iter()).filter(|(usual, odd)| usual != odd).count();
        assert_eq!(differ, 2, "nothing else differs");
    }

    #[test]
    fn there_is_everything_that_a_client_must_handle() {
        let world = populate(&plan(1, 0));
        let any = |what: &dyn Fn(&crate::Connection) -> bool| world.connections.iter().any(what);
        let name = |part: &'static str| any(&move |one| one.name.as_deref().is_some_and(|name| name.contains(part)));
        assert_eq!(world.connections.len(), 412);
        assert_eq!(world.connectors.len(), 18);
        assert_eq!(world.customers.len(), 64);
        assert!(any(&|one| one.authorization_status.is_none() && one.authorized_at.is_none()), "a shell");
        for status in ["success", "failed", "exception"] {
            assert!(any(&|one| one.authorization_status.as_deref() == Some(status)), "{status}");
        }
        assert!(
            any(&|one| matches!(&one.authorization_status, Some(status)
            if !["success", "failed", "exception"].contains(&status.as_str()))),
            "a status that no document lists"
        );
        assert!(any(&|one| one.runtime_user));
        assert!(any(&|one| one.name.is_none()));
        assert!(any(&|one| one.name.as_deref().is_some_and(|name| name.chars().count() > 200)));
        assert!(name("<b>") && name("🚚") && name("株式会社"));
        assert!(any(&|one| one.name.as_deref().is_some_and(|name| name.starts_with('='))));
        assert!(any(&|one| one.connection_lost_reason.is_some()));
        assert!(any(&|one| one.tags.as_deref().is_some_and(|tags| tags.len() > 1)));
        assert!(any(&|one| one.external_id.as_deref().is_some_and(|id| id.starts_with("U-"))));
        assert!(any(&|one| one.updated_at > plan(1, 0).now.minus(Duration::hours(24))));
        let released = |connector: &crate::Connector| connector.released().next().map(|version| version.version);
        let shared = |connector: &crate::Connector| connector.shared.map(|shared| shared.version);
        let connectors = &world.connectors;
        assert!(connectors.iter().any(|one| released(one).is_none()), "unreleased");
        assert!(connectors.iter().any(|one| shared(one).is_some() && shared(one) < released(one)), "behind");
        assert!(connectors.iter().any(|one| shared(one).is_some() && shared(one) == released(one)), "current");
        assert!(connectors.iter().any(|one| shared(one).is_none() && released(one).is_some()), "not shared");
        assert!(connectors.iter().any(|one| one.title.contains('"')));
        assert!(world.audit_log_destination.is_some());
        assert!(world.recipes.iter().any(|recipe| recipe.active && !recipe.connection_ids.is_empty()));
        assert!(world.recipes.iter().any(|recipe| !recipe.active));
        assert!(world.recipes.iter().any(|recipe| !world.unshared_connectors(recipe).is_empty()));
    }

    #[test]
    fn customers_use_the_shared_connectors_each_one_differently() {
        let world = populate(&plan(1, 0));
        let users = |connector: &crate::Connector| {
            let uses = |recipe: &crate::Recipe| recipe.connector_ids.contains(&connector.id);
            world.customers.iter().filter(|customer| customer.recipes.iter().any(uses)).count()
        };
        let counts: Vec<_> = world.connectors.iter().filter(|one| one.shared.is_some()).map(users).collect();
        assert!(counts.contains(&64), "one that everybody uses: {counts:?}");
        assert!(counts.contains(&0), "one that nobody uses: {counts:?}");
        assert!(counts.iter().any(|count| (2..40).contains(count)), "one that some use: {counts:?}");
        let of_customers = || world.customers.iter().flat_map(|customer| &customer.recipes);
        assert!(of_customers().any(|recipe| recipe.active) && of_customers().any(|recipe| !recipe.active));
        assert_eq!(world.customers.iter().filter(|customer| !customer.has_access).count(), 3);
        let many = populate(&Plan { recipes: Some(230), customer_recipes: Some(40), ..plan(1, 0) });
        assert_eq!(many.recipes.len(), 230);
        assert!(many.customers.iter().all(|customer| customer.recipes.len() == 40));
    }

    #[test]
    fn every_reference_is_to_an_object_that_exists() {
        let world = populate(&plan(1, 0));
        for connection in world.connections.iter() {
            assert!(world.has_folder(connection.folder_id));
            if let Some(parent) = connection.parent_id {
                let parent = world.connections.get(parent).expect("a parent is a connection");
                assert_eq!(parent.provider, connection.provider);
            }
            for handle in connection.tags.iter().flatten() {
                assert!(world.tags.iter().any(|tag| tag.handle == *handle));
            }
            assert!(connection.created_at <= connection.updated_at, "{connection:?}");
            assert!(connection.updated_at <= plan(1, 0).now);
        }
        for connector in &world.connectors {
            for version in &connector.versions {
                assert!(version.released_at.is_none_or(|released| released >= version.created_at));
            }
            assert!(connector.shared.is_none_or(|shared| connector.has_released(shared.version)));
        }
        for recipe in &world.recipes {
            assert!(recipe.connection_ids.iter().all(|id| world.connections.get(*id).is_some()));
            assert!(recipe.connector_ids.iter().all(|id| world.connector(*id).is_some()));
        }
        for customer in &world.customers {
            for recipe in &customer.recipes {
                assert!(recipe.connection_ids.iter().all(|id| customer.connections.get(*id).is_some()));
                assert!(
                    recipe.connector_ids.iter().all(|id| world.connector(*id).is_some_and(|it| it.shared.is_some()))
                );
            }
        }
        let of_customers = world.customers.iter().flat_map(|customer| &customer.recipes);
        for recipe in world.recipes.iter().chain(of_customers) {
            assert!(recipe.created_at <= recipe.updated_at && recipe.updated_at <= plan(1, 0).now, "{recipe:?}");
            assert_eq!(recipe.active, recipe.stopped_at.is_none(), "{recipe:?}");
        }
        assert!(world.tags.iter().all(|tag| tag.title.chars().count() <= 30));
    }

    #[test]
    fn a_workspace_may_be_tiny_or_empty() {
        for connections in [0, 1, 2, 5] {
            let world = populate(&Plan { connections, connectors: connections, ..plan(1, 0) });
            assert_eq!(world.connections.len(), connections);
            assert_eq!(world.connectors.len(), connections);
        }
    }
}
