//! How the server is run: its one line, its health, its numbers, its logs, its stop; and what it refuses to start with.

use std::fs;
use std::time::{Duration, Instant};

use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, satchel};
use satchel_tests::smtp::Smtp;

use crate::scene::{Desk, PASSWORD, member, secret, sign_in};

const ADA: &str = "ada@posta.example";

#[test]
fn it_is_alive_ready_and_counted() {
    let server = Running::start(&[]);
    let mut browser = server.browser();
    browser.get("/healthz").ok(200);
    browser.get("/readyz").ok(200);
    browser.get("/metrics").ok(404);
    browser.get("/sign-in").ok(200);
    let numbers = satchel_tests::http::Browser::new(&server.admin_url).get("/metrics").ok(200).text();
    for name in ["satchel_answers_total{class=\"2xx\"} ", "satchel_answers_total{class=\"4xx\"} 1", "satchel_outbox_waiting 0"] {
        assert!(numbers.contains(name), "{name}: {numbers}");
    }
}

#[test]
fn every_answer_protects_and_names_itself() {
    let server = Running::start(&[]);
    let mut browser = server.browser();
    for path in ["/", "/sign-in", "/nothing", "/api/v1/nothing", "/robots.txt"] {
        let answer = browser.get(path);
        let csp = answer.header("content-security-policy").unwrap();
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("script"), "{csp}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert!(!answer.text().contains("<script"), "{path}");
        assert_eq!(answer.header("x-request-id").unwrap().len(), 36);
    }
    assert!(browser.get("/robots.txt").ok(200).text().contains("Disallow: /claim/"));
    assert_eq!(browser.get("/api/v1/nothing").ok(404).json()["code"], "not_found");
    assert_eq!(browser.send("DELETE", "/sign-in", &[], b"").status, 405);
    for path in ["/account/badges/no-id", "/p/somebody/no-id", "/claim/%ff", "/claims/..", "/sign-in?next=a&next=b"] {
        let answer = browser.get(path);
        assert!([303, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(
            answer.status == 303 || answer.header("content-type").unwrap().starts_with("text/html"),
            "{path}: {}",
            answer.text()
        );
    }
    assert_eq!(browser.get("/issuers/x/%ff").ok(404).json()["code"], "not_found");
    let huge = vec![b'x'; 17 << 20];
    assert_eq!(browser.send("POST", "/api/v1/issuers/x/awards", &[], &huge).ok(401).json()["code"], "bad_signature", "unread");
    let desk = Desk::admitted(&server, 1);
    assert_eq!(desk.send("POST", "awards", &huge).ok(413).json()["code"], "too_large");
    let lured = browser.send("GET", "/sign-in", &[("host", "evil.example")], b"");
    assert_eq!(lured.ok(421).json()["code"], "wrong_host");
    let large = "x=".to_owned() + &"y".repeat(100_000);
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    assert!(browser.send("POST", "/sign-in", &kind, large.as_bytes()).ok(413).text().contains("64 kB"));
}

#[test]
fn over_https_no_cookie_travels_in_the_clear_and_browsers_are_told_to_stay() {
    let server = Running::start(&["--public-url", "https://badges.example"]);
    let mut browser = satchel_tests::http::Browser::named("http://badges.example", &server.url);
    let page = browser.get("/sign-in").ok(200);
    assert!(page.header("strict-transport-security").unwrap().contains("max-age=31536000"));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-satchel-form=") && cookie.contains("; Secure") && cookie.contains("Path=/;"), "{cookie}");
    assert!(Running::start(&[]).browser().get("/sign-in").header("strict-transport-security").is_none());
}

#[test]
fn pages_speak_the_language_that_the_visitor_likes() {
    let server = Running::start(&[]);
    let spoken = |liked: Option<&str>, path: &str| {
        let mut browser = server.browser();
        browser.language = liked.map(str::to_owned);
        let page = browser.get(path).ok(200).text();
        page.split_once("<html lang=\"").unwrap().1[..2].to_owned()
    };
    assert_eq!(spoken(None, "/sign-in"), "en");
    assert_eq!(spoken(Some("it-CH,it;q=0.9,en;q=0.8"), "/sign-in"), "it");
    assert_eq!(spoken(Some("de,en;q=0.5,it;q=0.7"), "/sign-in"), "it");
    assert_eq!(spoken(Some("it"), "/sign-in?lang=en"), "en");
    let mut browser = server.browser();
    browser.get("/sign-in?lang=it").ok(200);
    assert!(browser.get("/").ok(200).text().contains("lang=\"it\""), "the choice stays");
}

#[test]
fn logs_are_json_and_name_nobody() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let (mut browser, _) = crate::scene::register(&server, &secret(&link), ADA);
    browser.get("/account").ok(200);
    sign_in(&server, ADA, "wrong wrong wrong").1.ok(422);
    let mails = server.mails();
    let folder = {
        let said = server.said();
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with('{')).collect();
        assert!(lines.len() > 5 && lines.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{said}");
        assert!(said.contains("\"route\":\"/claim/{secret}\"") || said.contains("\"route\":\"/verify/{secret}\""), "{said}");
        for mail in &mails {
            for link in mail.text.split_whitespace().filter(|word| word.starts_with("http") && word.len() > 50) {
                assert!(!said.contains(&secret(link)), "{link}");
            }
        }
        for word in [ADA, "posta", "Elena", "Marchetti", "1999", PASSWORD, "wrong wrong"] {
            assert!(!said.contains(word), "{word}: {said}");
        }
        server.stop()
    };
    // Nor has the database a password or a secret of a link that opens something.
    let bytes = fs::read(folder.at("data").join("server.db")).unwrap();
    let mut needles = vec![PASSWORD.to_owned()];
    needles.extend(browser.cookies().values().filter(|value| value.len() == 32).cloned());
    needles.push(secret(&link));
    assert!(needles.len() > 3);
    for needle in needles {
        assert!(!bytes.windows(needle.len()).any(|it| it == needle.as_bytes()), "a secret is stored as its hash alone");
    }
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let ids: Vec<String> = (0..5).map(|number| desk.give(&format!("p{number}@posta.example"), "Saldatura")).collect();
    let folder = server.kill();
    let server = Running::start_in(folder, &[]);
    let listed = desk_at(&server).send("GET", "invitations", b"").ok(200).json();
    for id in ids {
        assert!(listed.to_string().contains(&id));
    }
    for number in 0..5 {
        server.mail(&format!("p{number}@posta.example"), "Saldatura");
    }
}

fn desk_at(server: &Running) -> Desk {
    Desk::new(server, 1)
}

#[test]
fn it_stops_when_told_and_comes_back_with_all_it_had() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let server = server.restart();
    let (mut browser, answer) = sign_in(&server, ADA, PASSWORD);
    answer.ok(303);
    browser.get("/account").ok(200);
}

