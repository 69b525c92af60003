//! `index.db`: what is derived from the wallet, and the search over it. Nothing is kept here that cannot be made anew; a file that does not
//! fit is thrown away by whoever opens it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::{ToSql, Value};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::meta::Meta;
use super::{Head, configure};
use crate::find::Sort;
use crate::locked::Key;
use crate::state::{Mark, State};
use crate::{BadgeId, Sha256};
use satchel_protocol::fold::{fold, spaced};

/// Rises with each change of `index.sql` or of what is derived.
const VERSION: i64 = 6;

/// What stands in the head of the file: `SatI`.
const APPLICATION: i64 = 0x5361_7449;

/// Of bigger files not every page is looked at on opening.
const QUICK: u64 = 64 << 20;

/// More badges than this are not ranked by how well they fit a search: that would cost more than it tells.
const RANKED: usize = 2000;

/// The index.
pub struct Index {
    connection: Connection,
    /// What the last search came to, for whoever reads on in it; gone with the next change.
    last: Kept,
    /// The same without its words, for whoever types on.
    order: Kept,
    is_in_memory: bool,
}

/// The rows that fit a filter, in their order.
type Kept = Option<(Filter, Arc<Vec<i64>>)>;

/// What is derived from one badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: BadgeId,
    pub added: i64,
    pub removed: Option<i64>,
    pub name: Option<String>,
    pub issuer: Option<String>,
    pub issuer_id: Option<String>,
    pub description: String,
    pub tags: String,
    pub issued_on: Option<i64>,
    pub expires: Option<i64>,
    pub state: State,
    pub mark: Option<Mark>,
    pub picture: bool,
    pub checked: i64,
    pub due: Option<i64>,
}

/// What a list shows of a badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: BadgeId,
    pub added: i64,
    pub removed: Option<i64>,
    pub name: Option<String>,
    pub issuer: Option<String>,
    pub issued_on: Option<i64>,
    pub expires: Option<i64>,
    pub state: String,
    pub mark: Option<String>,
    pub picture: bool,
    pub checked: i64,
}

/// Which badges are asked for, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of a search in the language of FTS5, and whether the best may come first.
    pub matching: Option<(String, bool)>,
    /// Texts that stand somewhere in the words of the badge.
    pub containing: Vec<String>,
    /// Whether to look in the bin instead.
    pub bin: bool,
    /// All where none is named.
    pub states: Vec<State>,
    pub issuer: Option<String>,
    pub year: Option<i16>,
    pub sort: Sort,
}

/// How many badges there are of one state, issuer and year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub state: String,
    pub issuer: Option<i64>,
    pub year: Option<i16>,
    pub count: usize,
}

/// The files that a database is made of.
pub fn files(path: &Path) -> [PathBuf; 4] {
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    [path.to_owned(), beside("-wal"), beside("-shm"), beside("-journal")]
}

