//! A server with institutions, and people who sign in through them.

use satchel_tests::http::{Answer, Browser, encode};
use satchel_tests::provider::{Provider, SECRET};
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, Run};
use serde_json::{Value, json};

/// The support address of every institution here.
pub const HELPDESK: &str = "helpdesk@uni.example";

/// A server that may ask these hosts.
pub fn server_for(hosts: &[&str]) -> Running {
    server_with(hosts, &[])
}

/// The same, started with more options.
pub fn server_with(hosts: &[&str], options: &[&str]) -> Running {
    server_saying(hosts, "", options)
}

/// The same, with more settings.
pub fn server_saying(hosts: &[&str], settings: &str, options: &[&str]) -> Running {
    let folder = Folder::new();
    let settings = format!("support = \"badges@valdora.example\"\n{settings}[network]\nallow = {}\n", json!(hosts));
    let config = folder.file("satchel.toml", &settings).to_str().unwrap().to_owned();
    folder.file("secret", SECRET);
    Running::start_in(folder, &[options, &["--config", &config]].concat())
}

/// A command of the operator, with the settings of the server.
pub fn federation(server: &Running, words: &[&str]) -> Run {
    let config = server.folder.at("satchel.toml").to_str().unwrap().to_owned();
    server.admin(&[&["federation"], words, &["--config", &config]].concat())
}

/// Adds an institution that is the authority for `uni.example`.
pub fn add(server: &Running, id: &str, issuer: &str, more: &[&str]) {
    let secret = server.folder.at("secret").to_str().unwrap().to_owned();
    let name = format!("Università {id}");
    let words = ["add", id, "--name", &name, "--issuer", issuer, "--client-id", "satchel", "--secret-file", &secret];
    federation(server, &[&words[..], &["--domain", "uni.example", "--support", HELPDESK], more].concat()).ending(0);
}

/// A server with one institution, which knows it.
pub fn with_institution(more: &[&str]) -> (Running, Provider) {
    let provider = Provider::start();
    let server = server_for(&[provider.host()]);
    join(&server, &provider, "uni", more);
    (server, provider)
}

/// Makes a server and an institution known to each other.
pub fn join(server: &Running, provider: &Provider, id: &str, more: &[&str]) {
    let metadata = server.browser().get(&format!("/sign-in/metadata?provider={id}")).ok(200).json();
    provider.register(&metadata, false);
    add(server, id, &provider.url, more);
}

/// Somebody of the university.
pub fn person(given: &str, family: &str, email: &str) -> Value {
    json!({ "given_name": given, "family_name": family, "name": format!("{given} {family}"), "email": email, "email_verified": true })
}

/// The address to which a page leads by itself.
pub fn leads_to(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split_once("http-equiv=\"refresh\" content=\"0;url=").unwrap_or_else(|| panic!("it leads nowhere: {text}")).1;
    plain(rest.split_once('"').unwrap().0)
}

/// A text without the escapes of HTML.
pub fn plain(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&").replace("&#37;", "%").replace("&#43;", "+")
}

/// Leaves for an institution, from the page to sign in; the address there.
pub fn leave(browser: &mut Browser, id: &str, next: &str) -> String {
    let form = browser.get(&format!("/sign-in?next={}", encode(next))).ok(200);
    let page = browser.post("/sign-in/with", &form, &[("provider", id), ("next", next)]).ok(200);
    leads_to(&page)
}

/// Signs in through an institution in a browser; the answer to coming back.
pub fn come(browser: &mut Browser, provider: &Provider, id: &str, subject: &str) -> Answer {
    let url = leave(browser, id, "/account");
    let back = provider.sign_in(&url, subject);
    browser.get(&back)
}

/// Gives the birth date that is asked for.
pub fn born(browser: &mut Browser, date: (&str, &str, &str)) -> Answer {
    let form = browser.get("/sign-in/finish").ok(200);
    let fields = [("birth-day", date.0), ("birth-month", date.1), ("birth-year", date.2)];
    browser.post("/sign-in/finish", &form, &fields)
}

/// Leaves for an institution from the pages of the account, to add a login; the answer to coming back.
pub fn go_for_a_login(browser: &mut Browser, provider: &Provider, id: &str, subject: &str) -> Answer {
    let page = browser.get("/account/logins").ok(200);
    let url = leads_to(&browser.post("/sign-in/with", &page, &[("provider", id), ("link", "yes")]).ok(200));
    let back = provider.sign_in(&url, subject);
    browser.get(&back)
}

/// Leaves for an institution to sign in there anew, as proof; the address there.
pub fn leave_anew(browser: &mut Browser, id: &str, next: &str) -> String {
    let page = browser.get(&format!("/account/proof?next={}", encode(next))).ok(200);
    leads_to(&browser.post("/account/proof", &page, &[("provider", id), ("next", next)]).ok(200))
}

/// Signs in at an institution anew, as proof; the answer to coming back.
pub fn come_anew(browser: &mut Browser, provider: &Provider, id: &str, subject: &str) -> Answer {
    let url = leave_anew(browser, id, "/account/logins");
    let back = provider.sign_in(&url, subject);
    browser.get(&back)
}

/// Adds the login of an institution to the account of whoever is signed in; the answer.
pub fn add_login(browser: &mut Browser, provider: &Provider, id: &str, subject: &str) -> Answer {
    let answer = go_for_a_login(browser, provider, id, subject).ok(303);
    assert_eq!(answer.location(), "/sign-in/join");
    let question = browser.get("/sign-in/join").ok(200);
    say_yes(browser, &question)
}

/// Has the login join that a page asks about; the answer.
pub fn say_yes(browser: &mut Browser, question: &Answer) -> Answer {
    browser.post("/sign-in/join", question, &[("arrival", &question.hidden("arrival"))])
}

/// A birth date that is old enough; that of `scene::registration`.
pub const BORN: (&str, &str, &str) = ("31", "3", "1999");

/// Somebody signs in through an institution for the first time, in a browser of their own.
pub fn newcomer(server: &Running, provider: &Provider, subject: &str) -> Browser {
    let mut browser = server.browser();
    let answer = come(&mut browser, provider, "uni", subject).ok(303);
    assert_eq!(answer.location(), "/sign-in/finish");
    let answer = born(&mut browser, BORN).ok(303);
    browser.get(answer.location()).ok(200);
    browser
}

/// Whether a browser is signed in.
pub fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").status == 200
}

/// That a page says that somebody is not signed in, what happened, and whom to write to; and that nobody is.
#[track_caller]
pub fn fails(browser: &mut Browser, page: &Answer, status: u16, words: &str) {
    let text = page.clone().ok(status).text();
    assert!(text.contains(words), "{words}: {text}");
    assert!(text.contains("write to badges@valdora.example and quote ") && text.contains(HELPDESK), "{text}");
    assert!(!is_in(browser), "somebody is signed in: {text}");
}

/// How many rows a table of the server has.
pub fn rows(server: &Running, table: &str) -> i64 {
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Changes the server's database beside it, as time would.
pub fn change(server: &Running, sql: &str) {
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    assert!(database.execute(sql, []).unwrap() > 0, "{sql}");
}
