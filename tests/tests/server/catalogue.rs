//! The catalogue: what is published is found, in any script and with slips of the finger, and nothing else is.

use std::collections::BTreeSet;

use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::scene::{Desk, register, secret};

/// Publishes a badge with these members beside the usual ones.
pub fn publish(desk: &Desk, slug: &str, name: &str, more: &Value, state: &str) {
    let mut achievement = desk.credential("x@posta.example", name)["credentialSubject"]["achievement"].clone();
    for (member, value) in more.as_object().unwrap() {
        achievement[member] = value.clone();
    }
    desk.put(&format!("achievements/{slug}.json"), &achievement.to_string()).ok(201);
    if !state.is_empty() {
        set(desk, slug, state);
    }
}

pub fn set(desk: &Desk, slug: &str, state: &str) {
    desk.send("PUT", &format!("listings/{slug}"), json!({ "state": state }).to_string().as_bytes()).ok(200);
}

fn skills(names: &[&str]) -> Value {
    let one = |name: &&str| json!({ "type": ["Alignment"], "targetName": name, "targetUrl": format!("https://skills.example/{}", name.len()), "targetFramework": "ESCO" });
    json!(names.iter().map(one).collect::<Vec<_>>())
}

/// The names of the badges that a search finds, in their order.
fn found(server: &Running, query: &str) -> Vec<String> {
    let text = server.browser().get(&format!("/badges?{query}")).ok(200).text();
    text.split("class=\"name-s\"><bdi>").skip(1).map(|rest| rest.split_once("</bdi>").unwrap().0.to_owned()).collect()
}

fn q(words: &str) -> String {
    format!("q={}", satchel_tests::http::encode(words))
}

/// What both databases must do alike.
fn finds(server: &Running) {
    let (valdora, orsa) = (Desk::admitted(server, 1), Desk::admitted(server, 2));
    publish(
        &valdora,
        "paesaggio",
        "Il paesaggio come laboratorio",
        &json!({ "achievementType": "Course", "inLanguage": "it-IT", "alignment": skills(&["Interpret aerial photographs"]) }),
        "published",
    );
    publish(
        &valdora,
        "welding",
        "Welding, first year",
        &json!({ "achievementType": "Competency", "inLanguage": "en", "tag": ["metal"] }),
        "published",
    );
    publish(&orsa, "fukei", "風景を読む", &json!({ "inLanguage": "ja", "description": "地図を描く" }), "published");
    publish(&orsa, "elearning", "Μάθηση στο ύπαιθρο", &json!({ "inLanguage": "el" }), "published");
    assert_eq!(found(server, "").len(), 4);
    for (words, name) in [
        ("paesaggio", "Il paesaggio come laboratorio"),
        ("PAESAGIO labratorio", "Il paesaggio come laboratorio"),
        ("weldign", "Welding, first year"),
        ("metal", "Welding, first year"),
        ("interpret aerial", "Il paesaggio come laboratorio"),
        ("風景", "風景を読む"),
        ("地図", "風景を読む"),
        ("μαθηση υπαιθρο", "Μάθηση στο ύπαιθρο"),
    ] {
        assert_eq!(found(server, &q(words)).first().map(String::as_str), Some(name), "{words}");
    }
    assert_eq!(found(server, &q("zzzzqx")), Vec::<String>::new());
    assert_eq!(found(server, &q("%%%' OR 1=1 --")), Vec::<String>::new());
    assert_eq!(found(server, "type=Course"), ["Il paesaggio come laboratorio"]);
    assert_eq!(found(server, "language=ja"), ["風景を読む"]);
    assert_eq!(found(server, "skill=Interpret+aerial+photographs"), ["Il paesaggio come laboratorio"]);
    assert_eq!(found(server, &format!("issuer={}", valdora.did)).len(), 2);
    assert_eq!(found(server, &format!("issuer={}&{}", orsa.did, q("paesaggio"))), Vec::<String>::new());
    // What is taken out of the catalogue, or changed, is found so at once.
    set(&valdora, "welding", "unlisted");
    assert_eq!(found(server, &q("welding")), Vec::<String>::new());
    let mut changed =
        valdora.credential("x@posta.example", "Il paesaggio come laboratorio")["credentialSubject"]["achievement"].clone();
    changed["name"] = json!("La città come laboratorio");
    valdora.put("achievements/paesaggio.json", &changed.to_string()).ok(200);
    assert_eq!(found(server, &q("citta laboratorio")), ["La città come laboratorio"]);
    assert_eq!(found(server, "type=Course"), Vec::<String>::new());
    server.admin(&["issuer", "suspend", "--key", &orsa.did]).ending(0);
    assert_eq!(found(server, ""), ["La città come laboratorio"], "an issuer whose key counts no more is not listed");
}

