//! What a mail says: in the language of its reader, as text and as HTML, with links that are made now.

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::request::State as Asked;

use crate::pages::news::leave_path;
use crate::pages::words::Words;
use crate::state::App;
use crate::store::account::{self, Account};
use crate::store::message::{Page, State as Written};
use crate::store::outbox::{Kind, Letter};
use crate::store::ticket::{self, Kind as Link};
use crate::store::{
    Error, Tx, arrival, award, document, factor, identity, invitation, issuer, merge, message, provider, request, staff,
    subscriber, unused,
};

/// How long the links of mails hold.
const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);
const HALF_AN_HOUR: SignedDuration = SignedDuration::from_mins(30);

/// A mail, written.
#[derive(Template)]
#[template(path = "mail.html")]
pub struct Text {
    w: Words,
    /// Its subject, one line.
    pub subject: String,
    hello: String,
    before: Vec<String>,
    button: Option<(String, String)>,
    after: Vec<String>,
    small: Vec<(String, Option<String>)>,
    foot: String,
    /// The address by which one wants no more mail of this kind, pressed once (RFC 8058).
    pub leave: Option<String>,
}

impl Text {
    fn new(app: &App, w: Words, subject: &str, before: String) -> Self {
        let settings = &app.settings;
        let foot = [settings.name.clone(), settings.operator.clone(), app.origin.clone()];
        Self {
            w,
            subject: subject.to_owned(),
            hello: w.mail_hello().to_owned(),
            before: vec![before],
            button: None,
            after: Vec::new(),
            small: Vec::new(),
            foot: foot.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            leave: None,
        }
    }

    fn button(mut self, words: &str, href: String) -> Self {
        self.button = Some((words.to_owned(), href));
        self
    }

    fn after(mut self, words: impl Into<String>) -> Self {
        self.after.push(words.into());
        self
    }

    fn small(mut self, words: impl Into<String>, href: Option<String>) -> Self {
        self.small.push((words.into(), href));
        self
    }

    /// With a way to get no more of it.
    fn leaving(mut self, href: String) -> Self {
        self.small.push((self.w.mail_leave().to_owned(), Some(href.clone())));
        self.leave = Some(href);
        self
    }

    /// As text.
    pub fn plain(&self) -> String {
        let mut parts = vec![self.hello.clone()];
        parts.extend(self.before.iter().cloned());
        parts.extend(self.button.iter().map(|(words, href)| format!("{words}:\n{href}")));
        parts.extend(self.after.iter().cloned());
        parts.extend(
            self.small.iter().map(|(words, href)| href.as_ref().map_or(words.clone(), |href| format!("{words}\n{href}"))),
        );
        parts.push(format!("-- \n{}", self.foot));
        parts.join("\n\n") + "\n"
    }

    /// As HTML.
    pub fn html(&self) -> String {
        self.render().unwrap_or_default()
    }
}