#[test]
fn the_first_operator_registers_by_the_link_of_the_first_start() {
    let server = Running::start(&[]);
    server.browser().get("/healthz").ok(200);
    let link = server.line("/register?invitation=");
    let page = server.browser().get(&format!("/register?invitation={}", secret(&link))).ok(200).text();
    assert!(page.contains("run this service") && !page.contains("receive the badge"), "{page}");
    crate::scene::register(&server, &secret(&link), ADA);
    let server = server.restart();
    server.browser().get("/healthz").ok(200);
    assert!(!server.said().contains("/register?invitation="), "there is an operator now");
}

#[test]
fn it_refuses_to_start_in_public_without_https_and_mail() {
    let folder = Folder::new();
    let run = satchel(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(folder.at("data")).run().ending(2);
    assert!(run.err.contains("https") && run.err.contains("mail"), "{}", run.err);
    assert!(run.out.is_empty());
    let run = satchel(["serve", "--public-url", "http://badges.example", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.at("data"))
        .run();
    assert!(run.ending(2).err.contains("https"));
    let config = folder.file("satchel.toml", "lisen = '127.0.0.1:0'");
    let run = satchel(["serve", "--data"]).arg(folder.at("data")).arg("--config").arg(config).run().ending(2);
    assert!(run.err.contains("lisen"), "{}", run.err);
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let folder = Folder::new();
    let config =
        folder.file("satchel.toml", "public_url = 'http://badges.example'\n[policy]\nfirst_badge_visibility = 'public'\n");
    let run = satchel(["admin", "doctor", "--data"]).arg(folder.at("data")).arg("--config").arg(config).run().ending(1);
    for words in ["https", "mail", "first_badge_visibility", "satchel serve"] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let run = satchel(["admin", "doctor", "--json", "--data"]).arg(folder.at("data")).run().ending(0);
    assert!(run.rows().iter().all(|row| row["message"].is_string()), "{}", run.out);
    assert!(Running::start(&[]).admin(&["doctor"]).ending(0).out.contains("issuer add"));
}

#[test]
fn mail_has_two_parts_and_no_header_of_anybody_elses() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let name = "Saldatura\r\nBcc: everybody@posta.example\r\n\r\n<script>alert(1)</script>";
    assert_eq!(desk.upload(&[desk.award(ADA, name)])[0]["result"], "refused");
    // However it came there.
    let id = desk.give(ADA, "Falegnameria");
    server.mail(ADA, "Falegnameria");
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    database.execute("UPDATE award SET name = ?1", [name]).unwrap();
    desk.send("POST", &format!("invitations/{id}/remind"), b"").ok(200);
    let mail = server.mail(ADA, "Saldatura");
    let head = mail.raw.split_once("\r\n\r\n").unwrap().0;
    assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
    for header in ["MIME-Version: 1.0", "Message-ID: <", "Auto-Submitted: auto-generated", "multipart/alternative"] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(mail.html.contains("Saldatura") && !mail.html.contains("<script>"), "{}", mail.html);
    let refused = server.admin(&["user", "invite", "a@b.example\r\nBcc: c@d.example"]);
    assert_eq!(refused.status, Some(2));
}

/// A server that sends by a mail server at this port.
fn sending(port: u16, tls: &str) -> Running {
    let folder = Folder::new();
    let text = format!("[mail]\nsmtp = \"smtp://127.0.0.1:{port}{tls}\"\nfrom = \"no-reply@badges.example\"\n");
    let config = folder.file("satchel.toml", text);
    Running::start_by_smtp(folder, &["--config", config.to_str().unwrap()])
}

#[test]
fn mail_leaves_by_a_mail_server_and_what_it_refuses_is_bounced() {
    let smtp = Smtp::start();
    let server = sending(smtp.port, "?tls=none");
    let desk = Desk::admitted(&server, 1);
    let ids = ["ada", "refused", "later"].map(|name| desk.give(&format!("{name}@posta.example"), "Saldatura"));
    smtp.wait_for("RCPT TO:<later@");
    let began = Instant::now();
    while desk.state(&ids[0]) != "sent" || desk.state(&ids[1]) != "bounced" {
        assert!(began.elapsed().as_secs() < 30, "{:?}", ids.map(|id| desk.state(&id)));
    }
    assert_eq!(desk.state(&ids[2]), "queued", "it is tried again later");
    assert_eq!(crate::institution::rows(&server, "outbox"), 1, "nothing else is");
    let taken = smtp.taken();
    assert_eq!(taken.len(), 1);
    assert!(
        taken[0].contains("To: ada@posta.example") && taken[0].contains("From: Satchel <no-reply@badges.example>"),
        "{}",
        taken[0]
    );
    // A bounced one may be sent again, and its addressee may still accept.
    let state = desk.send("POST", &format!("invitations/{}/remind", ids[1]), b"").ok(200).json();
    assert_eq!(state["state"], "queued");
}

#[test]
fn an_address_that_the_mail_server_cannot_take_holds_up_no_other_mail() {
    let smtp = Smtp::start_old();
    let server = sending(smtp.port, "?tls=none");
    let desk = Desk::admitted(&server, 1);
    // Of these a mail server takes none: lettre does not even ask it for the first, and it calls the others no addresses.
    let id = desk.give("zoë@posta.example", "Saldatura");
    for number in 0..7 {
        server.admin(&["user", "invite", &format!("zoë{number}@posta.example")]).ending(0);
    }
    server.admin(&["user", "invite", "syntax@posta.example"]).ending(0);
    server.admin(&["user", "invite", ADA]).ending(0);
    let began = Instant::now();
    while smtp.taken().is_empty() || desk.state(&id) != "bounced" {
        assert!(began.elapsed().as_secs() < 20, "{} {:?}", desk.state(&id), smtp.said());
        std::thread::yield_now();
    }
    assert!(smtp.taken()[0].contains("To: ada@posta.example"), "{}", smtp.taken()[0]);
}

#[test]
fn mail_to_any_address_waits_when_the_mail_server_offers_no_tls() {
    let smtp = Smtp::start_old();
    let server = sending(smtp.port, "");
    let desk = Desk::admitted(&server, 1);
    let id = desk.give("zoë@posta.example", "Saldatura");
    smtp.wait_for("EHLO");
    server.browser().get("/healthz").ok(200);
    assert_eq!(desk.state(&id), "queued");
}

#[cfg(unix)]
#[test]
fn mails_in_a_folder_are_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let server = Running::start(&[]);
    server.admin(&["user", "invite", ADA]).ending(0);
    server.mail(ADA, "invitation");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = server.folder.at("mail");
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn a_proxy_that_is_not_trusted_is_told_of() {
    let folder = Folder::new();
    let doctor = |proxies: &str| {
        let text = format!("public_url = 'https://badges.example'\ntrusted_proxies = [{proxies}]\n");
        let config = folder.file("satchel.toml", text);
        satchel(["admin", "doctor", "--data"]).arg(folder.at("data")).arg("--config").arg(config).run().out
    };
    assert!(doctor("").contains("trusted_proxies"));
    assert!(!doctor("'127.0.0.1'").contains("trusted_proxies"));
    // The log says so too, once, when a header comes that does not count.
    let mut server = Running::start(&["--public-url", "https://badges.example"]);
    let mut browser = satchel_tests::http::Browser::named("http://badges.example", &server.url);
    for _ in 0..3 {
        browser.send("GET", "/sign-in", &[("x-forwarded-for", "203.0.113.9")], b"").ok(200);
    }
    let told = server.line("trusted_proxies");
    server.stop_in_place();
    let said = server.said();
    assert!(!said.contains("trusted_proxies") && !said.contains("203.0.113.9") && !told.contains("203.0.113.9"), "{told}{said}");
}

#[test]
fn mail_waits_when_the_mail_server_offers_no_tls() {
    let smtp = Smtp::start();
    let server = sending(smtp.port, "");
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ADA, "Saldatura");
    smtp.wait_for("EHLO");
    server.browser().get("/healthz").ok(200);
    assert_eq!(desk.state(&id), "queued");
    assert!(smtp.said().iter().all(|said| !said.starts_with("MAIL") && !said.contains("posta")), "{:?}", smtp.said());
}

