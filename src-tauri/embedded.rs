//! The server within the app: the same as an institution runs, on a free port of this machine, in the folder of the wallet. It is begun when the
//! window has been drawn, stopped when the app is quit, and started anew when it ends by itself. The app talks to it by HTTP like to any
//! other, with a secret that nobody else gets.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use satchel_server::random::Secret;
use satchel_server::{ServeError, Server, Settings};
use tauri::async_runtime::{self, JoinHandle};
use tauri::{AppHandle, Manager};
use tokio::sync::watch;

use crate::state::App;

/// How long it may take to finish what is under way when the app is quit.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait before it is started anew, at first and at most.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];

/// The file, in the server's folder, that says where it answers while it does. It opens nothing.
const ADDRESS: &str = "address";

/// The server, once it was begun.
#[derive(Default)]
pub struct Embedded(Mutex<Option<Running>>);

struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Begins it, once, unless a person chose otherwise.
pub fn begin(app: &AppHandle) {
    let state = app.state::<App>();
    let mut slot = state.embedded.0.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.is_some() || !state.settings().server {
        return;
    }
    let (stop, stopped) = watch::channel(false);
    let folder = state.folder().join("server");
    *slot = Some(Running { stop, task: async_runtime::spawn(keep(folder, stopped)) });
}

/// Stops it, and waits until it has finished what was under way.
pub fn stop(app: &AppHandle) {
    let running = app.state::<App>().embedded.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Running { stop, task }) = running {
        let _ = stop.send(true);
        drop(async_runtime::block_on(async { tokio::time::timeout(GRACE, task).await }));
    }
}

/// Runs it, and runs it anew when it ends by itself.
async fn keep(folder: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut wait = AGAIN[0];
    while !*stop.borrow() {
        // In a task of its own, so that a panic in it ends the task and not the app.
        let once = async_runtime::spawn(once(folder.clone(), stop.clone()));
        match once.await {
            Ok(Ok(())) => wait = AGAIN[0],
            Ok(Err(error)) => eprintln!("satchel: the app's own server does not start: {error}"),
            Err(error) => eprintln!("satchel: the app's own server ended: {error}"),
        }
        drop(std::fs::remove_file(folder.join(ADDRESS)));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
        wait = (2 * wait).min(AGAIN[1]);
    }
}

async fn once(folder: PathBuf, mut stop: watch::Receiver<bool>) -> Result<(), ServeError> {
    let mut settings = Settings { data: folder.clone(), app_secret: Some(Secret::new()), ..Settings::default() };
    settings.listen.set_port(0);
    settings.mail.dir = Some(folder.join("mail"));
    let server = Server::open(settings).await?;
    say_where(&folder, &server.listening());
    server.run(async move { drop(stop.wait_for(|stop| *stop).await) }).await;
    Ok(())
}

/// For other programs of this person. Where it cannot be written, nothing else changes.
fn say_where(folder: &Path, address: &str) {
    drop(std::fs::write(folder.join(ADDRESS), format!("{address}\n")));
}
