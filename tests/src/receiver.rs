//! Whoever gets messages by HTTP on a loopback port, such as another system's address for webhooks. It remembers each and answers as it is told.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A message that came.
#[derive(Clone, Debug)]
pub struct Message {
    /// The method and the path.
    pub line: String,
    /// The headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Message {
    /// The first header with this name.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no header {name}: {:?}", self.headers), |(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The receiver; it ends with the test program.
pub struct Receiver {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    /// One that answers with these statuses in turn, and with 204 from then on.
    pub fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let (kept, statuses) = (Arc::clone(&taken), Mutex::new(statuses.iter().copied().collect::<VecDeque<_>>()));
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(message) = read(&mut stream) else { continue };
                let status = statuses.lock().unwrap().pop_front().unwrap_or(204);
                kept.lock().unwrap().push(message);
                // Whoever sent it may have gone; that is theirs to tell.
                let _ = write!(stream, "HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { address, taken }
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// All messages so far.
    pub fn taken(&self) -> Vec<Message> {
        self.taken.lock().unwrap().clone()
    }

    /// At least so many messages, once they are there.
    pub fn wait_for(&self, least: usize) -> Vec<Message> {
        let began = Instant::now();
        loop {
            let taken = self.taken();
            if taken.len() >= least {
                return taken;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "{} messages came: {taken:?}", taken.len());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Message> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(Message { line, headers, body })
}
