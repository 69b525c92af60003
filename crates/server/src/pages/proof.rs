//! Asks somebody who has no password to sign in at their institution anew, before what would outlast the session (`login/anew.rs`). Whoever
//! has a password gives that instead, on the page where it is needed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::{Code, Id, Problem};

use super::second::with_next;
use super::sign_in::Next;
use super::words::Words;
use super::{Frame, go, must_sign_in, next_path, page, problem};
use crate::login::away;
use crate::state::{App, now};
use crate::store::account::Account;
use crate::store::provider::{self, Provider};
use crate::store::{identity, merge};
use crate::visitor::{Form as Sent, Visitor};

/// Where it is asked.
pub const PATH: &str = "/account/proof";

/// Whether whoever is signed in proved just now to be the owner.
pub fn is_fresh(visitor: &Visitor) -> bool {
    visitor.session.as_ref().is_some_and(|(session, _)| session.is_proved(now()))
}

/// Sends whoever has no password and did not prove just now to be the owner to the page that asks for it, and then back here. Whoever is here by a
/// login that joined lately proves nothing by it, and is told so where it counts.
pub fn first(visitor: &Visitor, account: &Account) -> Option<Response> {
    let (session, _) = visitor.session.as_ref()?;
    let lacks = account.password.is_none() && !session.joined_lately && !session.is_proved(now());
    lacks.then(|| go(&with_next(PATH, &visitor.shown_at())))
}

#[derive(Template)]
#[template(path = "anew.html")]
struct Anew {
    f: Frame,
    next: String,
    /// The institutions at which it can be done: their ids, and the words of the buttons.
    institutions: Vec<(String, String)>,
}

/// The institutions whose word proves it: of logins that have not ended and did not join lately.
async fn institutions(app: &App, account: Id) -> Result<Vec<Provider>, Problem> {
    let time = now();
    let found = app.store.read(move |tx| {
        let lately = merge::of(tx, account, time)?;
        let mut found: Vec<Provider> = Vec::new();
        for login in identity::of(tx, account)? {
            let joined = lately.iter().any(|it| it.issuer == login.issuer && it.subject == login.subject);
            let Some(through) = provider::get(tx, &login.provider)?.filter(|it| !it.has_ended(time)) else { continue };
            if !joined && login.ends.is_none_or(|ends| ends > time) && found.iter().all(|it| it.id != through.id) {
                found.push(through);
            }
        }
        Ok(found)
    });
    Ok(found.await?)
}

/// Asks for it.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Query(next): Query<Next>) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    let next = next_path(&next.next).to_owned();
    if is_fresh(&visitor) {
        return go(&next);
    }
    let w = Words(visitor.language);
    match institutions(&app, account.id).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(found) => {
            let institutions = found.into_iter().map(|it| (it.id, w.fill(w.sign_in_anew_at(), &[&it.name]))).collect();
            let anew = Anew { f: Frame::new(&app, &visitor, w.prove_anew()), next, institutions };
            page(&app, &visitor, StatusCode::OK, &anew)
        }
    }
}

/// Leaves for the institution that was chosen.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let Some((session, account)) = &sent.visitor.session else { return must_sign_in(&sent.visitor) };
    match institutions(&app, account.id).await {
        Err(refused) => problem(&app, &sent.visitor, refused),
        Ok(found) => match found.iter().find(|it| it.id == sent.get("provider")) {
            Some(provider) => away::send_anew(&app, &sent, provider, session.id).await,
            None => problem(&app, &sent.visitor, Code::NotFound.into()),
        },
    }
}
