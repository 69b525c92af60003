//! What a badge may say of itself: one set of rules, for the file that staff write at a desk and for the document that a server takes (Open Badges
//! 3.0, `Achievement`). Whoever reads it reads all of it, and notes everything that is wrong.

use satchel_badge::words::{Language, plain};
use serde_json::{Map, Value};
use url::Url;

use crate::{Code, FieldError, Problem};

/// Bytes of the file or the document.
pub const MAX_BYTES: usize = 1 << 20;

/// Characters of a name, of a description or narrative, of an address; how many tags or alignments.
pub const NAME: usize = 200;
/// Characters of a description or narrative.
pub const TEXT: usize = 10_000;
/// Characters of an address.
pub const ADDRESS: usize = 2_000;
/// How many tags or alignments.
pub const MANY: usize = 50;

/// Faults that the one sentence of a problem names; all of them are in its fields, in words.
const TOLD: usize = 6;

/// OB 3.0, `AchievementType`; others begin with `ext:`.
#[rustfmt::skip]
const KINDS: [&str; 31] = [
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge", "BachelorDegree",
    "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency", "Course", "CoCurricular", "Degree",
    "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment", "JourneymanCertificate", "LearningProgram", "License",
    "MasterCertificate", "MasterDegree", "Membership", "MicroCredential", "ProfessionalDoctorate", "QualityAssuranceCredential",
    "ResearchDoctorate", "SecondarySchoolDiploma",
];

/// The members of an alignment (OB 3.0, `Alignment`), and how long each may be.
pub const TARGETS: [(&str, usize); 6] = [
    ("targetName", NAME),
    ("targetUrl", ADDRESS),
    ("targetDescription", TEXT),
    ("targetFramework", NAME),
    ("targetCode", NAME),
    ("targetType", NAME),
];

/// Why a member is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is missing, or empty.
    Missing,
    /// It is of another type.
    WrongType,
    /// It is not known here.
    Unknown,
    /// It is too long.
    TooLong,
    /// It has characters that nobody sees or that steer.
    ControlCharacters,
    /// It is no web address.
    NotAnUrl,
    /// It is no tag of a language (BCP 47).
    NotATag,
}

impl Why {
    /// The stable code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::Unknown => "unknown_member",
            Self::TooLong => "too_long",
            Self::ControlCharacters => "control_characters",
            Self::NotAnUrl => "not_a_url",
            Self::NotATag => "not_a_language_tag",
        }
    }

    /// The words for a person, in English and in Italian.
    #[rustfmt::skip]
    pub const fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => ("it is missing", "manca"),
            Self::WrongType => ("it is of another type than it must be", "è di un tipo diverso da quello richiesto"),
            Self::Unknown => ("it is not known here; look for a slip of the pen", "non è noto qui; controlla che non sia un errore di battitura"),
            Self::TooLong => ("it is too long", "è troppo lungo"),
            Self::ControlCharacters => ("it has characters that are not seen", "contiene caratteri invisibili"),
            Self::NotAnUrl => ("it is no web address that begins with https:// or http://", "non è un indirizzo web che comincia con https:// o http://"),
            Self::NotATag => ("it is no language tag, such as en or it", "non è un codice di lingua, come en o it"),
        }
    }

    const fn words(self, language: Language) -> &'static str {
        match language {
            Language::English => self.both().0,
            Language::Italian => self.both().1,
        }
    }
}

/// A member that is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands, such as `alignment.0.targetUrl`; empty for the whole.
    pub about: String,
    /// Why.
    pub why: Why,
}

/// Whether a text has nothing that is not seen or that steers.
pub fn is_plain(text: &str) -> bool {
    plain(text).eq(text.chars())
}

