//! The alert rules and the dashboard in `packaging/monitoring` name metrics and labels that exist, and every alert says what
//! to do about it. Their syntax is checked by `promtool`, where there is one (`packaging/lint.sh`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Prometheus makes it for every target.
const OF_PROMETHEUS: [&str; 1] = ["up"];
/// Labels that Prometheus adds, and that histograms have.
const ADDED: [&str; 3] = ["instance", "job", "le"];
/// Words of Prometheus' query language.
const WORDS: [&str; 18] = [
    "sum",
    "by",
    "rate",
    "increase",
    "histogram_quantile",
    "predict_linear",
    "or",
    "and",
    "on",
    "vector",
    "count",
    "min",
    "max",
    "changes",
    "label_values",
    "bool",
    "ignoring",
    "without",
];

fn read(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documented metrics, each with its labels. A histogram is three.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for row in read("docs/metrics.md").lines().filter_map(|line| line.strip_prefix("| `")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let (name, kind) = (cells[0].trim_end_matches('`').to_owned(), cells[1]);
        let labels = cells.get(2).copied().unwrap_or_default();
        let labels: BTreeSet<String> = labels.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        if kind.starts_with("histogram") {
            for ending in ["_bucket", "_count", "_sum"] {
                all.insert(format!("{name}{ending}"), labels.clone());
            }
        } else {
            all.insert(name, labels);
        }
    }
    assert!(all.len() > 30, "{all:?}");
    all
}

/// What a query names, without what stands in quotation marks or counts time.
fn names_in(query: &str) -> BTreeSet<String> {
    let unquoted: String = query.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let unquoted = unquoted.replace("$__rate_interval", " ");
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let words = unquoted.split(|c| !is_part(c)).filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    words.filter(|word| !WORDS.contains(word)).map(str::to_owned).collect()
}

/// The queries of the alert rules, by the alert's name, and the pages that they refer to.
fn alerts() -> Vec<(String, String, String)> {
    let text = read("packaging/monitoring/alerts.yml");
    let mut alerts = Vec::new();
    for rule in text.split("- alert: ").skip(1) {
        let value = |key: &str| {
            let line = rule.lines().find_map(|line| line.trim().strip_prefix(key));
            line.unwrap_or_else(|| panic!("no {key} in {rule}")).trim().to_owned()
        };
        let name = rule.lines().next().unwrap_or_default().trim().to_owned();
        alerts.push((name, value("expr:"), value("runbook:").trim_matches('"').to_owned()));
    }
    assert!(alerts.len() >= 10, "{alerts:?}");
    alerts
}

fn strings_under(key: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == key => found.push(text.clone()),
                    value => strings_under(key, value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings_under(key, item, found)),
        _ => {}
    }
}

/// What is wrong with a query: names that are neither a metric nor a label of one of the metrics in it.
fn unknown_in(query: &str, documented: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let names = names_in(query);
    let labels: BTreeSet<&str> =
        names.iter().filter_map(|name| documented.get(name)).flatten().map(String::as_str).collect();
    let is_known = |name: &str| {
        documented.contains_key(name) || OF_PROMETHEUS.contains(&name) || ADDED.contains(&name) || labels.contains(name)
    };
    names.iter().filter(|name| !is_known(name)).cloned().collect()
}

#[test]
fn every_alert_is_about_documented_metrics_and_says_what_to_do() {
    let documented = documented();
    let operations = read("docs/operations.md");
    let headings: BTreeSet<String> = operations
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')))
        .map(|heading| {
            let kept = heading.to_lowercase().replace(' ', "-");
            kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
        })
        .collect();
    for (name, query, runbook) in alerts() {
        assert_eq!(unknown_in(&query, &documented), Vec::<String>::new(), "{name}: {query}");
        assert!(names_in(&query).iter().any(|word| documented.contains_key(word) || word == "up"), "{name}");
        let heading = runbook.strip_prefix("docs/operations.md#").unwrap_or_else(|| panic!("{name}: {runbook}"));
        assert!(headings.contains(heading), "{name}: docs/operations.md has no heading for #{heading}");
    }
}

#[test]
fn every_panel_of_the_dashboard_shows_documented_metrics() {
    let documented = documented();
    let dashboard: Value = serde_json::from_str(&read("packaging/monitoring/grafana-dashboard.json")).unwrap();
    let mut queries = Vec::new();
    strings_under("expr", &dashboard, &mut queries);
    assert!(queries.len() > 20, "{queries:?}");
    for query in &queries {
        assert_eq!(unknown_in(query, &documented), Vec::<String>::new(), "{query}");
    }
    let ids: BTreeSet<_> = dashboard["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), dashboard["panels"].as_array().unwrap().len(), "each panel has an id of its own");
}

#[test]
fn a_metric_or_label_that_does_not_exist_is_found() {
    let documented = documented();
    for (query, unknown) in [
        ("sum(portal_alarm) > 0", "portal_alarm"),
        ("rate(portal_http_request_duration_seconds[5m])", "portal_http_request_duration_seconds"),
        ("sum by (team) (portal_alarms)", "team"),
        ("portal_worker_restarts_total{reason=\"panic\"}", "reason"),
    ] {
        assert_eq!(unknown_in(query, &documented), [unknown], "{query}");
    }
    assert_eq!(
        unknown_in("sum by (alarm) (portal_alarms{instance=~\"a\"}) > 2 * 512", &documented),
        Vec::<String>::new()
    );
}
