//! What an owner shows to others: the page that proves itself, links with an end, collections, frames in other sites.

use satchel_badge::check::{Policy, check};
use satchel_badge::evidence::Evidence;
use satchel_badge::report::Verdict;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::peers::oembed;
use satchel_tests::running::Running;
use serde_json::json;

use crate::catalogue::publish;
use crate::scene::{Desk, member, register, secret};

const ELENA: &str = "elena@posta.example";
const BADGE: &str = "Il paesaggio <come> \"laboratorio\"";

struct Scene {
    server: Running,
    desk: Desk,
    owner: Browser,
    /// The path of the badge for its owner, and its id.
    own: String,
    id: String,
    slug: String,
}

fn scene(keep: &str) -> Scene {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "land", BADGE, &json!({}), "published");
    let invitation = desk.give(ELENA, BADGE);
    let (mut owner, page) = register(&server, &secret(&server.mail(ELENA, "paesaggio").link("/claim/")), ELENA);
    let own = owner.post(&format!("/claims/{invitation}"), &page, &[("keep", keep)]).ok(303).location().to_owned();
    let id = own.rsplit('/').next().unwrap().to_owned();
    let data = owner.get("/account/export").ok(200).json();
    let slug = data["account"]["page_name"].as_str().unwrap().to_owned();
    Scene { server, desk, owner, own, id, slug }
}

/// Says who sees the page.
fn set_page(scene: &mut Scene, page: &str) {
    let settings = scene.owner.get("/account/settings").ok(200);
    scene.owner.post("/account/page", &settings, &[("page", page)]).ok(303);
}

/// The value of an attribute or what stands between two marks.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    text.split_once(begin).unwrap_or_else(|| panic!("no {begin}: {text}")).1.split_once(end).unwrap().0
}

#[test]
fn the_page_of_a_badge_proves_itself_and_can_be_passed_on() {
    let scene = scene("public");
    let path = format!("/p/{}/{}", scene.slug, scene.id);
    let page = scene.server.browser().get(&path).ok(200);
    let text = page.text();
    assert!(
        text.contains("Intact, and signed by Università di Valdora")
            && text.contains("Satchel has admitted")
            && !text.contains("nobody you trust")
            && text.contains("checks passed")
            && text.contains("Check it yourself"),
        "{text}"
    );
    for place in
        ["linkedin.com/sharing", "share.joinmastodon.org", "bsky.app", "facebook.com/sharer", "x.com/intent", "wa.me", "mailto:"]
    {
        assert!(text.contains(place), "{place}");
    }
    assert!(!text.contains("<script"), "nothing runs");
    assert!(text.contains(&format!("{path}/picture/1200")) && text.contains("application/json+oembed"));
    let png = scene.server.browser().get(&format!("{path}/badge.png")).ok(200);
    let reports = check(&png.body, &Evidence::default(), &Policy::default(), jiff::Timestamp::now());
    assert_eq!(reports[0].verdict, Verdict::Valid, "the file that anyone downloads verifies");
    assert!(png.header("content-disposition").unwrap().starts_with("attachment"));
    scene.server.browser().get(&format!("{path}/badge.json")).ok(200);
    scene.server.browser().get(&format!("{path}/other.txt")).ok(404);
    // A badge whose list revokes it says so, and no longer that it is intact.
    let own = scene.owner.clone().get(&scene.own).ok(200).text();
    assert!(own.contains("linkedin.com/profile/add?startTask=CERTIFICATION_NAME"), "{own}");
    assert!(
        own.contains("issueYear=2026&#38;issueMonth=1&#38;certUrl=")
            || own.contains("issueYear=2026&amp;issueMonth=1&amp;certUrl="),
        "{own}"
    );
    drop(scene.desk);
}

