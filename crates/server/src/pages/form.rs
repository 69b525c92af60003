//! Forms: one question's worth at a time, a summary of errors on top and each error at its field, and what was typed is kept, but for
//! passwords.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::institutions::Institutions;
use super::{Frame, page};
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
}

/// A field.
pub struct Field {
    name: &'static str,
    label: &'static str,
    hint: String,
    kind: Kind,
    value: String,
    parts: Vec<Part>,
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
    pub fn new(kind: Kind, name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { name, label, hint: String::new(), kind, value: String::new(), parts: Vec::new(), autocomplete, error: None }
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
            Kind::Text | Kind::Date => "text",
        }
    }

    fn is_date(&self) -> bool {
        self.kind == Kind::Date
    }

    /// The id of what gets the focus when its error is pressed.
    fn target(&self) -> &str {
        self.parts.first().map_or(self.name, |part| &part.name)
    }
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
    general: Option<String>,
    institutions: Option<Institutions>,
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
            general: None,
            institutions: None,
        }
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

    /// With a button that warns.
    #[must_use]
    pub fn grave(mut self) -> Self {
        self.is_grave = true;
        self
    }

    /// With what was typed before.
    #[must_use]
    pub fn filled(mut self, sent: &Sent) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.kind != Kind::Password) {
            field.value = sent.get(field.name).to_owned();
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
    pub fn errors(mut self, errors: &[(&'static str, String)]) -> Self {
        for (name, words) in errors {
            match self.fields.iter_mut().find(|field| field.name == *name) {
                Some(field) => field.error = Some(words.clone()),
                None => self.general = Some(words.clone()),
            }
        }
        self
    }

    fn has_errors(&self) -> bool {
        self.general.is_some() || self.fields.iter().any(|field| field.error.is_some())
    }

    /// The page; one with errors has the status of an unprocessable form.
    pub fn respond(mut self, app: &App, visitor: &Visitor) -> Response {
        let mut status = StatusCode::OK;
        if self.has_errors() {
            status = StatusCode::UNPROCESSABLE_ENTITY;
            self.f.title = format!("{}: {}", self.f.w.error(), self.f.title);
        }
        page(app, visitor, status, &self)
    }

    fn heading(&self) -> &str {
        let prefix = format!("{}: ", self.f.w.error());
        self.f.title.strip_prefix(&prefix).unwrap_or(&self.f.title)
    }
}
