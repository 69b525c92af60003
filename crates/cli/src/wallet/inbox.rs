//! `satchel wallet invitations`, `accept`, `decline`, `hide` and `page`: what is done here at once, and at the server as soon as it hears of it.

use jiff::Timestamp;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::ProfileChange;
use satchel_wallet::State;
use satchel_wallet::sync::{Member, SyncError, Waits};
use serde_json::json;

use super::accounts::tail;
use super::{Desk, Out};
use crate::verify::{pick, plain, shape};
use crate::{Outcome, Status};

pub fn list(desk: &Desk) -> Outcome {
    let wallet = desk.open()?;
    let all = wallet.inbox().map_err(|error| desk.problem(&error))?;
    let members = wallet.accounts().map_err(|error| desk.problem(&error))?;
    let mut out = Out::new();
    for it in &all.shown {
        if desk.json { out.json(&row(it))? } else { out.line(&line(desk, it, &members))? }
    }
    out.flush()?;
    if all.more > 0 {
        let words = pick(
            desk.language,
            "more wait. They come with the next sync, as these are answered.",
            "altri attendono. Arrivano con la prossima sincronizzazione, man mano che rispondi a questi.",
        );
        anstream::eprintln!("{} {words}", all.more);
    }
    if members.is_empty() && !desk.json {
        let words = pick(
            desk.language,
            "There is no account here yet: `satchel wallet login SERVER` signs in.",
            "Qui non c'è ancora alcun account: `satchel wallet login SERVER` accede.",
        );
        anstream::eprintln!("{words}");
    }
    for member in members.iter().filter(|it| it.synced.is_none() && !desk.json) {
        let words = pick(
            desk.language,
            "was never synced; `satchel wallet sync` fetches its invitations.",
            "non è mai stato sincronizzato; `satchel wallet sync` ne scarica gli inviti.",
        );
        anstream::eprintln!("{} {words}", plain(&member.who()));
    }
    Ok(Status::Done)
}

fn row(it: &Waits) -> serde_json::Value {
    let invitation = &it.invitation;
    let time = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    json!({ "invitation": invitation.id, "account": it.account, "name": invitation.name, "issuer": invitation.issuer,
        "issuer_name": invitation.issuer_name, "address": invitation.address, "expires": time(invitation.expires),
        "verdict": it.worth.map(State::verdict), "answered": it.answered, "later": it.later, "asks_visibility": it.asks_visibility })
}

fn line(desk: &Desk, it: &Waits, members: &[Member]) -> String {
    let (shape, colour) = shape(it.worth.unwrap_or(State::Undecided));
    let word = it.worth.unwrap_or(State::Undecided).word(desk.language);
    let issuer = it.invitation.issuer_name.as_deref().unwrap_or(&it.invitation.issuer);
    let answered = match it.answered {
        Some("accept") => pick(desk.language, "  (accepted, on its way)", "  (accettato, in partenza)"),
        Some(_) => pick(desk.language, "  (declined, on its way)", "  (rifiutato, in partenza)"),
        None => "",
    };
    let id = tail(it.invitation.id);
    // Where there are several, whose it is.
    let whose = members.iter().filter(|_| members.len() > 1).find(|member| member.id == it.account);
    let whose = whose.map(|member| format!("  {}", plain(&it.invitation.address.clone().unwrap_or_else(|| member.who()))));
    let (name, issuer, whose) = (plain(&it.invitation.name), plain(issuer), whose.unwrap_or_default());
    format!("{id}  {colour}{shape} {word}\x1b[0m  {name}  {issuer}{whose}{answered}")
}

/// Accepts or declines.
pub fn answer(desk: &Desk, id: &str, accept: bool, visibility: Option<Visibility>) -> Outcome {
    let mut wallet = desk.open()?;
    let it = wallet.invitation(id).map_err(|error| desk.failed(&error))?;
    wallet.answer(it.invitation.id, accept, visibility, desk.now).map_err(|error| desk.failed(&error))?;
    let answered = if accept { "accept" } else { "decline" };
    if desk.json {
        anstream::println!("{}", json!({ "invitation": it.invitation.id, "answered": answered }));
        return Ok(Status::Done);
    }
    let words = if accept {
        pick(
            desk.language,
            "Accepted. The badge comes with the next sync.",
            "Accettato. Il badge arriva con la prossima sincronizzazione.",
        )
    } else {
        pick(desk.language, "Declined.", "Rifiutato.")
    };
    anstream::eprintln!("{words}");
    if accept && it.asks_visibility && visibility.is_none() {
        let words = pick(
            desk.language,
            "Your page stays private. `satchel wallet page --public` shows it to whoever has its address.",
            "La tua pagina resta privata. `satchel wallet page --public` la mostra a chi ne ha l'indirizzo.",
        );
        anstream::eprintln!("{words}");
    }
    Ok(Status::Done)
}

/// Keeps a badge off the page, or shows it there.
pub fn hide(desk: &Desk, id: &str, hidden: bool) -> Outcome {
    let id = desk.id(id)?;
    let pages = desk.open()?.hide(&id, hidden, desk.now).map_err(|error| desk.failed(&error))?;
    if desk.json {
        anstream::println!("{}", json!({ "id": id.to_string(), "hidden": hidden, "pages": pages }));
    } else {
        let words = if hidden {
            pick(desk.language, "Your page does not show it.", "La tua pagina non lo mostra.")
        } else {
            pick(
                desk.language,
                "Your page shows it, to whoever sees that page.",
                "La tua pagina lo mostra, a chi vede quella pagina.",
            )
        };
        let later = pick(
            desk.language,
            "The server hears of it with the next sync.",
            "Il server lo sa con la prossima sincronizzazione.",
        );
        anstream::eprintln!("{words} {later}");
    }
    Ok(Status::Done)
}

/// Shows the page of an account, or changes who sees it.
pub fn page(desk: &Desk, account: Option<&str>, visibility: Option<Visibility>) -> Outcome {
    let changed = (|| -> Result<_, SyncError> {
        let mut wallet = desk.access().open(&desk.dir, desk.now)?;
        let member = wallet.account(account)?;
        if visibility.is_some() {
            wallet.change_profile(member.id, ProfileChange { visibility, ..ProfileChange::default() }, desk.now)?;
        }
        wallet.account(Some(&member.id.to_string()))
    })();
    let member = changed.map_err(|error| desk.failed(&error))?;
    if desk.json {
        anstream::println!("{}", json!({ "page": member.profile.page, "visibility": member.profile.visibility }));
    } else {
        let who = match member.profile.visibility {
            Visibility::Public => pick(desk.language, "whoever has the address sees it", "la vede chi ne ha l'indirizzo"),
            Visibility::Private => pick(desk.language, "you alone see it", "la vedi solo tu"),
        };
        anstream::println!("{}  ({who})", plain(&member.profile.page));
    }
    Ok(Status::Done)
}
