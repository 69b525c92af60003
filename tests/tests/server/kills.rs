//! The server is killed again and again while desks upload and a wallet accepts: whatever it answered is there afterwards, on both databases, and no
//! mail leaves twice but for those that were on their way (security.md, P01).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use satchel_tests::http::Browser;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;
use satchel_tests::smtp::Smtp;
use serde_json::{Value, json};

use crate::oauth::device;
use crate::scene::{Desk, register, secret};

const ADA: &str = "ada@posta.example";
const KILLS: u64 = 20;

/// What was answered with a success so far.
#[derive(Default)]
struct Answered {
    /// Invitations by their ids.
    added: BTreeSet<String>,
    /// Those of them that Ada accepted.
    accepted: BTreeSet<String>,
}

/// Uploads awards until the server is gone.
fn upload(desk: &Desk, round: u64, worker: u64, answered: &Mutex<Answered>) {
    for number in 0.. {
        let awards: Vec<Value> = (0..3)
            .map(|at| {
                let email = format!("r{round}w{worker}n{number}a{at}@posta.example");
                json!({ "email": email, "ob3": desk.signed(&desk.credential(&email, "Saldatura")) })
            })
            .collect();
        let body = json!({ "awards": awards }).to_string();
        let path = format!("/api/v1/issuers/{}/awards", desk.did);
        let headers = desk.sign("POST", &path, body.as_bytes(), jiff::Timestamp::now());
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Some(answer) = Browser::new(desk.origin()).try_send("POST", &path, &headers, body.as_bytes()) else { return };
        let Some(said) = (answer.status == 200).then(|| serde_json::from_slice::<Value>(&answer.body).ok()).flatten() else {
            return;
        };
        let mut answered = answered.lock().unwrap();
        for result in said["results"].as_array().unwrap() {
            assert_eq!(result["result"], "added", "{result}");
            answered.added.insert(result["invitation"].as_str().unwrap().to_owned());
        }
    }
}

