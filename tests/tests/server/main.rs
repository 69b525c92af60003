//! The server from outside: its store on both databases, its HTTP interface, its pages and mails, and how it is run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot set its scene has failed")]

mod accounts;
mod acting;
mod acts;
mod apart;
mod approved;
mod backup;
mod bounds;
mod catalogue;
mod claims;
mod desk;
mod factors;
mod federation;
mod forms;
mod hostile;
mod institution;
mod invited;
mod kills;
mod lies;
mod logins;
mod merging;
mod namesakes;
mod news;
mod notices;
mod oauth;
mod openapi;
mod operation;
mod operators;
mod pages;
mod proof;
mod providers;
mod requests;
mod scene;
mod sharing;
mod signing;
mod spans;
mod staff;
mod store;
mod strangers;
mod syncing;
mod tenants;
mod turned_away;
mod wallet;
mod webkit;
