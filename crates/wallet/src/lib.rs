//! A person's wallet: badges kept byte for byte, found again, exported and erased. Begin at [`Wallet::open`]; each thing that a person
//! does is a file: `import`, `find`, `verify`, `trust`, `export`, `remove`, `rebuild`. [`inspect`] looks at files without keeping them.
//!
//! What came in lies in `wallet.db`, all that is derived from it in `index.db`, which may be thrown away at any time. No clock is read
//! here: `now` is handed in. A received file is never changed, and what a badge is worth is decided in `satchel_badge` alone.

mod error;
mod export;
mod files;
mod find;
mod fold;
mod id;
mod import;
pub mod inspect;
mod lock;
mod open;
mod rebuild;
mod remove;
mod salvage;
mod state;
mod store;
mod trust;
mod verify;
mod words;

pub use error::WalletError;
pub use export::Exported;
pub use files::write;
pub use find::{Facets, Found, Issuer, Query, Row, Shelf, Sort};
pub use id::{BadgeId, IdPrefix, Sha256};
pub use import::{Candidate, Fate, Imported, Importer, MAX_FILE, Outcome, Previewed};
pub use open::Wallet;
pub use rebuild::Rebuilt;
pub use remove::Erased;
pub use salvage::Lost;
pub use state::{Mark, State};
pub use trust::Trusted;
pub use verify::Shown;
