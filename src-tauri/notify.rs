//! What the desktop tells while the window is not in front (Desktop Notifications Specification 1.2). On other systems nothing is told yet.

/// Tells something, if there is somebody who shows it. Nobody waits for that.
#[cfg(target_os = "linux")]
pub fn say(title: String, text: String) {
    std::thread::spawn(move || drop(linux::say(&title, &text)));
}

/// Tells nothing.
#[cfg(not(target_os = "linux"))]
pub fn say(_: String, _: String) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use zbus::blocking::Connection;
    use zbus::zvariant::Value;

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";

    /// Shows it as long as the desktop thinks right.
    pub fn say(title: &str, text: &str) -> zbus::Result<()> {
        let bus = Connection::session()?;
        let able = bus.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())?;
        let able: Vec<String> = able.body().deserialize()?;
        // What a badge calls itself is text; where the desktop reads markup it must not be that.
        let text = if able.iter().any(|it| it == "body-markup") { escaped(text) } else { text.to_owned() };
        let hints = HashMap::from([("desktop-entry", Value::from("Satchel")), ("category", Value::from("email.arrived"))]);
        let told = ("Satchel", 0_u32, "satchel-desktop", title, text.as_str(), Vec::<&str>::new(), hints, -1_i32);
        bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &told).map(drop)
    }

    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    #[test]
    fn what_an_issuer_calls_itself_is_never_markup() {
        assert_eq!(
            escaped("<a href='https://evil.example'>Uni</a> & co"),
            "&lt;a href='https://evil.example'&gt;Uni&lt;/a&gt; &amp; co"
        );
    }
}
