//! The server's pages in `WebKitGTK`, which is as near to Safari as this system comes: the whole way from an invitation to the page that shows the badge.

use satchel_tests::running::Running;
use satchel_tests::window::{Desktop, Window};
use serde_json::{Value, json};

use crate::catalogue::publish;
use crate::scene::{Desk, PASSWORD};

const EMAIL: &str = "elena@posta.example";
const BADGE: &str = "Il paesaggio come laboratorio";

/// What the page is held to: axe, the Tab key, its width, also with text at 200 %, and its language.
#[track_caller]
fn held(page: &Window, title: &str) {
    page.gives("return document.readyState === 'complete'", &json!(true));
    page.sees(title);
    let spills = "const root = document.documentElement;
        const wide = ['', '200%'].map(size => { root.style.fontSize = size; return Math.max(0, root.scrollWidth - root.clientWidth); });
        root.style.fontSize = '';
        return [...wide, root.lang]";
    assert_eq!(
        page.run(spills, &[]).unwrap(),
        json!([0, 0, "en"]),
        "{title}: pixels beyond the screen, with large text, language"
    );
    assert_eq!(page.faults(), Vec::<String>::new(), "{title}");
}

#[test]
fn the_whole_way_is_gone_in_webkit() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "land", BADGE, &json!({}), "published");
    desk.give(EMAIL, BADGE);
    let desktop = Desktop::new();
    let page = desktop.browser();
    page.goes_to(&server.mail(EMAIL, BADGE).link("/claim/"));
    held(&page, BADGE);
    page.click("Register");
    held(&page, "Date of birth");
    page.types("#password", "short");
    page.click_on("form button");
    held(&page, "There is a problem");
    let fields = [
        ("given", "Elena"),
        ("family", "Marchetti"),
        ("birth-day", "31"),
        ("birth-month", "3"),
        ("birth-year", "1999"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    for (name, value) in fields {
        page.types(&format!("#{name}"), value);
    }
    page.click_on("form button");
    held(&page, "Look at your mail");
    page.goes_to(&server.mail(EMAIL, "Verify your address").link("/verify/"));
    held(&page, "Verify");
    page.types("#password", PASSWORD);
    page.click_on("form button");
    page.sees("Accept and publish my page");
    held(&page, BADGE);
    page.click_on(".equal button");
    page.sees("Download the picture");
    held(&page, BADGE);
    let badge = address(&page);
    for (path, title) in [
        ("/account", BADGE),
        ("/account/settings", "Sign out"),
        ("/account/profile", "Satchel"),
        ("/badges", "Satchel"),
        (&format!("/badges/{}/land", desk.did), BADGE),
        ("/nothing-here", "Satchel"),
        ("/help", "Satchel"),
    ] {
        page.goes_to(&format!("{}{path}", server.url));
        held(&page, title);
    }
    page.goes_to(&format!("{}/account", server.url));
    page.click("See your page");
    held(&page, "Elena");
    page.click_on(".card a");
    held(&page, BADGE);
    page.goes_to(&format!("{}/account/settings", server.url));
    page.click_on("form[action='/sign-out'] button");
    page.sees("Sign in");
    page.goes_to(&badge);
    held(&page, "Sign in");
}

fn address(page: &Window) -> String {
    page.run("return location.href", &[]).as_ref().ok().and_then(Value::as_str).unwrap_or_default().to_owned()
}
