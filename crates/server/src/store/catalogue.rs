//! The catalogue: the achievements that their issuers published. A row is what the document says, and is made anew with it; what is not
//! published has no row, so that no list, search or feed can find it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use satchel_badge::model::{Achievement, read_achievement};
use satchel_protocol::visibility::Listing;
use satchel_protocol::{Id, fold, sha256};

use super::issuer::{alike, called};
use super::{Row, StoreError, Tx, Value, document, listing};
use crate::values;

/// Letters of a description that are kept for lists and looked through by a search.
const MOST_WORDS: usize = 600;

/// Words that are looked for at once, letters of a word, and words that are taken for one that was typed.
const MOST_SOUGHT: usize = 12;
const LONGEST_WORD: usize = 40;
const MOST_LIKE: i64 = 200;
const TAKEN_FOR: usize = 24;

/// What is in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The DID of its issuer.
    pub did: String,
    /// The name of its issuer, or its DID.
    pub issuer: String,
    /// What people are told that its issuer is called.
    pub by: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is, shortened.
    pub description: String,
    /// Since when it is published.
    pub published: Timestamp,
    /// When what it says changed.
    pub updated: Timestamp,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, as somebody typed them.
    pub words: String,
    /// The DID of the issuer.
    pub issuer: Option<String>,
    /// A skill.
    pub skill: Option<String>,
    /// A kind of achievement.
    pub kind: Option<String>,
    /// A language.
    pub language: Option<String>,
}

/// What one may choose from, each with how often it is there.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// How many badges there are.
    pub all: i64,
    /// Issuers: DID, what they are called, badges.
    pub issuers: Vec<(String, String, i64)>,
    /// The skills that most badges show.
    pub skills: Vec<(String, i64)>,
    /// Kinds of achievement.
    pub kinds: Vec<(String, i64)>,
    /// Languages.
    pub languages: Vec<(String, i64)>,
}

/// The language that a document says it is written in.
pub fn language_of(value: &serde_json::Value) -> Option<String> {
    let tag = value.get("inLanguage")?.as_str()?;
    let plain = tag.len() <= 35 && !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| tag.split('-').next().unwrap_or_default().to_ascii_lowercase())
}

fn plain(text: &str, most: usize) -> String {
    satchel_badge::words::plain(text.trim()).take(most).collect()
}

/// The number that a row goes by in the tables beside it.
fn number(issuer: Id, slug: &str) -> i64 {
    let hash = sha256(&[issuer.as_bytes().as_slice(), slug.as_bytes()].concat());
    i64::from_be_bytes(std::array::from_fn(|at| hash[at])) & i64::MAX
}

/// Three letters in one number: a letter takes at most 21 bits.
fn pack(letters: &[char]) -> i64 {
    letters.iter().fold(0, |packed, letter| packed << 21 | i64::from(u32::from(*letter)))
}

/// The words of a text as they are searched. Of scripts without spaces each letter is one, and each two that stand side by side.
fn words(text: &str) -> Vec<String> {
    let folded = fold::fold(text);
    let mut found = Vec::new();
    for word in folded.split(|c: char| !c.is_alphanumeric() && !fold::is_unspaced(c)).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.chars().take(LONGEST_WORD).collect();
        if letters.iter().any(|c| fold::is_unspaced(*c)) {
            found.extend(letters.windows(2).map(|two| two.iter().collect::<String>()));
            found.extend(letters.iter().map(ToString::to_string));
        } else {
            found.push(letters.into_iter().collect());
        }
    }
    found
}

/// The number of a word.
fn word_id(word: &str) -> i64 {
    let hash = sha256(word.as_bytes());
    i64::from_be_bytes(std::array::from_fn(|at| hash[at])) & i64::MAX
}

/// The groups of three letters of a word, with a space around it.
fn grams(word: &str) -> BTreeSet<i64> {
    let letters: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
    letters.windows(3).map(pack).collect()
}

