//! The W3C's suites for JSON-LD to RDF and for RDFC-1.0, run on the files under `tests/suites`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use satchel_badge::rdf::{self, Dataset, HashAlgorithm, Library, Span, Term};
use serde_json::Value;

fn suites() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suites")
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A reader of N-Quads, enough for the suites: terms are kept as written, once their escapes are canonical.
struct Reader {
    dataset: Dataset,
    labels: HashMap<String, Term>,
}

impl Reader {
    fn read(text: &str) -> Self {
        let mut reader = Self { dataset: Dataset::default(), labels: HashMap::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            reader.line(line);
        }
        reader
    }

    fn line(&mut self, line: &str) {
        let mut rest = line;
        let subject = self.term(&mut rest);
        let predicate = self.span(&mut rest);
        let object = self.term(&mut rest);
        let graph = (!rest.trim_start().starts_with('.')).then(|| self.term(&mut rest));
        self.dataset.push(subject, predicate, object, graph);
    }

    fn span(&mut self, rest: &mut &str) -> Span {
        match self.term(rest) {
            Term::Written(span) => span,
            Term::Blank(_) => panic!("a blank predicate: {rest}"),
        }
    }

    fn term(&mut self, rest: &mut &str) -> Term {
        let text = rest.trim_start();
        if let Some(label) = text.strip_prefix("_:") {
            let end = label.find([' ', '\t']).unwrap_or(label.len());
            *rest = &label[end..];
            let dataset = &mut self.dataset;
            return *self.labels.entry(label[..end].to_owned()).or_insert_with(|| dataset.blank());
        }
        if let Some(iri) = text.strip_prefix('<') {
            let end = iri.find('>').unwrap();
            *rest = &iri[end + 1..];
            return Term::Written(self.dataset.iri(&unescape(&iri[..end])));
        }
        let body = text.strip_prefix('"').unwrap();
        let mut escaped = false;
        let end = body
            .find(|c: char| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            })
            .unwrap();
        let value = unescape(&body[..end]);
        let tail = &body[end + 1..];
        if let Some(language) = tail.strip_prefix('@') {
            let end = language.find([' ', '\t', '.']).unwrap();
            *rest = &language[end..];
            return self.dataset.literal(&value, None, Some(&language[..end].to_lowercase()));
        }
        if let Some(datatype) = tail.strip_prefix("^^<") {
            let end = datatype.find('>').unwrap();
            *rest = &datatype[end + 1..];
            return self.dataset.literal(&value, Some(&unescape(&datatype[..end])), None);
        }
        *rest = tail;
        self.dataset.literal(&value, None, None)
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let digits = match chars.next().unwrap() {
            't' => {
                out.push('\t');
                continue;
            }
            'b' => {
                out.push('\u{8}');
                continue;
            }
            'n' => {
                out.push('\n');
                continue;
            }
            'r' => {
                out.push('\r');
                continue;
            }
            'f' => {
                out.push('\u{c}');
                continue;
            }
            'u' => 4,
            'U' => 8,
            other => {
                out.push(other);
                continue;
            }
        };
        let hex: String = chars.by_ref().take(digits).collect();
        out.push(char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap());
    }
    out
}

#[test]
fn rdfc_1_0_gives_the_canonical_form_of_every_case() {
    let folder = suites().join("rdf-canon");
    let manifest = read_json(&folder.join("manifest.jsonld"));
    let mut failed = Vec::new();
    let entries = manifest["entries"].as_array().unwrap();
    for entry in entries {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let input = fs::read_to_string(folder.join(text("action"))).unwrap();
        let reader = Reader::read(&input);
        let algorithm = match text("hashAlgorithm") {
            "SHA384" => HashAlgorithm::Sha384,
            _ => HashAlgorithm::Sha256,
        };
        let passed = match text("type") {
            "rdfc:RDFC10EvalTest" => {
                let expected = fs::read_to_string(folder.join(text("result"))).unwrap();
                rdf::canonicalize(&reader.dataset, algorithm).as_deref() == Ok(&expected)
            }
            "rdfc:RDFC10MapTest" => {
                let expected = read_json(&folder.join(text("result")));
                let names = rdf::canonical_map(&reader.dataset, algorithm).unwrap();
                reader.labels.iter().all(|(label, term)| match term {
                    Term::Blank(blank) => expected[label] == format!("c14n{}", names[*blank as usize]),
                    Term::Written(_) => false,
                })
            }
            _ => rdf::canonicalize(&reader.dataset, algorithm) == Err(rdf::Error::TooComplex),
        };
        if !passed {
            failed.push(text("id").to_owned());
        }
    }
    assert!(entries.len() >= 86);
    assert_eq!(failed, Vec::<String>::new());
}

