//! Whether a credential has the members and types that its version demands. Our own JSON Schemas say what (`schemas/`); a schema that the
//! credential names itself is followed when it is at hand.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Value, json};

use super::{At, Checker, Findings};
use crate::code::Code;
use crate::evidence::{Need, Origin};
use crate::model::{Version, has_type, id_of, list};
use crate::report::Line;

/// What a document should look like: a definition in one of our schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Ob3Vc2,
    Ob3Vc1,
    EndorsementVc2,
    EndorsementVc1,
    Vc2,
    Vc1,
    Assertion2,
    Endorsement2,
    Class2,
    Issuer2,
    Key2,
    Assertion1,
    Assertion0,
    Class1,
    Issuer1,
}

impl Shape {
    pub(super) fn of_credential(value: &Value, version: Version) -> Self {
        let endorsement = has_type(value, "EndorsementCredential");
        match version {
            Version::Ob30Vc20 if endorsement => Self::EndorsementVc2,
            Version::Ob30Vc11 if endorsement => Self::EndorsementVc1,
            Version::Ob30Vc20 => Self::Ob3Vc2,
            Version::Ob30Vc11 => Self::Ob3Vc1,
            Version::Vc11 => Self::Vc1,
            _ => Self::Vc2,
        }
    }

    const ALL: [(Self, &'static str, &'static str); 15] = [
        (Self::Ob3Vc2, V3, "AchievementCredential2"),
        (Self::Ob3Vc1, V3, "AchievementCredential1"),
        (Self::EndorsementVc2, V3, "EndorsementCredential2"),
        (Self::EndorsementVc1, V3, "EndorsementCredential1"),
        (Self::Vc2, V3, "Credential2"),
        (Self::Vc1, V3, "Credential1"),
        (Self::Assertion2, V2, "Assertion"),
        (Self::Endorsement2, V2, "Endorsement"),
        (Self::Class2, V2, "BadgeClass"),
        (Self::Issuer2, V2, "Profile"),
        (Self::Key2, V2, "CryptographicKey"),
        (Self::Assertion1, V1, "Assertion"),
        (Self::Assertion0, V1, "Assertion05"),
        (Self::Class1, V1, "BadgeClass"),
        (Self::Issuer1, V1, "Issuer"),
    ];

    /// The compiled schema; a memo, not state.
    fn validator(self) -> Option<&'static Validator> {
        static COMPILED: [OnceLock<Option<Validator>>; 15] = [const { OnceLock::new() }; 15];
        let (at, (_, text, name)) = Self::ALL.iter().enumerate().find(|(_, (shape, ..))| *shape == self)?;
        COMPILED[at].get_or_init(|| compile(text, name)).as_ref()
    }
}

/// Where 1EdTech publishes its schemas.
const STANDARD_SCHEMAS: &str = "https://purl.imsglobal.org/";

const V1: &str = include_str!("../../schemas/ob1.json");
const V2: &str = include_str!("../../schemas/ob2.json");
const V3: &str = include_str!("../../schemas/ob3.json");

fn compile(text: &str, name: &str) -> Option<Validator> {
    let mut schema: Value = serde_json::from_str(text).ok()?;
    schema.as_object_mut()?.insert("$ref".to_owned(), json!(format!("#/$defs/{name}")));
    jsonschema::options().with_draft(Draft::Draft202012).build(&schema).ok()
}

/// The first few things that are wrong with `value`.
pub(super) fn faults(value: &Value, shape: Shape) -> Vec<Line> {
    let Some(validator) = shape.validator() else { return vec![Line::new(Code::MemberRefused, [String::from("$schema")])] };
    // Whether it is in order is told much faster than what is not.
    if validator.is_valid(value) {
        return Vec::new();
    }
    validator.iter_errors(value).take(5).map(|error| line(&error)).collect()
}

fn line(error: &ValidationError<'_>) -> Line {
    let path = error.instance_path().to_string();
    let place = if path.is_empty() { String::from("/") } else { path };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default().to_owned();
            Line::new(Code::MemberMissing, [name, place])
        }
        ValidationErrorKind::Type { .. } => Line::new(Code::MemberType, [place]),
        _ => Line::new(Code::MemberRefused, [place]),
    }
}

impl Checker<'_> {
    pub(super) fn check_schema(&self, value: &Value, shape: Shape, findings: &mut Findings) {
        let faults = faults(value, shape);
        if faults.is_empty() {
            findings.say(Code::SchemaValid);
        }
        for fault in faults {
            findings.add(fault);
        }
        for named in list(value, "credentialSchema").iter().take(4) {
            if let Some(line) = self.own_schema(named, value, &mut findings.needs) {
                findings.add(line);
            }
        }
    }

    /// The schema that a credential names (VCDM 2.0, 4.11). One that is not at hand is a remark: our own have the same rules. A schema
    /// can be made to take for ever, so a stranger's is not followed: it is that of the standard's own host, or given by hand.
    fn own_schema(&self, named: &Value, value: &Value, needs: &mut Vec<Need>) -> Option<Line> {
        let url = id_of(named)?;
        if !["1EdTechJsonSchemaValidator2019", "JsonSchema"].iter().any(|kind| has_type(named, kind)) {
            return Some(Line::new(Code::OwnSchemaMissing, [url]));
        }
        let mut asked = Vec::new();
        let found = self.look(Need::Url(url.clone()), &mut asked);
        let of_standard = url.starts_with(STANDARD_SCHEMAS);
        needs.extend(asked.into_iter().filter(|_| of_standard));
        let At::Hand(document, used) = found else {
            return Some(Line::new(Code::OwnSchemaMissing, [url]));
        };
        if !of_standard && document.origin != Origin::Given {
            return Some(Line::new(Code::OwnSchemaMissing, [url]).with(used));
        }
        let Some(schema) = super::issuer::content(document) else {
            return Some(Line::new(Code::OwnSchemaMissing, [url]).with(used));
        };
        let draft = Draft::Draft201909;
        let compiled =
            jsonschema::options().with_draft(draft.detect(&schema)).with_pattern_options(PatternOptions::regex()).build(&schema);
        let Ok(validator) = compiled else {
            return Some(Line::new(Code::OwnSchemaMissing, [url]).with(used));
        };
        Some(match validator.iter_errors(value).next() {
            None => Line::new(Code::OwnSchemaValid, [url]).with(used),
            Some(error) => {
                let path = error.instance_path().to_string();
                Line::new(Code::OwnSchemaInvalid, [url, if path.is_empty() { "/".to_owned() } else { path }]).with(used)
            }
        })
    }
}
