//! Every route is asked by whoever it is not for (security.md, S10): nobody, another person, another person's program, a program that was allowed
//! something else, another issuer's desk, another system. The routes are read from the program's own list, so that none is forgotten.

use jiff::Timestamp;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::oauth::device;
use crate::scene::{Desk, PASSWORD, member, register, secret, send};

const ADA: &str = "ada@posta.example";
const BOB: &str = "bob@posta.example";
const EVA: &str = "eva@posta.example";
const ZOE: &str = "zoe@posta.example";
const BADGE: &str = "Cartografia segreta";

/// A route: its methods and its path with `{names}`.
struct Route {
    methods: Vec<&'static str>,
    path: String,
}

/// All routes, as `routes.rs` has them.
fn routes() -> Vec<Route> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/server/src/routes.rs");
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.split("pub fn operator(").next().unwrap();
    let mut routes = Vec::new();
    for piece in text.split(".route(").skip(1) {
        let methods = [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("patch(", "PATCH"), ("delete(", "DELETE")];
        let methods = methods.iter().filter(|(word, _)| piece.contains(word)).map(|(_, method)| *method).collect::<Vec<_>>();
        assert!(!methods.is_empty(), "no method is read from {piece}");
        // A path that is computed names nothing of anybody: the style sheet, and the door of an app.
        if let Some(path) = piece.trim_start().strip_prefix('"') {
            routes.push(Route { methods, path: path.split('"').next().unwrap().to_owned() });
        }
    }
    routes
}

/// What is Ada's and the first desk's, by what stands for it in a path.
struct Subjects {
    did: String,
    ids: Vec<String>,
    slug: String,
    /// The identifier of a credential.
    credential: String,
}

impl Subjects {
    /// The paths that a route has with all of them.
    fn paths(&self, route: &str) -> Vec<String> {
        let mut paths = vec![route.to_owned()];
        for (name, values) in [
            ("{did}", vec![self.did.clone()]),
            ("{issuer}", vec![self.did.clone()]),
            ("{number}", vec![String::from("0"), String::from("1")]),
            ("{email}", vec![String::from(EVA)]),
            ("{slug}", vec![self.slug.clone(), String::from("paesaggio")]),
            ("{id}", self.ids.clone()),
            ("{which}", self.ids.clone()),
            ("{credential}", vec![self.credential.clone()]),
            ("{pixels}", vec![String::from("128")]),
            ("{file}", vec![String::from("badge.png"), String::from("badge.json")]),
            ("{action}", ["withdraw", "end", "rotate", "decline"].map(String::from).to_vec()),
            ("{*path}", vec![String::from("status/1"), String::from("profile.json")]),
        ] {
            if paths[0].contains(name) {
                paths = paths.iter().flat_map(|path| values.iter().map(move |value| path.replace(name, value))).collect();
            }
        }
        // Secrets of links and whatever else comes are guessed.
        for path in &mut paths {
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                path.replace_range(from..=to, &"A".repeat(32));
            }
        }
        paths
    }
}

/// How somebody asks.
type Ask<'a> = Box<dyn FnMut(&str, &str) -> Answer + 'a>;

