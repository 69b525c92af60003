//! From JSON-LD to the bytes that are signed: contexts compiled once, a walk of the document straight to quads, and the canonical names of
//! RDFC-1.0. Nothing here fetches, and nothing is left out in silence: [`Walked::dropped`] lists what the quads do not say.

mod canon;
mod context;
mod dataset;
mod effort;
mod error;
mod iri;
mod library;
mod walk;

pub use canon::{HashAlgorithm, canonical_map, canonicalize, canonicalize_within};
pub use dataset::{Dataset, Quad, Span, Term};
pub use effort::Effort;
pub use error::Error;
pub use library::Library;
pub use walk::{Dropped, DroppedKind, Walked, to_quads, to_quads_in, to_quads_within};

const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
const XSD_BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";
const XSD_INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
const XSD_DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";
const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";
