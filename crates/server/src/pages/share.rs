//! Ways to pass a page on (R05, R35): plain links, which load nothing from anybody.

/// Where a page with this address and title can be passed on to, each with the name of the place.
pub fn links(url: &str, title: &str) -> Vec<(&'static str, String)> {
    let query = |pairs: &[(&str, &str)]| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let both = format!("{title} {url}");
    // In a mail a space is a space, not a plus.
    let mail = |text: &str| query(&[("", text)]).trim_start_matches('=').replace('+', "%20");
    vec![
        ("LinkedIn", format!("https://www.linkedin.com/sharing/share-offsite/?{}", query(&[("url", url)]))),
        ("Mastodon", format!("https://share.joinmastodon.org/#{}", query(&[("text", &both)]).replace('+', "%20"))),
        ("Bluesky", format!("https://bsky.app/intent/compose?{}", query(&[("text", &both)]))),
        ("Facebook", format!("https://www.facebook.com/sharer/sharer.php?{}", query(&[("u", url)]))),
        ("X", format!("https://x.com/intent/post?{}", query(&[("text", title), ("url", url)]))),
        ("WhatsApp", format!("https://wa.me/?{}", query(&[("text", &both)]))),
        ("E-mail", format!("mailto:?subject={}&body={}", mail(title), mail(&both))),
    ]
}
