//! A small HTTP client with a jar of cookies, such as a plain browser is: one request, one connection. It follows no redirect by itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// The same, when it has this status.
    #[allow(clippy::return_self_not_must_use, reason = "that it has it may be all there is to know")]
    #[track_caller]
    pub fn ok(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}\n{}", self.headers, self.text());
        self
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no redirect: {}\n{}", self.status, self.text()))
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let text = self.text();
        let mark = format!("name=\"{name}\" value=\"");
        let rest = text.split_once(&mark).unwrap_or_else(|| panic!("no hidden field {name}: {text}")).1;
        rest.split_once('"').unwrap().0.to_owned()
    }
}

/// A browser.
#[derive(Clone, Default)]
pub struct Browser {
    base: String,
    /// Where the server listens, when that is not what it is called.
    place: Option<String>,
    cookies: BTreeMap<String, String>,
    /// The preferred language.
    pub language: Option<String>,
}

impl Browser {
    /// A browser that knows nothing yet, for the server at `base`.
    pub fn new(base: &str) -> Self {
        Self { base: base.to_owned(), ..Self::default() }
    }

    /// A browser for the server that is called `base` and listens at `place`.
    pub fn named(base: &str, place: &str) -> Self {
        let place = place.strip_prefix("http://").unwrap_or(place).to_owned();
        Self { place: Some(place), ..Self::new(base) }
    }

    /// The same browser, at another address of the server.
    #[must_use]
    pub fn moved(self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self }
    }

    /// Shows a path or an address of the server.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    /// Shows a path, and goes where it leads.
    pub fn follow(&mut self, path: &str) -> Answer {
        let mut answer = self.get(path);
        for _ in 0..5 {
            if answer.status != 303 {
                break;
            }
            answer = self.get(answer.location());
        }
        answer
    }

    /// Fills in the form of `page` and sends it to `path`.
    pub fn post(&mut self, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let token = page.hidden("form");
        let mut all = vec![("form", token.as_str())];
        all.extend_from_slice(fields);
        self.post_raw(path, &all, &[("origin", &self.base.clone()), ("sec-fetch-site", "same-origin")])
    }

    /// The same, with files: each the name of its field, its own name and its bytes.
    pub fn post_files(&mut self, path: &str, page: &Answer, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        const MARK: &str = "----a-mark-that-no-file-has";
        let token = page.hidden("form");
        let mut body = Vec::new();
        for (name, value) in [("form", token.as_str())].iter().chain(fields) {
            body.extend(format!("--{MARK}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (name, file, bytes) in files {
            let head = format!(
                "--{MARK}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\ncontent-type: text/html\r\n\r\n"
            );
            body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
        }
        body.extend(format!("--{MARK}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={MARK}");
        let headers = [("content-type", kind.as_str()), ("origin", &self.base.clone()), ("sec-fetch-site", "same-origin")];
        self.send("POST", path, &headers, &body)
    }

    /// Sends a form with these fields and headers and nothing else.
    pub fn post_raw(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send("POST", path, &all, body.as_bytes())
    }

    /// Sends a request.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let host = self.base.strip_prefix("http://").unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "host") {
            write!(head, "host: {host}\r\n").unwrap();
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(head, "cookie: {}\r\n", cookies.join("; ")).unwrap();
        }
        if let Some(language) = &self.language {
            write!(head, "accept-language: {language}\r\n").unwrap();
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let mut stream = TcpStream::connect(self.place.as_deref().unwrap_or(host)).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        // A server that refuses what is too large may hang up before it has read all of it.
        drop(stream.write_all(body));
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        let answer = parse(&bytes);
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The cookies that it has.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {bytes:?}"));
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok()).unwrap();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut body = bytes[end + 4..].to_vec();
    if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
        body = unchunk(&body);
    }
    Answer { status, headers, body }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap().trim(), 16).unwrap();
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
        if size == 0 {
            break;
        }
    }
    body
}

/// A text as forms have it.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
