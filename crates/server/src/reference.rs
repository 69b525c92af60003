//! Every setting with its words, kind and default, as the code itself has them: read from `settings.rs`, so that no page about it grows old.

use crate::settings::Settings;

/// What the settings are made of.
const SOURCE: &str = include_str!("settings.rs");

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its table; empty for those that have none.
    pub table: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub words: String,
    /// What it is, in words.
    pub kind: String,
    /// What it is when nobody says; empty when it is nothing then.
    pub default: String,
}

/// All of them, in their order; those of tables after the others.
pub fn all() -> Vec<Setting> {
    with(&format!("{:#?}", Settings::default()))
}

/// The same, with what these settings say instead of the defaults.
pub(crate) fn with(values: &str) -> Vec<Setting> {
    let mut settings = Vec::new();
    read("Settings", "", values, 1, &mut settings);
    settings
}

/// The members of a struct, and then of those that are tables within it.
fn read(of: &str, table: &str, defaults: &str, depth: usize, settings: &mut Vec<Setting>) {
    let Some((_, rest)) = SOURCE.split_once(&format!("\npub struct {of} {{\n")) else { return };
    let body = rest.split("\n}").next().unwrap_or_default();
    let (mut words, mut tables, mut skipped) = (Vec::new(), Vec::new(), false);
    for line in body.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            words.push(text.trim());
        } else if line.starts_with("#[serde(skip)]") {
            skipped = true;
        } else if let Some((name, kind)) = line.strip_prefix("pub ").and_then(|line| line.trim_end_matches(',').split_once(": "))
        {
            let all = words.join(" ");
            words.clear();
            if std::mem::take(&mut skipped) {
                continue;
            }
            if SOURCE.contains(&format!("\npub struct {kind} {{\n")) {
                tables.push((name, kind));
                continue;
            }
            settings.push(Setting {
                table: table.to_owned(),
                name: name.to_owned(),
                words: all,
                kind: in_words(kind),
                default: default_of(name, defaults, depth),
            });
        }
    }
    for (name, kind) in tables {
        let place = format!("\n{}{name}: {kind} {{", " ".repeat(4 * depth));
        let within = defaults.split_once(&place).map_or("", |(_, rest)| rest);
        let end = format!("\n{}}}", " ".repeat(4 * depth));
        let within = within.split(&end).next().unwrap_or_default();
        read(kind, name, &format!("{within}\n"), depth + 1, settings);
    }
}

/// A default as it is written in the settings file.
fn default_of(name: &str, defaults: &str, depth: usize) -> String {
    let place = format!("\n{}{name}: ", " ".repeat(4 * depth));
    let Some((_, rest)) = defaults.split_once(&place) else { return String::new() };
    let value = rest.lines().next().unwrap_or_default().trim_end_matches(',');
    match value {
        "None" | "\"\"" | "[]" => String::new(),
        value if value.starts_with("Some(") || value.ends_with(['[', '{', '(']) => String::new(),
        value if value.starts_with(char::is_uppercase) => format!("\"{}\"", in_small(value)),
        value if value.contains(':') && !value.starts_with('"') => format!("\"{value}\""),
        value => value.to_owned(),
    }
}

/// The name of a variant, as it is written.
fn in_small(name: &str) -> String {
    let mut text = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn in_words(kind: &str) -> String {
    if let Some(inner) = kind.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')) {
        return in_words(inner);
    }
    if let Some(inner) = kind.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
        return format!("list: {}", in_words(inner));
    }
    let words = match kind {
        "PathBuf" => "path",
        "SocketAddr" => "address and port",
        "IpAddr" => "IP address",
        "Url" => "URL",
        "EmailAddress" => "e-mail address",
        "String" => "text",
        "bool" => "true or false",
        "u8" | "u16" | "u32" | "u64" | "i64" => "number",
        "FirstBadge" => "`ask`, `public` or `private`",
        other => other,
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_words_and_its_default_is_read_back() {
        let all = all();
        assert!(all.len() > 15, "{all:?}");
        for setting in &all {
            assert!(!setting.words.is_empty(), "{setting:?}");
            let table = if setting.table.is_empty() { String::new() } else { format!("[{}]\n", setting.table) };
            let value = if setting.default.is_empty() { continue } else { &setting.default };
            Settings::parse(&format!("{table}{} = {value}\n", setting.name)).unwrap();
        }
        let default = |name: &str| all.iter().find(|it| it.name == name).map(|it| it.default.as_str());
        assert_eq!(default("listen"), Some("\"127.0.0.1:8080\""));
        assert_eq!(default("minimum_age"), Some("16"));
        assert_eq!(default("first_badge_visibility"), Some("\"ask\""));
        assert_eq!(default("app_secret"), None);
    }
}
