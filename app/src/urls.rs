//! Paths of the portal that forms and sign-in redirect to.

use crate::query::Query;

/// The sign-in page that redirects to `next` afterwards.
pub fn sign_in_path(next: &str) -> String {
    if next == "/" { "/login".to_owned() } else { Query::default().with("next", next).on("/login") }
}

/// The page that asks for the second factor after the password, and redirects to `next` afterwards.
pub fn second_step_path(next: &str) -> String {
    if next == "/" { "/login/code".to_owned() } else { Query::default().with("next", next).on("/login/code") }
}

/// The page after signing out, for people who sign in at the provider.
pub const SIGNED_OUT: &str = "/login/signed-out";

/// Leads to the provider's own page for signing out.
pub const PROVIDER_SIGN_OUT: &str = "/login/provider/sign-out";

/// Sets out to sign in at the provider.
pub fn provider_path(next: &str) -> String {
    if next == "/" { "/login/provider".to_owned() } else { Query::default().with("next", next).on("/login/provider") }
}

/// Sets out to confirm at the provider who the person of the session is.
pub fn provider_confirm_path(next: &str) -> String {
    Query::default().with("confirm", "yes").with("next", next).on("/login/provider")
}

/// The page that asks a person to confirm who they are, and redirects to `next` afterwards.
pub fn confirm_path(next: &str) -> String {
    Query::default().with("next", next).on("/account/confirm")
}

/// `page` with this parameter set. A fragment stays at the end.
pub fn with_parameter(page: &str, name: &str, value: &str) -> String {
    let (page, fragment) = page.split_once('#').map_or((page, String::new()), |(page, at)| (page, format!("#{at}")));
    let path = page.split_once('?').map_or(page, |(path, _)| path);
    let query = page.parse().map(|uri| Query::of(&uri)).unwrap_or_default();
    format!("{}{fragment}", query.with(name, value).on(path))
}

/// Where to go after signing in: a path of the portal that no browser can take for another site.
pub fn safe_next(next: &str) -> String {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.chars().any(|c| c.is_control() || c == '\\')
        && next.len() <= 2_048;
    let loops = ["/login", "/setup", "/account/confirm", "/api/"].iter().any(|path| next.starts_with(path));
    if is_local && !loops { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{safe_next, sign_in_path, with_parameter};

    #[test]
    fn signing_in_redirects_only_within_the_portal() {
        for good in ["/", "/audit?team=payments", "/teams/a/connections?q=%2F"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\n/evil",
            "/login?next=/login",
            "audit",
            "/account/confirm?next=%2F",
        ] {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn a_parameter_is_added_before_the_fragment() {
        assert_eq!(with_parameter("/a?x=1#form", "problem", "p q"), "/a?x=1&problem=p+q#form");
        assert_eq!(sign_in_path("/a?x=1&y=2"), "/login?next=%2Fa%3Fx%3D1%26y%3D2");
    }
}