/// A mail server that speaks TLS with a certificate for `localhost`, and the settings of a server that sends by it.
fn sending_by_tls(smtp: &Smtp, scheme: &str, authority: &str) -> Running {
    let folder = Folder::new();
    let authority = satchel_tests::data::path(&format!("tls/{authority}"));
    let text = format!(
        "[mail]\nsmtp = \"{scheme}://badges:secret@localhost:{}\"\nfrom = \"no-reply@badges.example\"\nbounces = \"back@badges.example\"\n\
         ca = '{}'\n",
        smtp.port,
        authority.display()
    );
    let config = folder.file("satchel.toml", text);
    Running::start_by_smtp(folder, &["--config", config.to_str().unwrap()])
}

#[test]
fn mail_leaves_over_tls_both_ways() {
    for (smtp, scheme) in [(Smtp::start_tls(), "smtp"), (Smtp::wrapped(), "smtps")] {
        let server = sending_by_tls(&smtp, scheme, "ca.pem");
        let desk = Desk::admitted(&server, 1);
        desk.give(ADA, "Saldatura");
        smtp.wait_for_mail();
        assert!(smtp.taken()[0].contains("To: ada@posta.example"), "{scheme}");
        let said = smtp.said();
        assert!(said.iter().any(|it| it.starts_with("AUTH ")), "{scheme}: {said:?}");
        assert!(said.iter().any(|it| it.starts_with("MAIL FROM:<back@badges.example>")), "{scheme}: {said:?}");
    }
}

