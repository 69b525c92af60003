//! What a person chose, in a small JSON file in the folder for settings. It appears whole or not at all; one that cannot be read is set
//! aside and told.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use satchel_badge::words::Language;
use serde::{Deserialize, Serialize};

use crate::ipc;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language; none: that of the system.
    pub language: Option<ipc::Language>,
    /// The colours.
    pub theme: ipc::Theme,
    /// Percent of the normal size.
    pub text_size: u32,
    /// Whether issuers are asked.
    pub network: ipc::Network,
    /// The folder of the wallet; none: the usual one.
    pub wallet: Option<PathBuf>,
    /// Whether the server within the app runs.
    pub server: bool,
    /// Whether the desktop tells of an invitation while the window is not in front.
    pub notify: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: ipc::Theme::System,
            text_size: 100,
            network: ipc::Network::OnClick,
            wallet: None,
            server: false,
            notify: true,
        }
    }
}

impl Settings {
    /// Reads the file. Says under which name a broken one was set aside.
    pub fn read(path: &Path) -> (Self, Option<PathBuf>) {
        let Ok(bytes) = fs::read(path) else { return (Self::default(), None) };
        if let Ok(settings) = serde_json::from_slice::<Self>(&bytes) {
            return (Self { text_size: settings.text_size.clamp(100, 200), ..settings }, None);
        }
        let aside = crate::save::free(&path.with_extension("broken.json"));
        // Where it cannot be moved it stays, and is written over when a person chooses anew.
        let aside = fs::rename(path, &aside).map(|()| aside);
        (Self::default(), Some(aside.unwrap_or_else(|_| path.to_owned())))
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".settings-").tempfile_in(folder)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// The language in force.
    pub fn language(&self) -> Language {
        match self.language {
            Some(ipc::Language::En) => Language::English,
            Some(ipc::Language::It) => Language::Italian,
            None => system_language(),
        }
    }

    /// As the window knows them.
    pub fn shown(&self) -> ipc::Settings {
        let Self { language, theme, text_size, network, notify, .. } = self;
        ipc::Settings { language: *language, theme: *theme, text_size: *text_size, network: *network, notify: *notify }
    }

    /// With what a person chose in the window.
    #[must_use]
    pub fn with(self, chosen: ipc::Settings) -> Self {
        let ipc::Settings { language, theme, text_size, network, notify } = chosen;
        Self { language, theme, text_size: text_size.clamp(100, 200), network, notify, ..self }
    }
}

/// The language of the system, in the order of POSIX.
fn system_language() -> Language {
    let named =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
    named.map_or(Language::English, |locale| Language::of_locale(&locale))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn settings_come_back_and_a_broken_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("satchel/settings.json");
        assert_eq!(Settings::read(&path), (Settings::default(), None));
        let chosen = Settings { text_size: 150, wallet: Some("/somewhere".into()), ..Settings::default() };
        chosen.write(&path).unwrap();
        assert_eq!(Settings::read(&path), (chosen, None));
        for _ in 0..2 {
            fs::write(&path, "{\"theme\": ").unwrap();
            let (settings, aside) = Settings::read(&path);
            assert_eq!(settings, Settings::default());
            assert_eq!(fs::read_to_string(aside.unwrap()).unwrap(), "{\"theme\": ");
        }
        fs::write(&path, "{\"text_size\": 5000, \"from\": \"a newer Satchel\"}").unwrap();
        assert_eq!(Settings::read(&path).0.text_size, 200);
    }
}
