//! The pages in real browsers: the whole way from an invitation to a picture, with and without JavaScript, narrow and wide, in both languages
//! and both themes. What is looked at on each page is in `ui/tests/walk.mjs`.

use std::process::Command;

use satchel_tests::picture;
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;

use serde_json::{Value, json};

use crate::catalogue::publish;
use crate::institution::{self, federation, newcomer, person};
use crate::scene::{Desk, NO_FACTOR, member, register, secret, server_with};

/// Goes the whole way, in Chromium if nothing else is said.
fn walk(email: &str, options: &[&str]) {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(email, "Il paesaggio come laboratorio");
    let link = server.mail(email, "Il paesaggio").link("/claim/");
    let mails = server.folder.at("mail");
    node(&[&["tests/pages.mjs", "--link", &link, "--email", email, "--mails", mails.to_str().unwrap()], options].concat());
}

/// Runs a script of `ui/tests`, which finds no fault.
pub fn node(words: &[&str]) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("ui");
    let mut command = Command::new("node");
    command.current_dir(root).args(words);
    if let Some(folder) = std::env::var_os("SATCHEL_PICTURES") {
        command.arg("--out").arg(folder);
    }
    let done = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
}

/// Goes through the second step of signing in.
fn steps(options: &[&str]) {
    const NAME: &str = "http://badges.localhost";
    let email = "elena@posta.example";
    let server = Running::start(&["--public-url", NAME]);
    member(&server, email);
    let place = server.url.strip_prefix("http://").unwrap();
    node(&[&["tests/passkeys.mjs", "--name", NAME, "--place", place, "--email", email], options].concat());
    if !options.contains(&"no") {
        server.mail(email, "passkey was refused");
    }
}

#[test]
fn a_passkey_is_made_and_used_in_a_browser_and_its_copy_is_refused() {
    steps(&["--lang", "en", "--theme", "light", "--width", "1280"]);
}

#[test]
fn a_passkey_is_made_and_used_on_a_phone_in_the_dark() {
    steps(&["--lang", "it", "--theme", "dark", "--width", "360"]);
}

#[test]
fn without_javascript_the_page_says_so_and_offers_codes() {
    steps(&["--lang", "it", "--theme", "light", "--width", "360", "--scripts", "no"]);
}

#[test]
fn the_whole_way_is_gone_in_a_wide_browser() {
    walk("elena@posta.example", &["--lang", "en", "--theme", "light", "--width", "1280"]);
}

#[test]
fn the_whole_way_is_gone_on_a_phone_in_the_dark() {
    walk("elena@posta.example", &["--lang", "it", "--theme", "dark", "--width", "360"]);
}

#[test]
fn the_whole_way_is_gone_in_firefox() {
    walk("elena@posta.example", &["--lang", "en", "--theme", "dark", "--width", "900", "--browser", "firefox"]);
}

#[test]
fn the_whole_way_is_gone_without_javascript() {
    walk("elena@posta.example", &["--lang", "it", "--theme", "light", "--width", "1280", "--scripts", "no"]);
}

/// A picture that is unlike its neighbours.
fn drawing(number: usize) -> String {
    const INKS: [&str; 4] = ["%232f5d62", "%239a6a1f", "%238c3f4d", "%234a4e8c"];
    let ink = INKS[number % 4];
    let shape = match number % 3 {
        0 => "<path d='M50 4 92 27v46L50 96 8 73V27z'/>",
        1 => "<circle cx='50' cy='50' r='46'/>",
        _ => "<path d='M50 2 98 50 50 98 2 50z'/>",
    };
    let inner = 18 + number * 3;
    format!(
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100'><g fill='{ink}'>{shape}</g><circle cx='50' cy='50' r='{inner}' fill='%23f4f1ea'/><path d='M36 58l14-26 14 26z' fill='{ink}'/></svg>"
    )
}

/// Terms as long as some are, with a word that is longer than a line.
const LONG: &str = "# Who we are\n\nThe university runs this service for its learners, and for whoever teaches them.\nYou find us in Via Roma 1.\n\n# What you may do\n\nKeep your badges, show them, and take them along. Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and https://valdora.example/terms/of/use/with/a/path/that/never/ends/and/goes/on are words too.\n\n# What you may not do\n\nPretend to be somebody else.";