#[test]
fn no_route_shows_or_changes_for_anybody_else_what_is_somebodys() {
    let server = Running::start(&[]);
    // Ada has a badge, one that waits, a program, a second session; her page is private.
    let first = Desk::admitted(&server, 1);
    let invitation = first.give(ADA, BADGE);
    let link = server.mail(ADA, BADGE).link("/claim/");
    let (mut ada, page) = register(&server, &secret(&link), ADA);
    let badge = ada.post(&format!("/claims/{invitation}"), &page, &[("keep", "private")]).ok(303).location().to_owned();
    let waits = first.give(ADA, "Potatura");
    let elsewhere = first.give(EVA, BADGE);
    // All mails have left, so that no state changes by itself.
    while [&waits, &elsewhere].iter().any(|id| first.state(id) != "sent") {
        server.mail(EVA, BADGE);
    }
    let of_ada = format!("Bearer {}", device(&server, &mut ada, "wallet"));
    let weak = format!("Bearer {}", device(&server, &mut ada, "proposals"));
    let achievement = json!({ "id": "urn:uuid:1", "type": "Achievement", "name": BADGE, "description": "Reads maps.",
        "criteria": { "narrative": "Read one." } });
    first.put("achievements/paesaggio.json", &achievement.to_string()).ok(201);
    let listing = json!({ "state": "unlisted" }).to_string();
    first.send("PUT", "listings/paesaggio", listing.as_bytes()).ok(200);
    // A system of the first desk has proposed something.
    let system = |desk: &Desk| {
        let made = desk.send("POST", "systems", json!({ "name": "Moodle" }).to_string().as_bytes()).ok(200).json();
        (made["id"].as_str().unwrap().to_owned(), format!("Bearer {}", made["token"].as_str().unwrap()))
    };
    let ((system_id, token), proposals) = (system(&first), format!("/api/v1/issuers/{}/proposals", first.did));
    let wish = json!({ "badge": "paesaggio", "email": ZOE }).to_string();
    let headers = [("authorization".to_owned(), token), ("idempotency-key".to_owned(), "1".to_owned())];
    let proposal =
        send(&server.url, "POST", &proposals, &headers, wish.as_bytes()).ok(201).json()["id"].as_str().unwrap().to_owned();

    let read = |path: &str| send(&server.url, "GET", path, &[("authorization".to_owned(), of_ada.clone())], b"").ok(200).json();
    let devices = read("/api/v1/devices");
    let settings = ada.get("/account/settings").ok(200).text();
    let mut ids = vec![invitation, waits, elsewhere, proposal, system_id, badge.rsplit('/').next().unwrap().to_owned()];
    ids.extend(settings.split("/account/sessions/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    ids.extend(devices["devices"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()));
    let form = ada.get("/account/settings").ok(200);
    ada.post(&format!("{badge}/link"), &form, &[("days", "30")]).ok(303);
    ada.post("/account/collections/new", &form, &[("name", "Mine")]).ok(303);
    for page in ["/account/sharing", "/account/collections"] {
        let text = ada.get(page).ok(200).text();
        let found = text.split(&format!("{page}/")).filter_map(|rest| rest.get(..36)).find(|id| id.as_bytes()[8] == b'-');
        ids.push(found.unwrap_or_else(|| panic!("nothing on {page}: {text}")).to_owned());
    }
    ids.retain(|id| id.len() == 36);
    let all = ada.get("/account/export").ok(200).json();
    let slug = all["account"]["slug"].as_str().or(all["account"]["page"].as_str()).unwrap_or("nothing").to_owned();
    let invited = first.send("GET", "invitations", b"").ok(200).json();
    let credential = invited["invitations"][0]["credential"].as_str().unwrap().to_owned();
    first.send("GET", &format!("awards/{credential}"), b"").ok(200);
    let subjects = Subjects { did: first.did.clone(), ids, slug, credential };

    // What is to stay as it is.
    let state = |ada: &mut Browser| -> Value {
        let mut all = ada.get("/account/export").ok(200).json();
        all["written"] = Value::Null;
        for part in ["sessions", "devices"] {
            if let Some(list) = all.get(part).and_then(Value::as_array) {
                all[part] = json!(list.len());
            }
        }
        let of_desk = ["invitations", "listings", "systems", "inbox"].map(|path| first.send("GET", path, b"").ok(200).json());
        json!({ "ada": all, "desk": of_desk })
    };
    let before = state(&mut ada);
    assert!(before.to_string().contains(ZOE) && before.to_string().contains(ADA));

    let mut bob = member(&server, BOB);
    let form = bob.get("/account/settings").ok(200).hidden("form");
    let of_bob = format!("Bearer {}", device(&server, &mut bob, "wallet"));
    let second = Desk::admitted(&server, 2);
    let (_, other_token) = system(&second);
    let fields =
        [("form", form.as_str()), ("keep", "public"), ("show", "no"), ("page", "public"), ("answer", "allow"), ("name", "x")];
    let anyone = |authorization: &str, method: &str, path: &str| {
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", "2"), ("authorization", authorization)];
        headers.retain(|(_, value)| !value.is_empty());
        Browser::new(&server.url).send(
            method,
            path,
            &headers,
            if method == "GET" { b"" } else { br#"{"hidden":true,"state":"closed"}"# },
        )
    };
    let origin = server.url.clone();
    let mut asking: Vec<(&str, Ask<'_>)> = vec![
        ("nobody", Box::new(|method, path| anyone("", method, path))),
        ("another person's program", Box::new(|method, path| anyone(&of_bob, method, path))),
        ("a program that was allowed something else", Box::new(|method, path| anyone(&weak, method, path))),
        ("another system", Box::new(|method, path| anyone(&other_token, method, path))),
        (
            "another issuer's desk",
            Box::new(|method, path| {
                let body: &[u8] = if method == "GET" { b"" } else { br#"{"state":"closed"}"# };
                let headers = second.sign(method, path, body, Timestamp::now());
                send(&origin, method, path, &headers, body)
            }),
        ),
        (
            "another person",
            Box::new(|method, path| match method {
                "GET" => bob.get(path),
                "POST" => bob.post_raw(path, &fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]),
                _ => bob.send(method, path, &[], b""),
            }),
        ),
    ];
    let routes = routes();
    assert!(routes.len() > 60, "{}", routes.len());
    let mut asked = 0;
    for route in &routes {
        // Whoever signs out does so for themselves, and would ask no more; a stream ends when its asker goes.
        if matches!(route.path.as_str(), "/sign-out" | "/api/v1/events") {
            continue;
        }
        for path in subjects.paths(&route.path) {
            for method in &route.methods {
                for (who, ask) in &mut asking {
                    let answer = ask(method, &path);
                    asked += 1;
                    let text = answer.text();
                    for needle in [ADA, EVA, ZOE] {
                        assert!(!text.contains(needle), "{method} {path} shows {needle} to {who}: {text}");
                    }
                    // What an issuer publishes names its badges to whoever has the address.
                    let is_published = route.path.starts_with("/issuers/") || route.path.starts_with("/badges/{did}");
                    assert!(is_published || !text.contains(BADGE), "{method} {path} shows a badge to {who}: {text}");
                    assert!(answer.status < 500, "{method} {path} by {who}: {} {text}", answer.status);
                    let is_of_desk = route.path.starts_with("/api/v1/issuers/");
                    assert!(!is_of_desk || matches!(answer.status, 400..=499), "{method} {path} by {who}: {}", answer.status);
                }
            }
        }
    }
    drop(asking);
    assert!(asked > 1500, "{asked}");
    let after = state(&mut ada);
    for part in ["account", "addresses", "badges", "invitations", "sessions", "devices", "links", "collections"] {
        assert_eq!(after["ada"][part], before["ada"][part], "{part}");
    }
    assert_eq!(after["desk"], before["desk"]);
    let (_, answer) = crate::scene::sign_in(&server, ADA, PASSWORD);
    answer.ok(303);
}
