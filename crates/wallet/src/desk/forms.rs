//! The forms by which people ask for badges: what staff set in a browser, from here.

use std::path::Path;

use jiff::Timestamp;
use satchel_badge::json::JsonError;
use satchel_protocol::request::{Access, Form};
use serde::Deserialize;

use super::remote::Remote;
use super::{Desk, DeskError, Passphrases};

/// The form of a badge, as the server keeps it.
#[derive(Clone, Debug, Deserialize)]
pub struct BadgeForm {
    /// The badge.
    pub slug: String,
    /// Its form.
    pub form: Form,
    /// Whether a secret link leads to it.
    pub has_link: bool,
}

impl Desk {
    /// The form of a badge; a closed one without questions where none was made.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn form(
        &self,
        badge: &str,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<BadgeForm, DeskError> {
        let keys = self.keys(passphrases)?;
        known(&Remote::new(&self.issuer, &keys, clock)?, badge)
    }

    /// Opens or closes the form of a badge, or gives it other questions; what is not given stays. `questions` is a file with `intro`, `fields`
    /// and `files`, as the server has them. The form as it is then, and the secret link when there is a new one.
    ///
    /// # Errors
    /// The file is no such, there is no such badge, or the server cannot be asked.
    pub fn set_form(
        &self,
        badge: &str,
        access: Option<Access>,
        questions: Option<&Path>,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(BadgeForm, Option<String>), DeskError> {
        let asked = questions.map(read).transpose()?;
        let keys = self.keys(passphrases)?;
        let remote = Remote::new(&self.issuer, &keys, clock)?;
        self.publish_issuer(&remote)?;
        self.publish_badge(&remote, badge)?;
        let before = known(&remote, badge)?.form;
        let form = Form { access: access.unwrap_or(before.access), ..asked.unwrap_or(before) };
        let link = remote.put_form(badge, &form)?;
        Ok((known(&remote, badge)?, link))
    }
}

fn known(remote: &Remote<'_>, badge: &str) -> Result<BadgeForm, DeskError> {
    let made = remote.forms()?.into_iter().find(|it| it.slug == badge);
    Ok(made.unwrap_or_else(|| BadgeForm { slug: badge.to_owned(), form: Form::default(), has_link: false }))
}

/// The questions in a file, which say nothing of who may ask.
fn read(path: &Path) -> Result<Form, DeskError> {
    let shown = || path.display().to_string();
    let bytes = crate::inspect::read(path).map_err(|error| DeskError::unreadable(path, &error))?;
    let bad = |why: String| DeskError::BadForm { path: shown(), why };
    let mut value = satchel_badge::json::parse(&bytes).map_err(|error| bad(words(error)))?;
    let members = value.as_object_mut().ok_or_else(|| bad(String::from("no object")))?;
    if members.insert(String::from("access"), Access::Closed.name().into()).is_some() {
        return Err(bad(String::from("access")));
    }
    let form: Form = serde_json::from_value(value).map_err(|error| bad(error.to_string()))?;
    form.checked().map_err(|problem| bad(problem.to_string()))
}

fn words(error: JsonError) -> String {
    match error {
        JsonError::Malformed(words) => words,
        other => format!("{other:?}"),
    }
}
