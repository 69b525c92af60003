//! Canonical names for blank nodes and the canonical text of a dataset (RDF Dataset Canonicalization, RDFC-1.0). The work is counted: a
//! dataset made to take for ever ("poison", RDFC-1.0, 7.1) is given up with [`Error::TooComplex`] instead of being tried.

use std::collections::{BTreeMap, HashSet};

use aws_lc_rs::digest;

use super::dataset::{Dataset, Quad, Term};
use super::effort::Effort;
use super::error::{Error, Result};

/// Steps of naming by neighbourhood before giving up; one copies or extends a path. A credential with a few identical parts takes
/// dozens, the hardest case of the W3C's suite that has an answer some thousands.
const MAX_WORK: usize = 60_000;
/// How far a chain of indistinguishable blank nodes is followed.
const MAX_DEPTH: usize = 200;

/// The hash that RDFC-1.0 runs with; ECDSA over P-384 asks for the longer one (VC Data Integrity ECDSA, 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256, the default.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
}

impl HashAlgorithm {
    /// The digest of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> digest::Digest {
        digest::digest(
            match self {
                Self::Sha256 => &digest::SHA256,
                Self::Sha384 => &digest::SHA384,
            },
            bytes,
        )
    }

    fn hex(self, text: &str) -> String {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let digest = self.digest(text.as_bytes());
        let mut out = String::with_capacity(digest.as_ref().len() * 2);
        for byte in digest.as_ref() {
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
        out
    }
}

/// The canonical N-Quads of `dataset`: one line for each quad, sorted, without duplicates.
///
/// # Errors
/// [`Error::TooComplex`] when naming the blank nodes exceeds the budget.
pub fn canonicalize(dataset: &Dataset, algorithm: HashAlgorithm) -> Result<String> {
    canonicalize_within(dataset, algorithm, &Effort::default())
}

/// As [`canonicalize`], of one of several documents of a file.
///
/// # Errors
/// As [`canonicalize`], also when all together exceed theirs.
pub fn canonicalize_within(dataset: &Dataset, algorithm: HashAlgorithm, effort: &Effort) -> Result<String> {
    let names = names(dataset, algorithm, effort)?;
    let mut text = String::with_capacity(dataset.quads.len() * 128);
    let mut lines = Vec::with_capacity(dataset.quads.len());
    for quad in &dataset.quads {
        let start = text.len();
        write_quad(dataset, quad, &mut text, |blank, text| {
            text.push_str("c14n");
            push_number(text, names[blank as usize]);
        });
        lines.push(start..text.len());
    }
    lines.sort_unstable_by(|a, b| text[a.clone()].cmp(&text[b.clone()]));
    lines.dedup_by(|a, b| text[a.clone()] == text[b.clone()]);
    let mut sorted = String::with_capacity(text.len());
    for line in lines {
        sorted.push_str(&text[line]);
    }
    Ok(sorted)
}

/// The canonical number of each blank node of `dataset`: the node with number `n` is called `_:c14n` and the `n`th entry.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonical_map(dataset: &Dataset, algorithm: HashAlgorithm) -> Result<Vec<u32>> {
    names(dataset, algorithm, &Effort::default())
}

fn names(dataset: &Dataset, algorithm: HashAlgorithm, effort: &Effort) -> Result<Vec<u32>> {
    if dataset.blanks == 0 {
        return Ok(Vec::new());
    }
    let mut naming = Naming::new(dataset, algorithm, effort);
    naming.run()?;
    Ok(naming.canonical.names.into_iter().map(Option::unwrap_or_default).collect())
}

fn push_label(text: &mut String, prefix: &str, number: u32) {
    text.push_str(prefix);
    push_number(text, number);
}

fn push_number(text: &mut String, number: u32) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

fn write_quad(dataset: &Dataset, quad: &Quad, text: &mut String, mut name: impl FnMut(u32, &mut String)) {
    let mut write = |term: Term, text: &mut String| match term {
        Term::Written(span) => text.push_str(dataset.written(span)),
        Term::Blank(blank) => {
            text.push_str("_:");
            name(blank, text);
        }
    };
    write(quad.subject, text);
    text.push(' ');
    text.push_str(dataset.written(quad.predicate));
    text.push(' ');
    write(quad.object, text);
    text.push(' ');
    if let Some(graph) = quad.graph {
        write(graph, text);
        text.push(' ');
    }
    text.push_str(".\n");
}

