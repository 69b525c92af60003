//! Asking for a badge (R24 to R28): the form that an issuer asks with, and the states of a request. One table, read by server and desk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Code, Id, Problem, Stands};

/// Questions of one form.
pub const MAX_FIELDS: usize = 20;
/// Letters of a label, or of a choice.
pub const MAX_LABEL: usize = 200;
/// Choices of one question.
pub const MAX_CHOICES: usize = 50;
/// Letters of what stands above the questions.
pub const MAX_INTRO: usize = 2000;
/// Files of one request, at most.
pub const MAX_FILES: u8 = 5;
/// Bytes of one file.
pub const MAX_FILE: usize = 5 << 20;
/// Bytes of all that one request brings.
pub const MAX_REQUEST: usize = 12 << 20;

/// Who may ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = request::Access)]
pub enum Access {
    /// Nobody.
    #[default]
    Closed,
    /// Everybody.
    Open,
    /// Whoever has the link, which is a secret.
    Link,
}

impl Access {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Link => "link",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::Link].into_iter().find(|it| it.name() == name)
    }
}

/// A kind of question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = request::Kind)]
pub enum Kind {
    /// A line.
    #[default]
    Text,
    /// Several lines.
    Long,
    /// One of some choices.
    Choice,
    /// Yes or nothing.
    Check,
}

/// A question of the issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = request::Field)]
pub struct Field {
    /// The question, as the issuer writes it.
    pub label: String,
    /// What kind of answer it has.
    #[serde(default)]
    pub kind: Kind,
    /// Whether it must be answered.
    #[serde(default)]
    pub required: bool,
    /// What may be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// The form of a badge. Name and address are always asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = request::Form)]
pub struct Form {
    /// Who may ask.
    pub access: Access,
    /// What stands above the questions.
    #[serde(default)]
    pub intro: String,
    /// The questions.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// How many files may come with it.
    #[serde(default)]
    pub files: u8,
}

impl Form {
    /// The form, when all of it is within bounds.
    ///
    /// # Errors
    /// What is not.
    pub fn checked(self) -> Result<Self, Problem> {
        let wrong = |what: String| Err(Problem::new(Code::Invalid, [what]));
        let is_plain = |text: &str| text.chars().all(|c| !c.is_control() || c == '\n');
        if self.fields.len() > MAX_FIELDS {
            return wrong(format!("fields: at most {MAX_FIELDS}"));
        }
        if self.files > MAX_FILES {
            return wrong(format!("files: at most {MAX_FILES}"));
        }
        if self.intro.chars().count() > MAX_INTRO || !is_plain(&self.intro) {
            return wrong(format!("intro: at most {MAX_INTRO} plain characters"));
        }
        for field in &self.fields {
            let texts = [&field.label].into_iter().chain(&field.choices);
            for text in texts {
                if text.trim().is_empty() || text.chars().count() > MAX_LABEL || text.chars().any(char::is_control) {
                    return wrong(format!("a label or choice has 1 to {MAX_LABEL} characters on one line"));
                }
            }
            let choices = field.choices.len();
            if (field.kind == Kind::Choice) != (choices > 0) || choices > MAX_CHOICES {
                return wrong(format!("choices: 1 to {MAX_CHOICES}, and only of a question of the kind choice"));
            }
        }
        Ok(self)
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = request::State)]
pub enum State {
    /// Whoever asks has not yet confirmed the address; nobody at the issuer sees it.
    Unconfirmed,
    /// It waits for somebody to decide.
    Waiting,
    /// It was approved, and waits until a desk has signed the award.
    Approved,
    /// The award was signed, and the invitation is on its way.
    Awarded,
    /// It was refused.
    Refused,
}

/// What may happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The address is confirmed.
    Confirm,
    /// The issuer says yes.
    Approve,
    /// The issuer says no.
    Refuse,
    /// The decision is taken back.
    Undo,
    /// A desk uploaded the award.
    Award,
}