/// Has no word lead to a row any more, and forgets the words that lead nowhere.
fn unlink(tx: &mut Tx<'_>, number: i64) -> Result<(), StoreError> {
    let words = tx.all("DELETE FROM posting WHERE number = $1 RETURNING word", values![number])?;
    for row in words {
        let word: i64 = row.get(0)?;
        if tx.first("SELECT 1 FROM posting WHERE word = $1 LIMIT 1", values![word])?.is_none() {
            tx.execute("DELETE FROM word_gram WHERE word = $1", values![word])?;
            tx.execute("DELETE FROM word WHERE id = $1", values![word])?;
        }
    }
    Ok(())
}

/// Has a word lead to a row.
fn link(tx: &mut Tx<'_>, word: &str, number: i64, weight: i64) -> Result<(), StoreError> {
    let id = word_id(word);
    let new = tx.execute("INSERT INTO word (id, word) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", values![id, word])? == 1;
    if new {
        for gram in grams(word) {
            let sql = "INSERT INTO word_gram (gram, word) VALUES ($1, $2) ON CONFLICT (gram, word) DO NOTHING";
            tx.execute(sql, values![gram, id])?;
        }
    }
    tx.execute("INSERT INTO posting (word, number, weight) VALUES ($1, $2, $3)", values![id, number, weight]).map(drop)
}

/// The words that one who typed `sought` may have meant, each with how near it is, of ten.
fn like(tx: &mut Tx<'_>, sought: &str) -> Result<Vec<(i64, i64)>, StoreError> {
    let wanted = grams(sought);
    let places: Vec<String> = (1..=wanted.len()).map(|at| format!("${at}")).collect();
    let mut given: Vec<Value> = wanted.iter().map(|gram| Value::Int(*gram)).collect();
    // A slip in a word of eight letters leaves five of its eight groups.
    let least = i64::try_from(wanted.len() * 9 / 20).unwrap_or(1).max(1);
    given.extend([Value::Int(least), Value::Int(MOST_LIKE)]);
    let sql = format!(
        "SELECT w.id, w.word, g.shared FROM (SELECT word, count(*) AS shared FROM word_gram WHERE gram IN ({}) GROUP BY word
             HAVING count(*) >= ${} ORDER BY 2 DESC, 1 LIMIT ${}) g JOIN word w ON w.id = g.word",
        places.join(", "),
        wanted.len() + 1,
        wanted.len() + 2
    );
    let mut found = Vec::new();
    for row in tx.all(&sql, &given)? {
        let (id, word, shared): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let both = i64::try_from(wanted.len() + grams(&word).len()).unwrap_or(i64::MAX);
        // The beginning of a word is as good as a word with a slip.
        let near = if word == sought {
            10
        } else if word.starts_with(sought) {
            8
        } else {
            (20 * shared / both).min(9)
        };
        found.push((near, id));
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.truncate(TAKEN_FOR);
    Ok(found.into_iter().filter(|(near, _)| *near >= 5).map(|(near, id)| (id, near)).collect())
}