/// Writes a mail; nothing when what it is about is gone or settled.
pub fn write(app: &App, tx: &mut Tx<'_>, letter: &Letter, now: Timestamp) -> Result<Option<Text>, Error> {
    let w = Words(letter.language);
    let service = app.settings.name.as_str();
    let link = |path: &str, secret: &crate::random::Secret| format!("{}/{path}/{}", app.origin, secret.reveal());
    let account =
        |tx: &mut Tx<'_>| -> Result<Option<Account>, Error> { Ok(account::get(tx, letter.subject)?.filter(Account::is_usable)) };
    let text = match letter.kind {
        Kind::Claim => return claim(app, tx, letter, now),
        Kind::Join => {
            let Some(entry) = account::entry(tx, letter.subject)?.filter(|it| it.used.is_none() && it.expires > now) else {
                return Ok(None);
            };
            let secret = ticket::issue(tx, Link::Join, entry.id, None, now, entry.expires)?;
            let href = format!("{}/register?invitation={}", app.origin, secret.reveal());
            Text::new(app, w, &w.fill(w.mail_join_subject(), &[service]), w.fill(w.mail_join(), &[service]))
                .button(w.mail_join_button(), href)
                .after(w.fill(w.mail_join_until(), &[&w.date(entry.expires)]))
                .small(w.mail_unasked(), None)
        }
        Kind::Verify => {
            let Some(it) = account::registration(tx, letter.subject)?.filter(|it| it.expires > now) else { return Ok(None) };
            let secret = ticket::issue(tx, Link::Verify, it.id, None, now, it.expires)?;
            Text::new(app, w, w.mail_verify_subject(), w.fill(w.mail_verify(), &[service]))
                .button(w.mail_verify_button(), link("verify", &secret))
                .after(w.mail_verify_until())
                .small(w.mail_unasked(), None)
        }
        Kind::Address => {
            let Some(account) = account(tx)? else { return Ok(None) };
            let secret = ticket::issue(tx, Link::Address, account.id, Some(&letter.address), now, now + TWO_DAYS)?;
            Text::new(app, w, w.mail_verify_subject(), w.fill(w.mail_address(), &[service]))
                .button(w.mail_verify_button(), link("address", &secret))
                .small(w.mail_unasked(), None)
        }
        Kind::Reset => {
            let Some(account) = account(tx)? else { return Ok(None) };
            let secret = ticket::issue(tx, Link::Reset, account.id, None, now, now + HALF_AN_HOUR)?;
            Text::new(app, w, w.mail_reset_subject(), w.fill(w.mail_reset(), &[service]))
                .button(w.reset_title(), link("reset", &secret))
                .after(w.mail_reset_until())
                .small(w.mail_unasked(), None)
        }
        Kind::NoPassword => Text::new(app, w, w.mail_no_password_subject(), w.fill(w.mail_no_password(), &[service]))
            .button(w.sign_in(), format!("{}/sign-in", app.origin))
            .small(w.mail_unasked(), None),
        Kind::Prove => return prove(app, tx, letter, now),
        Kind::Joined => return joined(app, tx, letter, now),
        Kind::Parted => Text::new(app, w, w.mail_parted_subject(), w.fill(w.mail_parted(), &[service]))
            .button(w.logins_title(), format!("{}/account/logins", app.origin))
            .small(w.mail_not_you(), None),
        Kind::AddressesChanged => Text::new(app, w, w.mail_addresses_subject(), w.fill(w.mail_addresses(), &[service]))
            .button(w.logins_title(), format!("{}/account/logins", app.origin))
            .small(w.mail_not_you(), None),
        Kind::LoginEnds => return login_ends(app, tx, letter),
        Kind::Known => Text::new(app, w, w.mail_known_subject(), w.fill(w.mail_known(), &[service]))
            .button(w.sign_in(), format!("{}/sign-in", app.origin))
            .small(w.mail_unasked(), None),
        Kind::PasswordChanged => Text::new(app, w, w.mail_changed_subject(), w.fill(w.mail_changed(), &[service]))
            .button(w.forgot_button(), format!("{}/forgot", app.origin)),
        Kind::DeviceEnded => Text::new(app, w, w.mail_device_subject(), w.fill(w.mail_device(), &[service]))
            .button(w.settings(), format!("{}/account/settings", app.origin)),
        Kind::FactorAdded => factors(app, w, w.mail_factor_added_subject(), w.mail_factor_added()),
        Kind::FactorEnded => factors(app, w, w.mail_factor_ended_subject(), w.mail_factor_ended()),
        Kind::CodesMade => factors(app, w, w.mail_codes_made_subject(), w.mail_codes_made()),
        Kind::RecoveryUsed => {
            let left = factor::codes_left(tx, letter.subject)?.to_string();
            factors(app, w, w.mail_recovery_used_subject(), w.mail_recovery_used())
                .after(w.fill(w.mail_recovery_left(), &[&left]))
        }
        Kind::PasskeyCopied => factors(app, w, w.mail_passkey_copied_subject(), w.mail_passkey_copied()),
        Kind::FactorGuessed => Text::new(app, w, w.mail_factor_guessed_subject(), w.fill(w.mail_factor_guessed(), &[service]))
            .button(w.forgot_button(), format!("{}/forgot", app.origin)),
        Kind::Suspended => {
            let days = crate::jobs::SUSPENDED_DAYS.to_string();
            let age = app.settings.policy.minimum_age.to_string();
            Text::new(app, w, w.mail_suspended_subject(), w.fill(w.mail_suspended(), &[service, &age, &days]))
                .button(w.sign_in(), format!("{}/sign-in", app.origin))
        }
        Kind::Unused => {
            let Some(it) = account::get(tx, letter.subject)? else { return Ok(None) };
            // Whoever signed in since then is told nothing.
            let Some(told) = unused::warned(tx, it.id)? else { return Ok(None) };
            let until = told + SignedDuration::from_hours(24 * crate::jobs::WARNED_DAYS);
            let months = app.settings.policy.unused_months.to_string();
            Text::new(
                app,
                w,
                &w.fill(w.mail_unused_subject(), &[service]),
                w.fill(w.mail_unused(), &[service, &months, &w.date(until)]),
            )
            .button(w.sign_in(), format!("{}/sign-in", app.origin))
            .after(w.mail_unused_what())
        }
        Kind::Erased => Text::new(app, w, w.mail_erased_subject(), w.fill(w.mail_erased(), &[service])),
        Kind::RequestConfirm => {
            let Some(it) = request::get(tx, letter.subject)?.filter(|it| it.state == Asked::Unconfirmed) else { return Ok(None) };
            let (name, by) = names_of(tx, &it)?;
            let secret = ticket::issue(tx, Link::Request, it.id, None, now, it.created + crate::jobs::UNCONFIRMED)?;
            let days = app.settings.policy.request_days.to_string();
            Text::new(app, w, &w.fill(w.mail_request_subject(), &[&name]), w.fill(w.mail_request(), &[&name, &by]))
                .button(w.mail_request_button(), link("confirm/request", &secret))
                .after(w.mail_request_until())
                .small(w.fill(w.mail_request_why(), &[&by, &days]), None)
                .small(w.mail_unasked(), None)
        }
        Kind::NewsConfirm => {
            let Some(it) = subscriber::get(tx, letter.subject)? else { return Ok(None) };
            let secret = ticket::issue(tx, Link::News, it.id, None, now, now + TWO_DAYS)?;
            Text::new(app, w, &w.fill(w.mail_news_confirm_subject(), &[service]), w.fill(w.mail_news_confirm(), &[service]))
                .button(w.request_confirm_button(), link("confirm/news", &secret))
                .after(w.mail_news_confirm_until())
                .small(w.mail_unasked(), None)
        }
        Kind::Opening => {
            let Some(it) = subscriber::get(tx, letter.subject)?.filter(|it| it.confirmed.is_some()) else { return Ok(None) };
            Text::new(app, w, &w.fill(w.mail_opening_subject(), &[service]), w.fill(w.mail_opening(), &[service]))
                .button(w.mail_join_button(), format!("{}/register", app.origin))
                .leaving(format!("{}{}", app.origin, leave_path(app, it.id)))
        }
        Kind::News => {
            let Some(it) = subscriber::by_address(tx, &letter.address)?.filter(|it| it.news && it.confirmed.is_some()) else {
                return Ok(None);
            };
            let Some(news) = subscriber::news(tx, letter.subject)? else { return Ok(None) };
            let text = Text::new(app, w, &news.title, news.text);
            text.leaving(format!("{}{}", app.origin, leave_path(app, it.id)))
        }
        Kind::MessageConfirm => {
            let Some(it) = message::get(tx, letter.subject)?.filter(|it| it.state == Written::Unconfirmed) else {
                return Ok(None);
            };
            let secret = ticket::issue(tx, Link::Message, it.id, None, now, it.created + crate::jobs::UNCONFIRMED)?;
            Text::new(app, w, &w.fill(w.mail_message_subject(), &[&it.reference]), w.fill(w.mail_message(), &[service]))
                .button(w.request_confirm_button(), link("confirm/message", &secret))
                .after(w.mail_news_confirm_until())
                .small(w.mail_unasked(), None)
        }
        Kind::MessageAnswer => {
            let Some(it) = message::get(tx, letter.subject)?.filter(|it| it.state == Written::Answered) else { return Ok(None) };
            let title = it.title.or(it.about).unwrap_or_default();
            let subject = w.fill(w.mail_answer_subject(), &[&it.reference, &title]);
            Text::new(app, w, &subject, w.fill(w.mail_answer(), &[service, &title])).after(it.answer.unwrap_or_default())
        }
        Kind::StaffOffer => {
            let Some(it) = staff::offer(tx, letter.subject, now)? else { return Ok(None) };
            let by = issuer::get(tx, it.issuer)?.map(|issuer| issuer.name.unwrap_or(issuer.did)).unwrap_or_default();
            let secret = ticket::issue(tx, Link::Acting, it.id, Some(&letter.address), now, it.expires)?;
            Text::new(app, w, &w.fill(w.mail_acting_subject(), &[&by]), w.fill(w.mail_acting(), &[&by, service]))
                .button(w.mail_acting_button(), link("acting", &secret))
                .after(w.fill(w.mail_acting_until(), &[&w.date(it.expires)]))
                .small(w.mail_acting_nothing(), None)
        }
        Kind::PageHidden => {
            let Some(owner) = account(tx)? else { return Ok(None) };
            let Some((name, reason)) = hidden_last(tx, &owner)? else { return Ok(None) };
            let words = match name {
                Some(name) => w.fill(w.mail_hidden_badge(), &[service, &name]),
                None => w.fill(w.mail_hidden(), &[service]),
            };
            Text::new(app, w, w.mail_hidden_subject(), words)
                .after(w.mail_refused_reason())
                .after(reason)
                .button(w.my_badges(), format!("{}/account", app.origin))
                .small(w.mail_hidden_what(), None)
        }
        Kind::RequestRefused => {
            let Some(it) = request::get(tx, letter.subject)?.filter(|it| it.state == Asked::Refused) else { return Ok(None) };
            let (name, by) = names_of(tx, &it)?;
            let days = app.settings.policy.request_days.to_string();
            let text = Text::new(app, w, &w.fill(w.mail_refused_subject(), &[&name]), w.fill(w.mail_refused(), &[&by, &name]));
            let text = match it.reason.filter(|reason| !reason.is_empty()) {
                Some(reason) => text.after(w.mail_refused_reason()).after(reason),
                None => text,
            };
            text.small(w.fill(w.mail_refused_erased(), &[&days]), None)
        }
    };
    Ok(Some(text))
}

