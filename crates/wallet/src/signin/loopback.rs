//! Where the browser comes back to: a free port of this machine (RFC 8252, 7.3). What does not carry this run's own `state` is not heard, so that no
//! other program and no page can end or take over a sign-in.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use satchel_badge::words::Language;

/// Bytes of a request that are read.
const MAX_REQUEST: u64 = 16 << 10;

/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(2);

/// The path of the redirect.
const PATH: &str = "/back";

/// That of a server's pages, without their fonts: nothing else is fetched here.
const LOOK: &str = ":root{color-scheme:light dark}body{margin:0;background:#fbfbf9;color:#1b1a18;font:14px/20px 'Inter Variable',Inter,system-ui,sans-serif}\
                    header{padding:16px 24px;border-bottom:1px solid #e2dfd8;font-weight:600}main{max-width:36rem;margin:0 auto;padding:48px 24px}\
                    h1{margin:0;font-size:22px;line-height:28px;font-weight:600;letter-spacing:-.012em}\
                    @media(prefers-color-scheme:dark){body{background:#191917;color:#efede8}header{border-color:#373530}}";

/// Waits for the browser.
pub struct Loopback {
    listener: TcpListener,
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

/// Ends the waiting.
#[derive(Clone)]
pub struct Cancel {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Cancel {
    /// Ends it.
    pub fn cancel(&self) {
        self.ended.store(true, Ordering::SeqCst);
        // Whoever waits is woken by this.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
    }
}

impl Loopback {
    pub fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, ended: Arc::default() })
    }

    /// The redirect.
    pub fn address(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    pub fn cancel(&self) -> Cancel {
        Cancel { address: self.address, ended: Arc::clone(&self.ended) }
    }

    /// What the browser brings, once it carries `state`; none when the waiting was ended.
    pub fn wait(&self, state: &str, language: Language) -> io::Result<Option<Vec<(String, String)>>> {
        loop {
            let (stream, _) = self.listener.accept()?;
            if self.ended.load(Ordering::SeqCst) {
                return Ok(None);
            }
            // One that says nothing holds up nobody for long.
            if let Ok(Some(heard)) = hear(&stream, state, language) {
                return Ok(Some(heard));
            }
        }
    }
}

/// A connection that is read until a moment: one that says a letter now and then holds up nobody for longer than one that says nothing.
struct Until<'a> {
    stream: &'a TcpStream,
    end: Instant,
}

impl Read for Until<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(bytes)
    }
}

fn hear(stream: &TcpStream, state: &str, language: Language) -> io::Result<Option<Vec<(String, String)>>> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    let mut reader = BufReader::new(Until { stream, end: Instant::now() + PATIENCE }.take(MAX_REQUEST));
    reader.read_line(&mut line)?;
    // To its end: a connection that is closed before would take the answer away with it.
    let mut rest = String::new();
    while reader.read_line(&mut rest)? > 2 {
        rest.clear();
    }
    let target = line.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let said: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let of = |name: &str| said.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let is_ours = path == PATH && of("state").is_some_and(|said| is_same(said.as_bytes(), state.as_bytes()));
    let (status, words) = match (is_ours, language, of("error")) {
        (true, Language::English, None) => ("200 OK", "You can close this page and go back to Satchel."),
        (true, Language::Italian, None) => ("200 OK", "Puoi chiudere questa pagina e tornare a Satchel."),
        (true, Language::English, Some(_)) => ("200 OK", "Nothing was allowed. You can close this page."),
        (true, Language::Italian, Some(_)) => ("200 OK", "Nulla è stato consentito. Puoi chiudere questa pagina."),
        (false, ..) => ("404 Not Found", "Satchel"),
    };
    let page = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Satchel</title>\
         <style>{LOOK}</style></head><body><header>Satchel</header><main><h1>{words}</h1></main></body></html>",
        language.tag()
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\nreferrer-policy: no-referrer\r\n\
         connection: close\r\n\r\n{page}",
        page.len()
    );
    let mut writer = stream;
    writer.write_all(answer.as_bytes())?;
    Ok(is_ours.then_some(said))
}

/// Takes as long whatever differs.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}