/// Makes the row of one achievement as its document and its listing say, or takes it away.
///
/// # Errors
/// What the database said.
pub fn refresh(tx: &mut Tx<'_>, issuer: Id, slug: &str, now: Timestamp) -> Result<(), StoreError> {
    let number = number(issuer, slug);
    let listed = listing::get(tx, issuer, slug)?.filter(|it| it.state == Listing::Published);
    let document = match listed {
        Some(_) => document::get(tx, issuer, &format!("achievements/{slug}.json"))?,
        None => None,
    };
    let value = document.and_then(|it| satchel_badge::json::parse(&it.bytes).ok());
    unlink(tx, number)?;
    tx.execute("DELETE FROM skill WHERE number = $1", values![number])?;
    bump(tx)?;
    let Some(value) = value else {
        return tx.execute("DELETE FROM catalogue WHERE issuer = $1 AND slug = $2", values![issuer, slug]).map(drop);
    };
    let it = read_achievement(&value);
    let text = |it: Option<&String>| plain(it.map_or("", String::as_str), MOST_WORDS);
    let name = Some(plain(it.name.as_deref().unwrap_or(slug), 200)).filter(|name| !name.is_empty());
    let (name, description) = (name.unwrap_or_else(|| slug.to_owned()), text(it.description.as_ref()));
    let kind = it.kind.as_deref().map(|kind| plain(kind, 60)).filter(|kind| !kind.is_empty());
    let sql = "INSERT INTO catalogue (issuer, slug, number, name, description, kind, language, published, updated)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               ON CONFLICT (issuer, slug) DO UPDATE SET name = excluded.name, description = excluded.description,
                   kind = excluded.kind, language = excluded.language, updated = excluded.updated";
    let given = values![issuer, slug, number, &name, &description, kind, language_of(&value), now, now];
    tx.execute(sql, given)?;
    let skills = skills(&it);
    for skill in &skills {
        let sql = "INSERT INTO skill (number, name) VALUES ($1, $2) ON CONFLICT (number, name) DO NOTHING";
        tx.execute(sql, values![number, skill])?;
    }
    let by = super::issuer::get(tx, issuer)?.and_then(|issuer| issuer.name).unwrap_or_default();
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    let mut say = |text: &str, weight: i64| {
        for word in words(text) {
            let known = found.entry(word).or_insert(weight);
            *known = weight.max(*known);
        }
    };
    say(&name, 3);
    say(&by, 2);
    skills.iter().chain(&it.tags).for_each(|skill| say(skill, 2));
    say(&description, 1);
    say(&text(it.criteria.as_ref()), 1);
    for (word, weight) in found {
        link(tx, &word, number, weight)?;
    }
    Ok(())
}

/// Makes what is searched where it is missing: in a database of an earlier program.
///
/// # Errors
/// What the database said.
pub fn fill(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    if tx.first("SELECT 1 FROM posting LIMIT 1", &[])?.is_some() || tx.first("SELECT 1 FROM catalogue LIMIT 1", &[])?.is_none() {
        return Ok(());
    }
    for issuer in super::issuer::all(tx)? {
        refresh_all(tx, issuer.id, now)?;
    }
    Ok(())
}

/// The skills that an achievement shows, by their names.
pub fn skills(it: &Achievement) -> Vec<String> {
    let names = it.alignment.iter().filter_map(|it| it.name.as_deref()).map(|name| plain(name, 120));
    names.filter(|name| !name.is_empty()).take(50).collect()
}

/// Makes all rows of an issuer anew, when its name changed.
///
/// # Errors
/// What the database said.
pub fn refresh_all(tx: &mut Tx<'_>, issuer: Id, now: Timestamp) -> Result<(), StoreError> {
    for it in listing::all(tx, issuer)?.into_iter().filter(|it| it.state == Listing::Published) {
        refresh(tx, issuer, &it.slug, now)?;
    }
    bump(tx)
}

/// Notes that the catalogue is another one.
///
/// # Errors
/// What the database said.
pub fn bump(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let sql = "INSERT INTO catalogue_head (one, head) VALUES (1, 1)
               ON CONFLICT (one) DO UPDATE SET head = catalogue_head.head + 1";
    tx.execute(sql, &[]).map(drop)
}

/// How often the catalogue changed.
///
/// # Errors
/// What the database said.
pub fn head(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number("SELECT coalesce(max(head), 0) FROM catalogue_head", &[])
}

const COLUMNS: &str = concat!("i.did, i.name, c.slug, c.name, c.description, c.published, c.updated, ", alike!("i"));

fn read(row: &Row) -> Result<Entry, StoreError> {
    let (did, name): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    Ok(Entry {
        by: called(name.as_deref(), &did, row.get::<i64>(7)? > 0),
        issuer: name.unwrap_or_else(|| did.clone()),
        did,
        slug: row.get(2)?,
        name: row.get(3)?,
        description: row.get(4)?,
        published: row.get(5)?,
        updated: row.get(6)?,
    })
}