#[test]
fn a_badge_of_a_private_page_goes_by_a_link_that_ends() {
    let mut scene = scene("private");
    let public = format!("/p/{}/{}", scene.slug, scene.id);
    for path in [
        public.clone(),
        format!("{public}/badge.png"),
        format!("{public}/picture/320"),
        format!("/embed/{}/{}", scene.slug, scene.id),
    ] {
        scene.server.browser().get(&path).ok(404);
    }
    assert!(scene.owner.get("/account/sharing").ok(200).text().contains("no link holds"));
    let page = scene.owner.get(&scene.own).ok(200);
    let made = format!("{}/link", scene.own);
    scene.owner.post(&made, &page, &[("label", "For <Ada>"), ("days", "7")]).ok(303);
    let list = scene.owner.get("/account/sharing").ok(200);
    assert!(list.text().contains("For &#60;Ada&#62;"), "{}", list.text());
    let link = format!("/s/{}", between(&list.text(), &format!("href=\"{}/s/", scene.server.url), "\""));
    let seen = scene.server.browser().get(&link).ok(200);
    let text = seen.text();
    assert!(text.contains("Intact, and signed by") && text.contains("Elena Marchetti") && text.contains("noindex"));
    assert!(!text.contains(&scene.slug), "the page itself is not given away");
    scene.server.browser().get(&format!("{link}/badge.png")).ok(200);
    scene.server.browser().get(&format!("{link}/picture/640")).ok(200);
    scene.server.browser().get(&format!("{}x", &link[..link.len() - 1])).ok(404);
    // Nobody else ends it or makes one.
    let mut other = member(&scene.server, "ada@posta.example");
    let any = other.get("/account/settings").ok(200);
    let end = between(&list.text(), "action=\"/account/sharing/", "\"").to_owned();
    other.post(&format!("/account/sharing/{end}"), &any, &[]).ok(404);
    other.post(&made, &any, &[]).ok(404);
    scene.owner.post(&format!("/account/sharing/{end}"), &list, &[]).ok(303);
    scene.server.browser().get(&link).ok(404);
    scene.server.browser().get(&format!("{link}/picture/640")).ok(404);
}

