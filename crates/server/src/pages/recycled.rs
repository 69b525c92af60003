//! Where operators free an address that an institution has given to somebody else (`login/recycled.rs`).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use satchel_protocol::{Code, EmailAddress, Problem};

use super::form::{Field, Form, Kind};
use super::staff::acting;
use super::words::Words;
use super::{logins, message, problem, proof};
use crate::login::recycled::{self, Freed};
use crate::state::{App, now};
use crate::store::account::Account;
use crate::visitor::{Form as Sent, Visitor};

fn form(app: &App, visitor: &Visitor, account: &Account) -> Form {
    let w = Words(visitor.language);
    logins::asking_anew(app, visitor, account, w.free_title(), w.free_button())
        .intro(w.free_what())
        .intro(w.free_what_stays())
        .field(Field::new(Kind::Email, "email", w.email(), "off"))
        .field(Field::new(Kind::Check, "only", w.free_even_only(), "off"))
        .link("/staff", w.back())
        .grave()
}

/// Whoever is an operator; else the answer that everybody else gets.
async fn operator(app: &App, visitor: &Visitor) -> Result<Account, Response> {
    let acting = acting(app, visitor).await?;
    let account = visitor.account().filter(|_| acting.is_operator).cloned();
    account.ok_or_else(|| problem(app, visitor, Code::NotFound.into()))
}

/// Asks which.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    match operator(&app, &visitor).await {
        Ok(account) => match proof::first(&visitor, &account) {
            Some(first) => first,
            None => form(&app, &visitor, &account).respond(&app, &visitor),
        },
        Err(response) => response,
    }
}

/// The answer to it.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let account = match operator(&app, visitor).await {
        Ok(account) => account,
        Err(response) => return response,
    };
    let again = |name, words: &str| {
        let form = form(&app, visitor, &account).filled(&sent).errors(&[(name, words.to_owned())]);
        form.respond(&app, visitor)
    };
    let Ok(address) = sent.get("email").parse::<EmailAddress>() else { return again("email", w.email_wrong()) };
    let done = async {
        if let Some((name, words)) = logins::unproved_anew(&app, &sent, &account).await? {
            return Ok(again(name, &words));
        }
        let (freed, even_only, by, time) = (address.clone(), sent.get("only") == "yes", account.id.to_string(), now());
        let became = app.store.write(move |tx| recycled::free(tx, &freed, even_only, &by, time)).await?;
        app.mail.notify_one();
        Ok::<_, Problem>(match became {
            Freed::Nobody => again("email", w.free_nobody()),
            Freed::Only => again("only", w.free_only()),
            Freed::Now(waiting) => {
                let words = w.fill(w.freed_what(), &[address.as_str()]);
                let wait = if waiting == 0 { String::new() } else { w.fill(w.freed_waiting(), &[&waiting.to_string()]) };
                message(
                    &app,
                    visitor,
                    w.freed(),
                    &[&words, &wait],
                    &[("/staff/addresses", w.free_title()), ("/staff", w.staff())],
                )
            }
        })
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}