/// What is found, the best first, and the newest first when no words were asked for.
///
/// # Errors
/// What the database said.
pub fn find(tx: &mut Tx<'_>, wanted: &Wanted, skip: i64, most: i64) -> Result<Vec<Entry>, StoreError> {
    let mut given: Vec<Value> = Vec::new();
    let mut place = |value: Value| {
        given.push(value);
        format!("${}", given.len())
    };
    let (mut from, mut order) = (String::from("catalogue c"), "c.published DESC, c.number DESC");
    let has_words = !wanted.words.trim().is_empty();
    if has_words {
        let mut sought = words(&wanted.words);
        sought.truncate(MOST_SOUGHT);
        let (mut parts, many) = (Vec::new(), sought.len());
        for word in &sought {
            let meant = like(tx, word)?;
            if meant.is_empty() {
                continue;
            }
            let cases: Vec<String> = meant
                .iter()
                .map(|(id, near)| format!("WHEN {} THEN {}", place(Value::Int(*id)), place(Value::Int(*near))))
                .collect();
            let ids: Vec<String> = meant.iter().map(|(id, _)| place(Value::Int(*id))).collect();
            parts.push(format!(
                "SELECT number, max(weight * CASE word {} ELSE CAST(0 AS BIGINT) END) AS best FROM posting WHERE word IN ({}) GROUP BY number",
                cases.join(" "),
                ids.join(", ")
            ));
        }
        // Half of the words are enough; whoever has more of them comes first.
        let least = i64::try_from(many.div_ceil(2)).unwrap_or(i64::MAX).max(1);
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let least = place(Value::Int(least));
        from = format!(
            "(SELECT number, count(*) AS groups, CAST(sum(best) AS BIGINT) AS score FROM ({}) p GROUP BY number
              HAVING count(*) >= {least}) g JOIN catalogue c ON c.number = g.number",
            parts.join(" UNION ALL ")
        );
        order = "g.groups DESC, g.score DESC, c.name, c.number";
    }
    let mut rules = String::from("i.suspended IS NULL");
    let mut narrow = |rule: &str, value: Option<&String>| {
        if let Some(value) = value {
            rules.push_str(" AND ");
            rules.push_str(&rule.replace('?', &place(Value::Text(value.clone()))));
        }
    };
    narrow("i.did = ?", wanted.issuer.as_ref());
    // What words have found is looked through: an index of all badges of a kind would lead past them.
    let (kind, language) =
        if has_words { ("c.kind || '' = ?", "c.language || '' = ?") } else { ("c.kind = ?", "c.language = ?") };
    narrow(kind, wanted.kind.as_ref());
    narrow(language, wanted.language.as_ref());
    narrow("c.number IN (SELECT number FROM skill WHERE name = ?)", wanted.skill.as_ref());
    let (most, skip) = (place(Value::Int(most)), place(Value::Int(skip)));
    let sql = format!(
        "SELECT {COLUMNS} FROM {from} JOIN issuer i ON i.id = c.issuer WHERE {rules} ORDER BY {order} LIMIT {most} OFFSET {skip}"
    );
    tx.all(&sql, &given)?.iter().map(read).collect()
}