#[test]
fn a_badge_is_embedded_while_it_is_public_and_turning_private_ends_it() {
    let mut scene = scene("public");
    let (path, frame) = (format!("/p/{}/{}", scene.slug, scene.id), format!("/embed/{}/{}", scene.slug, scene.id));
    let shown = scene.server.browser().get(&frame).ok(200);
    assert!(shown.header("content-security-policy").unwrap().ends_with("frame-ancestors *"));
    assert!(shown.header("x-frame-options").is_none() && shown.header("set-cookie").is_none());
    assert!(shown.text().contains("Il paesaggio &#60;come&#62;"));
    assert_eq!(scene.server.browser().get(&path).ok(200).header("x-frame-options"), Some("DENY"), "no other page is framed");
    let ask = |url: &str, more: &str| -> Answer {
        scene.server.browser().get(&format!("/oembed?url={}{more}", satchel_tests::http::encode(url)))
    };
    let url = format!("{}{path}", scene.server.url);
    let said = ask(&url, "&maxwidth=300").ok(200).json();
    assert_eq!((&said["version"], &said["type"], &said["width"]), (&json!("1.0"), &json!("rich"), &json!(300)));
    let html = said["html"].as_str().unwrap();
    assert!(
        html.contains(&format!("src=\"{}{frame}\"", scene.server.url)) && html.contains("&lt;come&gt; &quot;laboratorio&quot;"),
        "{html}"
    );
    assert_eq!(ask(&url, "&format=xml").status, 415);
    for wrong in [format!("{}/account", scene.server.url), String::from("https://elsewhere.example/p/x/y"), String::new()] {
        assert_eq!(ask(&wrong, "").status, 404, "{wrong}");
    }
    let picture = scene.server.browser().get(&format!("{path}/picture/320")).ok(200);
    assert_eq!(picture.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert_eq!(picture.header("cache-control"), Some("private, no-cache"), "asked for again, so that it ends");
    let own = scene.owner.clone().get(&scene.own).ok(200).text();
    assert!(own.contains("&#60;iframe src=&#34;"), "{own}");
    set_page(&mut scene, "private");
    for path in [&path, &frame, &format!("{path}/picture/320"), &format!("{path}/badge.png")] {
        scene.server.browser().get(path).ok(404);
    }
    assert_eq!(scene.server.browser().get(&format!("/oembed?url={}", satchel_tests::http::encode(&url))).status, 404);
}

#[test]
fn another_program_finds_the_frame_by_itself_and_a_page_elsewhere_shows_it_until_the_badge_is_private() {
    let mut scene = scene("public");
    let url = format!("{}/p/{}/{}", scene.server.url, scene.slug, scene.id);
    let found = oembed(&url);
    assert_eq!((&found["type"], &found["version"], &found["title"]), (&json!("rich"), &json!("1.0"), &json!(BADGE)), "{found}");
    assert!(found["width"].as_i64().unwrap() <= 420, "{found}");
    let html = found["html"].as_str().unwrap().to_owned();
    crate::pages::node(&["tests/embed.mjs", "--html", &html, "--expect", BADGE]);
    set_page(&mut scene, "private");
    assert!(oembed(&url)["error"].is_string(), "{}", oembed(&url));
    // What was pasted elsewhere before shows nothing of it any more.
    assert!(!html.contains("srcdoc") && !html.contains("data:"), "{html}");
    scene.server.browser().get(&format!("/embed/{}/{}", scene.slug, scene.id)).ok(404);
}

#[test]
fn badges_are_put_together_on_a_page_of_their_own() {
    let mut scene = scene("public");
    let form = scene.owner.get("/account/collections/new").ok(200);
    let field = format!("badge-{}", scene.id);
    scene.owner.post("/account/collections/new", &form, &[("name", " ")]).ok(422);
    scene
        .owner
        .post(
            "/account/collections/new",
            &form,
            &[("name", "Out of doors"), ("text", "What I did outside."), (&field, "yes"), ("shown", "yes")],
        )
        .ok(303);
    let page = scene.server.browser().get(&format!("/p/{}", scene.slug)).ok(200).text();
    let path = format!("/p/{}/c/{}", scene.slug, between(&page, &format!("href=\"/p/{}/c/", scene.slug), "\""));
    let text = scene.server.browser().get(&path).ok(200).text();
    assert!(text.contains("What I did outside.") && text.contains("Il paesaggio"));
    // What is kept off the page is in no collection either.
    let own = scene.owner.get(&scene.own).ok(200);
    scene.owner.post(&format!("{}/shown", scene.own), &own, &[("show", "no")]).ok(303);
    assert!(!scene.server.browser().get(&path).ok(200).text().contains("Il paesaggio"));
    let edit = format!("/account/collections/{}", path.rsplit('/').next().unwrap());
    let mut other = member(&scene.server, "ada@posta.example");
    other.get(&edit).ok(404);
    let any = other.get("/account/settings").ok(200);
    other.post(&edit, &any, &[("name", "Mine")]).ok(404);
    other.post(&format!("{edit}/remove"), &any, &[]).ok(404);
    // A foreign badge cannot be put in.
    other.post("/account/collections/new", &any, &[("name", "Hers"), (&field, "yes"), ("shown", "yes")]).ok(303);
    let data = other.get("/account/export").ok(200).json();
    assert_eq!(data["collections"][0]["badges"], json!([]));
    let form = scene.owner.get(&edit).ok(200);
    scene.owner.post(&edit, &form, &[("name", "Out of doors"), (&field, "yes")]).ok(303);
    scene.server.browser().get(&path).ok(404);
    scene.owner.get(&path).ok(200);
    scene.owner.post(&format!("{edit}/remove"), &form, &[]).ok(303);
    scene.owner.get(&path).ok(404);
    set_page(&mut scene, "private");
}
