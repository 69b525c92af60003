//! Files that a wallet gives away: whole or not at all, never over another one unless asked, under names that any system takes.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use crate::WalletError;
use crate::error::LINK;

/// Writes `bytes` to `path`: the file appears whole or not at all. One that is there already stays, unless `replace`.
pub fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), WalletError> {
    let failed = |error: &io::Error| WalletError::unwritable(path, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".satchel-").tempfile_in(folder).map_err(|error| failed(&error))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|error| failed(&error))?;
    // A temporary file is for its owner alone; an exported badge is there to be shown.
    permit(file.as_file()).map_err(|error| failed(&error))?;
    let placed = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map(drop).map_err(|error| failed(&error.error))
}

#[cfg(unix)]
fn permit(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn permit(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a folder that is not there yet.
pub fn make_folder(path: &Path) -> Result<(), WalletError> {
    fs::create_dir(path).map_err(|error| WalletError::unwritable(path, &error))
}

/// Writes a file for its owner alone: whole or not at all. One that is there already stays, unless `replace`.
pub(crate) fn write_private(path: &Path, bytes: &[u8], replace: bool) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".satchel-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let placed = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// Makes a folder for its owner alone, with those above it, so that a power cut does not take it away again with all that is in it.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    for above in missing.into_iter().filter_map(Path::parent) {
        sync_folder(if above.as_os_str().is_empty() { Path::new(".") } else { above });
    }
    Ok(())
}

/// Makes an empty file for its owner alone, where there is none.
pub(crate) fn private_file(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Refuses what is there and is no file, such as a link, wherever it leads. A folder does no harm: it cannot be opened as a file.
pub(crate) fn refuse_other_than_file(path: &Path) -> Result<(), WalletError> {
    match fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() && !there.is_dir() => {
            let why = if there.is_symlink() { LINK } else { ("it is not a file", "non è un file") };
            Err(WalletError::Unusable { path: path.display().to_string(), why: why.into() })
        }
        _ => Ok(()),
    }
}

/// Overwrites a file with zeros and removes it. What is no file, or has another name elsewhere too, is only removed: what else it is may be
/// somebody's.
pub(crate) fn wipe(path: &Path) -> io::Result<()> {
    let there = fs::symlink_metadata(path)?;
    if there.is_file() && !has_another_name(&there) {
        let mut file = File::options().write(true).open(path)?;
        let nothing = vec![0; 1 << 12];
        for begin in (0..there.len()).step_by(nothing.len()) {
            let size = usize::try_from(there.len() - begin).unwrap_or(usize::MAX).min(nothing.len());
            file.seek(SeekFrom::Start(begin))?;
            match file.write_all(&nothing[..size]) {
                // On a full disk only what was never written takes room.
                Err(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {}
                written => written?,
            }
        }
        file.sync_all()?;
    }
    fs::remove_file(path)
}

#[cfg(unix)]
fn has_another_name(there: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(there) > 1
}

#[cfg(not(unix))]
fn has_another_name(_: &fs::Metadata) -> bool {
    false
}

/// Makes the names in a folder last (a rename or a new file is not on the disk before its folder is).
pub(crate) fn sync_folder(path: &Path) {
    // Not every system can; where it cannot, nothing else can be done.
    let _ = File::open(path).and_then(|folder| folder.sync_all());
}

/// Characters of a file name before its ending; longer names are cut.
const LONGEST: usize = 60;

/// Names that stand for devices elsewhere, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Makes readable names that are safe and unlike each other on any system.
#[derive(Default)]
pub struct Names {
    taken: HashSet<String>,
    /// The last number that was given to a name: a class has thousands of the same.
    last: HashMap<String, usize>,
}

impl Names {
    /// A name for what is called `wanted`, with this ending.
    pub fn name(&mut self, wanted: &str, ending: &str) -> String {
        let stem = safe(without(wanted, ending));
        let mut number = self.last.get(&stem.to_lowercase()).map_or(1, |last| last + 1);
        loop {
            let name = if number == 1 { format!("{stem}.{ending}") } else { format!("{stem} ({number}).{ending}") };
            // Some systems see one name in two that differ by case alone.
            if self.taken.insert(name.to_lowercase()) {
                self.last.insert(stem.to_lowercase(), number);
                return name;
            }
            number += 1;
        }
    }
}

/// What is called like a file already gets no second ending.
fn without<'a>(wanted: &'a str, ending: &str) -> &'a str {
    let named = wanted.rsplit_once('.').filter(|(stem, its)| !stem.is_empty() && its.eq_ignore_ascii_case(ending));
    named.map_or(wanted, |(stem, _)| stem)
}

