//! Which customers, and which of their recipes, use each application.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use time::OffsetDateTime;
use workato::{Customer, CustomerId, RecipeList};

use super::recipe::UsedRecipe;
use crate::{ReadCause, ReadFailure, customers};

/// The recipes of a team's customers, by what they use.
#[derive(Clone, Debug)]
pub struct CustomersRecipes {
    customers: Box<[CustomerInUse]>,
    place_of: HashMap<CustomerId, u32>,
    recipes: Box<[UsedRecipe]>,
    by_application: HashMap<Box<str>, Box<[Use]>>,
    /// How many recipes are not here, or not with everything they use, because Workato sent values that cannot be read.
    pub unreadable: usize,
    /// Whether these are all the customers.
    pub complete: bool,
    /// When the read began.
    pub began_at: OffsetDateTime,
    /// When the read was complete.
    pub read_at: OffsetDateTime,
}

/// A customer, and whether its recipes could be read.
#[derive(Clone, Debug)]
pub struct CustomerInUse {
    /// The account id.
    pub id: CustomerId,
    /// The name. `None` if it has none.
    pub name: Option<Box<str>>,
    /// Whether its recipes could be read.
    pub read: CustomerRead,
    first: u32,
    count: u32,
}

/// Whether a customer's recipes could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerRead {
    /// They were read.
    Whole,
    /// Some of them were read.
    Partly,
    /// They could not be read.
    Failed(Box<ReadFailure>),
}

/// That a customer's recipe uses something, as places.
#[derive(Clone, Copy, Debug)]
struct Use {
    customer: u32,
    recipe: u32,
}

/// How much of the customers' recipes is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many customers there are.
    pub of: usize,
    /// How many of them were read.
    pub read: usize,
    /// How many of them the token may not read.
    pub denied: usize,
    /// How many of them could not be read for another reason.
    pub failed: usize,
}

/// A customer that uses a connector.
#[derive(Clone, Copy, Debug)]
pub struct UsingCustomer<'a> {
    /// The customer.
    pub customer: &'a CustomerInUse,
    /// How many of its recipes use the connector.
    pub recipes: usize,
    /// How many of these are running.
    pub active: usize,
}

/// How much a connector is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedBy {
    /// How many customers use it.
    pub customers: usize,
    /// How many of their recipes that use it are running.
    pub active: usize,
}

/// The customers that use a connector, those with the most running recipes first.
#[derive(Clone, Debug, Default)]
pub struct ConnectorInUse<'a> {
    /// The customers.
    pub customers: Vec<UsingCustomer<'a>>,
    /// How many recipes of theirs use it.
    pub recipes: usize,
    /// How many of these are running.
    pub active: usize,
}

