//! The server from outside: its store on both databases, its HTTP interface, its pages and mails, and how it is run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot set its scene has failed")]

mod accounts;
mod acts;
mod apart;
mod backup;
mod catalogue;
mod claims;
mod desk;
mod factors;
mod oauth;
mod openapi;
mod operation;
mod pages;
mod requests;
mod scene;
mod signing;
mod store;
mod syncing;
mod wallet;