/// How the name of a file of this format ends.
pub fn ending(format: &str) -> &'static str {
    match format {
        "png" => "png",
        "svg" => "svg",
        "jws" => "jwt",
        _ => "json",
    }
}

/// A name for a file that is safe on any system, for what is called `wanted`.
///
/// ```
/// assert_eq!(satchel_wallet::file_name("../CON/Welding", "png"), "_CON_Welding.png");
/// ```
pub fn file_name(wanted: &str, ending: &str) -> String {
    Names::default().name(wanted, ending)
}

/// What a text is as a file name: no separators, no control characters, none that are not seen, no dots or spaces at its ends.
fn safe(text: &str) -> String {
    let is_unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
    };
    let replaced = text.chars().map(|c| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if c.is_control() || is_unseen(c) => '_',
        c if c.is_whitespace() => ' ',
        c => c,
    });
    let mut name = String::new();
    for c in replaced.take(LONGEST) {
        // 255 bytes are the most for many systems; the number and the ending need some.
        if name.len() + c.len_utf8() > 200 {
            break;
        }
        name.push(c);
    }
    let name = name.trim_matches([' ', '.']);
    let device = name.split('.').next().unwrap_or_default().trim().to_lowercase();
    let numbered = (device.starts_with("com") || device.starts_with("lpt")) && device.chars().count() == 4;
    match name {
        "" => String::from("badge"),
        name if numbered || DEVICES.contains(&device.as_str()) => format!("_{name}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_folder_or_means_something_elsewhere() {
        let hostile =
            ["../../etc/passwd", "..", ".", "", "/", "C:\\x", "a\0b", "con", "NUL.txt", "com1", "x\u{202e}gnp", "a\nb", " . "];
        for text in hostile {
            let name = safe(text);
            assert!(
                !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0', '\n', '\u{202e}']),
                "{name:?}"
            );
        }
        for unseen in ['\u{61c}', '\u{180e}', '\u{200b}', '\u{202e}', '\u{3164}', '\u{e0001}', '\u{e007f}'] {
            assert_eq!(safe(&format!("a{unseen}b")), "a_b", "{unseen:?}");
        }
        assert_eq!(safe("con"), "_con");
        assert_eq!(safe("NUL.txt"), "_NUL.txt");
        assert_eq!(safe("Elettricità, 日本語"), "Elettricità, 日本語");
        assert!(safe(&"日".repeat(500)).len() <= 200);
    }

    #[test]
    fn names_are_unlike_each_other_where_case_does_not_count() {
        let mut names = Names::default();
        let given: Vec<String> = ["A", "a", "A", "A (2)"].iter().map(|wanted| names.name(wanted, "png")).collect();
        assert_eq!(given, ["A.png", "a (2).png", "A (3).png", "A (2) (2).png"]);
    }

    #[test]
    fn what_is_named_like_a_file_gets_no_second_ending() {
        let mut names = Names::default();
        let given: Vec<String> =
            ["a.json", "a.JSON", "a.jsonl", ".json"].iter().map(|wanted| names.name(wanted, "json")).collect();
        assert_eq!(given, ["a.json", "a (2).json", "a.jsonl.json", "json.json"]);
    }

    #[test]
    fn ten_thousand_badges_of_one_name_take_no_longer_than_others() {
        let started = std::time::Instant::now();
        let mut names = Names::default();
        let last = (0..10_000).map(|_| names.name("Welding", "png")).last();
        assert_eq!(last.as_deref(), Some("Welding (10000).png"));
        // Trying every number for each takes minutes.
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
    }
}