/// Cases of the JSON-LD suite that do not apply, each with its reason.
const LEFT_OUT: &[(&str, &str)] = &[("ter56", "its input is not part of the suite's folder")];

#[test]
fn json_ld_documents_give_the_quads_of_the_suite() {
    let folder = suites().join("json-ld-api");
    let manifest = read_json(&folder.join("toRdf-manifest.jsonld"));
    let base_iri = manifest["baseIri"].as_str().unwrap_or("https://w3c.github.io/json-ld-api/tests/").to_owned();
    let mut library = Library::default();
    for folder in ["toRdf", "toRdf/c031"].map(|name| (name, folder.join(name))) {
        for entry in fs::read_dir(folder.1).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "jsonld")
                && let Ok(document) = serde_json::from_slice(&fs::read(&path).unwrap())
            {
                let name = path.file_name().unwrap().to_str().unwrap();
                library.add(&format!("{base_iri}{}/{name}", folder.0), document);
            }
        }
    }
    let mut failed = Vec::new();
    let mut run = 0;
    for entry in manifest["sequence"].as_array().unwrap() {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let option = |name: &str| entry["option"][name].as_str();
        let id = text("@id").trim_start_matches('#');
        let does_not_apply = option("processingMode") == Some("json-ld-1.0")
            || option("specVersion") == Some("json-ld-1.0")
            || option("rdfDirection").is_some()
            || LEFT_OUT.iter().any(|(left_out, _)| *left_out == id);
        if does_not_apply {
            continue;
        }
        run += 1;
        let Ok(document) = serde_json::from_slice::<Value>(&fs::read(folder.join(text("input"))).unwrap()) else {
            failed.push(format!("{id}: not JSON"));
            continue;
        };
        let base = option("base").map_or_else(|| format!("{base_iri}{}", text("input")), str::to_owned);
        let walked = match option("expandContext") {
            Some(file) => {
                let outer = read_json(&folder.join(file));
                rdf::to_quads_in(&document, &outer["@context"], &library, Some(&base))
            }
            None => rdf::to_quads(&document, &library, Some(&base)),
        };
        let expected_error = text("expectErrorCode");
        let outcome = match (walked, expected_error) {
            (Err(rdf::Error::JsonLd { code, .. }), expected) if code == expected => Ok(()),
            (Err(rdf::Error::UnknownContext(_)), "loading remote context failed" | "loading document failed") => Ok(()),
            (Ok(_), "") if text("expect").is_empty() => Ok(()),
            (Ok(walked), "") => {
                let ours = rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha256).unwrap();
                let expected = fs::read_to_string(folder.join(text("expect"))).unwrap();
                let theirs = rdf::canonicalize(&Reader::read(&expected).dataset, HashAlgorithm::Sha256).unwrap();
                if ours == theirs { Ok(()) } else { Err(format!("ours:\n{ours}theirs:\n{theirs}")) }
            }
            (Ok(_), expected) => Err(format!("no error, expected {expected}")),
            (Err(error), expected) => Err(format!("{error}, expected {expected:?}")),
        };
        if let Err(why) = outcome {
            failed.push(format!("{id} {}: {why}", text("name")));
        }
    }
    assert!(run > 350, "only {run} cases ran");
    assert!(failed.is_empty(), "{} of {run} failed:\n{}", failed.len(), failed.join("\n"));
}
