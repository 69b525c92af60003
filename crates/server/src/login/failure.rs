//! What went wrong with a sign-in through a provider, on a page that says what happened, what to do, whom to write to and what to quote (R19).
//! The log has the reason under the id of the request, which is what is quoted, and nothing about the person.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::Response;

use crate::pages::words::Words;
use crate::pages::{HOME, proof, second, stopped};
use crate::state::App;
use crate::store::provider::Provider;
use crate::visitor::Visitor;

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Whoever was to sign in there did not.
    Cancelled,
    /// The provider does not answer, or says that it cannot now.
    Down(String),
    /// This server is not set up for the provider as it must be: its secret is wrong, or cannot be read.
    Ours(String),
    /// Signing in through the provider, or with this login, has ended.
    Ended,
    /// Its answer is not to be believed, or not to be understood.
    NotBelieved(String),
    /// Whoever comes back did not leave from here, in this browser, a short while ago.
    Strayed,
    /// The provider does not say what is needed.
    Lacking(Vec<String>),
    /// The login belongs to another account than the one that it was to be added to.
    OfAnother,
    /// Whoever was to sign in there anew did not, or it is not said.
    NotAnew(String),
    /// Whoever signed in there anew is not the owner of the account.
    SomebodyElse,
    /// The login joined the account lately, so it proves nothing that would outlast undoing that.
    JoinedLately,
    /// There is an account, which may not be used.
    Closed,
    /// The birth date that was given is of somebody younger than this; and whether an invitation waits until they are old enough.
    TooYoung(u8, bool),
    /// A birth date was refused within a day.
    RefusedToday,
    /// More birth dates were given than anybody has.
    ManyDates,
    /// The link of the mail that proves an address was used, or is too old.
    LinkOver,
    /// That link was opened in another browser than the one that asked for it.
    OtherBrowser,
}

impl Failure {
    /// The reason, for the log.
    pub fn reason(&self) -> (&'static str, Cow<'_, str>) {
        let (reason, why) = match self {
            // Names of claims, and nothing that they say.
            Self::Lacking(names) => return ("lacking", names.join(", ").into()),
            Self::Down(why) => ("down", why.as_str()),
            Self::Ours(why) => ("ours", why.as_str()),
            Self::NotBelieved(why) => ("not_believed", why.as_str()),
            Self::NotAnew(why) => ("not_anew", why.as_str()),
            Self::SomebodyElse => ("somebody_else", ""),
            Self::JoinedLately => ("joined_lately", ""),
            Self::Cancelled => ("cancelled", ""),
            Self::Ended => ("ended", ""),
            Self::Strayed => ("strayed", ""),
            Self::OfAnother => ("of_another", ""),
            Self::Closed => ("closed", ""),
            Self::TooYoung(..) => ("too_young", ""),
            Self::RefusedToday => ("refused_today", ""),
            Self::ManyDates => ("many_dates", ""),
            Self::LinkOver => ("link_over", ""),
            Self::OtherBrowser => ("other_browser", ""),
        };
        (reason, why.into())
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Cancelled => StatusCode::OK,
            Self::Down(_) => StatusCode::BAD_GATEWAY,
            Self::Ours(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::ManyDates => StatusCode::TOO_MANY_REQUESTS,
            Self::NotBelieved(_) | Self::Strayed => StatusCode::BAD_REQUEST,
            Self::Lacking(_)
            | Self::NotAnew(_)
            | Self::SomebodyElse
            | Self::JoinedLately
            | Self::Closed
            | Self::TooYoung(..)
            | Self::RefusedToday
            | Self::OtherBrowser => StatusCode::FORBIDDEN,
            Self::LinkOver | Self::Ended => StatusCode::GONE,
            Self::OfAnother => StatusCode::CONFLICT,
        }
    }
}

/// What somebody went to a provider for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    SigningIn,
    Adding,
    Proving,
}

/// The page of a failure.
pub fn show(app: &App, visitor: &Visitor, provider: Option<&Provider>, failure: &Failure) -> Response {
    // Whoever is signed in went for one more login.
    let purpose = if visitor.session.is_some() { For::Adding } else { For::SigningIn };
    page(app, visitor, provider, failure, purpose)
}

/// The page of somebody who was to sign in anew, as proof. They stay signed in.
pub fn unproved(app: &App, visitor: &Visitor, provider: &Provider, failure: &Failure) -> Response {
    page(app, visitor, Some(provider), failure, For::Proving)
}

