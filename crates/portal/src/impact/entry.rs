//! Impact as an entry of the log has it: what an operator could know when they made a change.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workato::{ConnectorId, ConnectorVersion};

use super::{
    customers::{ConnectorInUse, CustomersRecipes},
    own::OwnRecipes,
    read::{Known, Wanted},
    recipe::UsedRecipe,
};
use crate::{
    Portal, ReadFailure, TeamOperator,
    audit::{TargetType, instant_text},
    code::CodeInEntry,
    operations::Change,
};

/// The most recipes or customers that an entry names.
pub const MOST_SAMPLED: usize = 20;

/// What a change touches, as an entry has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryImpact {
    /// When it was read, as the log writes instants. `None` if nothing could be read.
    pub read_at: Option<String>,
    /// The recipes that use the target: of the team for a connection, of its customers for a connector. `None` if they
    /// could not be read.
    pub recipes: Option<Counts>,
    /// The customers that use a connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<CustomerCounts>,
    /// The first of them: recipes of a connection, customers of a connector.
    pub sample: Vec<Sampled>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
    /// Which code of the two versions of a share the portal had seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeInEntry>,
}

/// How many recipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How many use the target.
    pub total: usize,
    /// How many of these are running.
    pub active: usize,
}

/// How many customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerCounts {
    /// How many use the target.
    pub total: usize,
    /// How many could be read.
    pub read: usize,
    /// How many there are.
    pub of: usize,
}

/// A recipe or a customer, as it was named then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// Its kind: recipe or customer.
    #[serde(rename = "type")]
    pub kind: TargetType,
    /// Its id.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether the recipe is running, or how many of the customer's recipes are.
    pub active: usize,
    /// How many of the customer's recipes use the connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipes: Option<usize>,
}

impl Sampled {
    fn of_recipe(recipe: &UsedRecipe) -> Self {
        Self {
            kind: TargetType::Recipe,
            id: recipe.id.to_string(),
            name: recipe.name.as_deref().map(str::to_owned),
            active: usize::from(recipe.is_active()),
            recipes: None,
        }
    }
}

store::words! {
    /// What could not be read.
    pub enum UnreadWhat {
        /// The team's own recipes.
        Recipes => "recipes",
        /// The customers.
        Customers => "customers",
        /// The recipes of some customers.
        CustomerRecipes => "customer_recipes",
    }
}

store::words! {
    /// Why something could not be read.
    pub enum WhyUnread {
        /// The token may not read it.
        Denied => "denied",
        /// Workato could not be read.
        Failed => "failed",
        /// Workato sent values that cannot be read.
        Unreadable => "unreadable",
        /// There is more than is read at once.
        Incomplete => "incomplete",
        /// It had not been read yet.
        NotYet => "not_yet",
    }
}

/// What could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// What.
    pub what: UnreadWhat,
    /// Why.
    pub why: WhyUnread,
    /// How many of them, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The failed call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ReadFailure>,
}

impl Unread {
    fn new(what: UnreadWhat, why: WhyUnread) -> Self {
        Self { what, why, count: None, failure: None }
    }

    fn of_failure(what: UnreadWhat, failure: ReadFailure) -> Self {
        let why = if failure.is_denied() { WhyUnread::Denied } else { WhyUnread::Failed };
        Self { failure: Some(failure), ..Self::new(what, why) }
    }
}

impl EntryImpact {
    /// The recipes that use a connection.
    #[must_use]
    pub fn of_connection(own: &Known<OwnRecipes>, id: workato::ConnectionId) -> Self {
        let mut impact = Self::unread(own, UnreadWhat::Recipes);
        let Some(own) = &own.read else { return impact };
        let used = own.of_connection(id);
        impact.read_at = Some(instant_text(own.began_at));
        impact.recipes = Some(Counts { total: used.total(), active: used.active });
        impact.sample = used.iter().take(MOST_SAMPLED).map(Sampled::of_recipe).collect();
        impact.note_gaps(UnreadWhat::Recipes, own.unreadable, own.complete);
        impact
    }