/// Looks at the public pages, at those of an owner who shares, and at those of the staff.
fn look_around(options: &[&str]) {
    const BADGES: [(&str, &str, &str); 9] = [
        ("land", "Il paesaggio come laboratorio", "Course"),
        ("welding", "Welding, first year", "Competency"),
        ("bees", "Beekeeping: a Year at the Hive", "Course"),
        ("radio", "Community Radio Presenter", "CommunityService"),
        ("integrity", "Research Integrity", "Certificate"),
        ("teaching", "Teaching Assistant, Autumn 2025, with a Name that is Longer than Most and Goes on", "Award"),
        ("kernel", "Kernelprogrammierung", "MicroCredential"),
        ("fukei", "風景を読む", "Course"),
        ("girih", "خط الكوفي", "Fieldwork"),
    ];
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    for (number, (slug, name, kind)) in BADGES.iter().enumerate() {
        let skill = |name: &str| json!({ "type": ["Alignment"], "targetName": name, "targetUrl": "https://skills.example/1", "targetFramework": "European skills framework" });
        let more: Value = json!({ "achievementType": kind, "inLanguage": "it", "tag": ["field work", "maps"],
            "description": "A term of field work: read a landscape on foot, map how it has changed, and bring one proposal to the people who live there.",
            "criteria": { "narrative": "## All of these\n\n1. Walk at least four of the **five** transects and keep a field notebook.\n2. Draw a map of change from two aerial surveys, with sources.\n\nMore in [the guide](https://guide.example/fieldwork).\n\n> Bring boots." },
            "image": { "id": drawing(number), "type": "Image", "caption": "A hexagon with hills" },
            "alignment": [skill("Interpret aerial photographs"), skill("Present arguments to a lay audience")] });
        publish(&desk, slug, name, &more, "published");
    }
    let form = json!({ "access": "open", "intro": "For people who took the course.", "files": 2,
                       "fields": [{ "label": "Matriculation number", "required": true }, { "label": "Which course", "kind": "choice", "choices": ["A", "B"] },
                                  { "label": "What you did", "kind": "long" }, { "label": "I was there in person", "kind": "check", "required": true }] });
    desk.send("PUT", "forms/land", form.to_string().as_bytes()).ok(200);
    let owner = "elena@posta.example";
    let id = desk.give(owner, BADGES[0].1);
    let long = "maximiliana.von-der-hohenlinden-oberschwaben@studierende.universitaet-valdora.example";
    let mut award = desk.award(long, BADGES[5].1);
    award["name"] = json!("Maximiliana Wilhelmine von der Hohenlinden-Oberschwaben");
    desk.upload(&[award, desk.award("bob@posta.example", BADGES[1].1)]);
    let (mut browser, page) = register(&server, &secret(&server.mail(owner, "paesaggio").link("/claim/")), owner);
    let own = browser.post(&format!("/claims/{id}"), &page, &[("keep", "public")]).ok(303).location().to_owned();
    let settings = browser.get("/account/settings").ok(200);
    browser.post("/account/page", &settings, &[("page", "public"), ("indexed", "yes")]).ok(303);
    let slug = browser.get("/account/export").ok(200).json()["account"]["page_name"].as_str().unwrap().to_owned();
    let person = format!("/p/{slug}/{}", own.rsplit('/').next().unwrap());
    let staff = "operator@valdora.example";
    member(&server, staff);
    server.admin(&["staff", "add", staff]).ending(0);
    let mut work = crate::scene::sign_in(&server, staff, crate::scene::PASSWORD).0;
    for (of, text) in [("server", "# Who we are\n\nShort."), ("server", LONG)] {
        let path = format!("/staff/notices/{of}/terms");
        let form = work.get(&path).ok(200);
        let before = form.hidden("before");
        work.post(&path, &form, &[("en", text), ("it", text), ("before", &before)]).ok(303);
    }
    let (badge, mails) = (format!("/badges/{}/land", desk.did), server.folder.at("mail"));
    let given =
        ["tests/public.mjs", "--origin", &server.url, "--badge", &badge, "--person", &person, "--staff", staff, "--owner", owner];
    node(&[&given, ["--mails", mails.to_str().unwrap()].as_slice(), options].concat());
}

#[test]
fn public_and_staff_pages_can_be_used_by_everybody_in_a_wide_browser() {
    look_around(&["--lang", "en", "--theme", "light", "--width", "1280"]);
}