/// Whether a text is a web address.
pub fn is_web(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Reads members, and notes all that is wrong.
#[derive(Debug, Default)]
pub struct Reader {
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Reader {
    /// Notes a fault.
    pub fn wrong(&mut self, about: impl Into<String>, why: Why) {
        self.faults.push(Fault { about: about.into(), why });
    }

    /// A member that is a text of at most so many characters; a short one is on one line. `within` is what it stands in, with a dot.
    pub fn text(&mut self, members: &Map<String, Value>, within: &str, name: &str, most: usize, needed: bool) -> Option<String> {
        let about = format!("{within}{name}");
        match members.get(name) {
            None | Some(Value::Null) if needed => self.wrong(about, Why::Missing),
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => self.wrong(about, Why::Missing),
            Some(Value::String(text)) if text.chars().count() > most => self.wrong(about, Why::TooLong),
            Some(Value::String(text)) if !text.lines().all(is_plain) || (most <= NAME && text.lines().count() > 1) => {
                self.wrong(about, Why::ControlCharacters);
            }
            Some(Value::String(text)) => return Some(text.trim().to_owned()),
            Some(_) => self.wrong(about, Why::WrongType),
        }
        None
    }

    /// A member that is a web address.
    pub fn address(&mut self, members: &Map<String, Value>, within: &str, name: &str, needed: bool) -> Option<String> {
        let text = self.text(members, within, name, ADDRESS, needed)?;
        if !is_web(&text) {
            self.wrong(format!("{within}{name}"), Why::NotAnUrl);
        }
        Some(text)
    }

    /// The kind of achievement.
    pub fn kind(&mut self, members: &Map<String, Value>) -> Option<String> {
        let kind = self.text(members, "", "achievementType", NAME, false)?;
        if !KINDS.contains(&kind.as_str()) && !kind.starts_with("ext:") {
            self.wrong("achievementType", Why::Unknown);
        }
        Some(kind)
    }

    /// The language that it is written in: a tag of BCP 47, or of its shape.
    pub fn language(&mut self, members: &Map<String, Value>) -> Option<String> {
        let tag = self.text(members, "", "inLanguage", NAME, false)?;
        let part = |it: &str| (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let first = tag.split('-').next().unwrap_or_default();
        let is_tag = tag.len() <= 35
            && (2..=3).contains(&first.len())
            && first.bytes().all(|byte| byte.is_ascii_alphabetic())
            && tag.split('-').all(part);
        if !is_tag {
            self.wrong("inLanguage", Why::NotATag);
        }
        Some(tag)
    }

    /// What it takes: an address, words, or both (OB 3.0, `Criteria`).
    pub fn criteria(&mut self, members: &Map<String, Value>) -> (Option<String>, Option<String>) {
        let id = self.address(members, "criteria.", "id", false);
        let narrative = self.text(members, "criteria.", "narrative", TEXT, id.is_none());
        (id, narrative)
    }

    fn many<'v>(&mut self, members: &'v Map<String, Value>, name: &str) -> &'v [Value] {
        match members.get(name) {
            Some(Value::Array(values)) if values.len() > MANY => self.wrong(name, Why::TooLong),
            Some(Value::Array(values)) => return values,
            None | Some(Value::Null) => {}
            Some(_) => self.wrong(name, Why::WrongType),
        }
        &[]
    }

    /// Words under which it is found: `tags` in a file, `tag` in a document.
    pub fn tags(&mut self, members: &Map<String, Value>, name: &str) -> Vec<String> {
        let within = format!("{name}.");
        let tags = self.many(members, name).iter().enumerate();
        tags.filter_map(|(at, tag)| {
            let one = Map::from_iter([(at.to_string(), tag.clone())]);
            self.text(&one, &within, &at.to_string(), NAME, true)
        })
        .collect()
    }

    /// The skills and frameworks that it belongs to.
    pub fn alignment(&mut self, members: &Map<String, Value>) -> Vec<Map<String, Value>> {
        let mut read = Vec::new();
        for (at, alignment) in self.many(members, "alignment").iter().enumerate() {
            let within = format!("alignment.{at}.");
            let Value::Object(members) = alignment else {
                self.wrong(within.trim_end_matches('.'), Why::WrongType);
                continue;
            };
            let texts = TARGETS.iter().filter_map(|(name, most)| {
                let text = match *name {
                    "targetUrl" => self.address(members, &within, name, true),
                    _ => self.text(members, &within, name, *most, *name == "targetName"),
                };
                Some(((*name).to_owned(), Value::from(text?)))
            });
            read.push(texts.collect());
        }
        read
    }

    /// What every achievement says.
    fn head(&mut self, members: &Map<String, Value>) {
        self.text(members, "", "id", ADDRESS, true);
        self.text(members, "", "name", NAME, true);
        self.text(members, "", "description", TEXT, true);
    }

    fn criteria_of(&mut self, members: &Map<String, Value>) {
        match members.get("criteria") {
            Some(Value::Object(criteria)) => drop(self.criteria(criteria)),
            None | Some(Value::Null) => self.wrong("criteria", Why::Missing),
            Some(_) => self.wrong("criteria", Why::WrongType),
        }
    }

    /// Ends with a problem if there is a fault; `within` is where the document stands.
    fn end(self, within: &str) -> Result<(), Problem> {
        let placed = |fault: Fault| Fault {
            about: [within, &fault.about].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("."),
            ..fault
        };
        let faults: Vec<Fault> = self.faults.into_iter().map(placed).collect();
        if faults.is_empty() { Ok(()) } else { Err(problem(&faults)) }
    }

    /// The picture of a document: at a web address, or within it.
    fn image(&mut self, members: &Map<String, Value>) {
        let within = match members.get("image") {
            None | Some(Value::Null) => return,
            Some(Value::String(_)) => None,
            Some(Value::Object(image)) => {
                self.text(image, "image.", "caption", TEXT, false);
                Some(image)
            }
            Some(_) => return self.wrong("image", Why::WrongType),
        };
        let (members, prefix, name) = within.map_or((members, "", "image"), |image| (image, "image.", "id"));
        let is_within = members.get(name).and_then(Value::as_str).is_some_and(|id| id.starts_with("data:image/"));
        if !is_within {
            self.address(members, prefix, name, true);
        }
    }
}

/// Whether a document is an achievement as a desk makes them. Members that are not named here are the business of whoever reads them.
///
/// # Errors
/// A problem with every fault in its fields.
///
/// ```
/// use satchel_protocol::achievement::check;
/// use serde_json::json;
/// let welding = json!({ "id": "urn:uuid:1", "name": "Welding", "description": "Welds.", "criteria": { "narrative": "Weld." } });
/// assert!(check(&welding).is_ok());
/// let nameless = json!({ "id": "urn:uuid:1", "name": " ", "description": "Welds.", "criteria": { "id": "javascript:alert(1)" } });
/// let fields: Vec<String> = check(&nameless).unwrap_err().fields.into_iter().map(|it| it.field).collect();
/// assert_eq!(fields, ["name", "criteria.id"]);
/// ```
pub fn check(document: &Value) -> Result<(), Problem> {
    check_within(document, "")
}

/// The achievement within a credential that is uploaded: held to the same, its members named from the credential on. Of several subjects or
/// achievements none is the one.
///
/// # Errors
/// As [`check`].
pub fn check_credential(credential: &Value) -> Result<(), Problem> {
    let one = |of: &Value, name: &str| match of.get(name) {
        Some(Value::Array(values)) if values.len() == 1 => values.first().cloned().unwrap_or_default(),
        value => value.cloned().unwrap_or_default(),
    };
    let achievement = one(&one(credential, "credentialSubject"), "achievement");
    check_within(&achievement, "credentialSubject.achievement")
}

fn check_within(document: &Value, within: &str) -> Result<(), Problem> {
    let mut reader = Reader::default();
    match document {
        Value::Object(members) => {
            reader.head(members);
            reader.criteria_of(members);
            reader.kind(members);
            reader.tags(members, "tag");
            reader.alignment(members);
            reader.image(members);
        }
        _ => reader.wrong("", Why::WrongType),
    }
    reader.end(within)
}

/// The same for Open Badges 2.0 (`BadgeClass`): `criteria` may be an address, tags are `tags`, and there is no kind.
///
/// # Errors
/// As [`check`].
///
/// ```
/// use satchel_protocol::achievement::check_class;
/// use serde_json::json;
/// let welding = json!({ "id": "https://a.example/1", "name": "Welding", "description": "Welds.", "criteria": "https://a.example/2" });
/// assert!(check_class(&welding).is_ok());
/// let bad = json!({ "id": "https://a.example/1", "name": "Welding", "description": "Welds.", "criteria": "file:///1", "tags": [7] });
/// let fields: Vec<String> = check_class(&bad).unwrap_err().fields.into_iter().map(|it| it.field).collect();
/// assert_eq!(fields, ["criteria", "tags.0"]);
/// ```
pub fn check_class(document: &Value) -> Result<(), Problem> {
    let mut reader = Reader::default();
    match document {
        Value::Object(members) => {
            reader.head(members);
            if members.get("criteria").is_some_and(Value::is_string) {
                reader.address(members, "", "criteria", true);
            } else {
                reader.criteria_of(members);
            }
            reader.tags(members, "tags");
            reader.alignment(members);
            reader.image(members);
        }
        _ => reader.wrong("", Why::WrongType),
    }
    reader.end("")
}

fn problem(faults: &[Fault]) -> Problem {
    let mut told: Vec<String> = faults.iter().take(TOLD).map(|fault| format!("{} [{}]", fault.about, fault.why.name())).collect();
    told.extend((faults.len() > TOLD).then(|| format!("and {} more", faults.len() - TOLD)));
    let field = |fault: &Fault| FieldError { field: fault.about.clone(), message: fault.why.words(Language::English).to_owned() };
    Problem {
        fields: faults.iter().map(field).collect(),
        ..Problem::new(Code::Invalid, [format!("this is no badge that a desk could award: {}", told.join("; "))])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_of_a_document_is_named() {
        let mut document = json!({ "id": "urn:uuid:1", "name": { "en": "Welding" }, "description": "x".repeat(TEXT + 1),
            "criteria": { "id": "javascript:alert(1)" }, "achievementType": "Kompetenz", "tag": vec!["craft"; 5000],
            "alignment": [{ "targetName": "weld", "targetUrl": "javascript:alert(1)" }, "weld", { "targetUrl": "https://skills.example/1" }],
            "image": { "id": "file:///etc/passwd", "caption": 7 } });
        let faults = |document: &Value| {
            let fields = check(document).err().map(|problem| problem.fields).unwrap_or_default();
            fields.into_iter().map(|it| it.field).collect::<Vec<_>>()
        };
        assert_eq!(
            faults(&document),
            [
                "name",
                "description",
                "criteria.id",
                "achievementType",
                "tag",
                "alignment.0.targetUrl",
                "alignment.1",
                "alignment.2.targetName",
                "image.caption",
                "image.id",
            ]
        );
        assert!(check(&document).unwrap_err().message(Language::English).ends_with("; and 4 more"));
        document = json!({ "id": "urn:uuid:1", "name": "Welding", "description": "Welds.\n\nPlates.", "criteria": { "id": "https://a.example/" },
            "achievementType": "ext:Welding", "tag": ["craft"], "image": { "id": "data:image/png;base64,AA==", "type": "Image" },
            "alignment": [{ "type": ["Alignment"], "targetName": "weld", "targetUrl": "https://skills.example/1" }], "inLanguage": "en" });
        assert_eq!(faults(&document), Vec::<String>::new());
        for (name, bad) in
            [("name", json!("Wel\u{202e}ding")), ("criteria", json!("Weld.")), ("tag", json!([""])), ("name", json!("a\nb"))]
        {
            let mut other = document.clone();
            other[name] = bad;
            assert_eq!(faults(&other).len(), 1, "{name}");
        }
        assert_eq!(faults(&json!([])), [""]);
        let fields = |credential: &Value| {
            check_credential(credential).map_err(|it| it.fields.into_iter().map(|it| it.field).collect::<Vec<_>>())
        };
        document["tag"] = json!("craft");
        let within = ["credentialSubject.achievement.tag".to_owned()].to_vec();
        assert_eq!(fields(&json!({ "credentialSubject": [{ "achievement": document }] })), Err(within));
        assert_eq!(fields(&json!({ "credentialSubject": [] })), Err(["credentialSubject.achievement".to_owned()].to_vec()));
    }
}
