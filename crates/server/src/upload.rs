//! Forms that come with files (R24), read a part at a time: nothing is read before it is known that there is such a form, and what was typed is
//! kept when the files turn out too large.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::Stream;
use satchel_protocol::request::{MAX_FILE, MAX_FILES, MAX_REQUEST};
use satchel_protocol::{Code, Problem};

use crate::bounds::Share;
use crate::pages;
use crate::state::App;
use crate::visitor::{Form, MAX_FORM, Visitor, is_cross_site};

/// Bytes of all that is typed into a form that takes files: twenty long answers have room.
const MAX_TYPED: usize = 4 * MAX_FORM;

/// Parts of a form with files: every field, and more files than any form takes.
const MAX_PARTS: usize = 64;

/// Bytes of the head of a part, its name included.
const MAX_HEAD: usize = 64 << 10;

/// A form that was sent with files.
pub struct Upload {
    /// The form.
    pub form: Form,
    /// The files, by the names that they were given, of harmless letters.
    pub files: Vec<(String, Vec<u8>)>,
    /// How many files were larger than one may be.
    pub too_large: usize,
    /// How many files had nothing in them.
    pub empty: usize,
    /// Whether it all was larger than it may be: then what came after that is not here.
    pub is_cut: bool,
    /// What it takes of the bodies that are under way.
    _share: Share,
}

/// The name of a file that somebody sent: its last part, of letters that harm nowhere.
fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let letters = last.chars().map(|c| if c.is_alphanumeric() || "._- ()".contains(c) { c } else { '_' });
    let name: String = letters.take(100).collect();
    let name = name.trim_matches([' ', '.']).to_owned();
    if name.is_empty() { String::from("file") } else { name }
}

/// The same, of which nothing but the head is read yet: whoever takes it looks first whether there is such a form.
pub struct Unread {
    /// Who sends it.
    pub visitor: Visitor,
    request: Request,
}

impl FromRequest<Arc<App>> for Unread {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        if is_cross_site(app, &parts.headers) {
            return Err(pages::problem(app, &visitor, Code::CrossSite.into()));
        }
        Ok(Self { visitor, request: Request::from_parts(parts, body) })
    }
}

impl Unread {
    /// Reads the rest.
    ///
    /// # Errors
    /// The page that says what is wrong with it.
    pub async fn read(self, app: &Arc<App>) -> Result<Upload, Response> {
        let Self { visitor, request } = self;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let form = Form::from_request(request, app).await?;
            let share = Share::new(&app.bodies, "");
            return Ok(Upload { form, files: Vec::new(), too_large: 0, empty: 0, is_cut: false, _share: share });
        }
        match read_parts(request, app, &visitor).await {
            Err(problem) => Err(pages::problem(app, &visitor, problem)),
            Ok(PartsOf { fields, files, too_large, empty, is_cut, share }) => {
                let form = Form { visitor, fields };
                if form.get("form") != form.visitor.token() {
                    return Err(pages::problem(app, &form.visitor, Code::FormExpired.into()));
                }
                Ok(Upload { form, files, too_large, empty, is_cut, _share: share })
            }
        }
    }
}

struct PartsOf {
    fields: HashMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
    too_large: usize,
    empty: usize,
    is_cut: bool,
    share: Share,
}

/// A body that comes a piece at a time, so that whoever takes it apart gives way to others in between. It fails when more is asked for than
/// is left.
struct Paced {
    body: BodyDataStream,
    /// Whether a piece was given just now.
    gave: bool,
    /// Bytes that may be asked for still.
    left: Arc<AtomicUsize>,
}

impl Stream for Paced {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.gave) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Some(Err(axum::Error::new("the head of a part is too long"))));
        }
        let piece = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Ok(bytes)) = &piece {
            self.gave = true;
            self.left.store(left.saturating_sub(bytes.len()), Ordering::Relaxed);
        }
        Poll::Ready(piece)
    }
}