    /// The recipes that use any of these connections.
    #[must_use]
    pub fn of_connections(own: &Known<OwnRecipes>, ids: impl Iterator<Item = workato::ConnectionId>) -> Self {
        let mut impact = Self::unread(own, UnreadWhat::Recipes);
        let Some(own) = &own.read else { return impact };
        let mut used = std::collections::BTreeMap::new();
        for id in ids {
            used.extend(own.of_connection(id).iter().map(|recipe| (recipe.id, recipe)));
        }
        let mut used: Vec<_> = used.into_values().collect();
        used.sort_by_key(|recipe| (!recipe.is_active(), recipe.id));
        impact.read_at = Some(instant_text(own.began_at));
        let active = used.iter().filter(|recipe| recipe.is_active()).count();
        impact.recipes = Some(Counts { total: used.len(), active });
        impact.sample = used.into_iter().take(MOST_SAMPLED).map(Sampled::of_recipe).collect();
        impact.note_gaps(UnreadWhat::Recipes, own.unreadable, own.complete);
        impact
    }

    /// The customers that use a connector, by its technical name.
    #[must_use]
    pub fn of_connector(customers: &Known<CustomersRecipes>, name: Option<&str>) -> Self {
        Self::of_used(customers, |read| name.map(|name| read.of_connector(name)))
    }

    /// The customers that use any of these connectors, by their technical names. `unknown` connectors have none that is
    /// known.
    #[must_use]
    pub fn of_connectors(customers: &Known<CustomersRecipes>, names: &[String], unknown: usize) -> Self {
        let mut impact = Self::of_used(customers, |read| Some(read.of_connectors(names.iter().map(String::as_str))));
        impact.note_gaps(UnreadWhat::CustomerRecipes, 0, unknown == 0);
        impact
    }

    fn of_used(
        customers: &Known<CustomersRecipes>,
        used: impl FnOnce(&CustomersRecipes) -> Option<ConnectorInUse<'_>>,
    ) -> Self {
        let mut impact = Self::unread(customers, UnreadWhat::CustomerRecipes);
        let Some(read) = &customers.read else { return impact };
        let (Some(used), coverage) = (used(read), read.coverage()) else { return impact };
        impact.read_at = Some(instant_text(read.began_at));
        impact.recipes = Some(Counts { total: used.recipes, active: used.active });
        let total = used.customers.len();
        impact.customers = Some(CustomerCounts { total, read: coverage.read, of: coverage.of });
        impact.sample = used
            .customers
            .iter()
            .take(MOST_SAMPLED)
            .map(|using| Sampled {
                kind: TargetType::Customer,
                id: using.customer.id.to_string(),
                name: using.customer.name.as_deref().map(str::to_owned),
                active: using.active,
                recipes: Some(using.recipes),
            })
            .collect();
        for (count, failure) in [(coverage.denied, read.denial()), (coverage.failed, read.other_failure())] {
            if let Some(failure) = failure {
                let unread = Unread::of_failure(UnreadWhat::CustomerRecipes, failure.clone());
                impact.unread.push(Unread { count: Some(count), ..unread });
            }
        }
        impact.note_gaps(UnreadWhat::CustomerRecipes, read.unreadable, true);
        impact.note_gaps(UnreadWhat::Customers, 0, read.complete);
        impact
    }

    /// Whether more customers use the target, or more running recipes, than `then`. What was not known then or is not known
    /// now is not more.
    #[must_use]
    pub fn is_more_than(&self, then: &Self) -> bool {
        let active = |impact: &Self| impact.recipes.map(|recipes| recipes.active);
        let customers = |impact: &Self| impact.customers.map(|customers| customers.total);
        let grew = |then: Option<usize>, now: Option<usize>| then.zip(now).is_some_and(|(then, now)| now > then);
        grew(active(then), active(self)) || grew(customers(then), customers(self))
    }

    /// Nothing but why the last read failed, or that there was none.
    fn unread<T>(known: &Known<T>, what: UnreadWhat) -> Self {
        let unread = match &known.failure {
            Some(failure) => vec![Unread::of_failure(what, failure.clone())],
            None if known.read.is_none() => vec![Unread::new(what, WhyUnread::NotYet)],
            None => Vec::new(),
        };
        Self { read_at: None, recipes: None, customers: None, sample: Vec::new(), unread, code: None }
    }

    fn note_gaps(&mut self, what: UnreadWhat, unreadable: usize, complete: bool) {
        if unreadable > 0 {
            self.unread.push(Unread { count: Some(unreadable), ..Unread::new(what, WhyUnread::Unreadable) });
        }
        if !complete {
            self.unread.push(Unread::new(what, WhyUnread::Incomplete));
        }
    }
}

