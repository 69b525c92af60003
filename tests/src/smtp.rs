//! A mail server as small as one can be: it takes what comes, refuses `refused@...` for good, `later@...` for now and
//! `syntax@...` as no address. It speaks TLS when it is
//! told to: after `STARTTLS`, or from the first byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// When it speaks TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    Never,
    Asked,
    Always,
    /// Never, and no address beyond ASCII is taken.
    Old,
}

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
    /// Starts one on a free port, without TLS.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// Starts one on this port, without TLS.
    pub fn start_at(port: u16) -> Self {
        Self::serve(port, Tls::Never)
    }

    /// Starts one without TLS that takes no address beyond ASCII.
    pub fn start_old() -> Self {
        Self::serve(0, Tls::Old)
    }

    /// Starts one that offers `STARTTLS`.
    pub fn start_tls() -> Self {
        Self::serve(0, Tls::Asked)
    }

    /// Starts one that speaks TLS from the first byte.
    pub fn wrapped() -> Self {
        Self::serve(0, Tls::Always)
    }

    fn serve(port: u16, tls: Tls) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (taken, said) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let server = Self { port, taken: Arc::clone(&taken), said: Arc::clone(&said) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let talk = Talk { taken: Arc::clone(&taken), said: Arc::clone(&said) };
                thread::spawn(move || talk.begin(stream, tls));
            }
        });
        server
    }

    /// The mails that were taken.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    /// The commands that came, and `TLS failed` for a handshake that did not succeed.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Waits for a command that begins so.
    pub fn wait_for(&self, command: &str) {
        self.wait(command, || self.said().iter().any(|said| said.starts_with(command)));
    }

    /// Waits for a mail.
    pub fn wait_for_mail(&self) {
        self.wait("a mail", || !self.taken().is_empty());
    }

    fn wait(&self, what: &str, is_there: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_there() {
            assert!(began.elapsed() < Duration::from_mins(1), "{what} did not come: {:?}", self.said());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The side of TLS that has the certificate for `localhost`.
pub fn certified() -> ServerConfig {
    let file = |name: &str| crate::data::path(&format!("tls/{name}"));
    let certificate = CertificateDer::from_pem_file(file("localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

/// How a conversation ended.
enum Ended {
    Over,
    StartTls,
}

struct Talk {
    taken: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Talk {
    fn begin(&self, mut stream: TcpStream, tls: Tls) {
        if tls != Tls::Always {
            let ended = self.converse(&mut stream, true, tls);
            if !matches!(ended, Ended::StartTls) {
                return;
            }
        }
        let connection = ServerConnection::new(Arc::new(certified())).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        while stream.conn.is_handshaking() {
            if stream.conn.complete_io(&mut stream.sock).is_err() {
                self.said.lock().unwrap().push(String::from("TLS failed"));
                return;
            }
        }
        self.converse(&mut stream, tls == Tls::Always, Tls::Never);
    }

    fn converse(&self, stream: &mut (impl Read + Write), greets: bool, tls: Tls) -> Ended {
        let offers = tls == Tls::Asked;
        let mut stream = BufReader::new(stream);
        let answer = |stream: &mut BufReader<_>, text: &str| {
            let stream: &mut dyn Write = BufReader::get_mut(stream);
            drop(stream.write_all(format!("{text}\r\n").as_bytes()));
            drop(stream.flush());
        };
        if greets {
            answer(&mut stream, "220 mail.test");
        }
        loop {
            let mut line = String::new();
            // Whoever does not trust the certificate hangs up with an alert, perhaps only now.
            match stream.read_line(&mut line) {
                Ok(0) => return Ended::Over,
                Ok(_) => {}
                Err(error) => {
                    if error.kind() == std::io::ErrorKind::InvalidData {
                        self.said.lock().unwrap().push(String::from("TLS failed"));
                    }
                    return Ended::Over;
                }
            }
            let line = line.trim_end().to_owned();
            self.said.lock().unwrap().push(line.clone());
            let command = line.to_uppercase();
            match () {
                () if command.starts_with("EHLO") && offers => {
                    answer(&mut stream, "250-mail.test\r\n250-STARTTLS\r\n250 8BITMIME");
                }
                () if command.starts_with("EHLO") && tls == Tls::Old => answer(&mut stream, "250-mail.test\r\n250 8BITMIME"),
                () if command.starts_with("EHLO") => {
                    answer(&mut stream, "250-mail.test\r\n250-AUTH PLAIN LOGIN\r\n250-SMTPUTF8\r\n250 8BITMIME");
                }
                () if command.starts_with("AUTH PLAIN") => answer(&mut stream, "235 welcome"),
                () if command.starts_with("RCPT TO:<REFUSED@") => answer(&mut stream, "550 5.1.1 no such person"),
                () if command.starts_with("RCPT TO:<LATER@") => answer(&mut stream, "451 4.3.0 try again"),
                () if command.starts_with("RCPT TO:<SYNTAX@") => answer(&mut stream, "501 5.1.3 bad recipient address syntax"),
                () if command == "DATA" => {
                    answer(&mut stream, "354 go on");
                    let mail: Vec<String> = (&mut stream).lines().map_while(Result::ok).take_while(|line| line != ".").collect();
                    self.taken.lock().unwrap().push(mail.join("\r\n"));
                    answer(&mut stream, "250 taken");
                }
                () if command == "QUIT" => {
                    answer(&mut stream, "221 bye");
                    return Ended::Over;
                }
                () if command == "STARTTLS" && offers => {
                    answer(&mut stream, "220 go on");
                    return Ended::StartTls;
                }
                () if command == "STARTTLS" => answer(&mut stream, "502 not here"),
                () => answer(&mut stream, "250 ok"),
            }
        }
    }
}
