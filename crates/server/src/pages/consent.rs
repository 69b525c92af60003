//! The question whether a program may act for somebody. It says what is asked, by whom, and how little is known of them: a program's name is
//! its own word, so where the answer goes stands beside it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::scope::{Scope, Scopes};
use url::Url;

use super::words::Words;
use super::{Frame, page};
use crate::oauth::redirect;
use crate::state::App;
use crate::store::account::Account;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    f: Frame,
    program: String,
    unproved: String,
    signed_in_as: String,
    asks: Vec<&'static str>,
    action: String,
    next: String,
}

/// The page with the question; `action` is where its answer goes.
pub fn ask(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    program: &str,
    to: &Url,
    scopes: &Scopes,
    action: String,
) -> Response {
    let w = Words(visitor.language);
    let asks = scopes.iter().map(|scope| match scope {
        Scope::Wallet => w.scope_wallet(),
        Scope::Staff => w.scope_staff(),
        Scope::Proposals => w.scope_proposals(),
    });
    let host = to.host_str().unwrap_or_default();
    let consent = Consent {
        f: Frame::new(app, visitor, w.consent_title()),
        unproved: if redirect::is_loopback(to) {
            w.consent_from_here().to_owned()
        } else {
            w.fill(w.consent_from_host(), &[host])
        },
        program: program.to_owned(),
        signed_in_as: w.fill(w.consent_as(), &[&account.name()]),
        asks: asks.collect(),
        next: action.clone(),
        action,
    };
    page(app, visitor, StatusCode::OK, &consent)
}