#[test]
fn public_and_staff_pages_can_be_used_by_everybody_on_a_phone_in_the_dark() {
    look_around(&["--lang", "it", "--theme", "dark", "--width", "360"]);
}

#[test]
fn public_and_staff_pages_can_be_used_by_everybody_in_firefox() {
    look_around(&["--lang", "en", "--theme", "dark", "--width", "900", "--browser", "firefox"]);
}

#[test]
fn public_and_staff_pages_can_be_used_without_javascript() {
    look_around(&["--lang", "it", "--theme", "light", "--width", "1280", "--scripts", "no"]);
}

/// Looks at the pages of institutions: with the search that a long list has, or with the few of a short one.
fn sign_in_through(options: &[&str]) {
    let (uni, school, gone) = (Provider::start(), Provider::start(), Provider::start());
    let server = institution::server_saying(&[uni.host(), school.host(), gone.host()], NO_FACTOR, &[]);
    let logo = server.folder.at("logo.png");
    std::fs::write(&logo, picture::png(&[])).unwrap();
    let logo = logo.to_str().unwrap();
    for (id, provider) in [("uni", &uni), ("school", &school), ("gone", &gone)] {
        institution::join(&server, provider, id, &[]);
    }
    let name = |id: &str, words: &[&str]| federation(&server, &[&["add", id], words].concat()).ending(0);
    name("uni", &["--name", "University of Valdora", "--logo", logo]);
    name("school", &["--name", "School of the Applied Arts", "--domain", "school.example"]);
    name("gone", &["--name", "Gone, a Consortium of Institutes with a Name that is Longer than Most"]);
    drop(gone);
    if options.contains(&"--many") {
        for number in 1..=8 {
            let id = format!("academy-{number}");
            institution::add(&server, &id, &format!("https://login{number}.example"), &["--untested"]);
            name(&id, &["--name", &format!("Academy {number}")]);
        }
    }
    let mut unverified = person("Elena", "Marchetti", "elena@uni.example");
    unverified["email_verified"] = json!(false);
    for (subject, claims) in [
        ("alice", person("Alice", "Ångström-Di Bartolomeo", "alice.angstrom-di-bartolomeo@uni.example")),
        ("elena", unverified),
        ("eva", person("Eva", "Neri", "eva@uni.example")),
        ("bare", json!({ "given_name": "Bea", "email_verified": true })),
        ("blocked", person("Bob", "Blocked", "blocked@uni.example")),
        ("young", person("Yuri", "Young", "young@uni.example")),
    ] {
        uni.person(subject, claims);
    }
    for (subject, address) in
        [("e-17", "alice@school.example"), ("e-18", "a.angstrom@school.example"), ("holder", "holder@school.example")]
    {
        school.person(subject, person("Alice", "Ångström", address));
    }
    newcomer(&server, &uni, "blocked");
    server.admin(&["user", "block", "blocked@uni.example"]).ending(0);
    let mut holder = server.browser();
    institution::come(&mut holder, &school, "school", "holder").ok(303);
    institution::born(&mut holder, institution::BORN).ok(303);
    institution::come_anew(&mut holder, &school, "school", "holder").ok(303);
    let form = holder.get("/account/password").ok(200);
    let password = [("password", crate::scene::PASSWORD), ("again", crate::scene::PASSWORD)];
    holder.post("/account/password", &form, &password).ok(200);
    let staff = "operator@valdora.example";
    for address in ["elena@uni.example", "eva@uni.example", staff] {
        member(&server, address);
    }
    server.admin(&["staff", "add", staff]).ending(0);
    let mails = server.folder.at("mail");
    let given = ["tests/institutions.mjs", "--origin", &server.url, "--uni", &uni.url, "--school", &school.url, "--staff", staff];
    node(&[&given, ["--mails", mails.to_str().unwrap()].as_slice(), options].concat());
}

#[test]
fn the_pages_of_institutions_can_be_used_by_everybody_in_a_wide_browser() {
    sign_in_through(&["--many", "yes", "--lang", "en", "--theme", "light", "--width", "1280"]);
}

#[test]
fn the_pages_of_institutions_can_be_used_by_everybody_on_a_phone_in_the_dark() {
    sign_in_through(&["--lang", "it", "--theme", "dark", "--width", "360"]);
}

#[test]
fn the_pages_of_institutions_can_be_used_without_javascript() {
    sign_in_through(&["--lang", "it", "--theme", "light", "--width", "360", "--scripts", "no"]);
}