#[test]
fn a_search_forgives_slips_in_any_script_and_filters_narrow_it() {
    finds(&Running::start(&[]));
}

#[test]
fn the_catalogue_is_searched_alike_on_postgresql() {
    let postgres = Postgres::start();
    finds(&Running::start(&["--database-url", &postgres.url()]));
}

/// All that can be reached from the first page, without signing in: each path with its text.
fn crawl(server: &Running) -> Vec<(String, String)> {
    let mut waiting = vec![
        String::from("/"),
        String::from("/badges"),
        String::from("/sitemap.xml"),
        String::from("/robots.txt"),
        String::from("/badges.atom"),
    ];
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut read = Vec::new();
    while let Some(path) = waiting.pop() {
        let answer = server.browser().get(&path);
        assert!(matches!(answer.status, 200 | 303), "{path}: {}", answer.status);
        let text = answer.text();
        let links = ["href=\"", "src=\"", "<loc>", "content=\""].into_iter().flat_map(|mark| text.split(mark).skip(1));
        for link in links {
            let link = link.split(['"', '<']).next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            let own = link.strip_prefix(&server.url).unwrap_or(&link).split('#').next().unwrap().to_owned();
            if own.starts_with('/') && !own.contains("lang=") && seen.insert(own.clone()) {
                waiting.push(own);
            }
        }
        read.push((path, text));
    }
    read
}

#[test]
fn whoever_follows_every_public_link_finds_nothing_unpublished_unlisted_or_private() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let quiet = Desk::admitted(&server, 2);
    publish(&desk, "open", "Openly published", &json!({}), "published");
    publish(&desk, "link", "Behind-a-link", &json!({}), "unlisted");
    publish(&desk, "draft", "Still-a-draft", &json!({}), "");
    publish(&desk, "over", "Closed-for-good", &json!({}), "closed");
    publish(&quiet, "quiet", "Quietly-unlisted", &json!({}), "unlisted");
    // Three people with the published badge: one lets be found, one is public but not to be found, one is private.
    let person = |email: &str, keep: &str, indexed: bool| {
        let id = desk.give(email, "Openly published");
        let (mut browser, page) = register(&server, &secret(&server.mail(email, "Openly").link("/claim/")), email);
        browser.post(&format!("/claims/{id}"), &page, &[("keep", keep)]).ok(303);
        let settings = browser.get("/account/settings").ok(200);
        if indexed {
            browser.post("/account/page", &settings, &[("page", keep), ("indexed", "yes")]).ok(303);
        }
        let text = browser.get("/account").text();
        text.split("href=\"/p/").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    let seen = person("ada@posta.example", "public", true).unwrap();
    let quietly = person("bea@posta.example", "public", false).unwrap();
    person("eva@posta.example", "private", true);
    let all = crawl(&server);
    assert!(all.iter().any(|(path, _)| path.ends_with("/open")), "{:?}", all.iter().map(|(path, _)| path).collect::<Vec<_>>());
    assert!(all.iter().any(|(path, _)| *path == format!("/p/{seen}")), "who lets be found is found");
    for (path, text) in &all {
        for hidden in [
            "Behind-a-link",
            "Still-a-draft",
            "Closed-for-good",
            "Quietly-unlisted",
            quietly.as_str(),
            quiet.did.as_str(),
            "bea@",
            "eva@",
            "/link\"",
            "/draft\"",
        ] {
            assert!(!text.contains(hidden), "{hidden} is in {path}");
            assert!(!path.contains(hidden));
        }
    }
    // The page of an unlisted badge is there for whoever has its link, and says that nobody is to list it; a draft has none.
    let link = server.browser().get(&format!("/badges/{}/link", desk.did)).ok(200).text();
    assert!(link.contains("noindex") && link.contains("Behind-a-link"));
    server.browser().get(&format!("/badges/{}/draft", desk.did)).ok(404);
    server.browser().get(&format!("/badges/{}", quiet.did)).ok(404);
    assert!(server.browser().get(&format!("/badges/{}/over", desk.did)).ok(200).text().contains("Awarded no longer"));
}

