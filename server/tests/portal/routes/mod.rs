//! What each route answers, to whom, and with which status. One file for each route, and a few for what holds for all.

mod account;
mod admin_feeds;
mod admin_people;
mod admin_teams;
mod approvals;
mod audit;
mod audit_export;
mod code_changes;
mod connection;
mod connection_changes;
mod connections;
mod connections_export;
mod connector;
mod connector_code;
mod customers;
mod decisions;
mod every_answer;
mod feed;
mod figures;
mod home;
mod job_approvals;
pub mod jobs;
mod login;
mod odd_values;
mod promotions;
mod provider;
mod reading;
mod reasons;
mod recipes;
mod release;
mod review;
mod rights;
mod search;
mod second_factor;
mod security_page;
mod sessions;
mod setup;
mod team_tokens;
mod views;
mod weight;

/// Parts of a page that differ between runs, and what snapshots have instead.
const ADDRESSES_AND_IDS: [(&str, &str); 5] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"secret=[\w-]+", "secret=SECRET"),
    (r"portal-feed-[\w-]+", "portal-feed-TOKEN"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"\b[0-9a-f]{12}\b", "FINGERPRINT"),
];
/// What the page says to people without the right.
const NO_RIGHT: &str = "You don't have permission to do this. Nothing was done. Ask an admin for access.";