fn page(app: &App, visitor: &Visitor, provider: Option<&Provider>, failure: &Failure, purpose: For) -> Response {
    let w = Words(visitor.language);
    let (reason, why) = failure.reason();
    let named = provider.map_or("", |provider| provider.id.as_str());
    tracing::warn!(id = visitor.reference, provider = named, reason, why = &*why, "sign-in through a provider failed");
    let name = provider.map_or("", |provider| provider.name.as_str());
    let or_password = if purpose == For::SigningIn { w.login_or_password() } else { "" };
    let (what, then, more) = match failure {
        Failure::Cancelled => (w.fill(w.login_cancelled(), &[name]), w.login_cancelled_then(), ""),
        Failure::Down(_) => (w.fill(w.login_down(), &[name]), w.login_down_then(), or_password),
        Failure::Ours(_) => (w.fill(w.login_ours(), &[name]), w.login_ours_then(), or_password),
        Failure::Ended => (w.fill(w.login_ended(), &[name]), w.login_ended_then(), ""),
        Failure::NotBelieved(_) => (w.fill(w.login_not_believed(), &[name]), w.login_not_believed_then(), ""),
        Failure::Strayed => (w.login_strayed().to_owned(), w.login_strayed_then(), ""),
        Failure::Lacking(names) => (w.fill(w.login_lacking(), &[name, &names.join(", ")]), w.login_lacking_then(), ""),
        Failure::OfAnother => (w.fill(w.login_of_another(), &[name]), w.login_of_another_then(), ""),
        Failure::NotAnew(_) => (w.fill(w.login_not_anew(), &[name]), w.login_not_anew_then(), ""),
        Failure::SomebodyElse => (w.fill(w.login_somebody_else(), &[name]), w.login_somebody_else_then(), ""),
        Failure::JoinedLately => (w.fill(w.login_joined_lately(), &[name]), "", ""),
        Failure::Closed => (w.login_closed().to_owned(), w.login_closed_then(), ""),
        Failure::TooYoung(age, _) => (w.fill(w.too_young(), &[&age.to_string()]), w.date_not_kept(), w.no_other_date_today()),
        Failure::RefusedToday => (w.try_tomorrow_login().to_owned(), w.date_was_refused(), ""),
        Failure::ManyDates => (w.many_dates().to_owned(), w.many_dates_then(), ""),
        Failure::LinkOver => (w.link_over_why().to_owned(), w.sign_in_once_more(), ""),
        Failure::OtherBrowser => (w.other_browser_why().to_owned(), "", ""),
    };
    let (title, waits) = match failure {
        Failure::LinkOver => (w.link_over(), ""),
        Failure::OtherBrowser => (w.other_browser(), ""),
        Failure::TooYoung(_, true) => (w.not_signed_in(), w.invitation_waits()),
        _ if purpose == For::Adding => (w.login_not_added(), ""),
        _ if purpose == For::Proving => (w.not_proved(), ""),
        _ => (w.not_signed_in(), ""),
    };
    // What those of the institution can do nothing about is not theirs to be asked.
    let is_over = matches!(failure, Failure::TooYoung(..) | Failure::RefusedToday | Failure::ManyDates);
    let theirs = provider.and_then(|provider| provider.support.as_ref()).filter(|_| !is_over);
    let theirs = theirs.map(|address| w.fill(w.write_to_provider(), &[name, address.as_str()])).unwrap_or_default();
    // Of whoever is turned away for good something is known here, or is noted.
    let is_free = matches!(
        failure,
        Failure::Cancelled | Failure::Down(_) | Failure::Ours(_) | Failure::NotBelieved(_) | Failure::Lacking(_)
    );
    let is_free = is_free && purpose != For::Proving;
    let nothing = if is_free { w.login_nothing_changed() } else { "" };
    let paragraphs = [what.as_str(), then, more, waits, nothing, &theirs];
    // What they wanted, such as a badge that waits, is not lost.
    let again = second::with_next("/sign-in", &visitor.next);
    let again = if visitor.next == HOME { "/sign-in" } else { &again };
    let anew = second::with_next(proof::PATH, &visitor.next);
    let on = match (purpose, is_over) {
        (For::Adding, _) => ("/account/logins", w.logins_title()),
        (For::Proving, _) => (anew.as_str(), w.prove_anew()),
        (For::SigningIn, true) => ("/", w.to_start()),
        (For::SigningIn, false) => (again, w.sign_in_again()),
    };
    stopped(app, visitor, failure.status(), title, &paragraphs, &[on])
}
