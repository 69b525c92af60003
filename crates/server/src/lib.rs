//! The sync server of Satchel: accounts, claims, pages and mail, on SQLite or PostgreSQL.

pub mod random;
pub mod store;
