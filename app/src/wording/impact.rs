//! Sentences about what a change touches, and about what could not be read.

use portal::{
    ReadFailure,
    impact::{Counts, Coverage, CustomerCounts, OwnRecipes, RecipesInUse, Unread, UnreadWhat, WhyUnread},
};
use workato::{Call, ConnectionId};

use super::{numbers::grouped, privileges, read_failures};

/// A number of things: `1 recipe`, `2 recipes`.
pub fn number(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(count)),
    }
}

/// The recipes that use a connection, in the cell of a table.
pub fn usage(recipes: &OwnRecipes, connection: ConnectionId) -> String {
    let used = recipes.of_connection(connection);
    match (used.total(), used.active) {
        (0, _) if recipes.is_exact() => "Not used".to_owned(),
        (0, _) => "None found".to_owned(),
        (total, 0) => format!("{} stopped", grouped(total)),
        (total, active) if total == active => format!("{} running", grouped(total)),
        (total, active) => format!("{}, {} running", grouped(total), grouped(active)),
    }
}

/// How many recipes use a connection.
pub fn recipes(counts: Counts) -> String {
    match counts {
        Counts { total: 0, .. } => "No recipe uses it".to_owned(),
        Counts { total: 1, active: 0 } => "1 recipe uses it, and it is stopped".to_owned(),
        Counts { total: 1, .. } => "1 recipe uses it, and it is running".to_owned(),
        Counts { total, active: 0 } => format!("{} recipes use it, none of them running", grouped(total)),
        Counts { total, active } => format!("{} recipes use it, {} running", grouped(total), grouped(active)),
    }
}

/// How many customers use a connector.
pub fn customers(customers: usize, counts: Counts) -> String {
    match customers {
        0 => "No customer uses it".to_owned(),
        _ => format!("{} {}", number(customers, "customer uses it", "customers use it"), in_recipes(counts)),
    }
}

/// How many recipes use the connections of a job.
pub fn recipes_of_job(counts: Counts) -> String {
    match counts.total {
        0 => "No recipe uses these connections".to_owned(),
        total => {
            let recipes = number(total, "recipe uses these connections", "recipes use these connections");
            format!("{recipes}, {} running", grouped(counts.active))
        }
    }
}

/// How many customers use the connectors of a job.
pub fn customers_of_job(customers: usize, counts: Counts) -> String {
    match customers {
        0 => "No customer uses these connectors".to_owned(),
        _ => {
            let customers = number(customers, "customer uses these connectors", "customers use these connectors");
            format!("{customers} {}", in_recipes(counts))
        }
    }
}

/// In how many recipes.
pub fn in_recipes(counts: Counts) -> String {
    format!("in {}, {} running", number(counts.total, "recipe", "recipes"), grouped(counts.active))
}

/// The counts of recipes that use something.
pub fn counts(used: &RecipesInUse<'_>) -> Counts {
    Counts { total: used.total(), active: used.active }
}

/// How many customers were read: `61 of 64 customers read; 3 may not be read`.
pub fn coverage(coverage: &Coverage) -> String {
    let mut said = read_of(coverage.read, coverage.of);
    if coverage.denied > 0 {
        said += &format!("; {} may not be read", grouped(coverage.denied));
    }
    if coverage.failed > 0 {
        said += &format!("; {} could not be read", grouped(coverage.failed));
    }
    said
}

/// The same, as an entry has it.
pub fn coverage_of(counts: CustomerCounts) -> String {
    read_of(counts.read, counts.of)
}

fn read_of(read: usize, of: usize) -> String {
    format!("{} of {} customers read", grouped(read), grouped(of))
}

/// Why something could not be read, and what to do.
pub fn failure(failure: &ReadFailure) -> String {
    let what = match failure.call {
        Call::Recipes => "the recipes of this workspace",
        Call::CustomerRecipes => "the recipes of customers",
        Call::Customers => "the list of customers",
        _ => "everything",
    };
    match privileges::of_call(failure.call).filter(|_| failure.is_denied()) {
        Some(name) => {
            format!("The token may not read {what}. Its role in Workato probably lacks the privilege “{name}”.")
        }
        None => format!("The portal could not read {what}. {}", read_failures::sentence(failure)),
    }
}

