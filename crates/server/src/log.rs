//! Logs: one line of JSON each, on standard error. They hold no address, name, birth date or token; requests are named by their route.

use tracing::Level;

/// Begins to write logs. Called once by a program; a second call changes nothing.
pub fn begin() {
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_target(false).with_max_level(Level::INFO);
    drop(subscriber.with_writer(std::io::stderr).try_init());
}