impl Index {
    /// Opens the index of this wallet; none when there is none that fits.
    pub fn open(path: &Path, meta: &Meta, key: Option<&Key>) -> rusqlite::Result<Option<Self>> {
        let Ok(size) = std::fs::metadata(path).map(|metadata| metadata.len()) else { return Ok(None) };
        if is_others(path) {
            return Ok(None);
        }
        let connection = Connection::open(path)?;
        Key::unlock(key, &connection)?;
        configure(&connection, "NORMAL")?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            return Ok(None);
        }
        if size <= QUICK && connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0))? != "ok" {
            return Ok(None);
        }
        let index = Self { connection, last: None, order: None, is_in_memory: false };
        let seen = index.seen()?;
        Ok((seen.wallet == meta.wallet && seen.seq <= meta.seq).then_some(index))
    }

    /// Makes an empty index for this wallet.
    pub fn create(path: &Path, meta: &Meta, key: Option<&Key>) -> rusqlite::Result<Self> {
        // Where it cannot be made, the database says why.
        let _ = crate::files::private_file(path);
        let connection = Connection::open(path)?;
        Key::unlock(key, &connection)?;
        configure(&connection, "NORMAL")?;
        Self::begin(connection, meta, false)
    }

    /// The same in memory alone, for a disk that takes no more.
    pub fn in_memory(meta: &Meta) -> rusqlite::Result<Self> {
        Self::begin(Connection::open_in_memory()?, meta, true)
    }

    fn begin(mut connection: Connection, meta: &Meta, is_in_memory: bool) -> rusqlite::Result<Self> {
        let transaction = connection.transaction()?;
        transaction.execute_batch(include_str!("index.sql"))?;
        let sql = "INSERT INTO seen (one, wallet, erasures, seq, trust) VALUES (1, ?1, ?2, 0, x'')";
        transaction.execute(sql, params![meta.wallet, meta.erasures])?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        Ok(Self { connection, last: None, order: None, is_in_memory })
    }

    /// Whether it is gone with the program.
    pub fn is_in_memory(&self) -> bool {
        self.is_in_memory
    }

    /// How far the index has followed the wallet.
    pub fn seen(&self) -> rusqlite::Result<Meta> {
        seen(&self.connection)
    }

    /// Takes in badges that changed, up to the wallet's change `seq`.
    pub fn put(&mut self, entries: &[Entry], seq: i64) -> rusqlite::Result<()> {
        (self.last, self.order) = (None, None);
        let transaction = self.connection.transaction()?;
        let rows = entries.iter().map(|entry| put(&transaction, entry)).collect::<rusqlite::Result<Vec<_>>>()?;
        // Their words after all rows: a row is written under a savepoint, at which FTS5 writes out what it has gathered.
        for (entry, row) in entries.iter().zip(rows) {
            put_words(&transaction, entry, &row)?;
        }
        transaction.execute("UPDATE seen SET seq = max(seq, ?1) WHERE one = 1", [seq])?;
        transaction.commit()
    }

    /// Forgets all badges but these, after something was erased; `erasures` is how often that happened.
    pub fn keep_only(&mut self, ids: &[BadgeId], erasures: i64) -> rusqlite::Result<()> {
        (self.last, self.order) = (None, None);
        let kept: HashSet<&BadgeId> = ids.iter().collect();
        let transaction = self.connection.transaction()?;
        let all: Vec<BadgeId> =
            transaction.prepare("SELECT id FROM entry")?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in all.into_iter().filter(|id| !kept.contains(id)) {
            transaction.execute("DELETE FROM words WHERE rowid = (SELECT number FROM entry WHERE id = ?1)", [id])?;
            transaction.execute("DELETE FROM entry WHERE id = ?1", [id])?;
        }
        let unused = "DELETE FROM issuer WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.issuer = issuer.number)";
        transaction.execute(unused, [])?;
        transaction.execute("UPDATE seen SET erasures = ?1 WHERE one = 1", [erasures])?;
        transaction.commit()
    }

    /// Takes note that the wallet is opened now. Where the clock was ahead of that, what was checked meanwhile is to be checked again.
    pub fn opened(&mut self, now: i64) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let last: Option<i64> = transaction.query_row("SELECT opened FROM seen WHERE one = 1", [], |row| row.get(0))?;
        if last.is_some_and(|last| last > now) {
            transaction.execute("UPDATE entry SET due = 0 WHERE checked > ?1", [now])?;
        }
        transaction.execute("UPDATE seen SET leap = max(leap, ?1 - coalesce(opened, ?1)), opened = ?1 WHERE one = 1", [now])?;
        transaction.commit()
    }

    /// When the wallet was opened.
    pub fn last_opened(&self) -> rusqlite::Result<Option<i64>> {
        self.connection.query_row("SELECT opened FROM seen WHERE one = 1", [], |row| row.get(0))
    }

    /// How far the clock went forward between two openings, at most, since [`Self::forget_leap`].
    pub fn leap(&self) -> rusqlite::Result<i64> {
        self.connection.query_row("SELECT leap FROM seen WHERE one = 1", [], |row| row.get(0))
    }

    /// States that nothing is in the bin for which a leap of the clock would count.
    pub fn forget_leap(&self) -> rusqlite::Result<()> {
        self.connection.execute("UPDATE seen SET leap = 0 WHERE one = 1", []).map(drop)
    }

    /// When an opening first found that the time of something in the bin was up.
    pub fn bin_due(&self) -> rusqlite::Result<Option<i64>> {
        self.connection.query_row("SELECT bin_due FROM seen WHERE one = 1", [], |row| row.get(0))
    }

    pub fn set_bin_due(&self, time: Option<i64>) -> rusqlite::Result<()> {
        self.connection.execute("UPDATE seen SET bin_due = ?1 WHERE one = 1", [time]).map(drop)
    }

    /// States that these badges are to be checked again.
    pub fn mark_due(&mut self, ids: &[BadgeId]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for id in ids {
            transaction.prepare_cached("UPDATE entry SET due = 0 WHERE id = ?1")?.execute([id])?;
        }
        transaction.commit()
    }

    /// Whom the owner trusted when the verdicts were made: the hash of all that was chosen.
    pub fn trust(&self) -> rusqlite::Result<Vec<u8>> {
        self.connection.query_row("SELECT trust FROM seen WHERE one = 1", [], |row| row.get(0))
    }

    /// States that the owner trusts others now, so that the badges of these issuers, or all, are to be checked again.
    pub fn trust_changed(&mut self, trust: Sha256, issuers: Option<&[String]>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        // Their badges are checked again, and name them again.
        match issuers {
            None => {
                transaction.execute("UPDATE issuer SET worth = -1", [])?;
                transaction.execute("UPDATE entry SET due = 0", [])?;
            }
            Some(issuers) => {
                for issuer in issuers {
                    transaction.execute("UPDATE issuer SET worth = -1 WHERE key = ?1", [issuer])?;
                    let sql = "UPDATE entry SET due = 0 WHERE issuer = (SELECT number FROM issuer WHERE key = ?1)";
                    transaction.execute(sql, [issuer])?;
                }
            }
        }
        transaction.execute("UPDATE seen SET trust = ?1 WHERE one = 1", [trust])?;
        transaction.commit()
    }

    /// Badges whose verdict may be another one by now.
    pub fn due(&self, now: i64, most: usize) -> rusqlite::Result<Vec<BadgeId>> {
        let sql = "SELECT id FROM entry WHERE due IS NOT NULL AND due <= ?1 ORDER BY due, number LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        statement.query_map([now, most], |row| row.get(0))?.collect()
    }

    /// How many badges fit, and those of them that stand from `offset` on.
    pub fn find(&mut self, filter: &Filter, offset: usize, limit: usize) -> rusqlite::Result<(usize, Vec<Line>)> {
        let numbers = if let Some(numbers) = kept(&self.last, filter) { numbers } else { self.numbers(filter)? };
        self.last = Some((filter.clone(), Arc::clone(&numbers)));
        let sql = "SELECT id, added, removed, name, issuer_name, issued_on, expires, state, mark, picture, checked
                   FROM entry WHERE number = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let shown = numbers.iter().skip(offset).take(limit);
        let lines = shown.map(|number| statement.query_row([number], line)).collect::<rusqlite::Result<_>>()?;
        Ok((numbers.len(), lines))
    }

    /// The rows that fit, in their order.
    fn numbers(&mut self, filter: &Filter) -> rusqlite::Result<Arc<Vec<i64>>> {
        let Some(found) = self.found(filter)? else { return self.in_order(filter) };
        if found.len() <= RANKED {
            return self.few(filter, &found).map(Arc::new);
        }
        let numbers = self.in_order(filter)?;
        let most = found.last().copied().and_then(|last| usize::try_from(last).ok()).unwrap_or_default();
        let mut has = vec![false; most + 1];
        for at in found.iter().filter_map(|number| usize::try_from(*number).ok()) {
            has[at] = true;
        }
        let is_found = |number: &&i64| usize::try_from(**number).is_ok_and(|at| has.get(at).copied().unwrap_or_default());
        Ok(Arc::new(numbers.iter().filter(is_found).copied().collect()))
    }

    /// All rows that fit but for the words.
    fn in_order(&mut self, filter: &Filter) -> rusqlite::Result<Arc<Vec<i64>>> {
        let filter = Filter { matching: None, containing: Vec::new(), ..filter.clone() };
        if let Some(numbers) = kept(&self.order, &filter) {
            return Ok(numbers);
        }
        let (terms, given) = self.terms(&filter)?;
        let (index, order) = order(filter.sort);
        let sql = format!("SELECT number FROM entry INDEXED BY {index} WHERE {terms} ORDER BY {order}");
        let numbers = Arc::new(self.collect(&sql, &given)?);
        self.order = Some((filter, Arc::clone(&numbers)));
        Ok(numbers)
    }

    /// Of the few rows in which the words stand those that fit; the best first where that is wanted and can be told. A word in the name counts
    /// more than one in the description.
    fn few(&self, filter: &Filter, found: &[i64]) -> rusqlite::Result<Vec<i64>> {
        let (terms, mut given) = self.terms(filter)?;
        let texts: Vec<String> = found.iter().map(i64::to_string).collect();
        let terms = format!("{terms} AND entry.number IN ({})", texts.join(", "));
        let (_, order) = order(filter.sort);
        let sql = match &filter.matching {
            Some((words, true)) if filter.sort == Sort::Best => {
                given.push(words.clone().into());
                format!(
                    "SELECT entry.number FROM words CROSS JOIN entry ON entry.number = words.rowid WHERE {terms} AND words MATCH ?
                     ORDER BY bm25(words, 8.0, 4.0, 1.0, 2.0), {order}"
                )
            }
            _ => format!("SELECT entry.number FROM entry WHERE {terms} ORDER BY {order}"),
        };
        self.collect(&sql, &given)
    }

    /// What a filter says but for the words, in SQL.
    fn terms(&self, filter: &Filter) -> rusqlite::Result<(String, Vec<Value>)> {
        let mut given: Vec<Value> = vec![i64::from(filter.bin).into()];
        let mut terms = String::from("bin = ?");
        if !filter.states.is_empty() {
            terms = format!("{terms} AND state IN ({})", vec!["?"; filter.states.len()].join(", "));
            given.extend(filter.states.iter().map(|state| Value::from(state.name().to_owned())));
        }
        if let Some(key) = &filter.issuer {
            let sql = "SELECT number FROM issuer WHERE key = ?1";
            let number: Option<i64> = self.connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?;
            terms.push_str(" AND issuer = ?");
            given.push(number.unwrap_or(-1).into());
        }
        if let Some(year) = filter.year {
            terms.push_str(" AND year = ?");
            given.push(i64::from(year).into());
        }
        Ok((terms, given))
    }

    /// The rows in which all the words stand, in rising order; none where no words are looked for.
    fn found(&self, filter: &Filter) -> rusqlite::Result<Option<Vec<i64>>> {
        let mut terms: Vec<&str> = Vec::new();
        let mut given: Vec<Value> = Vec::new();
        if let Some((words, _)) = &filter.matching {
            terms.push("words MATCH ?");
            given.push(words.clone().into());
        }
        for text in &filter.containing {
            terms.push(
                "coalesce(name, '') || char(10) || coalesce(issuer, '') || char(10) || description || char(10) || tags LIKE ? ESCAPE '\\'",
            );
            given.push(format!("%{}%", escaped(text)).into());
        }
        if terms.is_empty() {
            return Ok(None);
        }
        let sql = format!("SELECT rowid FROM words WHERE {} ORDER BY rowid", terms.join(" AND "));
        self.collect(&sql, &given).map(Some)
    }

    fn collect(&self, sql: &str, given: &[Value]) -> rusqlite::Result<Vec<i64>> {
        let mut statement = self.connection.prepare(sql)?;
        let given = given.iter().map(|value| value as &dyn ToSql);
        statement.query_map(params_from_iter(given), |row| row.get(0))?.collect()
    }

    /// How many badges there are, not in the bin and in it.
    pub fn counts(&self) -> rusqlite::Result<[usize; 2]> {
        let mut counts = [0; 2];
        let mut statement = self.connection.prepare_cached("SELECT bin, count(*) FROM entry GROUP BY bin")?;
        for row in statement.query_map([], |row| Ok((row.get::<_, bool>(0)?, count(row, 1)?)))? {
            let (bin, badges) = row?;
            counts[usize::from(bin)] = badges;
        }
        Ok(counts)
    }

    /// What the badges of a shelf are, by state, issuer and year.
    pub fn groups(&self, bin: bool) -> rusqlite::Result<Vec<Group>> {
        let sql =
            "SELECT state, issuer, year, count(*) FROM entry INDEXED BY entry_facets WHERE bin = ?1 GROUP BY state, issuer, year";
        let mut statement = self.connection.prepare_cached(sql)?;
        let group =
            |row: &Row<'_>| Ok(Group { state: row.get(0)?, issuer: row.get(1)?, year: row.get(2)?, count: count(row, 3)? });
        statement.query_map([bin], group)?.collect()
    }

    /// The issuers by number: key and name.
    pub fn issuers(&self) -> rusqlite::Result<BTreeMap<i64, (String, String)>> {
        let mut statement = self.connection.prepare_cached("SELECT number, key, name FROM issuer")?;
        statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?.collect()
    }

    /// Leaves nothing in the journal.
    pub fn settle(&self) -> rusqlite::Result<()> {
        super::settle(&self.connection)
    }
}

