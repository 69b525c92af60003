//! `satchel desk award`: a badge for everybody in a table.

use satchel_wallet::desk::{Became, Form, Order, Row};
use serde_json::{Value, json};

use super::{Desk, args};
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, command: &args::Award) -> Outcome {
    let order = Order {
        badge: &command.badge,
        recipients: &command.recipients,
        out: &command.out,
        server: command.server.as_deref(),
        skip_bad: command.skip_bad,
        resume: command.resume,
        form: match command.form {
            args::Form::EddsaRdfc2022 => Form::EddsaRdfc2022,
            args::Form::VcJwt => Form::VcJwt,
        },
    };
    let mut open = desk.open()?;
    let done = open.award(&order, &Terminal::new(desk.language, Opens::Desk), desk.now).map_err(|error| desk.problem(&error))?;
    for row in &done.rows {
        say(desk, row);
    }
    let signed = done.rows.iter().filter(|row| matches!(row.became, Became::Awarded { .. })).count();
    let words = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    if done.signed {
        anstream::eprintln!("{signed} {}, {} {}.", words("awarded", "assegnati"), done.bad, words("left out", "esclusi"));
        if open.issuer().server.is_none() || !open.issuer().has_older_form() {
            anstream::eprintln!(
                "{}",
                words(
                    "There is no Open Badges 2.0 form: it needs a server, a page and an address.",
                    "Manca la forma Open Badges 2.0: richiede un server, una pagina e un indirizzo."
                )
            );
        }
    } else {
        let left = if done.bad == 1 {
            words(
                "row is not right, and nothing was signed. Mend it, or leave it out with --skip-bad.",
                "riga non è corretta, e nulla è stato firmato. Correggila, o escludila con --skip-bad.",
            )
        } else {
            words(
                "rows are not right, and nothing was signed. Mend them, or leave them out with --skip-bad.",
                "righe non sono corrette, e nulla è stato firmato. Correggile, o escludile con --skip-bad.",
            )
        };
        anstream::eprintln!("{} {left}", done.bad);
    }
    Ok(if done.bad > 0 { Status::Refused } else { Status::Done })
}

fn say(desk: &Desk, row: &Row) {
    match &row.became {
        _ if desk.json => anstream::println!("{}", line(desk, row)),
        // One that is right is in results.csv.
        Became::Awarded { .. } => {}
        Became::Bad(wrong) => {
            let at = pick(desk.language, "row", "riga");
            anstream::println!("{at} {}  {}  {}", row.line, plain(&row.email), wrong.message(desk.language));
        }
    }
}

fn line(desk: &Desk, Row { line, email, became }: &Row) -> Value {
    match became {
        Became::Awarded { id, ob3, ob2 } => {
            json!({ "row": line, "email": email, "status": "awarded", "id": id, "ob3": ob3, "ob2": ob2 })
        }
        Became::Bad(wrong) => {
            let message = wrong.message(desk.language);
            json!({ "row": line, "email": email, "status": "bad", "code": wrong.why.name(), "message": message })
        }
    }
}
