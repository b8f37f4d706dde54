//! A page of the connector list. Workato returns all connectors at once, so the portal filters, sorts and pages them.

use std::sync::Arc;

use workato::{Connector, ConnectorQuery, List};

use super::filter::{Filter, ReleaseFilter};
use crate::{
    ListPage, Portal, Result, TeamReader,
    background::compute,
    impact::{CustomersRecipes, Known, Wanted},
};

/// One page of the connector list.
#[derive(Clone, Debug)]
pub struct ConnectorPage {
    /// The page.
    pub list: ListPage<List<Connector>>,
    /// How many connectors the views have.
    pub views: ViewCounts,
    /// Which customers use the connectors, as far as it is known.
    pub customers: Known<CustomersRecipes>,
}

/// How many connectors each view of the list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewCounts {
    /// All connectors.
    pub all: usize,
    /// Those with a newer version than the shared one.
    pub behind: usize,
    /// Those of which a version is shared.
    pub shared: usize,
    /// Those of which none is shared.
    pub not_shared: usize,
    /// Those of which none was ever released.
    pub never_released: usize,
}

impl ViewCounts {
    fn of(connectors: &[Connector]) -> Self {
        let count = |is_counted: &dyn Fn(&Connector) -> bool| connectors.iter().filter(|one| is_counted(one)).count();
        Self {
            all: connectors.len(),
            behind: count(&|one| ReleaseFilter::Behind.is_of(one)),
            shared: count(&|one| one.shared_version().is_some()),
            not_shared: count(&|one| one.is_share_known() && one.shared_version().is_none()),
            never_released: count(&|one| ReleaseFilter::None.is_of(one)),
        }
    }
}

impl ConnectorPage {
    /// This page's connectors, in order.
    pub fn connectors(&self) -> impl Iterator<Item = &Connector> {
        self.list.places.iter().filter_map(|place| self.list.all.items.get(*place))
    }
}

impl Portal {
    /// A page of the team's connectors.
    ///
    /// # Errors
    /// `Workato` if they cannot be read.
    pub async fn connector_page(self: &Arc<Self>, reader: &TeamReader, filter: &Filter) -> Result<ConnectorPage> {
        let all = self.connectors(reader, ConnectorQuery::default()).await?;
        let wanted = if filter.needs_customers() { Wanted::Some } else { Wanted::Held };
        let customers = self.customers_in_use(reader, wanted).await;
        let (snapshot, filtering, read) = (Arc::clone(&all.snapshot), filter.clone(), customers.read.clone());
        let computed = compute(all.items.len(), move || {
            (filtering.places(&snapshot.items, read.as_deref()), ViewCounts::of(&snapshot.items))
        });
        let (places, views) = computed.await;
        Ok(ConnectorPage { list: ListPage::new(all, places, filter.paging), views, customers })
    }
}
