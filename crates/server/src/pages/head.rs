//! What a page that everybody may read says of itself to those who only look at its head: search engines, and places where its address is
//! pasted. And the tag by which somebody who comes again learns in a few bytes that nothing changed.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::sha256;
use serde_json::Value;

use super::{Frame, css_path, draw};
use crate::state::App;
use crate::visitor::Visitor;

/// What the head of a page says.
#[derive(Default)]
pub struct Head {
    /// The one address of the page.
    pub canonical: String,
    /// In a sentence or two.
    pub description: String,
    /// The address of a picture of 1200 by 630 pixels.
    pub image: Option<String>,
    /// Structured data, as JSON that cannot end the element it stands in.
    pub data: Option<String>,
    /// A feed, as Atom.
    pub feed: Option<String>,
    /// Where the page says how it is embedded.
    pub oembed: Option<String>,
}

impl Head {
    /// The head of a page at a path of ours.
    pub fn of(app: &App, path: &str, description: &str) -> Self {
        let short: String = satchel_badge::words::plain(description.trim()).take(300).collect();
        Self { canonical: format!("{}{path}", app.origin), description: short, ..Self::default() }
    }

    /// With a picture.
    #[must_use]
    pub fn image(self, path: &str) -> Self {
        let origin = self.origin().to_owned();
        Self { image: Some(format!("{origin}{path}")), ..self }
    }

    /// With a feed.
    #[must_use]
    pub fn feed(self, path: &str) -> Self {
        let origin = self.origin().to_owned();
        Self { feed: Some(format!("{origin}{path}")), ..self }
    }

    /// With structured data. It is data, not a script: nothing runs it, and no letter in it ends the element.
    #[must_use]
    pub fn data(self, value: &Value) -> Self {
        let text = value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        Self { data: Some(text), ..self }
    }

    fn origin(&self) -> &str {
        let end = self.canonical.match_indices('/').nth(2).map_or(self.canonical.len(), |(at, _)| at);
        &self.canonical[..end]
    }
}

/// The tag of a page, made of all that it depends on.
pub fn tag(app: &App, visitor: &Visitor, state: &str) -> String {
    let signed_in = match (visitor.session.is_some(), visitor.is_staff) {
        (false, _) => "out",
        (true, false) => "in",
        (true, true) => "staff",
    };
    let whole = [
        env!("CARGO_PKG_VERSION"),
        &css_path(),
        &app.origin,
        &app.settings.name,
        &app.settings.operator,
        visitor.language.tag(),
        signed_in,
        &visitor.path,
        &visitor.query,
        state,
    ];
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&sha256(whole.join("\0").as_bytes())[..16]))
}

/// Whether somebody has what is tagged so.
pub fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|it| it.trim().trim_start_matches("W/") == tag))
}

/// The headers of what is tagged.
pub fn tagged(tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("\"\"")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    headers
}

/// The answer to one who has a page as it is in this state. Asked before the page is put together: it costs no more than the state.
pub fn unchanged(app: &App, visitor: &Visitor, asked: &HeaderMap, state: &str) -> Option<Response> {
    let tag = tag(app, visitor, state);
    is_known(asked, &tag).then(|| {
        let mut headers = tagged(&tag);
        visitor.remember_language(app, &mut headers);
        (StatusCode::NOT_MODIFIED, headers).into_response()
    })
}

/// A page that everybody may read, unless whoever asks has it. It has no form that acts, and so needs no cookie. The state was read before what
/// is shown: a change between the two leaves a page that is newer than its tag, and the next look brings the tag.
pub fn shared<T: Template>(app: &App, visitor: &Visitor, asked: &HeaderMap, state: &str, make: impl FnOnce() -> T) -> Response {
    if let Some(response) = unchanged(app, visitor, asked, state) {
        return response;
    }
    let mut headers = tagged(&tag(app, visitor, state));
    visitor.remember_language(app, &mut headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visitor.language.tag()));
    (StatusCode::OK, headers, draw(&make())).into_response()
}

impl Frame {
    /// The same, with what its head says; search engines may list it.
    #[must_use]
    pub fn with(self, head: Head) -> Self {
        Self { index: true, head: Some(head), ..self }
    }
}