/// The parts of a form with files (RFC 7578). What shows that the form is ours is the first of them, and nothing else is read before it; what
/// was typed before it all grew too large is kept.
async fn read_parts(request: Request, app: &Arc<App>, visitor: &Visitor) -> Result<PartsOf, Problem> {
    let bad = || Problem::new(Code::BadRequest, [String::from("multipart/form-data")]);
    let large = || Problem::new(Code::TooLarge, [format!("{} MB", MAX_REQUEST >> 20)]);
    let much = || Problem::new(Code::TooLarge, [format!("{} kB", MAX_TYPED >> 10)]);
    let said = |error: &MultipartError| if error.status() == StatusCode::PAYLOAD_TOO_LARGE { large() } else { bad() };
    let (head, body) = request.into_parts();
    let left = Arc::new(AtomicUsize::new(MAX_HEAD));
    let paced = Paced { body: body.into_data_stream(), gave: false, left: Arc::clone(&left) };
    let request = Request::from_parts(head, Body::from_stream(paced));
    let mut multipart = Multipart::from_request(request, app).await.map_err(|_| bad())?;
    let share = Share::new(&app.bodies, &visitor.ip);
    let mut all = PartsOf { fields: HashMap::new(), files: Vec::new(), too_large: 0, empty: 0, is_cut: false, share };
    let mut typed = 0;
    let cut = |all: &PartsOf, error: &MultipartError| {
        error.status() == StatusCode::PAYLOAD_TOO_LARGE && all.fields.get("form") == Some(&visitor.token())
    };
    let mut many = 0;
    'parts: loop {
        left.store(MAX_HEAD, Ordering::Relaxed);
        let mut part = match multipart.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) if cut(&all, &error) => {
                all.is_cut = true;
                break;
            }
            Err(error) => return Err(said(&error)),
        };
        left.store(usize::MAX, Ordering::Relaxed);
        let name = part.name().unwrap_or_default().to_owned();
        let is_first = many == 0;
        if is_first && name != "form" {
            return Err(Code::FormExpired.into());
        }
        many += 1;
        if many > MAX_PARTS {
            // Whoever chose that many files is told so.
            return if all.files.len() > usize::from(MAX_FILES) { Ok(all) } else { Err(bad()) };
        }
        typed += name.len() + part.file_name().map_or(0, str::len);
        if typed > MAX_TYPED {
            return Err(much());
        }
        // A browser sends a part without a name of a file for no file.
        let is_none = part.file_name().is_some_and(str::is_empty);
        let file = part.file_name().map(file_name);
        let most = if file.is_some() { MAX_FILE } else { MAX_FORM };
        let (mut bytes, mut length) = (Vec::new(), 0);
        loop {
            let chunk = match part.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) if cut(&all, &error) => {
                    all.is_cut = true;
                    break 'parts;
                }
                Err(error) => return Err(said(&error)),
            };
            length += chunk.len();
            if file.is_none() && length > most {
                return Err(much());
            }
            // What is too long is read to its end, and not kept.
            if length <= most {
                all.share.grow(chunk.len())?;
                bytes.extend_from_slice(&chunk);
            }
        }
        match file {
            Some(_) if length == 0 && is_none => {}
            Some(_) if length == 0 => all.empty += 1,
            Some(_) if length > MAX_FILE => all.too_large += 1,
            Some(file) if all.files.len() <= usize::from(MAX_FILES) => all.files.push((file, bytes)),
            Some(_) => {}
            None => {
                typed += length;
                if typed > MAX_TYPED {
                    return Err(much());
                }
                all.fields.insert(name, String::from_utf8_lossy(&bytes).replace('\0', "").replace("\r\n", "\n"));
                if is_first && all.fields.get("form") != Some(&visitor.token()) {
                    return Err(Code::FormExpired.into());
                }
            }
        }
    }
    Ok(all)
}
