//! `satchel serve` as an operator runs it, on free ports, with the folder that mails are written into.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::Browser;
use crate::shell::{Folder, Run, program, satchel};

/// Longer than any test may wait for the server.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
pub struct Running {
    /// Its folder; the mails are in `mail`.
    pub folder: Folder,
    child: Child,
    /// Its public address.
    pub url: String,
    /// Its address for the operator.
    pub admin_url: String,
    log: Receiver<String>,
    options: Vec<String>,
}

/// A mail that was sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// As it left.
    pub raw: String,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The part in HTML.
    pub html: String,
}

impl Mail {
    /// The first link in it that has this in its path.
    pub fn link(&self, part: &str) -> String {
        let words = self.text.split_whitespace();
        words
            .filter(|word| word.starts_with("http") && word.contains(part))
            .map(str::to_owned)
            .next()
            .unwrap_or_else(|| panic!("no link {part}: {}", self.text))
    }
}

impl Running {
    /// Starts one with nothing in it.
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(Folder::new(), options)
    }

    /// Starts one in a folder.
    pub fn start_in(folder: Folder, options: &[&str]) -> Self {
        let mail = folder.at("mail").to_str().unwrap().to_owned();
        Self::start_by_smtp(folder, &[options, &["--mail-dir", &mail]].concat())
    }

    /// Starts one in a folder, whose mail leaves as the options say.
    pub fn start_by_smtp(folder: Folder, options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(|it| (*it).to_owned()).collect();
        let (child, line, log) = spawn(&folder, &options);
        let address = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("no address: {line}")).to_owned();
        Self { child, url: address("listening"), admin_url: address("admin"), log, folder, options }
    }

    /// Stops it and starts it anew in the same folder; it may have other ports.
    #[must_use]
    pub fn restart(self) -> Self {
        let options = self.options.clone();
        let folder = self.stop();
        Self::start_by_smtp(folder, &options.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Asks it to stop, waits, and gives its folder back.
    pub fn stop(mut self) -> Folder {
        self.stop_in_place()
    }

    /// The same, for one that another takes the place of.
    pub fn stop_in_place(&mut self) -> Folder {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "it ended with {status}: {}", self.said());
        std::mem::take(&mut self.folder)
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(mut self) -> Folder {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::take(&mut self.folder)
    }

    /// A browser that knows nothing yet.
    pub fn browser(&self) -> Browser {
        let named = self.options.iter().position(|it| it == "--public-url").map(|at| &self.options[at + 1]);
        named.map_or_else(|| Browser::new(&self.url), |name| Browser::named(name, &self.url))
    }

    /// A command of the operator.
    pub fn admin(&self, words: &[&str]) -> Run {
        let database = self.options.iter().position(|it| it == "--database-url").map(|at| self.options[at + 1].clone());
        let mut shell = satchel(["admin"]).args(words).arg("--data").arg(self.folder.at("data"));
        if let Some(url) = database {
            shell = shell.arg("--database-url").arg(url);
        }
        shell.run()
    }

    /// All mails so far, in the order in which they were made.
    pub fn mails(&self) -> Vec<Mail> {
        let Ok(entries) = fs::read_dir(self.folder.at("mail")) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
        paths.sort();
        paths.iter().map(|path| read_mail(&fs::read_to_string(path).unwrap())).collect()
    }

    /// The mail to somebody whose subject has these words, once it has left.
    pub fn mail(&self, to: &str, subject: &str) -> Mail {
        self.mails_to(to, subject, 1).pop().unwrap()
    }

    /// At least so many mails to somebody whose subject has these words.
    pub fn mails_to(&self, to: &str, subject: &str, least: usize) -> Vec<Mail> {
        let began = Instant::now();
        loop {
            let mut found = self.mails();
            found.retain(|mail| mail.to == to && mail.subject.contains(subject));
            if found.len() >= least {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "no mail to {to} about {subject}: {:?}\n{}", self.mails(), self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it wrote on standard error so far.
    pub fn said(&self) -> String {
        self.log.try_iter().collect::<Vec<_>>().join("\n")
    }

    /// The first line that it wrote on standard error with these words in it; waits for it.
    #[track_caller]
    pub fn line(&self, words: &str) -> String {
        let began = Instant::now();
        let mut others = Vec::new();
        while let Ok(line) = self.log.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
            if line.contains(words) {
                return line;
            }
            others.push(line);
        }
        panic!("no line has {words:?}: {}", others.join("\n"));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(folder: &Folder, options: &[String]) -> (Child, Value, Receiver<String>) {
    let mut command = Command::new(program());
    command.args(["serve", "--data"]).arg(folder.at("data"));
    if !options.iter().any(|option| option == "--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(options).env_remove("SATCHEL_LANG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (send, log) = channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    thread::spawn(move || drop(stdout.read_to_string(&mut String::new())));
    let line = serde_json::from_str(&line).unwrap_or_else(|_| {
        drop(child.wait());
        panic!("it did not start: {line}{}", log.iter().collect::<Vec<_>>().join("\n"))
    });
    (child, line, log)
}

/// The parts of a mail that a person reads.
fn read_mail(raw: &str) -> Mail {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    // Folded lines go on after a space.
    let head = head.replace("\r\n ", " ");
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    let kind = header("Content-Type:");
    let boundary = format!("--{}", kind.split_once("boundary=\"").unwrap().1.split_once('"').unwrap().0);
    let part = |kind: &str| decode_part(body.split(&boundary).find(|part| part.contains(kind)).unwrap());
    let (text, html) = (part("text/plain"), part("text/html"));
    Mail { raw: raw.to_owned(), to: header("To:"), subject: decode_words(&header("Subject:")), text, html }
}

/// A part of a mail without its encoding.
fn decode_part(part: &str) -> String {
    let (part_head, text) = part.split_once("\r\n\r\n").unwrap();
    if part_head.contains("quoted-printable") {
        unquote(text)
    } else if part_head.contains("base64") {
        use base64::Engine;
        let joined: String = text.split_whitespace().collect();
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(joined).unwrap()).unwrap()
    } else {
        text.to_owned()
    }
}

fn unquote(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

/// Encoded words of a header (RFC 2047), in base64 as lettre writes them.
fn decode_words(text: &str) -> String {
    use base64::Engine;
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("=?utf-8?b?") {
        let (word, after) = after.split_once("?=").unwrap();
        if !before.trim().is_empty() {
            out += before;
        }
        out += &String::from_utf8(base64::engine::general_purpose::STANDARD.decode(word).unwrap()).unwrap();
        rest = after;
    }
    out + rest
}
