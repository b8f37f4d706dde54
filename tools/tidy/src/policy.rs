//! The rules as tables: which crate may depend on which, and every exception with its reason. Change a rule here.

/// What a crate may depend on within the workspace.
pub struct Layer {
    /// The crate.
    pub name: &'static str,
    /// What its program may use.
    pub dependencies: &'static [&'static str],
    /// What only its tests may use as well.
    pub only_in_tests: &'static [&'static str],
}

const fn layer(
    name: &'static str,
    dependencies: &'static [&'static str],
    only_in_tests: &'static [&'static str],
) -> Layer {
    Layer { name, dependencies, only_in_tests }
}

/// Every crate of the workspace, from the bottom up.
pub const LAYERS: &[Layer] = &[
    // Of use to other products, hence alone, even in its tests.
    layer("evidence", &[], &[]),
    layer("store", &["evidence"], &[]),
    layer("workato", &[], &[]),
    layer("sandbox", &["workato"], &[]),
    // The sandbox stands in for Workato in tests; the program must not carry it.
    layer("portal", &["evidence", "store", "workato"], &["sandbox"]),
    // Not `store`: a page must not be able to open a transaction.
    layer("app", &["evidence", "portal", "workato"], &["sandbox"]),
    layer("frontend", &["app"], &[]),
    layer("server", &["app", "evidence", "portal", "sandbox", "store", "workato"], &[]),
    layer("tidy", &[], &[]),
];

/// Features of workspace crates that a dependant must not ask for: (dependant, crate, feature, reason).
pub const FORBIDDEN_FEATURES: &[(&str, &str, &str, &str)] = &[
    ("sandbox", "workato", "client", "the sandbox shares Workato's types, not the client it is there to test"),
    ("frontend", "app", "ssr", "the browser half must not carry the server half"),
];

/// Crates whose dependencies on the workspace must be optional and turned on by this feature alone, because the browser
/// half is built without it.
pub const ONLY_WITH_FEATURE: &[(&str, &str)] = &[("app", "ssr")];

/// A library that belongs to one crate.
pub struct Confined {
    /// The library.
    pub library: &'static str,
    /// The crate that may use it.
    pub home: &'static str,
    /// Why, for the message.
    pub reason: &'static str,
    /// Who else may use it.
    pub exceptions: &'static [Exception],
}

/// A file, a folder (ends with `/`), or a manifest's section (`crates/portal/Cargo.toml [dependencies]`) that a rule
/// leaves alone.
pub struct Exception {
    /// Relative to the workspace.
    pub path: &'static str,
    /// Why the rule does not hold there.
    pub reason: &'static str,
}

const fn except(path: &'static str, reason: &'static str) -> Exception {
    Exception { path, reason }
}

/// Libraries that belong to one crate.
pub const CONFINED: &[Confined] = &[
    Confined {
        library: "sqlx",
        home: "store",
        reason: "elsewhere a transaction is an opaque `Read` or `Write`",
        exceptions: TIDY_ITSELF,
    },
    Confined {
        library: "reqwest",
        home: "workato",
        reason: "Workato is called through its client and limits alone",
        exceptions: &[
            except("crates/portal/Cargo.toml [dependencies]", "delivers checkpoints, and calls the identity provider"),
            except("crates/portal/src/accounts/provider/http.rs", "calls the identity provider"),
            except(
                "crates/portal/src/audit/sealing/destination.rs",
                "delivers checkpoints to addresses that are not Workato's",
            ),
            except("server/Cargo.toml [dependencies]", "sends traces, and asks for features that only the tests use"),
            except("server/src/traces/collector.rs", "sends traces to the collector that a setting names"),
            except("server/tests/", "the tests are the portal's browser"),
            except("tools/tidy/", "tidy names what it looks for"),
        ],
    },
];

const TIDY_ITSELF: &[Exception] = &[except("tools/tidy/", "tidy names what it looks for")];

/// The crate that SQL belongs to.
pub const SQL_HOME: &str = "store";

/// Where else the numbered migrations are.
pub const MIGRATIONS: &str = "migrations/";

/// Where SQL may stand besides [`SQL_HOME`] and [`MIGRATIONS`].
pub const SQL_EXCEPTIONS: &[Exception] = TIDY_ITSELF;

/// Crates whose tests may contain SQL, because they tamper with the database as somebody who can write its file.
pub const SQL_IN_TESTS: &[&str] = &["portal", "server"];

/// Crates that answer with codes and values. Sentences for people are in `app`.
pub const WITHOUT_SENTENCES: &[&str] = &["portal", "store"];

/// Where these crates may have sentences.
pub const SENTENCE_EXCEPTIONS: &[Exception] = &[
    except("crates/portal/src/key_rotation.rs", "why keys were not rotated, for the person at the terminal"),
    except(
        "crates/store/src/error.rs",
        "why a database file is refused at start-up, for the terminal and the server's log",
    ),
    except("crates/store/src/private_file.rs", "names the command that makes a key file private, for the terminal"),
];

/// Features that no source may ask for: (feature, reason).
pub const REMOVED_FEATURES: &[(&str, &str)] =
    &[("server", "`portal` and `workato` are for the server alone, so there is nothing to switch off")];

/// Where a removed feature may be named.
pub const REMOVED_FEATURE_EXCEPTIONS: &[Exception] = TIDY_ITSELF;

/// How many lines a file may have, its tests not counted.
pub const MOST_LINES: usize = 400;

/// Files that may be longer.
pub const LONG_FILES: &[Exception] = &[];

/// Cycles between files that may stay: a cycle is left alone if all its files are covered by one exception.
pub const CYCLES: &[Exception] = &[];

impl Exception {
    /// Whether the exception covers `place`.
    pub fn covers(&self, place: &str) -> bool {
        if self.path.ends_with('/') { place.starts_with(self.path) } else { place == self.path }
    }
}

/// Whether one of `exceptions` covers `place`.
pub fn is_excepted(exceptions: &[Exception], place: &str) -> bool {
    exceptions.iter().any(|exception| exception.covers(place))
}
