//! The form by which people ask for a badge, as staff write it (R24): what stands above it, the questions in their order, how many files may
//! come along. Buttons move, add and remove questions in what is typed; nothing is kept before it is saved.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::request::{Access, Field, Form as Asks, Kind, MAX_CHOICES, MAX_FIELDS, MAX_FILES, MAX_INTRO, MAX_LABEL};
use satchel_protocol::{Code, Id, Problem, sha256};
use serde::Deserialize;

use super::catalogue::{Described, described};
use super::staff::{Acting, acting};
use super::words::Words;
use super::{Frame, go, page, problem, request as asking};
use crate::state::{App, now};
use crate::store::act::{self, Did, hex};
use crate::store::request::{self, Kept};
use crate::store::{Error, Tx, issuer, listing};
use crate::visitor::{Form as Sent, Visitor};

/// A question as it is typed; choices are lines.
#[derive(Clone, Default)]
struct Typed {
    label: String,
    kind: Kind,
    required: bool,
    choices: String,
}

impl Typed {
    fn read(sent: &Sent, end: &str) -> Self {
        let label: String = satchel_badge::words::plain(sent.get(&format!("label-{end}"))).collect();
        Self {
            label: label.trim().to_owned(),
            kind: kind_of(sent.get(&format!("kind-{end}"))),
            required: sent.get(&format!("required-{end}")) == "yes",
            choices: sent.trimmed(&format!("choices-{end}")).to_owned(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let plain = |line: &str| satchel_badge::words::plain(line).collect::<String>().trim().to_owned();
        self.choices.lines().map(plain).filter(|line| !line.is_empty()).collect()
    }

    /// As it is kept.
    fn field(&self) -> Field {
        Field { label: self.label.clone(), kind: self.kind, required: self.required, choices: self.lines() }
    }
}

impl From<Field> for Typed {
    fn from(it: Field) -> Self {
        Self { label: it.label, kind: it.kind, required: it.required, choices: it.choices.join("\n") }
    }
}

/// A form as it is typed, and the question that was taken out of it last, with its place.
#[derive(Default)]
struct Draft {
    intro: String,
    files: u8,
    questions: Vec<Typed>,
    gone: Option<(usize, Typed)>,
    /// The question that has just come or moved.
    moved: Option<usize>,
}

impl From<Asks> for Draft {
    fn from(it: Asks) -> Self {
        let questions = it.fields.into_iter().map(Typed::from).collect();
        Self { intro: it.intro, files: it.files, questions, ..Self::default() }
    }
}

impl Draft {
    fn read(sent: &Sent) -> Self {
        let many = sent.get("many").parse::<usize>().unwrap_or_default().min(MAX_FIELDS);
        let gone = sent.get("gone").parse().ok().map(|at: usize| (at, Typed::read(sent, "gone")));
        let intro = sent.trimmed("opening").chars().filter(|c| !c.is_control() || *c == '\n').collect();
        Self {
            intro,
            files: sent.get("most-files").parse().unwrap_or(MAX_FILES + 1),
            questions: (0..many).map(|number| Typed::read(sent, &number.to_string())).collect(),
            gone,
            moved: None,
        }
    }

    /// Carries out what a button says; whether it was one of these.
    fn rearrange(&mut self, what: &str) -> bool {
        let (act, at) = what.split_once('-').unwrap_or((what, ""));
        let at = at.parse::<usize>().ok().filter(|at| *at < self.questions.len());
        match (act, at) {
            ("look", _) => {}
            ("add", _) if self.questions.len() < MAX_FIELDS => {
                self.questions.push(Typed::default());
                self.moved = Some(self.questions.len() - 1);
            }
            ("up", Some(at)) if at > 0 => {
                self.questions.swap(at, at - 1);
                self.moved = Some(at - 1);
            }
            ("down", Some(at)) if at + 1 < self.questions.len() => {
                self.questions.swap(at, at + 1);
                self.moved = Some(at + 1);
            }
            ("remove", Some(at)) => self.gone = Some((at, self.questions.remove(at))),
            ("back", _) if self.questions.len() < MAX_FIELDS => {
                if let Some((at, question)) = self.gone.take() {
                    let at = at.min(self.questions.len());
                    self.questions.insert(at, question);
                    self.moved = Some(at);
                }
            }
            _ => return false,
        }
        true
    }

    /// What is wrong with it, each at its field.
    fn errors(&self, w: Words) -> Vec<(String, String)> {
        let mut errors = Vec::new();
        let mut wrong = |name: String, words: &str| errors.push((name, words.to_owned()));
        let long = |most: usize| w.fill(w.answer_long(), &[&most.to_string()]);
        if self.intro.chars().count() > MAX_INTRO {
            wrong(String::from("opening"), &long(MAX_INTRO));
        }
        if self.files > MAX_FILES {
            wrong(String::from("most-files"), &w.fill(w.files_at_most(), &[&MAX_FILES.to_string()]));
        }
        for (number, it) in self.questions.iter().enumerate() {
            let (label, choices) = (format!("label-{number}"), it.lines());
            match it.label.chars().count() {
                0 => wrong(label, w.question_missing()),
                1..=MAX_LABEL => {}
                _ => wrong(label, &long(MAX_LABEL)),
            }
            let name = format!("choices-{number}");
            if it.kind != Kind::Choice && !choices.is_empty() {
                wrong(name, w.choices_unasked());
            } else if it.kind == Kind::Choice && choices.is_empty() {
                wrong(name, w.choices_missing());
            } else if choices.len() > MAX_CHOICES {
                wrong(name, &w.fill(w.choices_many(), &[&MAX_CHOICES.to_string()]));
            } else if choices.iter().any(|it| it.chars().count() > MAX_LABEL) {
                wrong(name, &w.fill(w.choice_long(), &[&MAX_LABEL.to_string()]));
            }
        }
        errors
    }

    /// The form that it makes.
    fn form(&self) -> Asks {
        let fields = self.questions.iter().map(Typed::field).collect();
        Asks { intro: self.intro.clone(), fields, files: self.files, ..Asks::default() }
    }

    /// The same, without what cannot be kept: to be looked at.
    fn as_far_as_right(&self) -> Asks {
        let mut form = self.form();
        form.files = form.files.min(MAX_FILES);
        form.fields.retain(|it| !it.label.is_empty() && (it.kind != Kind::Choice || !it.choices.is_empty()));
        form
    }
}

const KINDS: [(Kind, &str); 4] = [(Kind::Text, "text"), (Kind::Long, "long"), (Kind::Choice, "choice"), (Kind::Check, "check")];

fn kind_of(name: &str) -> Kind {
    KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind).unwrap_or_default()
}

fn kind_words(w: Words, kind: Kind) -> &'static str {
    match kind {
        Kind::Text => w.kind_text(),
        Kind::Long => w.kind_long(),
        Kind::Choice => w.kind_choice(),
        Kind::Check => w.kind_check(),
    }
}