/// Has Ada invited to a badge, and accepts it by her wallet, until the server is gone.
fn accept(desk: &Desk, bearer: &str, round: u64, answered: &Mutex<Answered>) {
    for number in 0.. {
        let award = json!({ "email": ADA, "ob3": desk.signed(&desk.credential(ADA, &format!("Round {round} {number}"))) });
        let body = json!({ "awards": [award] }).to_string();
        let path = format!("/api/v1/issuers/{}/awards", desk.did);
        let headers = desk.sign("POST", &path, body.as_bytes(), jiff::Timestamp::now());
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut browser = Browser::new(desk.origin());
        let Some(answer) = browser.try_send("POST", &path, &headers, body.as_bytes()) else { return };
        let Ok(said) = serde_json::from_slice::<Value>(&answer.body) else { return };
        let Some(id) = said["results"][0]["invitation"].as_str() else { return };
        answered.lock().unwrap().added.insert(id.to_owned());
        let path = format!("/api/v1/invitations/{id}/accept");
        let key = format!("entry-{id}");
        let headers = [("authorization", bearer), ("content-type", "application/json"), ("idempotency-key", &key)];
        let Some(answer) = browser.try_send("POST", &path, &headers, br#"{"visibility":"private"}"#) else { return };
        if answer.status == 200 {
            answered.lock().unwrap().accepted.insert(id.to_owned());
        }
    }
}

/// The states of all invitations of a desk.
fn states(desk: &Desk) -> BTreeMap<String, String> {
    let mut states = BTreeMap::new();
    let mut path = String::from("invitations");
    loop {
        let page = desk.send("GET", &path, b"").ok(200).json();
        let listed = page["invitations"].as_array().unwrap();
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        states.extend(listed.iter().map(|it| (text(it, "id"), text(it, "state"))));
        if page["more"] != true {
            return states;
        }
        path = format!("invitations?before={}", text(listed.last().unwrap(), "id"));
    }
}

fn killed_again_and_again(database: &[&str]) {
    let smtp = Smtp::start();
    let folder = Folder::new();
    let text = format!("[mail]\nsmtp = \"smtp://127.0.0.1:{}?tls=none\"\nfrom = \"no-reply@badges.example\"\n", smtp.port);
    let config = folder.file("satchel.toml", text).to_str().unwrap().to_owned();
    let options: Vec<&str> = [&["--config", config.as_str()], database].concat();
    // The first start has mail in a folder, where links are read.
    let server = Running::start_in(folder, database);
    let first = Desk::admitted(&server, 1);
    let invitation = first.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let (mut browser, _) = register(&server, &secret(&link), ADA);
    let bearer = format!("Bearer {}", device(&server, &mut browser, "wallet"));
    let answered = Mutex::new(Answered::default());
    answered.lock().unwrap().added.insert(invitation);
    let mut folder = server.stop();
    for round in 0..KILLS {
        let server = Running::start_by_smtp(folder, &options);
        let desk = Desk::new(&server, 1);
        folder = thread::scope(|scope| {
            let (desk, answered, bearer) = (&desk, &answered, bearer.as_str());
            for worker in 0..2 {
                scope.spawn(move || upload(desk, round, worker, answered));
            }
            scope.spawn(move || accept(desk, bearer, round, answered));
            // Each time at another moment after it began to answer, however busy the machine is.
            let (before, began) = (answered.lock().unwrap().added.len(), Instant::now());
            while answered.lock().unwrap().added.len() == before && began.elapsed() < Duration::from_secs(20) {
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(40 + round * 37 % 300));
            server.kill()
        });
    }
    let server = Running::start_by_smtp(folder, &options);
    let desk = Desk::new(&server, 1);
    let answered = answered.into_inner().unwrap();
    assert!(answered.added.len() > 20 && answered.accepted.len() > 3, "{} {}", answered.added.len(), answered.accepted.len());
    let states = states(&desk);
    for id in &answered.added {
        assert!(states.contains_key(id), "{id} was said to be added and is gone");
    }
    for id in &answered.accepted {
        assert_eq!(states[id], "accepted", "{id} was said to be accepted");
    }
    let awards =
        Browser::new(&server.url).send("GET", "/api/v1/awards?limit=500", &[("authorization", &bearer)], b"").ok(200).json();
    assert!(awards["awards"].as_array().unwrap().len() >= answered.accepted.len());
    // Each mail leaves; one that was on its way when the server was killed may come twice, and is then the same mail.
    let is_late = |states: &BTreeMap<String, String>| states.values().filter(|state| *state == "queued").count();
    let began = Instant::now();
    let most = if database.is_empty() { 0 } else { 3 * usize::try_from(KILLS).unwrap() };
    while is_late(&self::states(&desk)) > most {
        assert!(began.elapsed() < Duration::from_mins(1), "{} mails did not leave", is_late(&self::states(&desk)));
        thread::sleep(Duration::from_millis(200));
    }
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in smtp.taken() {
        let header = |name: &str| mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
        ids.entry(header("Message-ID:")).or_default().push(header("To:"));
    }
    let twice = ids.values().filter(|to| to.len() > 1).count();
    assert!(ids.values().all(|to| to.iter().all(|other| *other == to[0])), "one mail has one addressee");
    assert!(twice <= 3 * usize::try_from(KILLS).unwrap(), "{twice} of {} mails came twice", ids.len());
    let others: Vec<_> = ids.values().map(|to| to[0].clone()).filter(|to| !to.contains("ada@")).collect();
    let different: BTreeSet<_> = others.iter().collect();
    assert_eq!(others.len(), different.len(), "nobody gets two mails about one badge");
}

#[test]
fn whatever_was_answered_is_there_after_twenty_kills_on_sqlite() {
    killed_again_and_again(&[]);
}

#[test]
fn whatever_was_answered_is_there_after_twenty_kills_on_postgresql() {
    let database = Postgres::start();
    let url = database.url();
    killed_again_and_again(&["--database-url", &url]);
}
