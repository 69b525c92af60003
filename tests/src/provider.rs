//! A real `OpenID` provider (`tests/peers/provider.mjs`) on a free port, and a person's browser there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::http::{Answer, Browser};
use crate::peers;

/// The secret of the server there.
pub const SECRET: &str = "a secret of the server at the provider";

/// A provider; it ends with its value.
pub struct Provider {
    /// Its issuer identifier.
    pub url: String,
    child: Child,
    pipe: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    people: Mutex<BTreeMap<String, Value>>,
}

impl Provider {
    /// Starts one that knows nobody.
    pub fn start() -> Self {
        peers::install(&["node_modules/oidc-provider"]);
        let mut command = Command::new(peers::node());
        command.arg("provider.mjs").current_dir(peers::folder());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let url = read(&mut output)["listening"].as_str().unwrap().to_owned();
        Self { url, child, pipe: Mutex::new((input, output)), people: Mutex::default() }
    }

    fn say(&self, said: &Value) {
        let mut pipe = self.pipe.lock().unwrap();
        writeln!(pipe.0, "{said}").unwrap();
        assert_eq!(read(&mut pipe.1)["ok"], true);
    }

    /// Its host and port.
    pub fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Registers a server, by the metadata that the server gives out.
    pub fn register(&self, metadata: &Value, user_info_only: bool) {
        let mut client = json!({ "client_id": "satchel", "client_secret": SECRET, "claims_in_user_info_only": user_info_only });
        for name in ["redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"] {
            client[name] = metadata[name].clone();
        }
        self.say(&json!({ "client": client }));
    }

    /// Says who somebody is.
    pub fn person(&self, subject: &str, claims: Value) {
        let mut people = self.people.lock().unwrap();
        people.insert(subject.to_owned(), claims);
        self.say(&json!({ "people": *people }));
    }

    /// Makes new keys; the old ones are gone.
    pub fn rotate(&self) {
        self.say(&json!({ "rotate": true }));
    }

    /// Signs in there at `url`, in `browser`; where it leads back to.
    pub fn sign_in_with(&self, browser: &mut Browser, url: &str, subject: &str) -> String {
        let mut at = url.to_owned();
        for _ in 0..8 {
            let mut answer = browser.get(&at);
            if answer.status == 200 {
                let form = answer.text();
                assert!(form.contains("name=login"), "{form}");
                answer = browser.post_raw(&at, &[("login", subject)], &[]);
            }
            answer.location().clone_into(&mut at);
            if !at.starts_with(&self.url) && !at.starts_with('/') {
                return at;
            }
        }
        panic!("no way back: {at}");
    }

    /// The same, in a browser that was never there.
    pub fn sign_in(&self, url: &str, subject: &str) -> String {
        self.sign_in_with(&mut self.browser(), url, subject)
    }

    /// A browser that was never there.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// Signs out there at `url`, in `browser`; where it leads to.
    pub fn sign_out(&self, browser: &mut Browser, url: &str) -> Answer {
        let page = browser.get(url).ok(200);
        let text = page.text();
        let field = |name: &str| {
            let rest = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {text}")).1;
            rest.split_once('"').unwrap().0.to_owned()
        };
        let action = text.split_once("action=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let path = action.strip_prefix(&self.url).unwrap_or(&action).to_owned();
        browser.post_raw(&path, &[("xsrf", &field("xsrf")), ("logout", "yes")], &[])
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(output: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
}
