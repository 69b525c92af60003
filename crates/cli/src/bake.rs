//! `satchel bake`: a credential put into a picture. What is baked is looked at once more as a verifier would, and said.

use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::evidence::Evidence;
use satchel_badge::words::Language;
use serde_json::json;

use crate::args::Bake;
use crate::output::{self, unreadable};
use crate::problem::Problem;
use crate::{Outcome, Status};

pub fn run(command: &Bake, language: Language) -> Outcome {
    bake(command, language).map_err(|problem| problem.in_json(command.json))
}

fn bake(command: &Bake, language: Language) -> Outcome {
    let read = |path: &std::path::Path| std::fs::read(path).map_err(|error| unreadable(path, &error));
    let image = read(&command.image)?;
    let credential = read(&command.credential)?;
    let reports = check(&credential, &Evidence::default(), &Policy::default(), Timestamp::now());
    let baked = satchel_badge::bake::bake(&image, &credential).map_err(|line| {
        // A finding about the credential itself is told of its file, the others of the picture's.
        let of_credential = satchel_badge::check::payload_kind(&credential).is_err();
        let path = if of_credential { &command.credential } else { &command.image };
        Problem::refused(&path.display().to_string(), &line, language)
    })?;
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
