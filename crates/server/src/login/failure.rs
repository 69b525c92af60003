//! What went wrong with a sign-in through a provider, on a page that says what happened, what to do, and whom to write to, with a reference
//! number (R19). The log has the number beside the reason, and nothing about the person.

use axum::http::StatusCode;
use axum::response::Response;

use crate::pages::message_with;
use crate::pages::sign_in::write_to;
use crate::pages::words::Words;
use crate::random;
use crate::state::App;
use crate::store::provider::Provider;
use crate::visitor::Visitor;

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// Whoever was to sign in there did not.
    Cancelled,
    /// The provider does not answer, or says that it cannot now.
    Down(String),
    /// Its answer is not to be believed, or not to be understood.
    NotBelieved(String),
    /// Whoever comes back did not leave from here, in this browser, a short while ago.
    Strayed,
    /// The provider does not say what is needed.
    Lacking(Vec<String>),
    /// The login belongs to another account than the one that it was to be added to.
    OfAnother,
    /// There is an account, which may not be used.
    Closed,
}

impl Failure {
    /// The reason, for the log.
    fn reason(&self) -> (&'static str, &str) {
        match self {
            Self::Cancelled => ("cancelled", ""),
            Self::Down(why) => ("down", why),
            Self::NotBelieved(why) => ("not_believed", why),
            Self::Strayed => ("strayed", ""),
            Self::Lacking(_) => ("lacking", ""),
            Self::OfAnother => ("of_another", ""),
            Self::Closed => ("closed", ""),
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Cancelled => StatusCode::OK,
            Self::Down(_) => StatusCode::BAD_GATEWAY,
            Self::NotBelieved(_) | Self::Strayed => StatusCode::BAD_REQUEST,
            Self::Lacking(_) | Self::Closed => StatusCode::FORBIDDEN,
            Self::OfAnother => StatusCode::CONFLICT,
        }
    }
}

/// The page of a failure.
pub fn show(app: &App, visitor: &Visitor, provider: Option<&Provider>, failure: &Failure) -> Response {
    let w = Words(visitor.language);
    let reference = random::slug().to_uppercase();
    let (reason, why) = failure.reason();
    let id = provider.map_or("", |provider| provider.id.as_str());
    tracing::warn!(reference, provider = id, reason, why, "sign-in through a provider failed");
    let name = provider.map_or("", |provider| provider.name.as_str());
    let (what, then) = match failure {
        Failure::Cancelled => (w.fill(w.login_cancelled(), &[name]), w.login_cancelled_then()),
        Failure::Down(_) => (w.fill(w.login_down(), &[name]), w.login_down_then()),
        Failure::NotBelieved(_) => (w.fill(w.login_not_believed(), &[name]), w.login_not_believed_then()),
        Failure::Strayed => (w.login_strayed().to_owned(), w.login_strayed_then()),
        Failure::Lacking(names) => (w.fill(w.login_lacking(), &[name, &names.join(", ")]), w.login_lacking_then()),
        Failure::OfAnother => (w.fill(w.login_of_another(), &[name]), w.login_of_another_then()),
        Failure::Closed => (w.login_closed().to_owned(), w.login_closed_then()),
    };
    let theirs = provider.and_then(|provider| provider.support.as_ref());
    let theirs = theirs.map(|address| w.fill(w.write_to_provider(), &[name, address.as_str()])).unwrap_or_default();
    let reference = w.fill(w.reference_number(), &[&reference]);
    let nothing = if matches!(failure, Failure::Closed) { "" } else { w.login_nothing_changed() };
    let paragraphs = [what.as_str(), then, nothing, &theirs, &write_to(app, w), &reference];
    message_with(app, visitor, failure.status(), w.not_signed_in(), &paragraphs, &[("/sign-in", w.sign_in_again())])
}
