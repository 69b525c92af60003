//! A set of quads. Every term but a blank node is kept in the form in which N-Quads writes it, all in one string, so that a quad is
//! a few numbers and writing it out is copying.

/// A stretch of [`Dataset`]'s text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    start: u32,
    len: u32,
}

/// A term of a quad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// An IRI or a literal as N-Quads writes it.
    Written(Span),
    /// The number of a blank node, from 0.
    Blank(u32),
}

/// Subject, predicate, object and graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quad {
    pub(super) subject: Term,
    pub(super) predicate: Span,
    pub(super) object: Term,
    pub(super) graph: Option<Term>,
}

impl Quad {
    /// The four terms, each seen through `view`.
    pub(super) fn map<T>(&self, mut view: impl FnMut(Term) -> T) -> (T, T, T, Option<T>) {
        (view(self.subject), view(Term::Written(self.predicate)), view(self.object), self.graph.map(view))
    }
}

/// A set of quads (RDF 1.1, 4), duplicates allowed until it is written.
#[derive(Clone, Debug, Default)]
pub struct Dataset {
    text: String,
    pub(super) quads: Vec<Quad>,
    pub(super) blanks: u32,
}

impl Dataset {
    /// How many quads were added.
    pub fn len(&self) -> usize {
        self.quads.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.quads.is_empty()
    }

    /// Adds a quad.
    pub fn push(&mut self, subject: Term, predicate: Span, object: Term, graph: Option<Term>) {
        self.quads.push(Quad { subject, predicate, object, graph });
    }

    /// A new blank node.
    pub fn blank(&mut self) -> Term {
        self.blanks += 1;
        Term::Blank(self.blanks - 1)
    }

    /// An IRI. The caller has checked that it is well formed.
    pub fn iri(&mut self, iri: &str) -> Span {
        self.write(|text| {
            text.push('<');
            text.push_str(iri);
            text.push('>');
        })
    }

    /// A literal; `datatype` none is `xsd:string`, or `rdf:langString` with a language (N-Quads canonical form, RDFC-1.0, 5).
    pub fn literal(&mut self, value: &str, datatype: Option<&str>, language: Option<&str>) -> Term {
        Term::Written(self.write(|text| {
            text.push('"');
            escape(value, text);
            text.push('"');
            if let Some(language) = language {
                text.push('@');
                text.push_str(language);
            } else if let Some(datatype) = datatype.filter(|datatype| *datatype != super::XSD_STRING) {
                text.push_str("^^<");
                text.push_str(datatype);
                text.push('>');
            }
        }))
    }

    /// What makes two terms the same.
    pub(super) fn key(&self, term: Term) -> Result<&str, u32> {
        match term {
            Term::Written(span) => Ok(self.written(span)),
            Term::Blank(blank) => Err(blank),
        }
    }

    pub(super) fn written(&self, span: Span) -> &str {
        &self.text[span.start as usize..][..span.len as usize]
    }

    fn write(&mut self, with: impl FnOnce(&mut String)) -> Span {
        let start = self.text.len();
        with(&mut self.text);
        // A document is bounded far below 4 GiB (limits.rs), so neither number is cut.
        #[expect(clippy::cast_possible_truncation)]
        Span { start: start as u32, len: (self.text.len() - start) as u32 }
    }
}

/// Escapes as the canonical form of N-Quads wants it: the short escapes where there are any, `\u` for other control characters.
fn escape(value: &str, out: &mut String) {
    let mut clean = 0;
    for (at, byte) in value.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            0..=31 | 127 => "",
            _ => continue,
        };
        out.push_str(&value[clean..at]);
        clean = at + 1;
        if short.is_empty() {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&value[clean..]);
}
