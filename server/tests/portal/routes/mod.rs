//! What each route answers, to whom, and with which status. One file a route, beside what holds for all of them.

mod account;
mod audit;
mod audit_export;
mod connection;
mod connection_changes;
mod connections;
mod connections_export;
mod connector;
mod connector_code;
mod customers;
mod every_answer;
mod feed;
mod figures;
mod login;
mod reading;
mod recipes;
mod review;
mod rights;
mod searches;