/// What was hidden last of what an account shows: the name of the badge, none for the page itself, and the reason.
fn hidden_last(tx: &mut Tx<'_>, owner: &Account) -> Result<Option<(Option<String>, String)>, Error> {
    let page = message::hidden(tx, Page::Person, owner.id)?;
    let mut all: Vec<_> = page.into_iter().map(|(reason, at)| (at, None, reason)).collect();
    for it in award::held_by(tx, owner.id)? {
        let hidden = message::hidden(tx, Page::Award, it.id)?;
        all.extend(hidden.map(|(reason, at)| (at, Some(it.name), reason)));
    }
    Ok(all.into_iter().max_by_key(|(at, ..)| *at).map(|(_, name, reason)| (name, reason)))
}

/// Whoever came from a provider proves an address that it does not vouch for.
fn prove(app: &App, tx: &mut Tx<'_>, letter: &Letter, now: Timestamp) -> Result<Option<Text>, Error> {
    let w = Words(letter.language);
    let Some(come) = arrival::get(tx, letter.subject, now)? else { return Ok(None) };
    let Some(provider) = provider::get(tx, &come.provider)? else { return Ok(None) };
    let secret = ticket::issue(tx, Link::Prove, come.id, Some(&letter.address), now, come.expires)?;
    let words = w.fill(w.mail_prove(), &[&app.settings.name, &provider.name]);
    let text = Text::new(app, w, w.mail_prove_subject(), words)
        .button(w.mail_verify_button(), format!("{}/sign-in/prove/{}", app.origin, secret.reveal()))
        .after(w.in_this_browser())
        .small(w.mail_unasked(), None);
    Ok(Some(text))
}

