//! Passwords: which are accepted (NIST SP 800-63B-4, 3.1.1.2), and their hashes (argon2id). Hashing is slow on purpose, so it runs beside
//! the requests (`pool.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use icu_normalizer::ComposingNormalizerBorrowed;
use satchel_protocol::{Code, Problem};

use crate::pool::Pool;
use crate::random;

/// Characters at least; NIST asks for 15 where a password is the only proof.
pub const SHORTEST: usize = 15;

/// Characters at most; NIST asks for at least 64.
pub const LONGEST: usize = 256;

/// Passwords that are guessed within so many tries, by their words, years, rows of keys and repetitions, are common: 10 to this power.
const COMMON: f64 = 8.0;

/// Letters that must be left of a password without what is known about its owner.
const OWN: usize = 6;

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// It has too few characters.
    Short,
    /// It has too many.
    Long,
    /// It is common, or made of what everybody knows about its owner.
    Common,
}

/// Whether two are the same password.
pub fn is_same(password: &str, other: &str) -> bool {
    normal(password) == normal(other)
}

/// What is wrong with a password of somebody of whom `known` is known. No rule asks for kinds of characters.
pub fn weakness(password: &str, known: &[&str]) -> Option<Weakness> {
    let password = &normal(password);
    let length = password.chars().count();
    if length < SHORTEST {
        return Some(Weakness::Short);
    }
    if length > LONGEST {
        return Some(Weakness::Long);
    }
    // Names and addresses count with their parts: `ada.lovelace@example.org` is known as `ada`, `lovelace` and `example` too.
    let parts = known.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric())).filter(|part| part.chars().count() > 2);
    let words: Vec<&str> = known.iter().copied().chain(parts).chain(["satchel", "badge", "badges"]).collect();
    let common = zxcvbn::zxcvbn(password, &words).guesses_log10() < COMMON || is_made_of(password, &words);
    common.then_some(Weakness::Common)
}

/// Whether little is left of a password without these words.
fn is_made_of(password: &str, words: &[&str]) -> bool {
    let mut words: Vec<String> = words.iter().map(|word| word.to_lowercase()).filter(|word| word.chars().count() > 2).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word, " "));
    rest.chars().filter(|c| c.is_alphanumeric()).count() < OWN
}

/// Hashes and compares, a few at a time.
#[derive(Clone)]
pub struct Hasher {
    pool: Pool,
    /// How many hashes were made: as many for an address that nobody has as for one that somebody has (S07).
    made: Arc<AtomicU64>,
    /// The hash of a password that nobody has, for accounts that nobody has.
    nobody: Arc<str>,
}

/// Memory in kB and passes (OWASP, Password Storage: argon2id with 19 MiB and two passes).
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

fn argon2() -> Argon2<'static> {
    // The numbers are within what the algorithm takes, so the defaults are never used.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY, PASSES, 1, None).unwrap_or_default())
}

/// A password in the one form of its characters that is hashed: the same keys give other bytes on other systems (NIST SP 800-63B-4, 3.1.1.2).
fn normal(password: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(password).into_owned()
}

fn hash(password: &str) -> Result<String, Problem> {
    let password = normal(password);
    let mut salt = [0; 16];
    random::fill(&mut salt);
    let hash = argon2().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| Problem::bare(Code::Internal))?;
    Ok(hash.to_string())
}

impl Hasher {
    /// As many at a time as there are processors.
    ///
    /// # Errors
    /// That hashing does not work here.
    pub fn new() -> Result<Self, Problem> {
        let nobody = hash(random::Secret::new().reveal())?;
        Ok(Self { pool: Pool::default(), made: Arc::default(), nobody: nobody.into() })
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// That too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.count();
        self.pool.run(move || hash(&password)).await?
    }

    /// Whether a password is that of `stored`. It takes as long when there is no account to compare with.
    ///
    /// # Errors
    /// That too many wait.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Problem> {
        let nobody = Arc::clone(&self.nobody);
        self.count();
        let compare = move || {
            let exists = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&nobody);
            argon2().verify_password(normal(&password).as_bytes(), stored).is_ok() && exists
        };
        self.pool.run(compare).await
    }

    /// What is wrong with a new password; see [`weakness`].
    ///
    /// # Errors
    /// That too much waits.
    pub async fn weakness(&self, password: String, known: Vec<String>) -> Result<Option<Weakness>, Problem> {
        // Guesses are counted over all that may be taken, which takes a while.
        self.pool.run(move || weakness(&password, &known.iter().map(String::as_str).collect::<Vec<_>>())).await
    }

    fn count(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
    }

    /// How many hashes were made.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_kinds_of_characters_do_not() {
        assert_eq!(weakness("kettle walrus!", &[]), Some(Weakness::Short));
        assert_eq!(weakness("kettle walrus orbit", &[]), None);
        assert_eq!(weakness("日本語のパスワードはこれでよい", &[]), None);
        assert_eq!(weakness(&"kettle walrus ".repeat(30), &[]), Some(Weakness::Long));
    }

    #[test]
    fn common_ones_are_refused() {
        let known = ["Ada", "Lovelace", "ada.lovelace@example.org"];
        for password in [
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaa",
            "123456789012345678",
            "qwertyuiopasdfghjkl",
            "adalovelace1815",
            "satchelsatchelsatchel",
            "letmeinletmeinletmein",
            "ada.lovelace.example",
        ] {
            assert_eq!(weakness(password, &known), Some(Weakness::Common), "{password}");
        }
    }
}