/// What an entry says could not be read.
pub fn unread(unread: &Unread) -> String {
    let what = match (unread.what, unread.count) {
        (UnreadWhat::Recipes, None) => "The recipes of the workspace".to_owned(),
        (UnreadWhat::Recipes, Some(count)) => number(count, "recipe", "recipes"),
        (UnreadWhat::Customers, _) => "Some customers".to_owned(),
        (UnreadWhat::CustomerRecipes, None) => "The recipes of customers".to_owned(),
        (UnreadWhat::CustomerRecipes, Some(count)) if unread.why == WhyUnread::Unreadable => {
            number(count, "recipe", "recipes")
        }
        (UnreadWhat::CustomerRecipes, Some(count)) => {
            format!("The recipes of {}", number(count, "customer", "customers"))
        }
    };
    let why = match unread.why {
        WhyUnread::Denied => "could not be read, because the token may not read them",
        WhyUnread::Failed => "could not be read",
        WhyUnread::Unreadable => "had values that could not be read",
        WhyUnread::Incomplete => "were not read, because there are more than the portal reads at once",
        WhyUnread::NotYet => "had not been read yet",
    };
    format!("{what} {why}.")
}

/// What a button adds to its verb: whom the change touches.
pub fn for_customers(customers: usize) -> String {
    match customers {
        0 => String::new(),
        count => format!(" for {}", number(count, "customer", "customers")),
    }
}

/// The same for the recipes of a connection.
pub fn used_by(recipes: usize) -> String {
    match recipes {
        0 => String::new(),
        count => format!(", used by {}", number(count, "recipe", "recipes")),
    }
}

#[cfg(test)]
mod tests {
    use portal::{
        ReadCause, ReadFailure,
        impact::{Counts, Coverage, OwnRecipes},
    };
    use serde_json::json;
    use time::OffsetDateTime;
    use workato::{Call, ConnectionId, Denial, RecipeList};

    use super::{coverage, customers, failure, for_customers, recipes, usage, used_by};

    #[test]
    fn counts_read_as_sentences() {
        let of = |total, active| Counts { total, active };
        assert_eq!(recipes(of(0, 0)), "No recipe uses it");
        assert_eq!(recipes(of(1, 1)), "1 recipe uses it, and it is running");
        assert_eq!(recipes(of(3, 0)), "3 recipes use it, none of them running");
        assert_eq!(recipes(of(1_200, 2)), "1,200 recipes use it, 2 running");
        assert_eq!(customers(0, of(0, 0)), "No customer uses it");
        assert_eq!(customers(1, of(2, 1)), "1 customer uses it in 2 recipes, 1 running");
        assert_eq!(customers(41, of(57, 49)), "41 customers use it in 57 recipes, 49 running");
        assert_eq!((for_customers(0), for_customers(41)), (String::new(), " for 41 customers".to_owned()));
        assert_eq!(used_by(2), ", used by 2 recipes");
    }

    #[test]
    fn a_cell_says_how_many_recipes_use_a_connection_and_how_many_run() {
        let row = |id: i64, running: bool, connection: i64| {
            let row = json!({ "id": id, "running": running, "config": [{ "account_id": connection }] });
            serde_json::from_value(row).expect("a recipe")
        };
        let recipes = vec![row(1, true, 36), row(2, false, 36), row(3, true, 37), row(4, false, 38)];
        let now = OffsetDateTime::now_utc();
        let of = |left_out| OwnRecipes::of(RecipeList { recipes: recipes.clone(), left_out, complete: true }, now, now);
        let cell = |left_out, id| usage(&of(left_out), ConnectionId::new(id).expect("an id"));
        assert_eq!(cell(0, 36), "2, 1 running");
        assert_eq!((cell(0, 37), cell(0, 38)), ("1 running".to_owned(), "1 stopped".to_owned()));
        assert_eq!((cell(0, 39), cell(1, 39)), ("Not used".to_owned(), "None found".to_owned()));
    }

    #[test]
    fn the_coverage_says_what_is_missing() {
        let read = |read, denied, failed| coverage(&Coverage { of: 64, read, denied, failed });
        assert_eq!(read(64, 0, 0), "64 of 64 customers read");
        assert_eq!(read(60, 3, 1), "60 of 64 customers read; 3 may not be read; 1 could not be read");
    }

    #[test]
    fn a_denied_read_names_the_box_that_is_probably_missing() {
        let cause = ReadCause::Denied { status: 401, said: None, denial: Denial::TokenOrPrivilege };
        let said = failure(&ReadFailure { call: Call::Recipes, cause });
        assert!(
            said.contains("may not read the recipes")
                && said.contains("probably lacks")
                && said.contains("Recipes › List"),
            "{said}"
        );
        let said = failure(&ReadFailure { call: Call::CustomerRecipes, cause: ReadCause::Unreachable });
        assert!(
            said.starts_with("The portal could not read the recipes of customers. GET /api/managed_users"),
            "{said}"
        );
    }
}
