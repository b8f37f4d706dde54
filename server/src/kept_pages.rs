//! Pages that were drawn before and are sent again, to the same session, while nothing that they show has changed. A page is
//! not sent from here unless the database and what the portal has in memory are in the state in which it was drawn, so it is
//! no older than one that is drawn now ([`PageState`]). Whether the session is good was checked before, for each request.

use std::{sync::Arc, time::Duration};

use app::{
    context::{Services, Visitor, zone_of},
    live::Template,
    may_be_kept,
};
use http::request::Parts;
use moka::sync::Cache;
use portal::{PageReads, PageState, accounts::SessionKey};
use time::UtcOffset;

/// How much memory the pages take together. A page of 50 rows has about 30 KB.
const MOST_BYTES: u64 = 8 << 20;
/// A page is not sent for longer than this, since its state has the time.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// What a page depends on besides its state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    session: SessionKey,
    path_and_query: String,
    zone: UtcOffset,
}

/// A page that may be kept, before it is drawn.
pub struct Keeping {
    asked: Asked,
    state: PageState,
    pub reads: PageReads,
}

#[derive(Debug)]
struct Kept {
    state: PageState,
    reads: PageReads,
    template: Template,
}

/// The pages.
#[derive(Clone, Debug)]
pub struct KeptPages(Cache<Asked, Arc<Kept>>);

impl Default for KeptPages {
    fn default() -> Self {
        let bytes = |asked: &Asked, kept: &Arc<Kept>| {
            let bytes = size_of::<(Asked, Kept)>() + asked.path_and_query.len() + kept.template.bytes();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(bytes).max_capacity(MOST_BYTES).time_to_live(KEPT_FOR).build())
    }
}

impl KeptPages {
    /// The page that the request asks for, as `send` makes it from its template. Otherwise where it can be kept after it was
    /// drawn, if it may be.
    ///
    /// # Errors
    /// The place to keep it.
    pub fn find<T>(
        &self,
        services: &Services,
        request: &Parts,
        send: impl FnOnce(&Template, UtcOffset) -> T,
    ) -> Result<T, Option<Keeping>> {
        let portal = &services.portal;
        let visitor = request.extensions.get::<Visitor>().filter(|_| may_be_kept(&request.uri));
        // Only somebody who is signed in has seen the database.
        let found = visitor.and_then(|visitor| Some((visitor.session_key(portal)?, visitor.seen?)));
        let Some((session, seen)) = found else { return Err(None) };
        let state = portal.page_state(seen);
        let path_and_query = request.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let zone = zone_of(&request.headers).unwrap_or(UtcOffset::UTC);
        let asked = Asked { session, path_and_query, zone };
        match self.0.get(&asked) {
            Some(kept) if kept.state == state && kept.reads.are_good_at(portal.now()) => {
                metrics::counter!("portal_pages_sent_again_total").increment(1);
                Ok(send(&kept.template, zone))
            }
            _ => Err(Some(Keeping { asked, state, reads: PageReads::default() })),
        }
    }

    /// Keeps a page that was drawn without an error.
    pub fn keep(&self, keeping: Keeping, template: Template) {
        let Keeping { asked, state, reads } = keeping;
        self.0.insert(asked, Arc::new(Kept { state, reads, template }));
    }
}
