//! `satchel wallet list` and `search`: a line for each badge.

use std::collections::BTreeMap;

use jiff::Timestamp;
use satchel_badge::report::Verdict;
use satchel_wallet::{BadgeId, Mark, Query, Row as Badge, Shelf, Wallet, WalletError};
use serde::Serialize;

use super::{Desk, Out};
use crate::verify::{pick, plain, shape};
use crate::{Outcome, Status};

#[derive(Serialize)]
struct Row<'a> {
    id: BadgeId,
    name: Option<&'a str>,
    issuer: Option<&'a str>,
    issued_on: Option<Timestamp>,
    verdict: Verdict,
    /// Why it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
}

pub fn run(desk: &Desk, text: &str, shelf: Shelf) -> Outcome {
    let mut wallet = desk.open()?;
    let query = Query { text: text.to_owned(), shelf, ..Query::default() };
    let found = wallet.find(&query, desk.now).map_err(|error| desk.problem(&error))?.rows;
    let whose = whose(&wallet).map_err(|error| desk.problem(&error))?;
    let mut out = Out::new();
    for badge in &found {
        if desk.json {
            let (name, issuer) = (badge.name.as_deref(), badge.issuer.as_deref());
            out.json(&Row {
                id: badge.id,
                name,
                issuer,
                issued_on: badge.issued_on,
                verdict: badge.state.verdict(),
                mark: badge.mark,
            })?;
        } else {
            let whose = whose.get(&badge.id).map(|who| format!("  {}", plain(who))).unwrap_or_default();
            out.line(&format!("{}{whose}", line(desk, badge)))?;
        }
    }
    out.flush()?;
    if !desk.json {
        let counted = match found.len() {
            1 => pick(desk.language, "1 badge", "1 badge").to_owned(),
            count => format!("{count} {}", pick(desk.language, "badges", "badge")),
        };
        anstream::eprintln!("{counted}");
    }
    Ok(Status::Done)
}

/// Through whose accounts badges came, where there are several accounts.
fn whose(wallet: &Wallet) -> Result<BTreeMap<BadgeId, String>, WalletError> {
    let mut whose = BTreeMap::new();
    let members = wallet.accounts()?;
    for member in members.iter().filter(|_| members.len() > 1) {
        whose.extend(wallet.badges_of(member.id)?.into_iter().map(|badge| (badge, member.who())));
    }
    Ok(whose)
}

fn line(desk: &Desk, badge: &Badge) -> String {
    let state = badge.state;
    let (shape, colour) = shape(state);
    let id = badge.id.to_string();
    let date = badge.issued_on.map(|time| format!("  {}", time.strftime("%Y-%m-%d"))).unwrap_or_default();
    let name = badge.name.as_deref().unwrap_or(pick(desk.language, "(no name)", "(senza nome)"));
    let issuer = badge.issuer.as_deref().map(|issuer| format!("  {}", plain(issuer))).unwrap_or_default();
    let word = badge.state.word(desk.language);
    let mark = badge.mark.and_then(|mark| mark.words(desk.language)).map(|words| format!(" ({words})")).unwrap_or_default();
    format!("{}  {colour}{shape} {word}{mark}\x1b[0m  {}{issuer}{date}", id.get(..12).unwrap_or(&id), plain(name))
}
