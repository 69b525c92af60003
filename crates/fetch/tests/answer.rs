//! The loop that answers what a verification needs.

#![allow(clippy::unwrap_used)]

mod help;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use help::{Server, allowing, client, names, ok, redirect, say, status};
use jiff::Timestamp;
use satchel_badge::evidence::{Document, Evidence, Need};
use satchel_fetch::{Answered, Client, FetchError, NetworkPolicy, answer};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn run(client: &Client, evidence: &mut Evidence, ask: impl FnMut(&Evidence) -> Vec<Need>) -> Answered {
    answer(client, evidence, || NOW, ask)
}

fn url(server: &Server, path: &str) -> Need {
    Need::Url(server.url(path))
}

fn codes(answered: &Answered) -> Vec<&'static str> {
    answered.failed.iter().map(|(_, error)| error.code()).collect()
}

#[test]
fn it_asks_again_until_nothing_new_is_named() {
    let server = Server::saying(ok("{}"));
    let (first, second) = (url(&server, "/first"), url(&server, "/second"));
    let mut evidence = Evidence::default();
    let asked = Cell::new(0);
    let answered = run(&client(allowing(&[&server])), &mut evidence, |evidence| {
        asked.set(asked.get() + 1);
        if evidence.has(first.key()) { vec![first.clone(), second.clone()] } else { vec![first.clone()] }
    });
    assert_eq!((answered.fetched, asked.get(), server.connections()), (2, 3, 2));
    assert!(answered.failed.is_empty());
    assert!(evidence.has(first.key()) && evidence.has(second.key()));
    assert_eq!(answered.asked_hosts, BTreeSet::from([server.address.to_string()]));
}

#[test]
fn a_shared_document_is_fetched_once() {
    let server = Server::saying(ok("{}"));
    let list = url(&server, "/list");
    let needs = vec![list.clone(), list.clone(), url(&server, "/list#94567")];
    let mut evidence = Evidence::default();
    let answered = run(&client(allowing(&[&server])), &mut evidence, |_| needs.clone());
    assert_eq!(server.asked_for("/list"), 1);
    assert_eq!(answered.fetched, 2);
    assert!(needs.iter().all(|need| evidence.has(need.key())));
}

#[test]
fn what_is_at_hand_is_not_asked_for() {
    let server = Server::saying(ok("{}"));
    let need = url(&server, "/");
    let mut evidence = Evidence::default();
    evidence.add(need.key(), Document::given(*b"{}"));
    let answered = run(&client(allowing(&[&server])), &mut evidence, |_| vec![need.clone()]);
    assert_eq!((answered.fetched, server.connections()), (0, 0));
}

#[test]
fn what_failed_is_told_and_never_asked_for_twice() {
    let server = Server::start(|path, stream| match path {
        "/broken" => say(stream, &status("500 Internal Server Error")),
        _ => say(stream, &ok("{}")),
    });
    let broken = url(&server, "/broken");
    let mut evidence = Evidence::default();
    let answered = run(&client(allowing(&[&server])), &mut evidence, |evidence| {
        let good = url(&server, "/a");
        let next = if evidence.has(good.key()) { url(&server, "/b") } else { good };
        vec![broken.clone(), next]
    });
    assert_eq!(server.asked_for("/broken"), 1);
    assert_eq!(answered.fetched, 2);
    assert_eq!(answered.failed, [(broken.clone(), FetchError::Status { host: server.address.to_string(), status: 500 })]);
    assert!(!evidence.has(broken.key()));
}

#[test]
fn what_is_gone_becomes_evidence() {
    let server = Server::saying(status("410 Gone"));
    let need = url(&server, "/");
    let mut evidence = Evidence::default();
    let answered = run(&client(allowing(&[&server])), &mut evidence, |_| vec![need.clone()]);
    assert_eq!((answered.fetched, answered.failed.len()), (1, 0));
    assert!(evidence.has(need.key()));
}

#[test]
fn a_chain_without_an_end_is_cut_after_eight_rounds() {
    let server = Server::saying(ok("{}"));
    let count = Cell::new(0);
    let answered = run(&client(allowing(&[&server])), &mut Evidence::default(), |_| {
        count.set(count.get() + 1);
        vec![url(&server, &format!("/{}", count.get()))]
    });
    assert_eq!((answered.fetched, server.connections()), (8, 8));
    assert_eq!(answered.failed, [(url(&server, "/9"), FetchError::Exhausted { asked: 8 })]);
}