/// What a change touches, before its target's technical name is known.
pub(crate) enum Touched {
    Recipes(Known<OwnRecipes>, workato::ConnectionId),
    Customers(Known<CustomersRecipes>, ConnectorId),
}

impl Portal {
    /// What a change touches, read again if what is held is older than five minutes. `None` for a change that breaks no
    /// recipe. Waits no longer than a page does; without an answer by then, the change is made all the same.
    pub(crate) async fn touched_by(self: &Arc<Self>, operator: &TeamOperator, change: &Change) -> Option<Touched> {
        let (team, patience) = (operator.team(), self.settings.upstream.patience);
        match change {
            Change::ShareConnector { connector, .. } | Change::SuppressConnector { connector } => {
                Some(Touched::Customers(self.known_impact(team, Wanted::Fresh, patience).await, *connector))
            }
            Change::DisconnectConnection { connection, .. } | Change::DeleteConnection { connection } => {
                Some(Touched::Recipes(self.known_impact(team, Wanted::Fresh, patience).await, *connection))
            }
            Change::CreateConnector { .. }
            | Change::UpdateConnector { .. }
            | Change::ReleaseConnector { .. }
            | Change::UpdateConnection { .. }
            | Change::CreateConnection { .. }
            | Change::TagConnection { .. }
            | Change::ShareRecipe { .. } => None,
        }
    }

    /// What a change touches, and which code a share replaces, for its entry. `shared` is the version that is shared before.
    pub(crate) async fn impact_for_entry(
        &self,
        operator: &TeamOperator,
        touched: Option<Touched>,
        change: &Change,
        shared: Option<ConnectorVersion>,
    ) -> Option<EntryImpact> {
        let mut impact = self.entry_impact(operator, touched?).await;
        if let Change::ShareConnector { connector, version, .. } = change {
            let replaced = shared.filter(|shared| shared != version);
            let code = self.code_in_entry(&operator.reader(), *connector, (replaced, *version)).await;
            impact.code = code.inspect_err(|error| tracing::warn!(%error, "cannot read which code was seen")).ok();
        }
        Some(impact)
    }

    /// The impact for the entry. Connectors are found by their technical name, which is in the last answer about them.
    async fn entry_impact(&self, operator: &TeamOperator, touched: Touched) -> EntryImpact {
        match touched {
            Touched::Recipes(known, connection) => EntryImpact::of_connection(&known, connection),
            Touched::Customers(known, connector) => {
                let workato = self.workato(operator.team(), operator.actor()).await.ok();
                let connector = workato.and_then(|workato| workato.connector_in_copy(connector));
                EntryImpact::of_connector(&known, connector.and_then(|it| it.name).as_deref())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Counts, CustomerCounts, EntryImpact};

    fn impact(active: Option<usize>, customers: Option<usize>) -> EntryImpact {
        EntryImpact {
            read_at: None,
            recipes: active.map(|active| Counts { total: active + 5, active }),
            customers: customers.map(|total| CustomerCounts { total, read: 9, of: 9 }),
            sample: Vec::new(),
            unread: Vec::new(),
            code: None,
        }
    }

    #[rstest]
    #[case::as_before((Some(3), Some(2)), (Some(3), Some(2)), false)]
    #[case::more_recipes((Some(3), Some(2)), (Some(4), Some(2)), true)]
    #[case::more_customers((Some(3), Some(2)), (Some(3), Some(3)), true)]
    #[case::more_of_one_and_less_of_the_other((Some(3), Some(2)), (Some(1), Some(3)), true)]
    #[case::less((Some(3), Some(2)), (Some(2), Some(1)), false)]
    #[case::of_a_connection((Some(0), None), (Some(1), None), true)]
    #[case::not_known_then((None, None), (Some(9), Some(9)), false)]
    #[case::not_known_now((Some(3), Some(2)), (None, None), false)]
    fn more_running_recipes_or_customers_are_more(
        #[case] then: (Option<usize>, Option<usize>),
        #[case] now: (Option<usize>, Option<usize>),
        #[case] is_more: bool,
    ) {
        assert_eq!(impact(now.0, now.1).is_more_than(&impact(then.0, then.1)), is_more);
    }
}