/// A login joined an account. Whoever has one of its addresses can undo it.
fn joined(app: &App, tx: &mut Tx<'_>, letter: &Letter, now: Timestamp) -> Result<Option<Text>, Error> {
    let w = Words(letter.language);
    let Some(it) = merge::get(tx, letter.subject, now)? else { return Ok(None) };
    let name = provider::get(tx, &it.provider)?.map_or_else(|| it.provider.clone(), |provider| provider.name);
    let words = w.fill(w.mail_joined(), &[&name, &app.settings.name]);
    let text = Text::new(app, w, w.mail_joined_subject(), words).after(w.mail_joined_sessions());
    if !account::holds(tx, it.account, letter.address.normal())? {
        return Ok(Some(text.button(w.sign_in(), format!("{}/sign-in", app.origin))));
    }
    let until = it.at + merge::UNDONE_WITHIN;
    let secret = ticket::issue(tx, Link::Undo, it.id, Some(&letter.address), now, until)?;
    let text = text
        .button(w.logins_title(), format!("{}/account/logins", app.origin))
        .small(w.fill(w.mail_joined_undo(), &[&w.date(until)]), Some(format!("{}/sign-in/undo/{}", app.origin, secret.reveal())));
    Ok(Some(text))
}

/// A login ends soon.
fn login_ends(app: &App, tx: &mut Tx<'_>, letter: &Letter) -> Result<Option<Text>, Error> {
    let w = Words(letter.language);
    let Some((login, ends)) = identity::with_end(tx, letter.subject)? else { return Ok(None) };
    let name = provider::get(tx, &login.provider)?.map_or_else(|| login.provider.clone(), |provider| provider.name);
    let words = w.fill(w.mail_ends(), &[&name, &app.settings.name, &w.date(ends)]);
    let text = Text::new(app, w, w.mail_ends_subject(), words)
        .button(w.logins_title(), format!("{}/account/logins", app.origin))
        .after(w.mail_ends_what());
    Ok(Some(text))
}