impl CustomersRecipes {
    /// How much of the customers' recipes is known.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage { of: self.customers.len(), ..Coverage::default() };
        for customer in &self.customers {
            match &customer.read {
                CustomerRead::Whole | CustomerRead::Partly => coverage.read += 1,
                CustomerRead::Failed(why) if matches!(why.cause, ReadCause::Denied { .. }) => coverage.denied += 1,
                CustomerRead::Failed(_) => coverage.failed += 1,
            }
        }
        coverage
    }

    /// The customers that use a connector, by its technical name.
    #[must_use]
    pub fn of_connector(&self, name: &str) -> ConnectorInUse<'_> {
        self.in_use(self.by_application.get(name).into_iter().flatten().copied())
    }

    /// The customers that use any of these connectors, by their technical names. A recipe that uses several counts once.
    #[must_use]
    pub fn of_connectors<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> ConnectorInUse<'_> {
        let uses = names.into_iter().filter_map(|name| self.by_application.get(name)).flatten();
        let uses: BTreeSet<(u32, u32)> = uses.map(|used| (used.customer, used.recipe)).collect();
        self.in_use(uses.into_iter().map(|(customer, recipe)| Use { customer, recipe }))
    }

    /// `uses` come customer by customer.
    fn in_use(&self, uses: impl Iterator<Item = Use>) -> ConnectorInUse<'_> {
        let mut found = ConnectorInUse::default();
        let mut last = None;
        for used in uses {
            let (Some(customer), Some(recipe)) =
                (self.customers.get(used.customer as usize), self.recipes.get(used.recipe as usize))
            else {
                continue;
            };
            if last != Some(used.customer) {
                last = Some(used.customer);
                found.customers.push(UsingCustomer { customer, recipes: 0, active: 0 });
            }
            if let Some(using) = found.customers.last_mut() {
                using.recipes += 1;
                using.active += usize::from(recipe.is_active());
            }
            found.recipes += 1;
            found.active += usize::from(recipe.is_active());
        }
        // The customers come in the order of their names, which stays among equals.
        found.customers.sort_by_key(|using| Reverse(using.active));
        found
    }

    /// How many customers use a connector, and how many of their recipes that use it are running.
    #[must_use]
    pub fn count_of_connector(&self, name: &str) -> UsedBy {
        let used = self.by_application.get(name).map(AsRef::as_ref).unwrap_or_default();
        UsedBy {
            customers: used.chunk_by(|one, next| one.customer == next.customer).count(),
            active: used
                .iter()
                .filter_map(|used| self.recipes.get(used.recipe as usize))
                .filter(|r| r.is_active())
                .count(),
        }
    }

    /// A customer.
    #[must_use]
    pub fn customer(&self, id: CustomerId) -> Option<&CustomerInUse> {
        self.customers.get(*self.place_of.get(&id)? as usize)
    }

    /// A customer's recipes, active ones first.
    pub fn recipes_of(&self, customer: &CustomerInUse) -> impl Iterator<Item = &UsedRecipe> {
        let (first, count) = (customer.first as usize, customer.count as usize);
        self.recipes.get(first..first + count).into_iter().flatten()
    }

    /// The first customer's failure, of those that the token may not read.
    #[must_use]
    pub fn denial(&self) -> Option<&ReadFailure> {
        self.failure(|cause| matches!(cause, ReadCause::Denied { .. }))
    }

    /// The first failure that is no denial.
    #[must_use]
    pub fn other_failure(&self) -> Option<&ReadFailure> {
        self.failure(|cause| !matches!(cause, ReadCause::Denied { .. }))
    }

    fn failure(&self, is_sought: impl Fn(&ReadCause) -> bool) -> Option<&ReadFailure> {
        self.customers.iter().find_map(|customer| match &customer.read {
            CustomerRead::Failed(why) if is_sought(&why.cause) => Some(&**why),
            _ => None,
        })
    }

    /// Whether a customer or recipe that is not listed certainly uses nothing.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let coverage = self.coverage();
        self.complete && self.unreadable == 0 && coverage.read == coverage.of
    }
}

/// Gathers the recipes of one customer after another, so that no more than a few answers of Workato are held at once.
#[derive(Debug, Default)]
pub struct CustomersRecipesBuilder {
    customers: Vec<CustomerInUse>,
    recipes: Vec<UsedRecipe>,
    by_application: HashMap<Box<str>, Vec<Use>>,
    unreadable: usize,
}

impl CustomersRecipesBuilder {
    /// Adds the next customer, in the order of the list, with its recipes or why they could not be read.
    pub fn add(&mut self, customer: &Customer, read: Result<RecipeList, ReadFailure>) {
        let place = u32::try_from(self.customers.len()).unwrap_or(u32::MAX);
        let first = self.recipes.len();
        let read = match read {
            Ok(list) => self.add_recipes(place, list),
            Err(why) => CustomerRead::Failed(Box::new(why)),
        };
        let count = self.recipes.len() - first;
        self.customers.push(CustomerInUse {
            id: customer.id,
            name: customers::name(customer).map(Into::into),
            read,
            first: u32::try_from(first).unwrap_or(u32::MAX),
            count: u32::try_from(count).unwrap_or_default(),
        });
    }

    fn add_recipes(&mut self, customer: u32, list: RecipeList) -> CustomerRead {
        let RecipeList { mut recipes, left_out, complete } = list;
        recipes.sort_by_key(|recipe| (recipe.running != Some(true), recipe.id));
        let unreadable = left_out + recipes.iter().filter(|recipe| !recipe.are_uses_known()).count();
        self.unreadable += unreadable;
        for recipe in &recipes {
            let place = u32::try_from(self.recipes.len()).unwrap_or(u32::MAX);
            for application in recipe.uses() {
                let used = Use { customer, recipe: place };
                match self.by_application.get_mut(application) {
                    Some(uses) if uses.last().is_some_and(|last| last.recipe == place) => {}
                    Some(uses) => uses.push(used),
                    None => drop(self.by_application.insert(application.into(), vec![used])),
                }
            }
            self.recipes.push(UsedRecipe::of(recipe));
        }
        if complete && unreadable == 0 { CustomerRead::Whole } else { CustomerRead::Partly }
    }