#[test]
fn mail_waits_when_nobody_known_vouches_for_the_mail_server() {
    for (smtp, scheme) in [(Smtp::start_tls(), "smtp"), (Smtp::wrapped(), "smtps")] {
        let server = sending_by_tls(&smtp, scheme, "other-ca.pem");
        let desk = Desk::admitted(&server, 1);
        let id = desk.give(ADA, "Saldatura");
        smtp.wait_for("TLS failed");
        assert_eq!(desk.state(&id), "queued", "{scheme}");
        let said = smtp.said();
        assert!(said.iter().all(|it| !it.starts_with("AUTH") && !it.starts_with("MAIL")), "{scheme}: {said:?}");
    }
}

#[test]
fn a_mail_that_comes_back_later_is_seen_by_its_issuer() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ADA, "Saldatura");
    let mail = server.mail(ADA, "Saldatura");
    let began = Instant::now();
    while desk.state(&id) != "sent" {
        assert!(began.elapsed().as_secs() < 30);
    }
    let message = mail.raw.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    let report = |action: &str, message: &str| {
        let text = format!(
            "From: MAILER-DAEMON@mail.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; {ADA}\r\n\
             Action: {action}\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message}\r\n\r\n--b--\r\n"
        );
        let file = server.folder.file("returned.eml", text);
        server.admin(&["bounce", "--json", file.to_str().unwrap()])
    };
    assert_eq!(report("delayed", message).ending(0).rows()[0]["result"], "nothing");
    let forged = "<01956f3e-8a00-7000-8000-000000000001@badges.example>";
    assert_eq!(report("failed", forged).ending(1).rows()[0]["result"], "unknown");
    assert_eq!(desk.state(&id), "sent");
    assert_eq!(report("failed", message).ending(0).rows()[0]["result"], "bounced");
    assert!(server.admin(&["log", "export"]).ending(0).out.contains("mail_returned"));
    assert_eq!(desk.state(&id), "bounced");
    // Told once more, it changes nothing; the addressee may still accept.
    assert_eq!(report("failed", message).ending(0).rows()[0]["result"], "nothing");
    server.browser().get(&mail.link("/claim/")).ok(200);
}