/// A mail about the second step of signing in.
fn factors(app: &App, w: Words, subject: &str, words: &str) -> Text {
    Text::new(app, w, subject, w.fill(words, &[&app.settings.name]))
        .button(w.two_steps(), format!("{}/account/factors", app.origin))
}

/// The names of the badge that was asked for and of its issuer.
fn names_of(tx: &mut Tx<'_>, it: &request::Request) -> Result<(String, String), Error> {
    let issuer = issuer::get(tx, it.issuer)?.map(|issuer| issuer.called()).unwrap_or_default();
    let name = document::get(tx, it.issuer, &format!("achievements/{}.json", it.slug))?.and_then(|it| name_of(&it.bytes));
    Ok((name.unwrap_or_else(|| it.slug.clone()), issuer))
}

fn name_of(bytes: &[u8]) -> Option<String> {
    let value = satchel_badge::json::parse(bytes).ok()?;
    Some(satchel_badge::words::plain(value.get("name")?.as_str()?).take(200).collect())
}

fn claim(app: &App, tx: &mut Tx<'_>, letter: &Letter, now: Timestamp) -> Result<Option<Text>, Error> {
    let w = Words(letter.language);
    let Some(it) = invitation::get(tx, letter.subject)?.filter(|it| it.state.is_open() && it.expires > now) else {
        return Ok(None);
    };
    let Some(award) = award::get(tx, it.award)? else { return Ok(None) };
    let issuer = issuer::get(tx, it.issuer)?.map(|issuer| issuer.called()).unwrap_or_default();
    let secret = ticket::issue(tx, Link::Claim, it.id, None, now, it.expires)?;
    let href = format!("{}/claim/{}", app.origin, secret.reveal());
    let days = app.settings.policy.erase_after_days.to_string();
    let mut text =
        Text::new(app, w, &w.fill(w.mail_claim_subject(), &[&award.name]), w.fill(w.mail_claim(), &[&issuer, &award.name]));
    if let Some(name) = &it.name {
        text.hello = w.fill(w.mail_hello_name(), &[name]);
    }
    let asked = request::was_awarded(tx, it.issuer, &award.achievement, &letter.address)?;
    let why = if asked { w.fill(w.mail_claim_why_asked(), &[&days]) } else { w.fill(w.mail_claim_why(), &[&issuer, &days]) };
    let text = text
        .after(w.fill(w.mail_claim_until(), &[&w.date(it.expires)]))
        .small(why, None)
        .small(w.mail_claim_never(), Some(format!("{href}/never")))
        .button(w.mail_claim_see(), href);
    Ok(Some(text))
}
