//! A mail server as small as one can be: it takes what comes, refuses `refused@...` for good and `later@...` for now, and offers no TLS.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The server; it ends with the test program.
pub struct Smtp {
    /// Its port.
    pub port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Default for Smtp {
    fn default() -> Self {
        Self::start()
    }
}

impl Smtp {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (taken, said) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let server = Self { port, taken: Arc::clone(&taken), said: Arc::clone(&said) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (taken, said) = (Arc::clone(&taken), Arc::clone(&said));
                thread::spawn(move || talk(&stream, &taken, &said));
            }
        });
        server
    }

    /// The mails that were taken.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    /// The commands that came.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Waits for a command that begins so.
    pub fn wait_for(&self, command: &str) {
        let began = Instant::now();
        while !self.said().iter().any(|said| said.starts_with(command)) {
            assert!(began.elapsed() < Duration::from_mins(1), "{command} did not come: {:?}", self.said());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn talk(stream: &TcpStream, taken: &Mutex<Vec<String>>, said: &Mutex<Vec<String>>) {
    let mut out = stream;
    let mut lines = BufReader::new(stream).lines();
    let mut answer = |text: &str| drop(out.write_all(format!("{text}\r\n").as_bytes()));
    answer("220 mail.test");
    while let Some(Ok(line)) = lines.next() {
        said.lock().unwrap().push(line.clone());
        let command = line.to_uppercase();
        match () {
            () if command.starts_with("EHLO") => answer("250-mail.test\r\n250-SMTPUTF8\r\n250 8BITMIME"),
            () if command.starts_with("RCPT TO:<REFUSED@") => answer("550 5.1.1 no such person"),
            () if command.starts_with("RCPT TO:<LATER@") => answer("451 4.3.0 try again"),
            () if command == "DATA" => {
                answer("354 go on");
                let mail: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                taken.lock().unwrap().push(mail.join("\r\n"));
                answer("250 taken");
            }
            () if command == "QUIT" => return answer("221 bye"),
            () if command == "STARTTLS" => answer("502 not here"),
            () => answer("250 ok"),
        }
    }
}