    /// How many customers were added, and the last failure if none of them could be read.
    pub(super) fn nothing_but(&self) -> Option<(usize, &ReadFailure)> {
        let mut last = None;
        for customer in &self.customers {
            match &customer.read {
                CustomerRead::Failed(why) => last = Some(&**why),
                CustomerRead::Whole | CustomerRead::Partly => return None,
            }
        }
        last.map(|why| (self.customers.len(), why))
    }

    /// Everything that was added. `complete` says whether these are all the customers.
    #[must_use]
    pub fn finish(self, complete: bool, began_at: OffsetDateTime, read_at: OffsetDateTime) -> CustomersRecipes {
        let Self { customers, recipes, by_application, unreadable } = self;
        let place_of = (0_u32..).zip(&customers).map(|(place, customer)| (customer.id, place)).collect();
        CustomersRecipes {
            customers: customers.into(),
            place_of,
            recipes: recipes.into(),
            by_application: by_application.into_iter().map(|(name, uses)| (name, uses.into())).collect(),
            unreadable,
            complete,
            began_at,
            read_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::OffsetDateTime;
    use workato::{Call, Customer, CustomerId, Denial, RecipeList};

    use super::{Coverage, CustomersRecipesBuilder};
    use crate::{ReadCause, ReadFailure};

    fn customer(id: i64, name: &str) -> Customer {
        serde_json::from_value(json!({ "id": id, "name": name })).expect("a customer")
    }

    fn recipes(rows: &[Value]) -> RecipeList {
        let recipes = rows.iter().map(|row| serde_json::from_value(row.clone()).expect("a recipe")).collect();
        RecipeList { recipes, left_out: 0, complete: true }
    }

    fn denied() -> ReadFailure {
        let cause = ReadCause::Denied { status: 403, said: None, denial: Denial::TokenOrPrivilege };
        ReadFailure { call: Call::CustomerRecipes, cause }
    }

    #[test]
    fn the_customers_that_run_a_connector_come_first_and_those_that_cannot_be_read_are_counted() {
        let mut builder = CustomersRecipesBuilder::default();
        let uses =
            |id: i64, running: bool, name: &str| json!({ "id": id, "running": running, "applications": [name, name] });
        builder.add(&customer(1, "Acorn"), Ok(recipes(&[uses(1, false, "acme"), uses(2, false, "sap")])));
        builder.add(&customer(2, "Bluebonnet"), Err(denied()));
        builder.add(
            &customer(3, "Calder"),
            Ok(recipes(&[uses(3, true, "acme"), uses(4, true, "acme"), uses(5, false, "acme")])),
        );
        builder.add(&customer(4, "Delacroix"), Err(ReadFailure { cause: ReadCause::Unreachable, ..denied() }));
        builder.add(&customer(5, "Everline"), Ok(recipes(&[])));
        let now = OffsetDateTime::now_utc();
        let read = builder.finish(true, now, now);
        assert_eq!(read.coverage(), Coverage { of: 5, read: 3, denied: 1, failed: 1 });
        assert!(!read.is_exact() && read.denial().is_some() && read.other_failure().is_some());
        let acme = read.of_connector("acme");
        let customers: Vec<_> = acme.customers.iter().map(|it| (it.customer.id.get(), it.recipes, it.active)).collect();
        assert_eq!((customers, acme.recipes, acme.active), (vec![(3, 3, 2), (1, 1, 0)], 4, 2));
        assert!(read.of_connector("nothing").customers.is_empty());
        // Together, each customer and each recipe counts once.
        let both = read.of_connectors(["acme", "sap", "acme", "nothing"]);
        let customers: Vec<_> = both.customers.iter().map(|it| (it.customer.id.get(), it.recipes, it.active)).collect();
        assert_eq!((customers, both.recipes, both.active), (vec![(3, 3, 2), (1, 2, 0)], 5, 2));
        let calder = read.customer(CustomerId::new(3).expect("an id")).expect("a customer");
        assert_eq!(read.recipes_of(calder).map(|recipe| recipe.id.get()).collect::<Vec<_>>(), [3, 4, 5]);
        let denied = read.customer(CustomerId::new(2).expect("an id")).expect("a customer");
        assert_eq!(read.recipes_of(denied).count(), 0);
    }
}