/// Whether the file at `path` is a database of another program, which is neither opened nor removed.
pub fn is_others(path: &Path) -> bool {
    Head::of(path, APPLICATION).is_others()
}

fn kept(kept: &Kept, filter: &Filter) -> Option<Arc<Vec<i64>>> {
    kept.as_ref().filter(|(known, _)| known == filter).map(|(_, numbers)| Arc::clone(numbers))
}

/// The index that has the rows in an order, and that order in SQL.
fn order(sort: Sort) -> (&'static str, &'static str) {
    match sort {
        Sort::Best | Sort::Added => ("entry_by_added", "added DESC, name_key"),
        Sort::Issued => ("entry_by_issued", "issued_on DESC, name_key"),
        Sort::Name => ("entry_by_name", "name_key, added DESC"),
        Sort::Issuer => ("entry_by_issuer", "issuer_key, name_key, added DESC"),
    }
}

/// How far an index, of whatever version, has followed its wallet.
pub fn seen(db: &Connection) -> rusqlite::Result<Meta> {
    db.query_row("SELECT wallet, erasures, seq FROM seen WHERE one = 1", [], |row| {
        Ok(Meta { wallet: row.get(0)?, erasures: row.get(1)?, seq: row.get(2)? })
    })
}

/// The badges that an index, of whatever version, knows by name.
pub fn names(db: &Connection) -> rusqlite::Result<BTreeMap<BadgeId, Option<String>>> {
    db.prepare("SELECT id, name FROM entry")?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// How much a badge has to say about the name of its issuer: nothing where a check has failed, and nothing that takes the place of another
/// name where it is not known whether the issuer said so.
const fn worth(state: State) -> i64 {
    match state {
        State::Valid => 3,
        State::Intact => 2,
        State::Undecided => 1,
        State::Invalid | State::NoBadge => 0,
    }
}

/// A row that was written.
struct Written {
    number: i64,
    was_known: bool,
}

fn put(db: &Connection, entry: &Entry) -> rusqlite::Result<Written> {
    let shown = entry.issuer.as_deref().or(entry.issuer_id.as_deref());
    let issuer = match (entry.issuer_id.as_deref().or(entry.issuer.as_deref()), shown) {
        (Some(key), Some(name)) => {
            let sql = "INSERT INTO issuer (key, name, worth) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE
                       SET name = CASE WHEN ?3 > worth OR ?3 = worth AND ?3 >= 2 THEN ?2 ELSE name END, worth = max(worth, ?3)
                       RETURNING number";
            Some(db.prepare_cached(sql)?.query_row(params![key, name, worth(entry.state)], |row| row.get::<_, i64>(0))?)
        }
        _ => None,
    };
    let was_known = db.prepare_cached("SELECT 1 FROM entry WHERE id = ?1")?.exists([entry.id])?;
    let sql = "INSERT INTO entry (id, added, removed, name, name_key, issuer, issuer_name, issuer_key, issued_on, year, expires, state, mark,
                                  picture, checked, due)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
               ON CONFLICT (id) DO UPDATE
               SET added = ?2, removed = ?3, name = ?4, name_key = ?5, issuer = ?6, issuer_name = ?7, issuer_key = ?8, issued_on = ?9,
                   year = ?10, expires = ?11, state = ?12, mark = ?13, picture = ?14, checked = ?15, due = ?16
               RETURNING number";
    let number: i64 = db.prepare_cached(sql)?.query_row(
        params![
            entry.id,
            entry.added,
            entry.removed,
            entry.name,
            sort_key(entry.name.as_deref()),
            issuer,
            shown,
            sort_key(shown),
            entry.issued_on,
            entry.issued_on.and_then(year),
            entry.expires,
            entry.state.name(),
            entry.mark.map(Mark::name),
            entry.picture,
            entry.checked,
            entry.due
        ],
        |row| row.get(0),
    )?;
    Ok(Written { number, was_known })
}