#[test]
fn an_operator_is_appointed_and_the_last_one_stays() {
    let server = Running::start(&[]);
    server.browser().get("/healthz").ok(200);
    let said = server.said();
    let first = secret(said.lines().find(|line| line.contains("/register?invitation=")).unwrap());
    member(&server, ADA);
    let result = |words: &[&str]| server.admin(words).ending(0).rows()[0]["result"].clone();
    assert_eq!(result(&["staff", "add", "--json", ADA]), "added");
    assert_eq!(result(&["staff", "add", "--json", ADA]), "known");
    assert!(
        server.browser().get(&format!("/register?invitation={first}")).ok(200).text().contains("needs an invitation"),
        "the link of the first start opens nothing once there is an operator"
    );
    assert_eq!(server.admin(&["staff", "remove", "--json", ADA]).ending(1).problem(), "admin_refused");
    let other = "bruno@posta.example";
    assert_eq!(result(&["staff", "add", "--json", other]), "invited");
    let link = server.mail(other, "invitation").link("/register");
    crate::scene::register(&server, &secret(&link), other);
    let listed = server.admin(&["staff", "list", "--json"]).ending(0).rows();
    let mut listed: Vec<_> = listed.iter().map(|row| row["email"].as_str().unwrap()).collect();
    listed.sort_unstable();
    assert_eq!(listed, [ADA, other]);
    let (mut browser, _) = sign_in(&server, ADA, PASSWORD);
    assert_eq!(result(&["staff", "remove", "--json", ADA]), "removed");
    browser.get("/account").ok(303);
}

#[test]
fn a_visitor_who_sends_a_byte_now_and_then_is_hung_up_on() {
    use std::io::{Read, Write};
    let server = Running::start(&[]);
    let host = server.url.strip_prefix("http://").unwrap();
    let mut slow = std::net::TcpStream::connect(host).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(50))).unwrap();
    let mut answer = Vec::new();
    // It ends by itself, while others are answered.
    server.browser().get("/healthz").ok(200);
    slow.read_to_end(&mut answer).unwrap();
    server.browser().get("/healthz").ok(200);
}

