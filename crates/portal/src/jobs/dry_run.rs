//! A dry run: what would happen to each item. It sends nothing, and nobody but its maker sees it until it is started.

use std::{collections::HashMap, sync::Arc};

use store::jobs::{Act, Item, Job, JobState};
use time::Duration;
use workato::{Connection, ConnectionQuery, Connector, List};

use super::items::{Subject, gone};
use crate::{
    Error, JobProblem, OperationId, Portal, Problem, Result, TeamOperator,
    connections::{self, tag_assignment},
    connectors,
    impact::{OwnRecipes, Wanted},
    upstream::Asker,
};

/// The most items of a job.
pub const MOST_ITEMS: usize = 10_000;

/// How many dry runs of one person are kept in a team.
const MOST_DRAFTS: usize = 5;

/// How long a dry run is kept.
pub(super) const DRAFT_KEPT_FOR: Duration = Duration::DAY;

/// What a job is to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The rows with these ids.
    Rows(Vec<String>),
    /// Every connection that this filter matches.
    Connections(Box<connections::FilterInput>),
    /// Every connector that this filter matches.
    Connectors(Box<connectors::FilterInput>),
}

/// A job as the bar below a list asks for it.
#[derive(Clone, Debug)]
pub struct JobInput {
    /// What to do: an [`Act`].
    pub act: String,
    /// The tag to add or to remove.
    pub tag: String,
    /// The folder to move to.
    pub folder: String,
    /// With what.
    pub selection: Selection,
}

impl JobInput {
    /// The act with the tag or folder that it needs.
    fn read(&self) -> Result<(Act, Option<String>)> {
        let act: Act = self.act.parse().map_err(|_| Problem::from(JobProblem::ChooseAct).of("act"))?;
        let argument = match act {
            Act::Tag | Act::Untag => {
                // Refused at the field of the bar, whichever of the two it is.
                let tag = tag_assignment(&self.tag, "").map_err(|problems| {
                    let problem = problems.iter().next().map(|problem| problem.problem.clone());
                    problem.unwrap_or(Problem::ChooseTag).of("tag")
                })?;
                tag.add.first().map(|tag| tag.as_str().to_owned())
            }
            Act::Move => {
                let folder: workato::FolderId =
                    self.folder.trim().parse().map_err(|_| Problem::from(JobProblem::ChooseFolder).of("folder"))?;
                Some(folder.to_string())
            }
            Act::Delete | Act::Disconnect | Act::Share => None,
        };
        Ok((act, argument))
    }
}

impl Portal {
    /// Makes a dry run and returns the id of the job that it may become.
    ///
    /// # Errors
    /// `Invalid` if nothing is selected, or the act lacks something; `Workato` if it cannot be read.
    pub async fn dry_run(self: &Arc<Self>, operator: &TeamOperator, input: &JobInput) -> Result<OperationId> {
        let (act, argument) = input.read()?;
        self.try_out(operator, act, argument, &input.selection, None).await
    }

    /// A dry run of those items of a job that Workato refused or that did not happen.
    ///
    /// # Errors
    /// `NotFound` if there is no such job, `Invalid` if none of its items failed, `Workato` if it cannot be read.
    pub async fn retry_failed(self: &Arc<Self>, operator: &TeamOperator, job: OperationId) -> Result<OperationId> {
        let job = self.job_of(operator.team().id, job).await?;
        let failed = store::jobs::items::failed(&mut self.store.read().await?, job.id).await?;
        let selection = Selection::Rows(failed);
        self.try_out(operator, job.act, job.argument.clone(), &selection, Some(job.id)).await
    }

    async fn try_out(
        self: &Arc<Self>,
        operator: &TeamOperator,
        act: Act,
        argument: Option<String>,
        selection: &Selection,
        retries: Option<OperationId>,
    ) -> Result<OperationId> {
        if let Selection::Rows(ids) = selection {
            check_number(ids.len())?;
        }
        let items = match act {
            Act::Share => self.connectors_to_try(operator, act, selection).await?,
            _ => self.connections_to_try(operator, act, argument.as_deref(), selection).await?,
        };
        check_number(items.len())?;
        let job = Job {
            id: OperationId::new(),
            team: operator.team().id,
            person: operator.actor().id(),
            act,
            argument,
            retries,
            state: JobState::Draft,
            created_at: self.now(),
            items: 0,
            items_sha256: None,
            counted_from: 0,
            recorded_in: None,
        };
        let mut tx = self.store.write().await?;
        let older = store::jobs::drafts(&mut tx, job.person, job.team).await?;
        let older: Vec<_> = older.iter().skip(MOST_DRAFTS - 1).map(|draft| draft.id).collect();
        store::jobs::remove_drafts(&mut tx, self.now() - DRAFT_KEPT_FOR, &older).await?;
        store::jobs::insert(&mut tx, &job, &items).await?;
        tx.commit().await?;
        Ok(job.id)
    }