/// The words by which a row is found.
fn put_words(db: &Connection, entry: &Entry, row: &Written) -> rusqlite::Result<()> {
    let words = |text: &str| spaced(&fold(text));
    if row.was_known {
        db.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([row.number])?;
    }
    let sql = "INSERT INTO words (rowid, name, issuer, description, tags) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.prepare_cached(sql)?.execute(params![
        row.number,
        entry.name.as_deref().map(words),
        entry.issuer.as_deref().map(words),
        words(&entry.description),
        words(&entry.tags)
    ])?;
    Ok(())
}

/// Letters by which names are sorted; enough to tell them apart.
const SORTED: usize = 60;

fn sort_key(name: Option<&str>) -> String {
    let key = name.map(fold).unwrap_or_default();
    let key: String = key.trim_start().chars().take(SORTED).collect();
    if key.is_empty() { String::from(char::MAX) } else { key }
}

/// The year of a time in microseconds, as UTC has it.
fn year(micros: i64) -> Option<i16> {
    let time = jiff::Timestamp::from_microsecond(micros).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_datetime(time).year())
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<usize> {
    Ok(usize::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        id: row.get(0)?,
        added: row.get(1)?,
        removed: row.get(2)?,
        name: row.get(3)?,
        issuer: row.get(4)?,
        issued_on: row.get(5)?,
        expires: row.get(6)?,
        state: row.get(7)?,
        mark: row.get(8)?,
        picture: row.get(9)?,
        checked: row.get(10)?,
    })
}

/// What LIKE would take for a placeholder is taken as it stands.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}
