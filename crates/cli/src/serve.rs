//! `satchel serve`: the server, until it is told to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use satchel_badge::cause::Cause;
use satchel_badge::words::Language;
use satchel_server::{ServeError, Server, Settings};
use serde_json::json;

use crate::problem::{Kind, Problem};
use crate::{Outcome, Status};

/// Where a server's settings come from. What is given here wins over the environment, and that over the file.
#[derive(Debug, Args)]
pub struct Place {
    /// The folder of the database.
    #[arg(long, value_name = "DIR", env = "SATCHEL_DATA")]
    pub data: Option<PathBuf>,
    /// The settings file (TOML).
    #[arg(long, value_name = "FILE", env = "SATCHEL_CONFIG")]
    pub config: Option<PathBuf>,
    /// PostgreSQL instead of a file in the folder: `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[arg(long, value_name = "URL", env = "SATCHEL_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The address that people see, such as <https://badges.example.org>.
    #[arg(long, value_name = "URL", env = "SATCHEL_PUBLIC_URL")]
    pub public_url: Option<String>,
}

/// Run the sync server: accounts, claims, pages and mail.
///
/// When it is ready it prints one line of JSON with its addresses on standard output. It stops on SIGTERM or Ctrl-C, and finishes what is
/// under way.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", env = "SATCHEL_LISTEN", value_parser = parse_socket)]
    listen: Option<SocketAddr>,
    /// Where the operator's numbers are; else a free port of this machine.
    #[arg(long, value_name = "ADDR", env = "SATCHEL_ADMIN_LISTEN", value_parser = parse_socket)]
    admin_listen: Option<SocketAddr>,
    /// Write mails into this folder instead of sending them.
    #[arg(long, value_name = "DIR", env = "SATCHEL_MAIL_DIR")]
    mail_dir: Option<PathBuf>,
}

fn parse_socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| String::from("write an address in numbers and a port, such as 127.0.0.1:8080"))
}

impl Place {
    /// The settings of the file, with what the environment and the flags say.
    pub fn settings(&self) -> Result<Settings, Problem> {
        let mut settings = match &self.config {
            None => Settings::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| crate::output::unreadable(path, &error))?;
                Settings::parse(&text).map_err(|why| Problem::new(Kind::BadSettings, [format!("{}: {why}", path.display())]))?
            }
        };
        match (&self.data, settings.data.as_os_str().is_empty()) {
            (Some(data), _) => settings.data.clone_from(data),
            (None, true) if self.database_url.is_none() && settings.database_url.is_none() => {
                return Err(Problem::new(
                    Kind::BadSettings,
                    [String::from("nothing says where the data are to be: give --data DIR")],
                ));
            }
            (None, _) => {}
        }
        if let Some(url) = &self.public_url {
            settings.set_public_url(url).map_err(|why| Problem::new(Kind::BadSettings, [why]))?;
        }
        if self.database_url.is_some() {
            settings.database_url.clone_from(&self.database_url);
        }
        Ok(settings)
    }
}

/// Runs the server.
pub fn run(command: &Serve, _: Language) -> Outcome {
    let mut settings = command.place.settings()?;
    settings.listen = command.listen.unwrap_or(settings.listen);
    settings.admin_listen = command.admin_listen.unwrap_or(settings.admin_listen);
    if command.mail_dir.is_some() {
        settings.mail.dir.clone_from(&command.mail_dir);
    }
    satchel_server::log::begin();
    runtime()?.block_on(async {
        // Listened to before anything is said, so that whoever reads the line may stop it at once.
        let stop = signals()?;
        let server = Server::open(settings).await.map_err(problem)?;
        let line = format!("{{\"listening\": {}, \"admin\": {}}}", json!(server.listening()), json!(server.admin()));
        let mut out = std::io::stdout().lock();
        let said = writeln!(out, "{line}").and_then(|()| out.flush());
        drop(out);
        crate::output::ignore_closed_pipe(said).map_err(|error| crate::output::unwritable("-".as_ref(), &error))?;
        if let Some(link) = server.first_start() {
            anstream::eprintln!(
                "satchel: there is no operator yet; whoever opens this link within a day registers as one:\n{link}"
            );
        }
        server.run(stop).await;
        Ok(Status::Done)
    })
}

/// What carries requests.
pub fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Runtime::new().map_err(|error| Problem::with_cause(Kind::ServerFailed, &error))
}

/// Ends when the program is told to stop.
fn signals() -> Result<impl Future<Output = ()> + Send + 'static, Problem> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| Problem::with_cause(Kind::ServerFailed, &error));
    let (mut term, mut int) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}

fn problem(error: ServeError) -> Problem {
    let kind = if matches!(error, ServeError::Settings(_)) { Kind::BadSettings } else { Kind::ServerFailed };
    match error {
        ServeError::Listen { address, error } => Problem::with_cause(kind, Cause::from(&error).of_place(&address.to_string())),
        ServeError::Failed(error) => Problem::with_cause(kind, &error),
        error => Problem::new(kind, [error.to_string()]),
    }
}
