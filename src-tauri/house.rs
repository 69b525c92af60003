//! The server within the app: the same as an institution runs, in a folder beside the wallet, on a port of this machine that stays the same as long as it
//! is free. Whoever is not the app is let in to public pages alone (`crates/server/src/apart.rs`).

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use satchel_badge::cause::Cause;
use satchel_server::random::Secret;
use satchel_server::{ServeError, Server, Settings};
use tauri::async_runtime::{JoinHandle, block_on, spawn};
use tokio::sync::oneshot;

/// A server that runs.
pub struct House {
    /// Its address.
    pub url: String,
    /// What it wants to hear from the app.
    pub secret: String,
    /// Where its mails are written.
    pub mail: PathBuf,
    /// The link by which the first account is made, as long as there is none.
    pub first: Option<String>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

fn cause(path: &Path, error: &io::Error) -> Cause {
    Cause::from(error).of_place(&path.to_string_lossy())
}

impl House {
    /// Starts it in a folder.
    pub fn start(folder: &Path) -> Result<Self, Cause> {
        fs::create_dir_all(folder).map_err(|error| cause(folder, &error))?;
        let (secret, mail) = (Secret::new(), folder.join("mail"));
        let port_file = folder.join("port");
        let settings = |port: u16| Settings {
            data: folder.to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            mail: satchel_server::settings::Mail { dir: Some(mail.clone()), ..Default::default() },
            app_secret: Some(secret.clone()),
            ..Settings::default()
        };
        // Badges and mails name its address, so it keeps it where it can.
        let before = fs::read_to_string(&port_file).ok().and_then(|port| port.trim().parse().ok()).unwrap_or_default();
        let opened = match block_on(Server::open(settings(before))) {
            Err(ServeError::Listen { .. }) if before != 0 => block_on(Server::open(settings(0))),
            opened => opened,
        };
        let server = opened.map_err(|error| match error {
            ServeError::Listen { address, error } => Cause::from(&error).of_place(&address.to_string()),
            ServeError::Failed(error) => Cause::from(&error),
            error => Cause::from(error.to_string().as_str()),
        })?;
        let url = server.listening();
        let port = url.rsplit(':').next().unwrap_or_default();
        fs::write(&port_file, port).map_err(|error| cause(&port_file, &error))?;
        let first = server.first_start().map(str::to_owned);
        let (stop, stopped) = oneshot::channel();
        let ended = spawn(server.run(async { drop(stopped.await) }));
        Ok(Self { url, secret: secret.reveal().to_owned(), mail, first, stop, ended })
    }

    /// Ends it; what is under way is finished.
    pub fn stop(self) {
        // It may have ended by itself.
        let _ = self.stop.send(());
        drop(block_on(self.ended));
    }
}