#[test]
fn a_crowd_of_documents_is_cut_at_the_limit() {
    let server = Server::saying(ok("{}"));
    let client = client(NetworkPolicy { max_documents: 10, ..allowing(&[&server]) });
    let needs: Vec<Need> = (0..30).map(|number| url(&server, &format!("/{number}"))).collect();
    let answered = run(&client, &mut Evidence::default(), |_| needs.clone());
    assert_eq!((answered.fetched, server.connections(), codes(&answered)), (10, 10, vec!["exhausted"; 20]));
}

#[test]
fn large_documents_are_cut_at_a_limit_for_all() {
    let server = Server::saying(ok(&" ".repeat(1000)));
    let client = client(NetworkPolicy { max_total_bytes: 5000, ..allowing(&[&server]) });
    let needs: Vec<Need> = (0..60).map(|number| url(&server, &format!("/{number}"))).collect();
    let answered = run(&client, &mut Evidence::default(), |_| needs.clone());
    assert!((5..=5 + 8).contains(&answered.fetched), "{}", answered.fetched);
    assert_eq!(answered.fetched + answered.failed.len(), 60);
}

#[derive(Default)]
struct Crowd {
    here: usize,
    most: usize,
    let_go: bool,
}

#[test]
fn eight_are_asked_at_once_and_not_more() {
    let crowd = Arc::new((Mutex::new(Crowd::default()), Condvar::new()));
    let shared = Arc::clone(&crowd);
    let server = Server::start(move |_, stream| {
        let (crowd, came) = &*shared;
        let mut crowd = crowd.lock().unwrap();
        crowd.here += 1;
        crowd.most = crowd.most.max(crowd.here);
        came.notify_all();
        // Nobody is answered until eight are here together, and a ninth has had its chance.
        for (number, patience) in [(8, 10_000), (9, 200)] {
            let few = |crowd: &mut Crowd| crowd.most < number && !crowd.let_go;
            crowd = came.wait_timeout_while(crowd, Duration::from_millis(patience), few).unwrap().0;
        }
        crowd.let_go = true;
        crowd.here -= 1;
        drop(crowd);
        say(stream, &ok("{}"));
    });
    let needs: Vec<Need> = (0..24).map(|number| url(&server, &format!("/{number}"))).collect();
    let answered = run(&client(allowing(&[&server])), &mut Evidence::default(), |_| needs.clone());
    assert_eq!((answered.fetched, crowd.0.lock().unwrap().most), (24, 8));
}

#[test]
fn a_did_is_answered_by_its_document() {
    let client = Client::with_names(NetworkPolicy::default(), names(&["127.0.0.1"])).unwrap();
    let needs = [Need::Did("did:web:school.example".to_owned()), Need::Did("did:unheard:of".to_owned())];
    let answered = run(&client, &mut Evidence::default(), |_| needs.to_vec());
    assert_eq!(codes(&answered), ["address_refused", "bad_url"]);
    assert!(answered.asked_hosts.is_empty(), "a refused host was not asked");
}

#[test]
fn hosts_of_redirects_are_told_and_refused_ones_are_not() {
    let last = Server::saying(ok("{}"));
    let (to, inside) = (last.url("/"), Server::saying(ok("{}")));
    let to_inside = inside.url("/");
    let server = Server::start(move |path, stream| say(stream, &redirect(if path == "/in" { &to_inside } else { &to })));
    let needs = [url(&server, "/out"), url(&server, "/in")];
    let answered = run(&client(allowing(&[&server, &last])), &mut Evidence::default(), |_| needs.to_vec());
    assert_eq!(answered.asked_hosts, BTreeSet::from([server.address.to_string(), last.address.to_string()]));
    assert_eq!((codes(&answered), inside.connections()), (vec!["address_refused"], 0));
}

#[test]
fn offline_everything_fails_and_nobody_is_asked() {
    let server = Server::saying(ok("{}"));
    let client = client(NetworkPolicy { offline: true, ..allowing(&[&server]) });
    let answered = run(&client, &mut Evidence::default(), |_| vec![url(&server, "/")]);
    assert_eq!((codes(&answered), server.connections()), (vec!["offline"], 0));
    assert!(answered.asked_hosts.is_empty());
}
