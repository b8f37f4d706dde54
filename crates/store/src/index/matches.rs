//! Whether a document meets the conditions of a search, decided without the index: what the index finds, and no more.

use super::{
    document::Document,
    facets::facet_of_team,
    query::{Column, Criteria, Term},
};

impl Criteria {
    /// Whether a document meets every condition that is one on documents: all but those on the operation's id and time.
    #[must_use]
    pub fn are_met_by(&self, document: &Document) -> bool {
        let is_visible = match &self.visible {
            Some(teams) => {
                let teams: Vec<String> = teams.iter().map(|team| facet_of_team(*team)).collect();
                Term::Facets(teams).is_met_by(document)
            }
            None => true,
        };
        is_visible
            && self.all.iter().all(|term| term.is_met_by(document))
            && !self.none.iter().any(|term| term.is_met_by(document))
    }
}

impl Term {
    fn is_met_by(&self, document: &Document) -> bool {
        match self {
            Self::Words { column, tokens, beginning } => match column {
                Column::Any => [&document.actor, &document.target, &document.words]
                    .into_iter()
                    .any(|text| holds_phrase(text, tokens, *beginning)),
                Column::Actor => holds_phrase(&document.actor, tokens, *beginning),
                Column::Target => holds_phrase(&document.target, tokens, *beginning),
            },
            Self::Exact(exact) => document.exact.contains(exact),
            Self::Facets(facets) => facets.iter().any(|facet| document.facets.contains(facet)),
        }
    }
}

fn holds_phrase(text: &[String], phrase: &[String], beginning: bool) -> bool {
    let Some((last, before)) = phrase.split_last() else { return false };
    text.windows(phrase.len()).any(|window| {
        let found = window.last().is_some_and(|word| word == last || (beginning && word.starts_with(last.as_str())));
        found && window[..before.len()] == *before
    })
}