#[test]
fn the_page_of_a_badge_says_what_machines_need_and_what_it_costs_to_look_again() {
    let folder = satchel_tests::shell::Folder::new();
    let config = folder.file("server.toml", "licence = 'https://creativecommons.org/licenses/by/4.0/'\n");
    let config = config.to_str().unwrap().to_owned();
    let server = Running::start_in(folder, &["--config", &config]);
    let desk = Desk::admitted(&server, 1);
    let hostile = "Land</script><script>alert(1)</script>&\"scape";
    publish(
        &desk,
        "land",
        hostile,
        &json!({ "alignment": skills(&["Read a map"]), "inLanguage": "it", "criteria": { "narrative": "One.\n\nTwo." } }),
        "published",
    );
    let path = format!("/badges/{}/land", desk.did);
    let page = server.browser().get(&path).ok(200);
    let text = page.text();
    assert!(!text.contains("<script>"), "{text}");
    let data = text.split_once("application/ld+json\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["@type"], "EducationalOccupationalCredential");
    assert_eq!(data["name"], hostile);
    assert_eq!(data["license"], "https://creativecommons.org/licenses/by/4.0/");
    assert!(text.contains("CC BY 4.0") && text.contains("rel=\"license noopener\""));
    assert!(text.contains(&format!("<link rel=\"canonical\" href=\"{}{path}\">", server.url)));
    assert!(text.contains(&format!("<meta property=\"og:image\" content=\"{}{path}/picture/1200\">", server.url)));
    assert!(text.contains("<p dir=\"auto\">One.</p><p dir=\"auto\">Two.</p>"), "{text}");
    let card = server.browser().get(&format!("{path}/picture/1200")).ok(200);
    assert_eq!(card.header("content-type"), Some("image/png"));
    assert_eq!(card.body[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "1200 by 630");
    assert!(page.header("set-cookie").is_none(), "whoever looks is not marked");
    assert!(text.len() < 50_000);

    let tag = page.header("etag").unwrap().to_owned();
    let again = |headers: &[(&str, &str)]| server.browser().send("GET", &path, headers, b"");
    let known = again(&[("if-none-match", &tag)]).ok(304);
    assert!(known.body.is_empty());
    again(&[("if-none-match", &tag), ("accept-language", "it")]).ok(200);
    publish(&desk, "other", "Another", &json!({}), "published");
    again(&[("if-none-match", &tag)]).ok(200);
    // What XML has no way to say, and what turns a line around, is shown as what it is: nothing.
    // No document has it any more, but one that an earlier server took.
    publish(&desk, "odd", "Odd", &json!({ "description": "ab" }), "unlisted");
    let odd = server.browser().get(&format!("/issuers/{}/achievements/odd.json", desk.did)).ok(200).text();
    let odd = odd.replacen("\"Odd\"", "\"Odd\u{fffe}\u{202e}\\u0001\"", 1).replacen("\"ab\"", "\"a\u{ffff}b\"", 1);
    assert!(odd.contains('\u{ffff}') && odd.contains('\u{202e}'));
    assert_eq!(desk.put("achievements/odd.json", &odd).status, 422);
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    let many = database.execute("UPDATE document SET bytes = ?1 WHERE path = 'achievements/odd.json'", [odd.as_bytes()]).unwrap();
    assert_eq!(many, 1);
    drop(database);
    set(&desk, "odd", "published");
    let profile = json!({ "@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": desk.url("profile.json"),
                          "name": "Valdora\u{fffe}", "url": "https://valdora.example", "email": "x@valdora.example", "publicKey": [desk.url("key.json")] });
    desk.put("profile.json", &profile.to_string()).ok(200);
    for path in ["/badges.atom", "/badges", &format!("/badges/{}/odd", desk.did)] {
        let text = server.browser().get(path).ok(200).text();
        assert!(!text.contains(['\u{fffe}', '\u{ffff}', '\u{202e}', '\u{1}']), "{path}: {text}");
    }
    let feed = server.browser().get("/badges.atom").ok(200);
    assert!(
        feed.text().contains("Land&#60;/script&#62;") && feed.header("content-type").unwrap().starts_with("application/atom+xml"),
        "{}",
        feed.text()
    );
    for path in [
        "/badges?page=9999999999",
        "/badges?page=-3",
        "/badges/did:key:none",
        "/badges/x/y",
        "/badges.atom?issuer=x",
        "/sitemap/7",
        "/sitemap/x",
    ] {
        let status = server.browser().get(path).status;
        assert!(matches!(status, 200 | 404), "{path}: {status}");
    }
}

#[test]
fn criteria_are_read_as_markdown_and_nothing_of_the_author_is_markup() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let criteria = "## All of these\n\n1. a **test**\n2. [a guide](https://guide.example/1)\n\n<img src=x onerror=alert(1)>\n\n\
                    ![a map](https://elsewhere.example/track.png) [no](javascript:alert(1))";
    let more = json!({ "description": "Welds *plates*.", "criteria": { "narrative": criteria } });
    publish(&desk, "welding", "Welding", &more, "published");
    let path = format!("/badges/{}/welding", desk.did);
    let text = server.browser().get(&path).ok(200).text();
    let written = "<h3 dir=\"auto\">All of these</h3><ol start=\"1\"><li dir=\"auto\"><p dir=\"auto\">a <strong>test</strong></p></li>\
                   <li dir=\"auto\"><p dir=\"auto\"><a href=\"https://guide.example/1\" rel=\"nofollow noopener\">a guide</a> \
                   (<bdi>guide.example</bdi>)</p></li></ol><p dir=\"auto\">&#60;img src=x onerror=alert(1)&#62;</p>\
                   <p dir=\"auto\">a map no (javascript:alert(1))</p>";
    assert!(text.contains(written), "{text}");
    assert!(text.contains("Welds <em>plates</em>."), "{text}");
    assert!(text.contains("<meta name=\"description\" content=\"Welds plates.\">"), "{text}");
    assert!(!text.contains("track.png") && !text.contains("<img src=x"), "{text}");
    // The same where an award says it.
    let mut credential = desk.credential("elena@posta.example", "Welding");
    credential["credentialSubject"]["achievement"]["description"] = json!("**Salda** <img src=x>");
    let award = json!({ "email": "elena@posta.example", "ob3": desk.signed(&credential) });
    assert_eq!(desk.upload(&[award])[0]["result"], "added");
    let link = server.mail("elena@posta.example", "Welding").link("/claim/");
    let text = server.browser().get(&link).ok(200).text();
    assert!(text.contains("<strong>Salda</strong> &#60;img src=x&#62;"), "{text}");
}

#[test]
fn what_a_desk_refuses_to_make_the_server_refuses_to_take_and_names_every_fault() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let shell = satchel_tests::desk::Desk::new();
    let target = |name: Value, url: &str| json!([{ "targetName": name, "targetUrl": url }]);
    let long = "x".repeat(10_001);
    for (member, value, field, why) in [
        ("name", json!(" "), "name", "missing"),
        ("name", json!("x".repeat(201)), "name", "too_long"),
        ("name", json!({ "en": "Welding" }), "name", "wrong_type"),
        ("name", json!("Wel\u{202e}ding"), "name", "control_characters"),
        ("description", json!(long), "description", "too_long"),
        ("description", Value::Null, "description", "missing"),
        ("criteria", Value::Null, "criteria", "missing"),
        ("criteria", json!({ "id": "javascript:alert(1)" }), "criteria.id", "not_a_url"),
        ("criteria", json!({ "narrative": long }), "criteria.narrative", "too_long"),
        ("tags", json!(vec!["craft"; 5000]), "tags", "too_long"),
        ("tags", json!(["craft", 7]), "tags.1", "wrong_type"),
        ("alignment", target(json!("weld"), "javascript:alert(1)"), "alignment.0.targetUrl", "not_a_url"),
        ("alignment", target(json!(["weld"]), "https://skills.example/1"), "alignment.0.targetName", "wrong_type"),
        ("alignment", json!("weld"), "alignment", "wrong_type"),
        ("achievementType", json!("Kompetenz"), "achievementType", "unknown_member"),
    ] {
        // A document has another word for tags than a file.
        let of_document = |text: &str| text.replace("tags", "tag");
        let mut document = desk.credential("x@posta.example", "Welding")["credentialSubject"]["achievement"].clone();
        document[of_document(member)] = value.clone();
        let refused = desk.put("achievements/welding.json", &document.to_string());
        let said = (refused.status, refused.json()["code"].clone(), refused.json()["errors"][0]["field"].clone());
        assert_eq!(said, (422, json!("invalid"), json!(of_document(field))), "{member}: {}", refused.text());
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("[{why}]")), "{message}");

        let mut file = json!({ "name": "Welding", "description": "Welds.", "criteria": { "narrative": "Weld." } });
        file[member] = value;
        let path = shell.folder.file("badge.json", file.to_string());
        let made = shell.command(&["badge", "--file"]).arg(path).run().ending(1);
        let message = made.row()["problem"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("{field}: ")), "{member}: {message}");
    }
    server.browser().get(&format!("/issuers/{}/achievements/welding.json", desk.did)).ok(404);
    // Within an award, and as a class of Open Badges 2.0, it is held to the same.
    let mut credential = desk.credential("x@posta.example", "Welding");
    credential["credentialSubject"]["achievement"]["name"] = json!("x".repeat(201));
    let refused = &desk.upload(&[json!({ "email": "x@posta.example", "ob3": desk.signed(&credential) })])[0];
    assert_eq!((&refused["result"], &refused["code"]), (&json!("refused"), &json!("invalid")));
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("credentialSubject.achievement.name [too_long]"), "{message}");
    let id = desk.url("badges/welding.json");
    let class = json!({ "@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "id": id, "name": "Welding",
        "description": long, "criteria": "javascript:alert(1)", "tags": [7], "issuer": desk.url("profile.json") });
    let refused = desk.put("badges/welding.json", &class.to_string()).ok(422).json();
    let fields: Vec<&str> = refused["errors"].as_array().unwrap().iter().filter_map(|it| it["field"].as_str()).collect();
    assert_eq!(fields, ["description", "criteria", "tags.0"]);
    // All of it at once, in one answer; and no more of it than a desk takes.
    let document =
        json!({ "id": "urn:uuid:1", "name": "", "tag": [""], "alignment": ["weld"], "image": { "id": "file:///etc/passwd" } });
    let refused = desk.put("achievements/welding.json", &document.to_string());
    let fields: Vec<String> =
        refused.json()["errors"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap().to_owned()).collect();
    assert_eq!(fields, ["name", "description", "criteria", "tag.0", "alignment.0", "image.id"]);
    let mut large = desk.credential("x@posta.example", "Welding")["credentialSubject"]["achievement"].clone();
    large["ext:notes"] = json!("x".repeat(1 << 20));
    assert_eq!(desk.put("achievements/welding.json", &large.to_string()).ok(413).json()["code"], "too_large");
}