/// Gives out numbers in order (RDFC-1.0, 4.5), for all blank nodes of the dataset.
#[derive(Clone)]
struct Canonical {
    names: Vec<Option<u32>>,
    next: u32,
}

impl Canonical {
    fn issue(&mut self, blank: u32) {
        let name = &mut self.names[blank as usize];
        if name.is_none() {
            *name = Some(self.next);
            self.next += 1;
        }
    }
}

/// A temporary issuer: the blank nodes in the order in which they were named `b0`, `b1`, ...
#[derive(Clone, Default)]
struct Issuer(Vec<u32>);

impl Issuer {
    fn get(&self, blank: u32) -> Option<u32> {
        (0..).zip(&self.0).find(|(_, named)| **named == blank).map(|(number, _)| number)
    }

    fn issue(&mut self, blank: u32) -> u32 {
        self.get(blank).unwrap_or_else(|| {
            self.0.push(blank);
            // There are no more than there are blank nodes.
            u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

struct Naming<'a> {
    dataset: &'a Dataset,
    algorithm: HashAlgorithm,
    /// The quads in which each blank node stands.
    mentions: Vec<Vec<u32>>,
    first_degree: Vec<String>,
    canonical: Canonical,
    work: usize,
    effort: &'a Effort,
}

impl<'a> Naming<'a> {
    fn new(dataset: &'a Dataset, algorithm: HashAlgorithm, effort: &'a Effort) -> Self {
        let count = dataset.blanks as usize;
        let mut mentions: Vec<Vec<u32>> = vec![Vec::new(); count];
        // A dataset is a set, but the walk may have written a quad twice.
        let mut seen = HashSet::with_capacity(dataset.quads.len());
        for (at, quad) in (0u32..).zip(&dataset.quads) {
            if !seen.insert(quad.map(|term| dataset.key(term))) {
                continue;
            }
            for term in [Some(quad.subject), Some(quad.object), quad.graph].into_iter().flatten() {
                if let Term::Blank(blank) = term
                    && mentions[blank as usize].last() != Some(&at)
                {
                    mentions[blank as usize].push(at);
                }
            }
        }
        let canonical = Canonical { names: vec![None; count], next: 0 };
        Self { dataset, algorithm, mentions, first_degree: Vec::new(), canonical, work: 0, effort }
    }

    /// RDFC-1.0, 4.4.3.
    fn run(&mut self) -> Result<()> {
        self.first_degree = (0..self.dataset.blanks).map(|blank| self.hash_first_degree(blank)).collect();
        let mut by_hash: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (blank, hash) in (0u32..).zip(&self.first_degree) {
            // A node that no quad mentions is not in the dataset.
            if self.mentions[blank as usize].is_empty() {
                continue;
            }
            by_hash.entry(hash).or_default().push(blank);
        }
        let mut tied = Vec::new();
        for blanks in by_hash.into_values() {
            match blanks.as_slice() {
                [one] => self.canonical.issue(*one),
                _ => tied.push(blanks),
            }
        }
        for blanks in tied {
            let mut paths = Vec::new();
            for blank in blanks {
                if self.canonical.names[blank as usize].is_none() {
                    let mut issuer = Issuer::default();
                    issuer.issue(blank);
                    paths.push(self.hash_n_degree(blank, issuer, 0)?);
                }
            }
            paths.sort_by(|a, b| a.0.cmp(&b.0));
            for (_, issuer) in paths {
                issuer.0.into_iter().for_each(|blank| self.canonical.issue(blank));
            }
        }
        Ok(())
    }

    /// RDFC-1.0, 4.6.
    fn hash_first_degree(&self, blank: u32) -> String {
        let mut lines: Vec<String> = self.mentions[blank as usize]
            .iter()
            .map(|at| {
                let mut line = String::with_capacity(128);
                write_quad(self.dataset, &self.dataset.quads[*at as usize], &mut line, |other, line| {
                    line.push(if other == blank { 'a' } else { 'z' });
                });
                line
            })
            .collect();
        lines.sort_unstable();
        self.algorithm.hex(&lines.concat())
    }

    /// RDFC-1.0, 4.7.
    fn hash_related(&self, related: u32, quad: &Quad, issuer: &Issuer, position: char) -> String {
        let mut input = String::from(position);
        if position != 'g' {
            input.push_str(self.dataset.written(quad.predicate));
        }
        match (self.canonical.names[related as usize], issuer.get(related)) {
            (Some(name), _) => {
                push_label(&mut input, "_:c14n", name);
            }
            (None, Some(name)) => push_label(&mut input, "_:b", name),
            (None, None) => input.push_str(&self.first_degree[related as usize]),
        }
        self.algorithm.hex(&input)
    }

    fn spend(&mut self, work: usize) -> Result<()> {
        self.work += work;
        self.effort.add_naming(work)?;
        if self.work > MAX_WORK { Err(Error::TooComplex) } else { Ok(()) }
    }

    /// RDFC-1.0, 4.8.
    fn hash_n_degree(&mut self, blank: u32, mut issuer: Issuer, depth: usize) -> Result<(String, Issuer)> {
        if depth > MAX_DEPTH {
            return Err(Error::TooComplex);
        }
        let mut related: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for at in &self.mentions[blank as usize] {
            let quad = self.dataset.quads[*at as usize];
            let positions = [(Some(quad.subject), 's'), (Some(quad.object), 'o'), (quad.graph, 'g')];
            for (term, position) in positions {
                if let Some(Term::Blank(other)) = term
                    && other != blank
                {
                    let hash = self.hash_related(other, &quad, &issuer, position);
                    // A list and no set: one node may stand there several times, and the path says so each time (4.8.3, step 3.1.2).
                    related.entry(hash).or_default().push(other);
                }
            }
        }
        self.spend(self.mentions[blank as usize].len())?;
        let mut data = String::new();
        for (hash, mut others) in related {
            data.push_str(&hash);
            let mut chosen: Option<(String, Issuer)> = None;
            others.sort_unstable();
            loop {
                self.spend(1 + issuer.0.len() / 8)?;
                let best = chosen.as_ref().map(|(path, _)| path.as_str());
                if let Some(found) = self.try_order(&others, &issuer, best, depth)? {
                    chosen = Some(found);
                }
                if !next_permutation(&mut others) {
                    break;
                }
            }
            if let Some((path, next)) = chosen {
                data.push_str(&path);
                issuer = next;
            }
        }
        Ok((self.algorithm.hex(&data), issuer))
    }

    /// RDFC-1.0, 4.8.3, step 5.4: the path of one order of the related blank nodes, when it comes before `best`.
    fn try_order(
        &mut self,
        order: &[u32],
        issuer: &Issuer,
        best: Option<&str>,
        depth: usize,
    ) -> Result<Option<(String, Issuer)>> {
        let is_behind = |path: &str| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut issuer = issuer.clone();
        let mut path = String::new();
        let mut unnamed = Vec::new();
        for blank in order {
            // Looking for a name costs more, the more were given.
            self.spend(issuer.0.len() / 32)?;
            if let Some(name) = self.canonical.names[*blank as usize] {
                push_label(&mut path, "_:c14n", name);
            } else {
                if issuer.get(*blank).is_none() {
                    unnamed.push(*blank);
                }
                push_label(&mut path, "_:b", issuer.issue(*blank));
            }
            if is_behind(&path) {
                return Ok(None);
            }
        }
        for blank in unnamed {
            let (hash, next) = self.hash_n_degree(blank, issuer.clone(), depth + 1)?;
            push_label(&mut path, "_:b", issuer.issue(blank));
            path.push('<');
            path.push_str(&hash);
            path.push('>');
            issuer = next;
            if is_behind(&path) {
                return Ok(None);
            }
        }
        Ok(match best {
            Some(best) if path.as_str() >= best => None,
            _ => Some((path, issuer)),
        })
    }
}

/// The next order of `items` in lexical order; false after the last.
fn next_permutation(items: &mut [u32]) -> bool {
    let Some(pivot) = items.windows(2).rposition(|pair| pair[0] < pair[1]) else { return false };
    if let Some(next) = items.iter().rposition(|item| *item > items[pivot]) {
        items.swap(pivot, next);
    }
    items[pivot + 1..].reverse();
    true
}
