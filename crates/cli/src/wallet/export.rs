//! `satchel wallet export`: one badge as it came or as a baked PNG, or all of them as a plain folder.

use std::io::Write;
use std::path::Path;

use satchel_wallet::{IdPrefix, Wallet, fetch_picture, inspect};
use serde_json::json;

use super::Desk;
use crate::output::{said, unreadable};
use crate::problem::Problem;
use crate::verify::pick;
use crate::{Outcome, Status, network};

pub fn run(desk: &Desk, command: &super::args::Export) -> Outcome {
    match (&command.all, &command.id, &command.output) {
        (Some(dir), _, _) => all(desk, dir, command.force),
        (None, Some(id), Some(out)) => one(desk, id, out, command),
        // The options demand them.
        (None, ..) => Ok(Status::Usage),
    }
}

fn one(desk: &Desk, id: &str, out: &Path, command: &super::args::Export) -> Outcome {
    let id = desk.id(id)?;
    let image = command.image.as_deref().map(|path| inspect::read(path).map_err(|error| unreadable(path, &error))).transpose()?;
    let mut wallet = desk.open()?;
    if command.png && image.is_none() && !command.asking.offline {
        fetch(desk, &mut wallet, &id, &command.asking.allow_host)?;
    }
    let bytes = if command.png { wallet.png(&id, image.as_deref()) } else { wallet.original(&id) };
    let bytes = bytes.map_err(|error| desk.problem(&error))?;
    if out == Path::new("-") {
        said(std::io::stdout().lock().write_all(&bytes))?;
        return Ok(Status::Done);
    }
    satchel_wallet::write(out, &bytes, command.force).map_err(|error| desk.problem(&error))?;
    let path = out.display().to_string();
    if desk.json {
        anstream::println!("{}", json!({ "id": id.to_string(), "out": path, "bytes": bytes.len() }));
    } else {
        say(&path);
    }
    Ok(Status::Done)
}

/// Fetches the picture of a badge, where it is not at hand and the badge names an address.
fn fetch(desk: &Desk, wallet: &mut Wallet, id: &IdPrefix, allowed: &[String]) -> Result<(), Problem> {
    let Some(url) = wallet.picture_away(id).map_err(|error| desk.problem(&error))? else { return Ok(()) };
    let words = pick(desk.language, "could not fetch", "impossibile scaricare");
    match fetch_picture(&network::client(allowed, 1)?, &url, desk.now) {
        Ok(Some(heard)) => return wallet.learn(id, heard, desk.now).map_err(|error| desk.problem(&error)),
        Ok(None) => say(&format!("{words} {url}: {}", pick(desk.language, "it is no picture", "non è un'immagine"))),
        Err(error) => say(&format!("{words} {url}: {}", error.message(desk.language))),
    }
    Ok(())
}

fn all(desk: &Desk, dir: &Path, force: bool) -> Outcome {
    let exported = desk.open()?.export_all(dir, force, desk.now).map_err(|error| desk.problem(&error))?;
    let path = dir.display().to_string();
    let (badges, files, documents) = (exported.badges, exported.files, exported.documents);
    if desk.json {
        anstream::println!("{}", json!({ "out": path, "badges": badges, "files": files, "documents": documents }));
    } else {
        let words = pick(
            desk.language,
            format!("{badges} badges in {files} files, {documents} documents of evidence"),
            format!("{badges} badge in {files} file, {documents} documenti di prova"),
        );
        say(&format!("{path}: {words}"));
    }
    Ok(Status::Done)
}

fn say(text: &str) {
    anstream::eprintln!("{}", crate::verify::plain(text));
}
