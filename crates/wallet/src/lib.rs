//! A person's wallet: badges kept byte for byte, found again, exported and erased. Begin at [`Wallet::open`]; each thing that a person
//! does is a file: `import`, `find`, `verify`, `trust`, `export`, `remove`, `rebuild`. [`inspect`] looks at files without keeping them; [`signin`] and [`sync`] are about
//! accounts at servers.
//!
//! What came in lies in `wallet.db`, all that is derived from it in `index.db`, which may be thrown away at any time. No clock is read
//! here: `now` is handed in. A received file is never changed, and what a badge is worth is decided in `satchel_badge` alone.

mod age;
mod archive;
pub mod desk;
mod error;
mod export;
mod files;
mod find;
mod holder;
mod id;
mod import;
pub mod inspect;
mod keyring;
mod lock;
mod locked;
mod open;
mod own;
mod pasted;
mod picture;
mod random;
mod rebuild;
mod remove;
mod salvage;
mod sealed;
pub mod signin;
mod state;
mod store;
pub mod sync;
mod trust;
mod verify;
mod words;

pub use archive::{AnyReader, Candidates, ReadSeek};
pub use error::WalletError;
pub use export::Exported;
pub use files::{Names, ending, file_name, make_folder, write};
pub use find::{Facets, Found, Issuer, Query, Row, Shelf, Sort};
pub use id::{BadgeId, IdPrefix, Sha256};
pub use import::{Batch, Candidate, Fate, Fetched, Imported, Importer, MAX_FILE, Outcome, Previewed, fetch};
pub use locked::Locked;
pub use open::{Access, Wallet};
pub use pasted::{Pasted, pasted};
pub use picture::{fetch_picture, fetched_picture, has_picture, picture_at, picture_in, picture_to_fetch};
pub use rebuild::Rebuilt;
pub use remove::Erased;
pub use salvage::Lost;
pub use state::{Mark, State};
pub use trust::Trusted;
pub use verify::Shown;
