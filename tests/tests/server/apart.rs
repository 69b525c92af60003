//! A server within an app: who may ask it what.

use std::sync::mpsc::channel;
use std::thread;

use satchel_server::{Server, Settings, random};
use satchel_tests::http::Browser;
use satchel_tests::shell::Folder;
use tokio::sync::oneshot;

/// A server as the app starts it.
struct Apart {
    url: String,
    secret: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
    _folder: Folder,
}

impl Apart {
    fn start() -> Self {
        let folder = Folder::new();
        let secret = random::Secret::new();
        let mut settings = Settings { data: folder.at("server"), app_secret: Some(secret.clone()), ..Settings::default() };
        settings.listen.set_port(0);
        settings.mail.dir = Some(folder.at("mail"));
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = channel();
        let thread = thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let server = Server::open(settings).await.unwrap();
                tell.send(server.listening()).unwrap();
                server.run(async { drop(stopped.await) }).await;
            });
        });
        let url = told.recv().unwrap();
        Self { url, secret: secret.reveal().to_owned(), stop: Some(stop), thread: Some(thread), _folder: folder }
    }

    fn status(&self, path: &str, headers: &[(&str, &str)]) -> u16 {
        Browser::new(&self.url).send("GET", path, headers, b"").status
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_server_within_an_app_answers_the_app_and_public_pages_alone() {
    let server = Apart::start();
    for path in ["/sign-in", "/account", "/forgot", "/claims/x", "/api/v1/issuers/x/invitations", "/nothing"] {
        assert_eq!(server.status(path, &[]), 403, "{path}");
        assert_eq!(server.status(path, &[("x-satchel-secret", "0123456789abcdefghijklmnopqrstuv")]), 403, "{path}");
        assert_ne!(server.status(path, &[("x-satchel-secret", &server.secret)]), 403, "{path}");
    }
    for path in ["/", "/register", "/robots.txt"] {
        assert_eq!(server.status(path, &[]), 200, "{path}");
    }
    for path in ["/p/nobody", "/issuers/did:key:z6Mk/profile.json", "/claim/x"] {
        assert_eq!(server.status(path, &[]), 404, "{path}");
    }
    assert_eq!(server.status("/verify/x", &[]), 410);
}

#[test]
fn a_page_of_another_site_reaches_no_server_within_an_app() {
    let server = Apart::start();
    let secret = ("x-satchel-secret", server.secret.as_str());
    // The shape of DNS rebinding: a foreign name that leads here, with the right port and even the secret.
    let port = server.url.rsplit_once(':').unwrap().1.to_owned();
    for host in
        [format!("evil.example:{port}"), format!("localhost:{port}"), String::from("127.0.0.1"), String::from("127.0.0.1:1")]
    {
        assert_eq!(server.status("/", &[("host", &host)]), 421, "{host}");
        assert_eq!(server.status("/sign-in", &[("host", &host), secret]), 421, "{host}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"] {
        assert_eq!(server.status("/sign-in", &[("origin", origin), secret]), 403, "{origin}");
        assert_eq!(server.status("/", &[("origin", origin)]), 403, "{origin}");
    }
    assert_eq!(server.status("/sign-in", &[("origin", &server.url), secret]), 200);
}

#[test]
fn a_browser_that_the_app_has_sent_may_go_on() {
    let server = Apart::start();
    let mut browser = Browser::new(&server.url);
    browser.get("/enter/0123456789abcdefghijklmnopqrstuv?next=/sign-in").ok(404);
    browser.get("/sign-in").ok(403);
    for made_up in ["x", &server.secret] {
        assert_eq!(server.status("/sign-in", &[("cookie", &format!("satchel-app={made_up}"))]), 403);
    }
    let entered = browser.get(&format!("/enter/{}?next=/sign-in", server.secret)).ok(303);
    assert_eq!(entered.location(), "/sign-in");
    let cookie = entered.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(&server.secret), "{cookie}");
    browser.get("/sign-in").ok(200);
    let away = browser.get(&format!("/enter/{}?next=//evil.example", server.secret)).ok(303);
    assert_eq!(away.location(), "/account");
}