#[test]
fn programs_find_what_everybody_finds_and_nothing_else() {
    let server = Running::start(&[]);
    let valdora = Desk::admitted(&server, 1);
    for number in 0..26 {
        let kind = json!({ "achievementType": "Course" });
        publish(&valdora, &format!("welding-{number}"), &format!("Welding {number}"), &kind, "published");
    }
    publish(&valdora, "hidden", "Welding unlisted", &json!({}), "unlisted");
    publish(&valdora, "draft", "Welding drafted", &json!({}), "");
    let ask =
        |query: &str, headers: &[(&str, &str)]| server.browser().send("GET", &format!("/api/v1/badges{query}"), headers, b"");
    let first = ask("", &[]).ok(200);
    assert_eq!((first.header("access-control-allow-origin"), first.header("cache-control")), (Some("*"), Some("no-cache")));
    let (mut all, rest) = (first.json(), ask("?page=2", &[]).ok(200).json());
    assert_eq!((&all["more"], &rest["more"]), (&json!(true), &json!(false)));
    let rest = rest["badges"].as_array().unwrap().clone();
    all["badges"].as_array_mut().unwrap().extend(rest);
    let names: BTreeSet<&str> = all["badges"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 26);
    assert!(names.iter().all(|name| !name.contains("unlisted") && !name.contains("drafted")), "{names:?}");

    // In the words of the pages, and each address leads to what it says.
    let found = ask(&format!("?q=wedling+7&type=Course&issuer={}", valdora.did), &[]).ok(200).json();
    let it = &found["badges"][0];
    assert_eq!((&it["name"], &it["issuer"]), (&json!("Welding 7"), &json!(valdora.did)));
    for (member, media) in [("page", "text/html"), ("document", "application/ld+json"), ("picture", "image/png")] {
        let path = it[member].as_str().unwrap().strip_prefix(&server.url).unwrap();
        let answer = server.browser().get(path).ok(200);
        assert!(answer.header("content-type").unwrap().starts_with(media), "{path}");
    }
    assert_eq!(ask("?type=Badge", &[]).ok(200).json(), json!({ "badges": [], "more": false }));

    // Whoever has it is told so, until something changes.
    let tag = first.header("etag").unwrap().to_owned();
    ask("", &[("if-none-match", &tag)]).ok(304);
    set(&valdora, "welding-3", "unlisted");
    ask("", &[("if-none-match", &tag)]).ok(200);
    for wrong in ["?page=0", "?page=401", "?page=two"] {
        assert_eq!(ask(wrong, &[]).ok(400).json()["code"], "bad_request", "{wrong}");
    }
}
