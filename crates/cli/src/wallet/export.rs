//! `satchel wallet export`: one badge as it came or as a baked PNG, or all of them as a plain folder.

use std::io::Write;
use std::path::Path;

use satchel_wallet::inspect;
use serde_json::json;

use super::Desk;
use crate::output::{said, unreadable};
use crate::verify::pick;
use crate::{Outcome, Status};

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
    let wallet = desk.open()?;
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
