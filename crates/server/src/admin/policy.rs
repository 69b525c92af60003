//! The rules that an institution may choose: shown as they hold, and changed in the settings file, where they stand.

use std::path::Path;

use super::{AdminError, note, open};
use crate::reference;
use crate::settings::Settings;
use crate::store::act::Did;

/// A rule as it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it says.
    pub words: String,
    /// Its value, as it is written.
    pub value: String,
}

const TABLE: &str = "policy";

/// All rules, as they hold with these settings.
pub fn all(settings: &Settings) -> Vec<Rule> {
    let now = format!("{:#?}", Settings { policy: settings.policy.clone(), ..Settings::default() });
    let rules = reference::with(&now).into_iter().filter(|setting| setting.table == TABLE);
    rules.map(|setting| Rule { name: setting.name, words: setting.words, value: setting.default }).collect()
}

/// Changes a rule in a settings file, and nothing else in it; how it is written there now. It holds from the next start on.
///
/// # Errors
/// There is no such rule, the value is none for it, or the file cannot be changed.
pub async fn set(settings: &Settings, file: &Path, name: &str, value: &str) -> Result<String, AdminError> {
    if !reference::all().iter().any(|setting| setting.table == TABLE && setting.name == name) {
        return Err(AdminError::Refused(format!("{name}: there is no such rule")));
    }
    let failed = |error: std::io::Error| AdminError::Refused(format!("{}: {error}", file.display()));
    // One after the other: two at once would each undo what the other did.
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Some systems open no folder.
    let lock = std::fs::File::open(folder).and_then(|it| it.lock().map(|()| it)).ok();
    let text = std::fs::read_to_string(file).map_err(failed)?;
    // A word is a text, also without quotation marks.
    let quoted = format!("\"{value}\"");
    let tried = [value, quoted.as_str()].map(|value| (value.to_owned(), changed(&text, name, value)));
    let fits = tried.iter().find(|(_, text)| Settings::parse(text).is_ok());
    let Some((value, changed)) = fits else {
        let why = Settings::parse(&tried[0].1).err().unwrap_or_default();
        return Err(AdminError::Refused(format!("{name} = {value}: {why}")));
    };
    let stops = |text: &str| {
        let faults = Settings::parse(text).map(|settings| settings.faults()).unwrap_or_default();
        faults.into_iter().filter(|fault| fault.stops).map(|fault| fault.words).collect::<Vec<_>>()
    };
    let before = stops(&text);
    if let Some(why) = stops(changed).into_iter().find(|why| !before.contains(why)) {
        return Err(AdminError::Refused(format!("{name} = {value}: {why}")));
    }
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    // Who may read it stays as it was, from its first byte on: it may hold a password.
    let mode = std::fs::metadata(file).map_err(failed)?.permissions();
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(part).and_then(|mut out| {
        std::io::Write::write_all(&mut out, changed.as_bytes())?;
        out.sync_all()?;
        std::fs::set_permissions(part, mode)?;
        std::fs::rename(part, file)
    });
    if let Err(error) = written {
        drop(std::fs::remove_file(part));
        return Err(failed(error));
    }
    drop(lock);
    let about = format!("{name} = {value}");
    open(settings).await?.write(move |tx| Ok(note(tx, Did::PolicySet, &about)?)).await?;
    Ok(value.clone())
}

/// A settings file with a rule in its table. Comments and all else stay.
fn changed(text: &str, name: &str, value: &str) -> String {
    let line = format!("{name} = {value}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let Some(head) = lines.iter().position(|line| line.split('#').next().unwrap_or_default().trim() == format!("[{TABLE}]"))
    else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return format!("{text}{gap}\n[{TABLE}]\n{line}\n");
    };
    let end =
        lines.iter().skip(head + 1).position(|line| line.trim_start().starts_with('[')).map_or(lines.len(), |at| head + 1 + at);
    let known = (head + 1..end).find(|at| lines[*at].split_once('=').is_some_and(|(key, _)| key.trim() == name));
    match known {
        None => lines.insert(head + 1, line),
        Some(at) => {
            let comment = lines[at].split_once('#').map(|(_, comment)| format!("  #{comment}"));
            lines[at] = line + &comment.unwrap_or_default();
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_changed_where_it_stands_and_all_else_stays() {
        let text =
            "name = 'x' # minimum_age = 1\n\n[policy]\n# minimum_age = 3\nminimum_age = 16  # by law\n\n[mail]\ndir = 'm'\n";
        let after = changed(text, "minimum_age", "18");
        assert_eq!(after, text.replace("minimum_age = 16", "minimum_age = 18"));
        let after = changed(text, "invitation_days", "30");
        assert!(after.contains("[policy]\ninvitation_days = 30\n") && after.contains("dir = 'm'"), "{after}");
        assert_eq!(changed("name = 'x'", "minimum_age", "18"), "name = 'x'\n\n[policy]\nminimum_age = 18\n");
        assert_eq!(Settings::parse(&changed("", "minimum_age", "18")).unwrap().policy.minimum_age, 18);
    }
}
