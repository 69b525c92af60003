//! Forms: one question's worth at a time, a summary of errors on top and each error at its field, and what was typed is kept, but for
//! passwords.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::institutions::Institutions;
use super::notices::Shown as Holds;
use super::second::Ask;
use super::{Frame, page, with_script};
use crate::state::App;
use crate::visitor::{Form as Sent, Visitor};

/// A kind of field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A password; never shown again.
    Password,
    /// A date, as three numbers.
    Date,
    /// Several lines of text.
    Long,
    /// One of some choices.
    Choice,
    /// Yes or nothing.
    Check,
    /// Files to send along.
    Files,
}

/// A field.
pub struct Field {
    name: Cow<'static, str>,
    label: Cow<'static, str>,
    hint: String,
    kind: Kind,
    value: String,
    parts: Vec<Part>,
    choices: Vec<(String, String)>,
    autocomplete: &'static str,
    error: Option<String>,
}

struct Part {
    name: String,
    label: &'static str,
    value: String,
    autocomplete: String,
    width: u8,
}

impl Field {
    /// An empty field.
    pub fn new(
        kind: Kind,
        name: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        autocomplete: &'static str,
    ) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: String::new(),
            kind,
            value: String::new(),
            parts: Vec::new(),
            choices: Vec::new(),
            autocomplete,
            error: None,
        }
    }

    /// With what may be chosen: values and their words.
    #[must_use]
    pub fn choices(self, choices: Vec<(String, String)>) -> Self {
        Self { choices, ..self }
    }

    /// A date of birth, with the words for its parts.
    pub fn birth(name: &'static str, label: &'static str, parts: [&'static str; 3]) -> Self {
        let part = |(part, label): (&str, &'static str)| Part {
            name: format!("{name}-{part}"),
            label,
            value: String::new(),
            autocomplete: format!("bday-{part}"),
            width: if part == "year" { 4 } else { 2 },
        };
        let parts = ["day", "month", "year"].into_iter().zip(parts).map(part).collect();
        Self { parts, ..Self::new(Kind::Date, name, label, "off") }
    }

    /// With a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Email => "email",
            Kind::Password => "password",
            Kind::Check => "checkbox",
            Kind::Files => "file",
            Kind::Text | Kind::Date | Kind::Long | Kind::Choice => "text",
        }
    }

    fn is_date(&self) -> bool {
        self.kind == Kind::Date
    }

    fn is_long(&self) -> bool {
        self.kind == Kind::Long
    }

    fn is_choice(&self) -> bool {
        self.kind == Kind::Choice
    }

    fn is_check(&self) -> bool {
        self.kind == Kind::Check
    }

    fn is_files(&self) -> bool {
        self.kind == Kind::Files
    }

    /// The id of what gets the focus when its error is pressed.
    fn target(&self) -> &str {
        self.parts.first().map_or(&self.name, |part| &part.name)
    }
}

/// What a form asks, to be looked at and not to be filled in.
#[derive(Template)]
#[template(path = "sample.html")]
struct Sample {
    f: Frame,
    intro: Vec<String>,
    fields: Vec<Field>,
    button: String,
}