    async fn connections_to_try(
        self: &Arc<Self>,
        operator: &TeamOperator,
        act: Act,
        argument: Option<&str>,
        selection: &Selection,
    ) -> Result<Vec<Item>> {
        let reader = operator.reader();
        let recipes = match act {
            Act::Delete | Act::Disconnect => self.recipes_in_use(&reader, Wanted::Fresh).await.read,
            _ => None,
        };
        let workato = self.workato(operator.team(), Asker::from(operator.actor())).await?;
        let item = |place: usize, connection: &Connection, recipes: Option<&OwnRecipes>| {
            Subject::Connection(connection).item(at(place), act, argument, recipes)
        };
        match selection {
            Selection::Connections(input) => {
                let filter = input.read(self.now()).map_err(Error::Invalid)?;
                let known = match filter.needs_recipes() {
                    true => self.recipes_in_use(&reader, Wanted::Some).await.read,
                    false => None,
                };
                let (list, places) = connections::filtered(&workato, &filter, known).await?;
                check_number(places.len())?;
                let found = places.iter().filter_map(|place| list.items.get(*place));
                Ok(found.enumerate().map(|(place, found)| item(place, found, recipes.as_deref())).collect())
            }
            Selection::Rows(ids) => {
                let list = workato.connections_now(ConnectionQuery::default()).await?;
                let by_id = |list: &List<Connection>| -> HashMap<String, Connection> {
                    list.iter().map(|connection| (connection.id.to_string(), connection.clone())).collect()
                };
                let mut found = by_id(&list.items);
                if ids.iter().any(|id| !found.contains_key(id)) {
                    found.extend(by_id(&workato.every_connection_now().await?.items));
                }
                Ok(distinct(ids)
                    .enumerate()
                    .map(|(place, id)| match found.get(id) {
                        Some(connection) => item(place, connection, recipes.as_deref()),
                        None => gone(at(place), id),
                    })
                    .collect())
            }
            Selection::Connectors(_) => Err(Error::Malformed),
        }
    }

    async fn connectors_to_try(&self, operator: &TeamOperator, act: Act, selection: &Selection) -> Result<Vec<Item>> {
        let workato = self.workato(operator.team(), Asker::from(operator.actor())).await?;
        let list = workato.connectors_now().await?;
        let item = |place: usize, connector: &Connector| Subject::Connector(connector).item(at(place), act, None, None);
        match selection {
            Selection::Connectors(input) => {
                let filter = input.read().map_err(Error::Invalid)?;
                let found = list.items.iter().filter(|connector| filter.matches(connector));
                Ok(found.enumerate().map(|(place, connector)| item(place, connector)).collect())
            }
            Selection::Rows(ids) => Ok(distinct(ids)
                .enumerate()
                .map(|(place, id)| match list.items.iter().find(|connector| connector.id.to_string() == *id) {
                    Some(connector) => item(place, connector),
                    None => gone(at(place), id),
                })
                .collect()),
            Selection::Connections(_) => Err(Error::Malformed),
        }
    }

    /// Takes items of a dry run out, or puts them back.
    ///
    /// # Errors
    /// `NotFound` if it is nobody's dry run or somebody else's, `Invalid` if it was started.
    pub async fn take_out(&self, operator: &TeamOperator, job: OperationId, places: &[i64], out: bool) -> Result<()> {
        let job = self.job_of(operator.team().id, job).await?;
        if job.person != operator.actor().id() {
            return Err(Error::NotFound);
        }
        if job.state != JobState::Draft {
            return Err(Problem::from(JobProblem::OtherState).of("job"));
        }
        let mut tx = self.store.write().await?;
        store::jobs::items::take_out(&mut tx, job.id, places, out).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn check_number(found: usize) -> Result<()> {
    match found {
        0 => Err(Problem::from(JobProblem::NothingSelected).of("items")),
        found if found > MOST_ITEMS => {
            Err(Problem::from(JobProblem::TooManyItems { most: MOST_ITEMS, found }).of("items"))
        }
        _ => Ok(()),
    }
}

/// The place of an item, counted from 1.
fn at(index: usize) -> i64 {
    i64::try_from(index + 1).unwrap_or(i64::MAX)
}

/// Each id once, in the order of the form. Not what cannot be one.
fn distinct(ids: &[String]) -> impl Iterator<Item = &String> {
    let mut seen = std::collections::HashSet::new();
    let is_id = |id: &str| (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    ids.iter().filter(move |id| is_id(id) && seen.insert(id.as_str()))
}
