//! A network that is not to be relied on: it stands between a program and a server, and while it is rough it refuses connections, cuts requests and answers
//! off, keeps them waiting, sends requests twice, and lets copies of them arrive much later.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::mutate::Random;

/// The proxy.
pub struct Proxy {
    /// Its address, as a URL.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<Option<SocketAddr>>,
    random: Mutex<Random>,
    is_rough: AtomicBool,
    is_away: AtomicBool,
    requests: AtomicUsize,
    harm: AtomicUsize,
    bytes: AtomicU64,
    lost: AtomicUsize,
    held: Mutex<Option<Vec<Vec<u8>>>>,
    kept_waiting: Mutex<Option<String>>,
    seen: Mutex<Vec<String>>,
    forger: Mutex<Option<Forger>>,
}

/// What is answered to a request with this first line, in the place of the server: a status and JSON.
type Forger = Box<dyn FnMut(&str) -> Option<(u16, String)> + Send>;

impl Proxy {
    /// One that leads nowhere yet.
    pub fn new(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream: Mutex::default(),
            random: Mutex::new(Random::new(seed)),
            is_rough: AtomicBool::new(false),
            is_away: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            harm: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
            lost: AtomicUsize::new(0),
            held: Mutex::default(),
            kept_waiting: Mutex::default(),
            seen: Mutex::default(),
            forger: Mutex::default(),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&all);
                thread::spawn(move || drop(serve(&shared, &stream)));
            }
        });
        Self { url, shared }
    }

    /// Leads to a server from now on.
    pub fn to(&self, url: &str) {
        *self.shared.upstream.lock().unwrap() = Some(url.strip_prefix("http://").unwrap().parse().unwrap());
    }

    /// Does harm, or none.
    pub fn rough(&self, is_rough: bool) {
        self.shared.is_rough.store(is_rough, Ordering::SeqCst);
    }

    /// Hangs up at once, as if there were no network.
    pub fn away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::SeqCst);
    }

    /// How many requests came so far, and to how many harm was done.
    pub fn count(&self) -> (usize, usize) {
        (self.shared.requests.load(Ordering::SeqCst), self.shared.harm.load(Ordering::SeqCst))
    }

    /// The next so many requests that change something arrive, and nobody hears of it.
    pub fn lose(&self, count: usize) {
        self.shared.lost.store(count, Ordering::SeqCst);
    }

    /// The next request that changes something is under way until [`Self::arrive`].
    pub fn hold(&self) {
        *self.shared.held.lock().unwrap() = Some(Vec::new());
    }

    /// What was held arrives.
    pub fn arrive(&self) {
        let upstream = self.shared.upstream.lock().unwrap().unwrap();
        let held = self.shared.held.lock().unwrap().take().unwrap();
        assert!(!held.is_empty(), "nothing was held");
        for request in held {
            ask(upstream, &request).unwrap();
        }
    }

    /// Requests whose first line begins so are kept waiting, until this says otherwise.
    pub fn keep_waiting(&self, line: Option<&str>) {
        *self.shared.kept_waiting.lock().unwrap() = line.map(str::to_owned);
    }

    /// Answers what `forger` says in the place of the server.
    pub fn forge(&self, forger: impl FnMut(&str) -> Option<(u16, String)> + Send + 'static) {
        *self.shared.forger.lock().unwrap() = Some(Box::new(forger));
    }

    /// Bytes of the answers that were handed on unharmed since this was asked last.
    pub fn bytes(&self) -> u64 {
        self.shared.bytes.swap(0, Ordering::SeqCst)
    }

    /// The first lines of the requests since this was asked last.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

fn serve(shared: &Shared, client: &TcpStream) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_mins(1)))?;
    if shared.is_away.load(Ordering::SeqCst) {
        return client.shutdown(Shutdown::Both);
    }
    let Some(request) = read_request(client)? else { return Ok(()) };
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
    // A copy of a used token that comes late is what a thief would send; over TLS nobody between can send one.
    let is_token = line.contains("/oauth/");
    let changes = !line.starts_with("GET") && !is_token;
    shared.seen.lock().unwrap().push(line.clone());
    while shared.kept_waiting.lock().unwrap().as_ref().is_some_and(|these| line.starts_with(these.as_str())) {
        thread::sleep(Duration::from_millis(5));
    }
    let forged = shared.forger.lock().unwrap().as_mut().and_then(|forge| forge(&line));
    if let Some((status, body)) = forged {
        let head = format!(
            "HTTP/1.1 {status} Forged\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let mut client = client;
        client.write_all(head.as_bytes())?;
        client.write_all(body.as_bytes())?;
        return client.shutdown(Shutdown::Both);
    }
    let upstream = shared.upstream.lock().unwrap().unwrap();
    if changes && let Some(held) = shared.held.lock().unwrap().as_mut().filter(|held| held.is_empty()) {
        held.push(request);
        return client.shutdown(Shutdown::Both);
    }
    let lose = |left: usize| left.checked_sub(1).filter(|_| changes);
    if shared.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lose).is_ok() {
        return ask(upstream, &request).map(drop);
    }
    let fate = if shared.is_rough.load(Ordering::SeqCst) { shared.random.lock().unwrap().below(10) } else { 9 };
    shared.harm.fetch_add(usize::from(fate < 7), Ordering::SeqCst);
    let mut to_client = client;
    match fate {
        0 => {}
        // It never gets there whole.
        1 => drop(TcpStream::connect(upstream)?.write_all(&request[..request.len() / 2])),
        // It gets there, and nobody hears of it.
        2 => drop(ask(upstream, &request)?),
        3 => {
            let answer = ask(upstream, &request)?;
            to_client.write_all(&answer[..answer.len() / 2])?;
        }
        4 if !is_token => {
            ask(upstream, &request)?;
            to_client.write_all(&ask(upstream, &request)?)?;
        }
        5 if !is_token => {
            let copy = request.clone();
            let late = Duration::from_millis(shared.random.lock().unwrap().below(400) as u64);
            thread::spawn(move || {
                thread::sleep(late);
                drop(ask(upstream, &copy));
            });
            to_client.write_all(&ask(upstream, &request)?)?;
        }
        6 => {
            thread::sleep(Duration::from_millis(50));
            to_client.write_all(&ask(upstream, &request)?)?;
        }
        _ => drop(shared.bytes.fetch_add(relay(upstream, &request, to_client)?, Ordering::SeqCst)),
    }
    client.shutdown(Shutdown::Both)
}

/// Sends a request and reads the whole answer.
fn ask(upstream: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    relay(upstream, request, &mut answer)?;
    Ok(answer)
}

/// Sends a request and hands the answer on as it comes; how long that was.
fn relay(upstream: SocketAddr, request: &[u8], mut to: impl Write) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(upstream)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request)?;
    std::io::copy(&mut stream, &mut to)
}

/// One request, which says that it is the last one of its connection.
fn read_request(mut client: &TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16 << 10]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match client.read(&mut chunk)? {
            0 => return Ok(None),
            length => bytes.extend_from_slice(&chunk[..length]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let body = end + 4;
    while bytes.len() < body + length.unwrap_or_default() {
        match client.read(&mut chunk)? {
            0 => return Ok(None),
            length => bytes.extend_from_slice(&chunk[..length]),
        }
    }
    let kept: Vec<&str> = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:")).collect();
    let mut request = format!("{}\r\nconnection: close\r\n\r\n", kept.join("\r\n")).into_bytes();
    request.extend_from_slice(&bytes[body..]);
    Ok(Some(request))
}
