//! `satchel admin backup` and `restore`.

use std::path::PathBuf;

use clap::Args;
use satchel_badge::words::Language;
use satchel_server::admin::backup;
use satchel_server::settings::Settings;
use serde_json::json;

use super::{At, refused, say};
use crate::verify::pick;
use crate::{Outcome, Status};

/// Copy everything into one file, while the server runs. The file appears whole or not at all, and has the data of people in it: keep it
/// where nobody else reads it. It is the same from SQLite and from PostgreSQL.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file; there must be none of this name.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    pub(super) at: At,
}

/// Make the database from a backup, whole or not at all. The server must not run.
///
/// The backup is read to its end first. Everybody signs in anew, programs too, and links that were sent by mail open nothing, but for
/// those to accept a badge. What was erased after the backup was made is erased again, as far as the folder's `erased.log`, the database that is
/// replaced, and the files of `--erased` tell.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put it in the place of a database that has issuers or accounts, which is gone then.
    #[arg(long)]
    replace: bool,
    /// The `erased.log` of the server that the backup came from, if it lay on another machine.
    #[arg(long, value_name = "FILE")]
    erased: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) at: At,
}

impl Backup {
    pub async fn run(&self, settings: &Settings, language: Language) -> Outcome {
        let made = backup::make(settings, &self.out).await.map_err(refused)?;
        let rows = pick(language, "rows", "righe");
        let file = self.out.to_string_lossy();
        let row = json!({ "file": file, "rows": made.rows, "sha256": made.sha256 });
        say(self.at.json, &row, &format!("{file}: {} {rows}, SHA-256 {}", made.rows, made.sha256));
        Ok(Status::Done)
    }
}

impl Restore {
    pub async fn run(&self, settings: &Settings, language: Language) -> Outcome {
        let done = backup::restore(settings, &self.file, self.replace, &self.erased).await.map_err(refused)?;
        let row = json!({ "made": done.made, "rows": done.rows, "erased_again": done.erased, "erased_known_to": done.known_to });
        let words = match language {
            Language::English => {
                format!("Restored as it was on {}: {} rows; erased again: {}.", done.made, done.rows, done.erased)
            }
            Language::Italian => {
                format!("Ripristinato com'era il {}: {} righe; cancellati di nuovo: {}.", done.made, done.rows, done.erased)
            }
        };
        say(self.at.json, &row, &words);
        let known = match (done.known_to, language) {
            (None, Language::English) => String::from(
                "Nothing here tells what was erased after that. If there is an erased.log of that server, restore once more with --erased.",
            ),
            (None, Language::Italian) => String::from(
                "Nulla qui dice che cosa sia stato cancellato in seguito. Se esiste un erased.log di quel server, ripristina di nuovo con --erased.",
            ),
            (Some(time), Language::English) => format!("What was erased is known up to {time}."),
            (Some(time), Language::Italian) => format!("Le cancellazioni sono note fino al {time}."),
        };
        let next = pick(
            language,
            "Start the server, and have each desk run `satchel desk publish`: lists of revoked badges may be newer there. Tokens of other systems were \
             ended: desks give new ones (`satchel desk systems add`). What was ended otherwise after the backup is open again: suspend the issuers \
             and keys that you suspended since (`satchel admin log export` of before tells), have desks renew the links of forms that they renewed, \
             and tell people that links to shared badges which they ended since lead somewhere again.",
            "Avvia il server, e fai eseguire a ogni banco `satchel desk publish`: lì gli elenchi dei badge revocati possono essere più recenti. I token \
             di altri sistemi sono terminati: i banchi ne danno di nuovi (`satchel desk systems add`). Ciò che fu chiuso in altro modo dopo la copia \
             è di nuovo aperto: sospendi gli enti e le chiavi sospesi in seguito (lo dice un `satchel admin log export` di prima), fai rinnovare ai \
             banchi i link dei moduli che avevano rinnovato, e avvisa le persone che i link ai badge condivisi chiusi in seguito portano di nuovo da qualche parte.",
        );
        anstream::eprintln!("{known} {next}");
        Ok(Status::Done)
    }
}