/// What a form is recognised by, whoever may ask with it: of two who write at once, the later one is told.
fn mark(form: &Asks) -> String {
    let it = Asks { access: Access::default(), ..form.clone() };
    hex(&sha256(serde_json::to_string(&it).unwrap_or_default().as_bytes())[..8])
}

/// A question on the page.
struct Line {
    at: usize,
    number: usize,
    label: String,
    kinds: Vec<(&'static str, &'static str, bool)>,
    required: bool,
    choices: String,
    label_error: Option<String>,
    choices_error: Option<String>,
    is_moved: bool,
    is_last: bool,
}

/// What was taken out, to be put back.
struct Gone {
    at: usize,
    label: String,
    kind: &'static str,
    required: bool,
    choices: String,
}

#[derive(Template)]
#[template(path = "staff_form.html")]
struct Page {
    f: Frame,
    path: String,
    heading: String,
    by: String,
    before: String,
    is_saved: bool,
    /// Whether nobody may ask with it yet.
    is_closed: bool,
    general: Option<String>,
    /// All that is wrong, with the field that it is wrong with.
    errors: Vec<(String, String)>,
    intro: String,
    intro_error: Option<String>,
    files: Vec<(u8, bool)>,
    files_error: Option<String>,
    lines: Vec<Line>,
    many: usize,
    may_add: bool,
    gone: Option<Gone>,
    preview: String,
}

impl Page {
    /// What a field is called, so that what is wrong is told apart in the list.
    fn place_of(&self, name: &str) -> String {
        let w = self.f.w;
        match (name, name.split_once('-').and_then(|(_, at)| at.parse::<usize>().ok())) {
            ("opening", _) => w.form_intro().to_owned(),
            (_, Some(at)) => format!("{} {}", w.question(), at + 1),
            _ => w.form_files().to_owned(),
        }
    }
}

/// The badge whose form it is.
struct Writing {
    acting: Acting,
    it: Described,
    slug: String,
    kept: Option<Kept>,
}

impl Writing {
    fn form(&self) -> Asks {
        self.kept.as_ref().map(|it| it.form.clone()).unwrap_or_default()
    }
}

async fn writing(app: &App, visitor: &Visitor, id: Id, slug: String) -> Result<Writing, Response> {
    let acting = acting(app, visitor).await?;
    if !acting.issuers.contains(&id) {
        return Err(problem(app, visitor, Code::NotFound.into()));
    }
    let name = slug.clone();
    let found = app.store.read(move |tx| {
        let of = issuer::get(tx, id)?.ok_or(Code::NotFound)?;
        Ok((described(tx, &of.did, &name)?, request::form(tx, id, &name)?))
    });
    let (it, kept) = found.await.map_err(|error: Error| problem(app, visitor, error.into()))?;
    Ok(Writing { acting, it, slug, kept })
}

/// Which form was saved just now.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    saved: String,
}

/// The form, to be written.
pub async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((id, slug)): Path<(Id, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    match writing(&app, &visitor, id, slug).await {
        Err(response) => response,
        Ok(it) => {
            let form = it.form();
            let is_saved = asked.saved == mark(&form);
            draw(&app, &visitor, it, &Draft::from(form), Said { is_saved, ..Said::default() })
        }
    }
}

