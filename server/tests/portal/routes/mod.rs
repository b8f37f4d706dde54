//! What each route answers, to whom, and with which status. One file a route, beside what holds for all of them.

mod account;
mod audit;
mod connection;
mod connections;
mod connector;
mod every_answer;
mod login;
mod rights;