/// A form.
#[derive(Template)]
#[template(path = "form.html")]
pub struct Form {
    f: Frame,
    intro: Vec<String>,
    fields: Vec<Field>,
    hidden: Vec<(&'static str, String)>,
    button: String,
    action: String,
    links: Vec<(String, String)>,
    is_grave: bool,
    /// Whether there is a field that people leave empty, and programs do not.
    has_trap: bool,
    general: Option<String>,
    institutions: Option<Institutions>,
    passkey: Option<Ask>,
    /// The terms and notices that hold for what is sent.
    holds: Holds,
    /// The status of an answer with errors.
    refused: StatusCode,
}

impl Form {
    /// A form that is sent to the path of this page.
    pub fn new(app: &App, visitor: &Visitor, title: &str, button: &str) -> Self {
        Self {
            f: Frame::new(app, visitor, title),
            intro: Vec::new(),
            fields: Vec::new(),
            hidden: Vec::new(),
            button: button.to_owned(),
            action: visitor.path.clone(),
            links: Vec::new(),
            is_grave: false,
            has_trap: false,
            general: None,
            institutions: None,
            passkey: None,
            holds: Holds::default(),
            refused: StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// With this status when there are errors.
    #[must_use]
    pub fn refused(self, refused: StatusCode) -> Self {
        Self { refused, ..self }
    }

    /// Sent to another path.
    #[must_use]
    pub fn to(self, path: &str) -> Self {
        Self { action: path.to_owned(), ..self }
    }

    /// Whose page is at this address, when it is shown as the answer to what was sent: there the other language is.
    #[must_use]
    pub fn at(mut self, visitor: &Visitor, address: &str) -> Self {
        if visitor.sends {
            self.f = self.f.at(address);
        }
        self
    }

    /// With a paragraph above the fields.
    #[must_use]
    pub fn intro(mut self, text: impl Into<String>) -> Self {
        self.intro.push(text.into());
        self
    }

    /// With one more field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// With a value that nobody sees.
    #[must_use]
    pub fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// With a link below it.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.links.push((href.into(), text.into()));
        self
    }

    /// With institutions to sign in through instead.
    #[must_use]
    pub fn institutions(mut self, institutions: Option<Institutions>) -> Self {
        self.institutions = institutions;
        self
    }

    /// With a passkey instead.
    #[must_use]
    pub fn passkey(mut self, ask: Option<Ask>) -> Self {
        self.passkey = ask;
        self
    }

    /// With the terms and notices that hold for what is sent.
    #[must_use]
    pub fn holds(self, holds: &Holds) -> Self {
        Self { holds: holds.clone(), ..self }
    }

    /// With a button that warns.
    #[must_use]
    pub fn grave(mut self) -> Self {
        self.is_grave = true;
        self
    }

    /// With a field that people do not see; programs that fill in forms fill it in (`Sent::is_trapped`).
    #[must_use]
    pub fn trap(mut self) -> Self {
        self.has_trap = true;
        self
    }

    fn has_files(&self) -> bool {
        self.fields.iter().any(Field::is_files)
    }

    /// With what was typed before.
    #[must_use]
    pub fn filled(mut self, sent: &Sent) -> Self {
        for field in self.fields.iter_mut().filter(|field| !matches!(field.kind, Kind::Password | Kind::Files)) {
            field.value = sent.get(&field.name).to_owned();
            for part in &mut field.parts {
                part.value = sent.get(&part.name).to_owned();
            }
        }
        self
    }

    /// With a value in the field with this name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.value = value.into();
        }
        self
    }

    /// With errors, each at the field with this name, or above all when there is none.
    #[must_use]
    pub fn errors<N: AsRef<str>>(mut self, errors: &[(N, String)]) -> Self {
        for (name, words) in errors {
            match self.fields.iter_mut().find(|field| field.name == name.as_ref()) {
                Some(field) => field.error = Some(words.clone()),
                None => self.general = Some(words.clone()),
            }
        }
        self
    }

    /// What it asks, as a piece of HTML that can be looked at only.
    pub fn sample(self) -> String {
        let Self { f, intro, fields, button, .. } = self;
        super::draw(&Sample { f, intro, fields, button })
    }

    /// What is wrong with a field as the summary has it: by its name, where the same is wrong with another one.
    fn summary(&self, field: &Field) -> String {
        let words = field.error.as_deref().unwrap_or_default();
        let is_shared = self.fields.iter().filter(|it| it.error.as_deref() == Some(words)).count() > 1;
        if is_shared { format!("{}: {words}", field.label) } else { words.to_owned() }
    }

    fn has_errors(&self) -> bool {
        self.general.is_some() || self.fields.iter().any(|field| field.error.is_some())
    }

    /// The page; one with errors has the status of an unprocessable form.
    pub fn respond(mut self, app: &App, visitor: &Visitor) -> Response {
        let mut status = StatusCode::OK;
        if self.has_errors() {
            status = self.refused;
            self.f.title = format!("{}: {}", self.f.w.error(), self.f.title);
        }
        let response = page(app, visitor, status, &self);
        if self.passkey.is_some() { with_script(response) } else { response }
    }

    fn heading(&self) -> &str {
        let prefix = format!("{}: ", self.f.w.error());
        self.f.title.strip_prefix(&prefix).unwrap_or(&self.f.title)
    }
}