/// What is said of a form that is shown.
#[derive(Default)]
struct Said {
    is_saved: bool,
    general: Option<String>,
    errors: Vec<(String, String)>,
}

fn draw(app: &App, visitor: &Visitor, writing: Writing, draft: &Draft, said: Said) -> Response {
    let w = Words(visitor.language);
    let held = writing.form();
    let badge = writing.it.achievement.name.clone().unwrap_or_else(|| writing.slug.clone());
    let heading = w.fill(w.form_title(), &[&badge]);
    let is_wrong = said.general.is_some() || !said.errors.is_empty();
    let title = if is_wrong { format!("{}: {heading}", w.error()) } else { heading.clone() };
    let error = |name: &str| said.errors.iter().find(|(known, _)| known == name).map(|(_, words)| words.clone());
    let lines = draft.questions.iter().enumerate().map(|(at, it)| Line {
        at,
        number: at + 1,
        label: it.label.clone(),
        kinds: KINDS.iter().map(|(kind, name)| (*name, kind_words(w, *kind), *kind == it.kind)).collect(),
        required: it.required,
        choices: it.choices.clone(),
        label_error: error(&format!("label-{at}")),
        choices_error: error(&format!("choices-{at}")),
        is_moved: draft.moved == Some(at),
        is_last: at + 1 == draft.questions.len(),
    });
    let gone = draft.gone.as_ref().map(|(at, it)| Gone {
        at: *at,
        label: it.label.clone(),
        kind: KINDS.iter().find(|(kind, _)| *kind == it.kind).map_or("", |(_, name)| name),
        required: it.required,
        choices: it.choices.clone(),
    });
    let shown = Page {
        f: Frame::new(app, visitor, title),
        path: format!("/staff/forms/{}/{}/questions", writing.it.issuer.id, writing.slug),
        heading,
        by: writing.it.issuer.name.clone().unwrap_or_else(|| writing.it.issuer.did.clone()),
        before: mark(&held),
        is_saved: said.is_saved,
        is_closed: held.access == Access::Closed,
        general: said.general,
        intro: draft.intro.clone(),
        intro_error: error("opening"),
        files: (0..=MAX_FILES).map(|many| (many, many == draft.files)).collect(),
        files_error: error("most-files"),
        lines: lines.collect(),
        many: draft.questions.len(),
        may_add: draft.questions.len() < MAX_FIELDS,
        gone,
        errors: said.errors,
        preview: asking::preview(app, visitor, writing.it, writing.slug, draft.as_far_as_right()),
    };
    page(app, visitor, if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &shown)
}

/// The answer to it: something is moved in what is typed, or all of it is saved.
pub async fn send(State(app): State<Arc<App>>, Path((id, slug)): Path<(Id, String)>, sent: Sent) -> Response {
    let it = match writing(&app, &sent.visitor, id, slug).await {
        Ok(it) => it,
        Err(response) => return response,
    };
    let (visitor, w) = (&sent.visitor, Words(sent.visitor.language));
    let mut draft = Draft::read(&sent);
    if draft.rearrange(sent.get("do")) {
        return draw(&app, visitor, it, &draft, Said::default());
    }
    if sent.get("do") != "save" {
        return problem(&app, visitor, Problem::new(Code::BadRequest, [String::from("do")]));
    }
    let errors = draft.errors(w);
    if !errors.is_empty() {
        return draw(&app, visitor, it, &draft, Said { errors, ..Said::default() });
    }
    let form = match draft.form().checked() {
        Ok(form) => form,
        Err(refused) => return problem(&app, visitor, refused),
    };
    let (saved, before) = (mark(&form), sent.get("before").to_owned());
    let (slug, by) = (it.slug.clone(), it.acting.by.clone());
    match app.store.write(move |tx| save(tx, id, &slug, &before, form.clone(), &by)).await {
        Ok(()) => go(&format!("/staff/forms/{id}/{}/questions?saved={saved}", it.slug)),
        Err(Error::Problem(refused)) if refused.code == Code::Conflict => {
            // What the other one saved is in its place when this is sent once more.
            match writing(&app, visitor, id, it.slug).await {
                Ok(it) => {
                    let general = Some(w.form_meanwhile().to_owned());
                    draw(&app, visitor, it, &draft, Said { general, ..Said::default() })
                }
                Err(response) => response,
            }
        }
        Err(error) => problem(&app, visitor, error.into()),
    }
}

fn save(tx: &mut Tx<'_>, id: Id, slug: &str, before: &str, form: Asks, by: &str) -> Result<(), Error> {
    listing::get(tx, id, slug)?.ok_or(Code::NotFound)?;
    let held = request::form(tx, id, slug)?.map(|it| it.form).unwrap_or_default();
    if mark(&held) != before {
        return Err(Code::Conflict.into());
    }
    let time = now();
    request::set_form(tx, id, slug, &Asks { access: held.access, ..form }, time)?;
    Ok(act::note(tx, id, by, Did::FormSet, slug, time)?)
}
