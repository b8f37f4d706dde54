//! Which pages may be kept, to be sent again while nothing that they show has changed. Those that people open most, without
//! what the server knows of one request only, such as a refused form, a notice after a change, or a search in the index.

use http::Uri;
use portal::{connections, connectors};

use crate::query::Query;

/// The parameters of the audit log that need no search: a team, and where a page begins.
const OF_LOG: [&str; 3] = ["team", "older", "newer"];

/// Whether the page with this address is the same for one session as long as [`portal::PageState`] stays the same.
pub fn may_be_kept(uri: &Uri) -> bool {
    let mut parts = uri.path().trim_start_matches('/').split('/');
    let parameters: &[&str] = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("audit"), None, ..) => &OF_LOG,
        (Some("teams"), Some(_), Some("connections"), None) => connections::PARAMETERS,
        (Some("teams"), Some(_), Some("connectors"), None) => connectors::PARAMETERS,
        _ => return false,
    };
    Query::of(uri).pairs().all(|(name, _)| parameters.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::may_be_kept;

    #[test]
    fn only_lists_are_kept_and_only_without_what_belongs_to_one_request() {
        for (kept, path) in [
            (true, "/teams/payments/connections"),
            (true, "/teams/payments/connections?status=broken&page=2"),
            (true, "/teams/payments/connectors?title=http"),
            (true, "/audit"),
            (true, "/audit?team=payments&older=120"),
            (false, "/teams/payments/connections?form=0191"),
            (false, "/teams/payments/connections?operation=0191"),
            (false, "/teams/payments/connections?done=view-saved"),
            (false, "/teams/payments/connections/7"),
            (false, "/teams/payments/connections/"),
            (false, "/audit?q=share"),
            (false, "/audit?open=0191"),
            (false, "/audit/0191"),
            (false, "/account"),
            (false, "/setup"),
            (false, "/login"),
            (false, "/"),
        ] {
            assert_eq!(may_be_kept(&path.parse().expect("a path")), kept, "{path}");
        }
    }
}