#[test]
fn what_a_person_waits_for_leaves_before_a_storm_of_invitations() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = sending(port, "?tls=none");
    let desk = Desk::admitted(&server, 1);
    let awards: Vec<_> = (0..60)
        .map(|number| {
            let email = format!("p{number:03}@posta.example");
            serde_json::json!({ "email": email, "ob3": desk.signed(&desk.credential(&email, "Saldatura")) })
        })
        .collect();
    desk.upload(&awards);
    server.admin(&["user", "invite", ADA]).ending(0);
    // The mail server is there again: the one mail that is no invitation to a badge is not the last.
    let smtp = Smtp::start_at(port);
    let began = Instant::now();
    while smtp.taken().len() < 61 {
        assert!(began.elapsed().as_secs() < 90, "{}", smtp.taken().len());
        std::thread::yield_now();
    }
    let place = smtp.taken().iter().position(|mail| mail.contains("To: ada@posta.example")).unwrap();
    assert!(place < 60, "{place}");
    let listed = desk.send("GET", "invitations", b"").ok(200).json();
    assert!(listed["invitations"].as_array().unwrap().iter().all(|it| it["state"] != "bounced"), "that it was away bounced none");
}

#[test]
fn awards_that_come_while_mail_is_down_wait_and_outlive_a_kill() {
    // A port at which nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = sending(port, "?tls=none");
    let desk = Desk::admitted(&server, 1);
    let awards: Vec<_> = (0..100)
        .map(|number| {
            let email = format!("p{number:03}@posta.example");
            serde_json::json!({ "email": email, "ob3": desk.signed(&desk.credential(&email, "Saldatura")) })
        })
        .collect();
    let results = desk.upload(&awards);
    assert!(results.iter().all(|result| result["result"] == "added"), "{results:?}");
    server.browser().get("/sign-in").ok(200);
    let listed = desk.send("GET", "invitations", b"").ok(200).json();
    assert!(listed["invitations"].as_array().unwrap().iter().all(|it| it["state"] == "queued"));
    let server = Running::start_in(server.kill(), &[]);
    server.mail("p099@posta.example", "Saldatura");
    let began = Instant::now();
    while server.mails().len() < 100 {
        assert!(began.elapsed().as_secs() < 60, "{}", server.mails().len());
    }
    let mut to: Vec<_> = server.mails().into_iter().map(|mail| mail.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 100, "each once");
}

#[test]
fn the_page_about_the_settings_says_what_the_code_says() {
    let now = satchel(["admin", "settings"]).run().ending(0).out;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
    let there = fs::read_to_string(file).unwrap_or_default();
    assert!(there == now, "docs/settings.md is stale: `satchel admin settings > docs/settings.md` writes it");
    for words in ["`minimum_age`", "`--listen`", "`SATCHEL_DATABASE_URL`", "## `[mail]`"] {
        assert!(now.contains(words), "{words}: {now}");
    }
}

#[test]
fn a_rule_is_shown_and_changed_where_it_stands() {
    let folder = Folder::new();
    let config = folder.file("satchel.toml", "# ours\nname = 'Valdora'\n[policy]\nminimum_age = 16  # by law\n");
    // Whatever is changed stands in the record of the server, which has to be there.
    let folder = Running::start_in(folder, &[]).stop();
    let policy = |words: &[&str]| {
        let shell = satchel(["admin", "policy"]).args(words).arg("--json").arg("--data").arg(folder.at("data"));
        shell.arg("--config").arg(&config).run()
    };
    let value = |name: &str| {
        let rows = policy(&["list"]).ending(0).rows();
        rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{rows:?}"))["value"].clone()
    };
    assert_eq!((value("minimum_age"), value("first_badge_visibility")), ("16".into(), "\"ask\"".into()));
    policy(&["set", "minimum_age", "18"]).ending(0);
    policy(&["set", "first_badge_visibility", "private"]).ending(0);
    assert_eq!((value("minimum_age"), value("first_badge_visibility")), ("18".into(), "\"private\"".into()));
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with("# ours\nname = 'Valdora'\n[policy]\n") && text.contains("minimum_age = 18  # by law"), "{text}");
    for (name, wrong) in [("minimum_age", "old"), ("minimum_age", "400"), ("first_badge_visibility", "loud"), ("lisen", "1")] {
        assert_eq!(policy(&["set", name, wrong]).ending(1).problem(), "admin_refused", "{name}");
    }
    assert_eq!(fs::read_to_string(&config).unwrap(), text, "what is refused changes nothing");
    let log = satchel(["admin", "log", "export", "--data"]).arg(folder.at("data")).run().ending(0);
    assert_eq!(log.rows().iter().filter(|row| row["did"] == "policy_set").count(), 2);
}

