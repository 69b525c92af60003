//! `satchel bake`: a credential put into a picture. What is baked is looked at once more as a verifier would, and said.

use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use satchel_badge::check::{Policy, check, payload_kind};
use satchel_badge::code::Code;
use satchel_badge::container::{self, Format};
use satchel_badge::evidence::Evidence;
use satchel_badge::words::Language;
use serde_json::json;

use crate::args::Bake;
use crate::output::{self, unreadable};
use crate::problem::{Kind, Problem};
use crate::{Outcome, Status, sources};

pub fn run(command: &Bake, language: Language) -> Outcome {
    bake(command, language).map_err(|problem| problem.in_json(command.json))
}

fn bake(command: &Bake, language: Language) -> Outcome {
    // Over the picture it may be: the badge goes into it. The credential would be lost.
    if satchel_wallet::inspect::is_same(&command.output, sources::place(&command.credential)) {
        return Err(Problem::new(Kind::OverInput, [command.output.display().to_string()]));
    }
    let image = read(&command.image)?;
    let credential = read(&command.credential)?;
    let name = |path: &Path| path.display().to_string();
    if !matches!(container::sniff(&image), Format::Png | Format::Svg) {
        return Err(Problem::new(Kind::NotAPicture, [name(&command.image)]));
    }
    if let Err(line) = payload_kind(&credential) {
        let path = name(&command.credential);
        return Err(match line.code.status() {
            satchel_badge::code::Status::Fail if line.code != Code::NotUtf8 => Problem::refused(&path, &line, language),
            _ => Problem::new(Kind::NotACredential, [path]),
        });
    }
    let reports = check(&credential, &Evidence::default(), &Policy::default(), Timestamp::now());
    let baked = satchel_badge::bake::bake(&image, &credential);
    let baked = baked.map_err(|line| Problem::refused(&name(&command.image), &line, language))?;
    output::write(&command.output, &baked)?;
    let headline = reports.first().map(|report| report.headline(language)).unwrap_or_default();
    let verdict = reports.first().map(|report| report.verdict);
    if command.json {
        let out = command.output.display().to_string();
        anstream::println!("{}", json!({ "out": out, "bytes": baked.len(), "verdict": verdict, "message": headline }));
    } else {
        let out = satchel_badge::words::fill("{0}", &[command.output.display().to_string()]);
        anstream::eprintln!("{out}: {headline}");
    }
    Ok(Status::Done)
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let file = output::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    file.map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}
