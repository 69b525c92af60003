//! Files that a person handed in: dropped, chosen, named on the command line or by a second instance. The window knows them by number alone,
//! and can make this program read no other.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};

use satchel_wallet::signin::Server;

use crate::ipc;

/// Names that are told; of more files it says how many they are.
const NAMED: usize = 20;

/// Offers that are remembered; the oldest go first.
const MOST: u32 = 100;

/// What was handed in since the program was started.
#[derive(Debug, Default)]
pub struct Offers {
    last: u32,
    paths: HashMap<u32, Vec<PathBuf>>,
    /// Those that came before the window could hear of them.
    early: Vec<ipc::Offer>,
    heard: bool,
}

impl Offers {
    /// Takes files in; none when there are none.
    pub fn take(&mut self, paths: Vec<PathBuf>) -> Option<ipc::Offer> {
        if paths.is_empty() {
            return None;
        }
        self.last += 1;
        let name = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let offer = ipc::Offer {
            id: self.last,
            names: paths.iter().take(NAMED).map(name).collect(),
            count: u32::try_from(paths.len()).unwrap_or(u32::MAX),
            folder: paths.iter().any(|path| path.is_dir()),
        };
        self.paths.insert(self.last, paths);
        self.paths.remove(&self.last.saturating_sub(MOST));
        Some(offer)
    }

    /// Whether the window hears of this one by an event; else it is kept until the window begins.
    pub fn announce(&mut self, offer: &ipc::Offer) -> bool {
        if !self.heard {
            self.early.push(offer.clone());
        }
        self.heard
    }

    /// What the window has not heard of; from now on it hears of each as it comes.
    pub fn begin(&mut self) -> Vec<ipc::Offer> {
        self.heard = true;
        std::mem::take(&mut self.early)
    }

    /// The files of an offer.
    pub fn paths(&self, id: u32) -> Option<&[PathBuf]> {
        self.paths.get(&id).map(Vec::as_slice)
    }
}

impl Offers {
    /// The bytes of an offer that is one file no larger than any picture.
    pub fn picture(&self, id: u32) -> Option<Vec<u8>> {
        let [path] = self.paths(id)? else { return None };
        let file = satchel_wallet::inspect::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        usize::try_from(length).ok().filter(|length| *length <= satchel_picture::limits::MAX_BYTES)?;
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// The server that a QR code in a picture names, by a link there or by one of ours.
pub fn server_in(picture: &[u8]) -> Option<String> {
    let text = satchel_picture::qr(picture).ok()??;
    let named = || text.contains("://").then(|| Server::named(&text).ok()).flatten().map(|server| server.address());
    link(&text).map_or_else(named, |opened| opened.server)
}

/// The files that arguments name: what begins with a dash is none, and what is not there is told by whoever reads it.
pub fn of_arguments<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>, folder: &Path) -> Vec<PathBuf> {
    let named = arguments.into_iter().skip(1).map(Into::into).filter(|argument| names_file(argument));
    let path = |argument: OsString| match argument.to_str().map(url::Url::parse) {
        // A file manager may hand over addresses.
        Some(Ok(url)) if url.scheme() == "file" => url.to_file_path().ok(),
        // Links of our own open a screen (`link`).
        Some(Ok(url)) if url.scheme() == "satchel" => None,
        _ => Some(folder.join(argument)),
    };
    named.filter_map(path).collect()
}

fn names_file(argument: &OsStr) -> bool {
    !argument.is_empty() && !argument.as_encoded_bytes().starts_with(b"-")
}

/// Starts the program again, in the place of this one, where the name of a file is no text: a running instance is told of files in text alone, and
/// an address spells any name. Says why where it cannot.
#[cfg(unix)]
pub fn start_again_in_text() -> Option<std::io::Error> {
    use std::os::unix::process::CommandExt;
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.iter().all(|argument| argument.to_str().is_some()) {
        return None;
    }
    let folder = std::env::current_dir().unwrap_or_default();
    let spelled = |argument: &OsString| match url::Url::from_file_path(folder.join(argument)) {
        Ok(url) if argument.to_str().is_none() && names_file(argument) => OsString::from(url.as_str()),
        _ => OsString::from(argument.to_string_lossy().into_owned()),
    };
    let program = std::env::current_exe().unwrap_or_else(|_| arguments.first().map(PathBuf::from).unwrap_or_default());
    Some(std::process::Command::new(program).args(arguments.iter().skip(1).map(spelled)).exec())
}

/// Elsewhere the system spells names so that they come through.
#[cfg(not(unix))]
pub fn start_again_in_text() -> Option<std::io::Error> {
    None
}

/// The longest link that is read.
const MAX_LINK: usize = 1000;

/// The screen that a link of ours names: `satchel://inbox`, `satchel://inbox?server=HOST`, `satchel://backpack` or `satchel://verify`. Whatever else
/// stands in it is not read: a link shows something, and a person acts (security.md, S03).
pub fn link(text: &str) -> Option<ipc::Opened> {
    let url = url::Url::parse(text).ok().filter(|url| url.scheme() == "satchel" && text.len() <= MAX_LINK)?;
    let screen = url.host_str().filter(|screen| ["inbox", "backpack", "verify"].contains(screen))?.to_owned();
    // An address, or the link of an invitation, and nothing that goes with it.
    let server = Server::named(text).ok().map(|server| server.address());
    Some(ipc::Opened { screen, server })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn arguments_name_files_and_nothing_else() {
        let arguments = ["satchel-desktop", "a.png", "/b c.json", "file:///d%20e.svg", "--flag", "", "satchel://erase?id=1"];
        let paths = of_arguments(arguments.map(str::to_owned), Path::new("/home/her"));
        assert_eq!(paths, ["/home/her/a.png", "/b c.json", "/d e.svg"].map(PathBuf::from));
    }

    #[test]
    fn a_link_names_a_screen_and_nothing_that_acts() {
        let opened = |screen: &str, server: Option<&str>| {
            Some(ipc::Opened { screen: screen.to_owned(), server: server.map(str::to_owned) })
        };
        assert_eq!(link("satchel://inbox"), opened("inbox", None));
        let named = link("satchel://inbox?server=https%3A%2F%2Fbadges.example%2Fclaim%2Fx&accept=1");
        assert_eq!(named, opened("inbox", Some("https://badges.example")));
        let invited = "https://badges.example/claim/0123456789abcdefghijklmnopqrstuv";
        assert_eq!(link(&format!("satchel://inbox?server={invited}")), opened("inbox", Some(invited)));
        assert_eq!(link("satchel://inbox?server=http://evil.example"), opened("inbox", None));
        for nothing in ["satchel://erase?id=1", "satchel://settings", "satchel:inbox", "https://inbox", "inbox", "satchel://"] {
            assert_eq!(link(nothing), None, "{nothing}");
        }
        assert_eq!(link(&format!("satchel://inbox?x={}", "y".repeat(2000))), None);
    }

    #[test]
    fn what_was_handed_in_early_waits_for_the_window() {
        let mut offers = Offers::default();
        let early = offers.take(vec!["/x/a.png".into()]).unwrap();
        assert!(!offers.announce(&early));
        assert_eq!(offers.begin().iter().map(|offer| offer.names.clone()).collect::<Vec<_>>(), [["a.png"]]);
        let late = offers.take(vec!["/x/b.png".into()]).unwrap();
        assert!(offers.announce(&late) && offers.begin().is_empty());
        assert_eq!(offers.paths(late.id), Some(["/x/b.png".into()].as_slice()));
        assert!(offers.take(Vec::new()).is_none() && offers.paths(99).is_none());
    }
}