/// What one may choose from.
///
/// # Errors
/// What the database said.
pub fn choices(tx: &mut Tx<'_>) -> Result<Choices, StoreError> {
    let counted = |row: &Row| Ok((row.get(0)?, row.get(1)?));
    let by = |column: &str| {
        format!(
            "SELECT c.{column}, count(*) FROM catalogue c JOIN issuer i ON i.id = c.issuer
             WHERE i.suspended IS NULL AND c.{column} IS NOT NULL GROUP BY c.{column} ORDER BY 2 DESC, 1 LIMIT 40"
        )
    };
    let issuers = concat!(
        "SELECT i.did, i.name, count(*), ",
        alike!("i"),
        " FROM catalogue c JOIN issuer i ON i.id = c.issuer WHERE i.suspended IS NULL
          GROUP BY i.id, i.did, i.name, i.likeness, i.successor ORDER BY coalesce(i.name, i.did), i.did LIMIT 500"
    );
    let of = |row: &Row| {
        let (did, name): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let by = called(name.as_deref(), &did, row.get::<i64>(3)? > 0);
        Ok((did, by, row.get(2)?))
    };
    let skills = "SELECT s.name, count(*) FROM skill s JOIN catalogue c ON c.number = s.number JOIN issuer i ON i.id = c.issuer
                  WHERE i.suspended IS NULL GROUP BY s.name ORDER BY 2 DESC, 1 LIMIT 100";
    let all = "SELECT count(*) FROM catalogue c JOIN issuer i ON i.id = c.issuer WHERE i.suspended IS NULL";
    Ok(Choices {
        all: tx.number(all, &[])?,
        issuers: tx.all(issuers, &[])?.iter().map(of).collect::<Result<_, StoreError>>()?,
        skills: tx.all(skills, &[])?.iter().map(counted).collect::<Result<_, StoreError>>()?,
        kinds: tx.all(&by("kind"), &[])?.iter().map(counted).collect::<Result<_, StoreError>>()?,
        languages: tx.all(&by("language"), &[])?.iter().map(counted).collect::<Result<_, StoreError>>()?,
    })
}

/// All that is published, in the order of its publication, for a map of the site.
///
/// # Errors
/// What the database said.
pub fn part(tx: &mut Tx<'_>, skip: i64, most: i64) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
    let sql = "SELECT i.did, c.slug, c.updated FROM catalogue c JOIN issuer i ON i.id = c.issuer WHERE i.suspended IS NULL
               ORDER BY c.published, c.number LIMIT $1 OFFSET $2";
    tx.all(sql, values![most, skip])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Somebody who shows this badge on a page that everybody may see and find.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The name of the page.
    pub slug: String,
    /// The name of the person.
    pub name: String,
    /// The award.
    pub award: Id,
}

/// Who has an achievement, as far as owners let be found, and how often it was accepted.
///
/// # Errors
/// What the database said.
pub fn holders(tx: &mut Tx<'_>, issuer: Id, achievement: &str, most: i64) -> Result<(Vec<Holder>, i64), StoreError> {
    let sql = "SELECT a.slug, a.given_name, a.family_name, w.id FROM award w JOIN account a ON a.id = w.holder
               WHERE w.issuer = $1 AND w.achievement = $2 AND w.hidden = 0 AND w.revoked IS NULL AND a.page = 'public'
                   AND a.indexed = 1 AND a.state = 'active'
                   AND w.id NOT IN (SELECT subject FROM hidden) AND a.id NOT IN (SELECT subject FROM hidden) ORDER BY w.created DESC, w.id DESC LIMIT $3";
    let rows = tx.all(sql, values![issuer, achievement, most])?;
    let holder = |row: &Row| -> Result<Holder, StoreError> {
        let name = format!("{} {}", row.get::<String>(1)?, row.get::<String>(2)?).trim().to_owned();
        Ok(Holder { slug: row.get(0)?, name, award: row.get(3)? })
    };
    let holders = rows.iter().map(holder).collect::<Result<_, _>>()?;
    let sql = "SELECT count(*) FROM award WHERE issuer = $1 AND achievement = $2 AND holder IS NOT NULL AND revoked IS NULL";
    Ok((holders, tx.number(sql, values![issuer, achievement])?))
}

/// The pages of people who let them be found.
///
/// # Errors
/// What the database said.
pub fn people(tx: &mut Tx<'_>, most: i64) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT slug FROM account WHERE page = 'public' AND indexed = 1 AND state = 'active'
               AND id NOT IN (SELECT subject FROM hidden) ORDER BY id LIMIT $1";
    tx.all(sql, values![most])?.iter().map(|row| row.get(0)).collect()
}
