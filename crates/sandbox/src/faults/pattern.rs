//! The pattern for the calls that a fault applies to: a method and a path with wildcards, without a query.

use std::fmt;

use axum::http::Method;

/// `METHOD PATH`. `*` matches any method or one segment of the path, a final `**` matches the rest of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    method: Option<Method>,
    path: String,
}

impl Pattern {
    /// A pattern from its two parts. `None` if the method is not an HTTP method or the path does not start with `/`.
    pub fn new(method: &str, path: &str) -> Option<Self> {
        let method = match method {
            "*" => None,
            word => Some(word.to_ascii_uppercase().parse().ok()?),
        };
        path.starts_with('/').then(|| Self { method, path: path.to_owned() })
    }

    /// Whether the pattern matches this call.
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method) && self.matches_path(path)
    }

    fn matches_path(&self, path: &str) -> bool {
        let mut given = path.split('/');
        for wanted in self.path.split('/') {
            match (wanted, given.next()) {
                ("**", _) => return true,
                ("*", Some(segment)) if !segment.is_empty() => {}
                (wanted, Some(segment)) if wanted == segment => {}
                _ => return false,
            }
        }
        given.next().is_none()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_ref().map_or("*", Method::as_str), self.path)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("GET /api/connections", "GET", "/api/connections", true)]
    #[case("GET /api/connections", "POST", "/api/connections", false)]
    #[case("* /api/connections", "POST", "/api/connections", true)]
    #[case("DELETE /api/connections/*", "DELETE", "/api/connections/36", true)]
    #[case("DELETE /api/connections/*", "DELETE", "/api/connections", false)]
    #[case("DELETE /api/connections/*", "DELETE", "/api/connections/", false)]
    #[case("* /api/connections/*", "POST", "/api/connections/36/disconnect", false)]
    #[case("* /api/**", "POST", "/api/connections/36/disconnect", true)]
    #[case(
        "* /api/custom_connectors/*/share_oem_version/*",
        "POST",
        "/api/custom_connectors/3066/share_oem_version/4",
        true
    )]
    fn stars_match_segments(#[case] pattern: &str, #[case] method: Method, #[case] path: &str, #[case] matches: bool) {
        let (wanted, stars) = pattern.split_once(' ').expect("two parts");
        assert_eq!(Pattern::new(wanted, stars).expect("a pattern").matches(&method, path), matches);
    }
}