impl State {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 5] = [Self::Unconfirmed, Self::Waiting, Self::Approved, Self::Awarded, Self::Refused];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Awarded => "awarded",
            Self::Refused => "refused",
        }
    }

    /// How a request stands that lets something not be done.
    pub const fn stands(self) -> Stands {
        let both = match self {
            Self::Unconfirmed => ("the address of the request is not confirmed", "l'indirizzo della richiesta non è confermato"),
            Self::Waiting => ("the request waits for a decision", "la richiesta attende una decisione"),
            Self::Approved => ("the request was approved", "la richiesta è stata approvata"),
            Self::Awarded => ("the badge was awarded", "il badge è stato assegnato"),
            Self::Refused => ("the request was refused", "la richiesta è stata respinta"),
        };
        Stands { name: self.name(), both }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Where an event leads from here; none where it must not happen.
    pub fn after(self, event: Event) -> Option<Self> {
        match (self, event) {
            (Self::Unconfirmed, Event::Confirm) | (Self::Approved | Self::Refused, Event::Undo) => Some(Self::Waiting),
            (Self::Waiting, Event::Approve) => Some(Self::Approved),
            (Self::Waiting | Self::Approved, Event::Refuse) => Some(Self::Refused),
            (Self::Waiting | Self::Approved, Event::Award) => Some(Self::Awarded),
            _ => None,
        }
    }
}

/// A question and what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = request::Answer)]
pub struct Answer {
    /// The question, as it was asked.
    pub label: String,
    /// The answer.
    pub answer: String,
}

/// A file that came with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = request::File)]
pub struct File {
    /// Its number, by which it is fetched.
    pub number: i64,
    /// Its name, of harmless letters.
    pub name: String,
    /// Its bytes.
    pub bytes: i64,
}

/// A request, as its issuer's desk sees it. Once erased it has no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = request::Request)]
pub struct Request {
    /// Its id.
    pub id: Id,
    /// Which badge.
    pub slug: String,
    /// The identifier of its achievement.
    pub achievement: String,
    /// Where it stands.
    pub state: State,
    /// Given name.
    pub given: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// The confirmed address.
    pub email: Option<String>,
    /// The language in which it was asked.
    pub language: String,
    /// What else was asked.
    pub answers: Vec<Answer>,
    /// Files.
    pub files: Vec<File>,
    /// When it was made, in microseconds since 1970.
    pub created: i64,
    /// Since when it stands so.
    pub changed: i64,
}

/// How many requests an issuer has, of those that somebody has still to do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = request::Counts)]
pub struct Counts {
    /// They wait for somebody to decide.
    pub waiting: i64,
    /// They are approved, and wait until a desk has signed the award.
    pub approved: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_awarded_stays_and_nobody_decides_before_the_address_is_confirmed() {
        for event in [Event::Confirm, Event::Approve, Event::Refuse, Event::Undo, Event::Award] {
            assert_eq!(State::Awarded.after(event), None, "{event:?}");
        }
        assert_eq!(State::Unconfirmed.after(Event::Approve), None);
        assert_eq!(State::Unconfirmed.after(Event::Award), None);
    }

    #[test]
    fn a_form_out_of_bounds_is_told_what_is() {
        let field = |label: &str, kind, choices: &[&str]| Field {
            label: label.into(),
            kind,
            required: true,
            choices: choices.iter().map(|it| (*it).to_owned()).collect(),
        };
        let form = |fields: Vec<Field>, files| Form { access: Access::Open, intro: String::new(), fields, files };
        assert!(form(vec![field("Matriculation number", Kind::Text, &[])], 5).checked().is_ok());
        for bad in [
            form(vec![field(" ", Kind::Text, &[])], 0),
            form(vec![field("a\nb", Kind::Text, &[])], 0),
            form(vec![field("Which", Kind::Choice, &[])], 0),
            form(vec![field("Which", Kind::Text, &["one"])], 0),
            form(Vec::new(), 6),
            form(vec![field("a", Kind::Text, &[]); 21], 0),
        ] {
            assert!(bad.checked().is_err());
        }
    }
}
