//! Every bound on what a badge may cost, in one place. Beyond each there is a code of its own, never a crash.

/// Levels of nested objects and arrays in a JSON text; real badges have about ten.
pub const MAX_JSON_DEPTH: usize = 100;

/// Values in a JSON text; an object counts four times, for what it takes in memory. A badge has about a hundred.
pub const MAX_JSON_VALUES: usize = 200_000;

/// Bytes of one credential as text. The largest that are known hold a few pictures and have about 2 MB.
pub const MAX_CREDENTIAL: usize = 8 << 20;

/// Bytes of an SVG, which is read whole; a PNG is not.
pub const MAX_SVG: usize = 16 << 20;

/// Chunks of a PNG. An encoder that writes 8 kB at a time needs 130,000 for a picture of 1 GB.
pub const MAX_CHUNKS: usize = 500_000;

/// Entries of an archive; a school's export has some thousands.
pub const MAX_ARCHIVE_ENTRIES: usize = 20_000;

/// Bytes of an entry once it is unpacked, a picture with its badge.
pub const MAX_ARCHIVE_ENTRY: usize = 64 << 20;

/// Bytes of all entries of an archive once they are unpacked.
pub const MAX_ARCHIVE: usize = 1 << 30;

/// Characters of the name of an entry, folders included.
pub const MAX_ARCHIVE_NAME: usize = 1_000;

/// Bytes of a status list once unpacked: 134 million entries of one bit.
pub const MAX_STATUS_LIST: usize = 16 << 20;

/// Bytes of all status lists of one file, packed and unpacked, that are kept while it is checked.
pub const MAX_LISTS_IN_ALL: usize = 64 << 20;

/// Proofs of one credential that are looked at.
pub const MAX_PROOFS: usize = 16;

/// Status entries of one credential that are looked at.
pub const MAX_STATUSES: usize = 16;

/// Credentials that are looked at for one file besides those that it holds: endorsements, and lists of statuses.
pub const MAX_NESTED_IN_ALL: usize = 64;

/// Credentials that are looked at for one file because another one bundles them; a learner's record of a whole life has some hundreds.
pub const MAX_BUNDLED_IN_ALL: usize = 1_000;

/// How deep endorsements of endorsements, and bundles of bundles, are followed.
pub const MAX_NESTED: usize = 3;
