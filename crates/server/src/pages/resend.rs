//! The mail that verifies an address, once more, for whoever registered and did not get it (R12). The answer never tells whether anybody registered
//! with an address, or has an account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use satchel_protocol::{Code, EmailAddress, Problem};

use super::form::{Field, Form, Kind};
use super::words::Words;
use super::{message, problem};
use crate::random;
use crate::state::{App, now};
use crate::store::{account, attempt, outbox};
use crate::visitor::{Form as Sent, Visitor};

/// Where the page is.
pub const PATH: &str = "/register/again";

/// How many registrations of one address get a mail: somebody else may have typed it too.
const MOST: i64 = 3;

fn form(app: &App, visitor: &Visitor) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, w.resend_title(), w.resend_button())
        .intro(w.resend_intro())
        .field(Field::new(Kind::Email, "email", w.email(), "username").hint(w.email_hint()))
        .link("/forgot", w.forgot())
}

/// Asks for the address.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    form(&app, &visitor).respond(&app, &visitor)
}

/// Sends the mail again, if somebody registered with this address and has not verified it; says the same if nobody did.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let (visitor, w) = (&sent.visitor, Words(sent.visitor.language));
    let again = |errors: &[(&'static str, String)]| form(&app, visitor).filled(&sent).errors(errors).respond(&app, visitor);
    let Ok(address) = sent.get("email").parse::<EmailAddress>() else { return again(&[("email", w.email_wrong().to_owned())]) };
    match ask(&app, visitor, address.clone()).await {
        Ok(()) => {
            let words = w.fill(w.resend_sent(), &[address.as_str()]);
            message(&app, visitor, w.look_at_mail(), &[&words, w.link_two_days(), w.no_mail_came()], &[("/sign-in", w.sign_in())])
        }
        Err(refused) if refused.code == Code::TooMany => again(&[("", super::sentence(&refused.message(w.0)))]),
        Err(refused) => problem(&app, visitor, refused),
    }
}

async fn ask(app: &App, visitor: &Visitor, address: EmailAddress) -> Result<(), Problem> {
    // Counted with the mails of registrations: nobody's mailbox is filled by what somebody else types.
    app.limit(&[("resend-from", &visitor.ip, 60, 3600), ("register-to", &address.mailbox(), 5, 3600)]).await?;
    let (time, language, nobody) = (now(), visitor.language, app.key("resend", "nobody"));
    app.store
        .write(move |tx| {
            if let Some(known) = account::by_address(tx, &address)? {
                return Ok(outbox::put(tx, random::id(time), outbox::Kind::Known, known.id, &address, language, time)?);
            }
            let waiting = account::registrations(tx, &address, time, MOST)?;
            if waiting.is_empty() {
                // One more row either way, so that the commit takes as long.
                attempt::count(tx, nobody, 3600, time)?;
            }
            for it in waiting {
                outbox::put(tx, random::id(time), outbox::Kind::Verify, it, &address, language, time)?;
            }
            Ok(())
        })
        .await?;
    app.mail.notify_one();
    Ok(())
}
