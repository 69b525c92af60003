//! `satchel unbake`: the credential in a picture, byte for byte.

use std::io::{BufReader, Write};

use satchel_badge::container;
use satchel_badge::words::Language;
use serde_json::json;

use crate::args::Unbake;
use crate::output::{self, ignore_closed_pipe, unreadable, unwritable};
use crate::problem::{Kind, Problem};
use crate::{Outcome, Status, sources};

pub fn run(command: &Unbake, language: Language) -> Outcome {
    unbake(command, language).map_err(|problem| problem.in_json(command.json))
}

fn unbake(command: &Unbake, language: Language) -> Outcome {
    let path = &command.file;
    let file = output::open(path).map_err(|error| unreadable(path, &error))?;
    let opened = container::open(&mut BufReader::new(file)).map_err(|error| unreadable(path, &error))?;
    let name = path.display().to_string();
    let payload = opened.payload().map_err(|line| Problem::refused(&name, line, language))?;
    if let Some(out) = &command.output {
        if satchel_wallet::inspect::is_same(out, sources::place(path)) {
            return Err(Problem::new(Kind::OverInput, [out.display().to_string()]));
        }
        output::write(out, payload)?;
    }
    let standard = std::path::Path::new("-");
    let text = match (command.json, &command.output) {
        (true, out) => {
            let payload = out.is_none().then(|| String::from_utf8_lossy(payload));
            let out = out.as_ref().map(|out| out.display().to_string());
            format!("{}\n", json!({ "path": name, "format": opened.format, "out": out, "payload": payload })).into_bytes()
        }
        (false, Some(_)) => Vec::new(),
        (false, None) => payload.to_vec(),
    };
    ignore_closed_pipe(std::io::stdout().lock().write_all(&text)).map_err(|error| unwritable(standard, &error))?;
    Ok(Status::Done)
}