#[test]
fn a_mistyped_folder_is_told_of_and_not_made() {
    let folder = Folder::new();
    let nowhere = folder.at("nowhere");
    let admin = |words: &[&str]| satchel(["admin"]).args(words).arg("--data").arg(&nowhere).run();
    for words in [&["issuer", "list"][..], &["user", "invite", ADA], &["staff", "add", ADA]] {
        assert!(admin(words).ending(1).err.contains("nowhere"), "{words:?}");
    }
    assert!(admin(&["doctor"]).out.contains("no database"));
    assert!(!nowhere.exists());
}

#[test]
fn what_is_wrong_in_a_settings_file_is_one_line_that_can_be_read() {
    let folder = Folder::new();
    let config = folder.file("satchel.toml", "name = 'x'\n[policy]\nminimum_age = 'old'\n");
    let run = satchel(["admin", "doctor", "--data"]).arg(folder.at("data")).arg("--config").arg(config).run().ending(2);
    assert!(run.err.contains("line 3") && run.err.contains("old") && !run.err.contains('\u{fffd}'), "{}", run.err);
}

#[test]
fn the_doctor_tries_the_mail_server_and_asks_the_domains_of_issuers() {
    let said = |text: &str| {
        let folder = Folder::new();
        let config = folder.file("satchel.toml", text);
        satchel(["admin", "doctor", "--data"]).arg(folder.at("data")).arg("--config").arg(config).run()
    };
    let mail = |url: &str| said(&format!("[mail]\nsmtp = \"{url}\"\nfrom = \"no-reply@badges.example\"\n"));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(mail(&format!("smtp://127.0.0.1:{port}?tls=none")).ending(0).out.contains("mail.smtp"));
    let smtp = Smtp::start();
    let run = mail(&format!("smtp://127.0.0.1:{}?tls=none", smtp.port)).ending(0);
    assert!(!run.out.contains("mail"), "{}", run.out);
    assert!(mail(&format!("smtp://127.0.0.1:{}?tls=yes", smtp.port)).ending(1).out.contains("tls=none"));
    // An issuer whose domain does not say that the key is its own.
    let server = Running::start(&[]);
    let key = "did:web:nowhere.invalid#z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw";
    server.admin(&["issuer", "add", "--key", key]).ending(0);
    assert!(server.admin(&["doctor"]).out.contains("did.json"));
}

#[test]
fn nobody_is_too_young_for_ever() {
    let folder = Folder::new();
    let config = folder.file("satchel.toml", "[policy]\nminimum_age = 16\n");
    let run = satchel(["admin", "policy", "set", "minimum_age", "200", "--json", "--data"]).arg(folder.at("data"));
    assert!(run.arg("--config").arg(config).run().ending(1).said().contains("99"));
}

#[test]
fn a_browser_under_another_name_is_shown_where_the_server_is() {
    let server = Running::start(&["--public-url", "https://badges.example"]);
    let mut browser = satchel_tests::http::Browser::new(&server.url);
    let page = browser.send("GET", "/sign-in", &[("accept", "text/html,*/*"), ("accept-language", "it")], b"").ok(421);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.text().contains("href=\"https://badges.example/\"") && page.text().contains("lang=\"it\""), "{}", page.text());
    assert!(!page.text().contains("<form") && page.header("set-cookie").is_none(), "it gets nothing else");
    assert_eq!(browser.get("/sign-in").ok(421).json()["code"], "wrong_host");
}

#[test]
fn the_small_picture_of_the_site_is_there() {
    let server = Running::start(&[]);
    let icon = server.browser().get("/favicon.ico").ok(200);
    assert!(icon.body.starts_with(b"\x89PNG"));
    let page = server.browser().get("/nothing").ok(404).text();
    assert_eq!(page.matches("There is nothing here").count(), 2, "in the title and the heading alone: {page}");
}
