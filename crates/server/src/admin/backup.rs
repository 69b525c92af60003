//! Backups, made while the server runs, and what is made of them.
//!
//! A backup is one file: a line that says what it is, a line of JSON (when it was made, the version of the database, its tables), the rows
//! of each table, and the SHA-256 of all that. It is the same from SQLite and from PostgreSQL, and can be restored into either. It comes
//! from one state of the database, appears whole or not at all, and is read to its end before anything is changed.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use satchel_protocol::{Code, Problem};
use serde::{Deserialize, Serialize};

use super::{AdminError, data_folder, open, shell};
use crate::erased;
use crate::random;
use crate::settings::Settings;
use crate::state::now;
use crate::store::copy::{self, Table};
use crate::store::tombstone::{self, Tombstone};
use crate::store::{Error, Place, Store, StoreError, Tx, Value, act};

/// The first line; the number is that of the format.
const MARK: &str = "satchel server backup 1\n";

/// The longest line of JSON, and the longest value of a row.
const LONGEST_HEAD: usize = 1 << 20;
const LONGEST_VALUE: usize = 64 << 20;

/// Bytes that are read from the database at once, about.
const PAGE: usize = 4 << 20;

/// Rows that are put into a table at once.
const GROUP: usize = 50;

const ROW: u8 = b'R';
const END: u8 = b'E';

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    made: Timestamp,
    program: String,
    schema: i64,
    tables: Vec<Table>,
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Rows in it.
    pub rows: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What was made of a backup.
#[derive(Clone, Debug)]
pub struct Restored {
    /// When the backup was made.
    pub made: Timestamp,
    /// Rows that came from it.
    pub rows: u64,
    /// How much was erased again.
    pub erased: usize,
    /// Up to when it is known what was erased; none, where nothing here tells.
    pub known_to: Option<Timestamp>,
}

/// Makes a backup. The server may be running.
///
/// # Errors
/// There is such a file already, it cannot be written, or what the database said.
pub async fn make(settings: &Settings, to: &Path) -> Result<Made, AdminError> {
    if to.exists() {
        return Err(AdminError::Refused(format!(
            "{}: there is such a file already; a backup takes the place of none",
            to.display()
        )));
    }
    let store = open(settings).await?;
    let failed = |error: std::io::Error| AdminError::Refused(format!("{}: {error}", to.display()));
    // Under a name of its own: several may be made at once, and whatever bears that name already is somebody else's.
    let half = Half { path: beside(to, &format!("{}.part", random::letters(12))) };
    let file = half.create().map_err(failed)?;
    let time = now();
    let file = Mutex::new(file);
    let wrote = store.read(move |tx| {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // This may run twice.
        let again = file.rewind().and_then(|()| file.set_len(0)).map_err(Failed::File);
        match again.and_then(|()| write(tx, &mut file, time)) {
            Ok(wrote) => Ok(Ok(wrote)),
            Err(Failed::Database(error)) => Err(error.into()),
            Err(Failed::File(error)) => Ok(Err(error)),
        }
    });
    let (rows, hash) = wrote.await?.map_err(failed)?;
    half.become_whole(to).and_then(|()| sync_folder(to)).map_err(failed)?;
    let sha256 = act::hex(&hash);
    let about = format!("sha256:{sha256}");
    let work = move |tx: &mut Tx<'_>| {
        act::anchor(tx, &shell(), time)?;
        Ok(act::note(tx, act::SERVER, &shell(), act::Did::BackupMade, &about, time)?)
    };
    store.write(work).await?;
    Ok(Made { rows, sha256 })
}

/// A file that is being written; whatever happens, nothing is left of it under this name.
struct Half {
    path: PathBuf,
}

impl Half {
    fn create(&self) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    /// Gives it its name, unless something bears that.
    fn become_whole(&self, to: &Path) -> std::io::Result<()> {
        match std::fs::hard_link(&self.path, to) {
            // Some file systems know no second name; there nothing better than a look before is to be had.
            Err(error) if error.kind() != ErrorKind::AlreadyExists && !to.exists() => std::fs::rename(&self.path, to),
            done => done,
        }
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

/// Why a backup could not be written.
enum Failed {
    Database(StoreError),
    File(std::io::Error),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

fn sync_folder(of: &Path) -> std::io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Writes what goes through it, and hashes it.
struct Hashing<W> {
    inner: W,
    hash: Context,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.hash.update(&bytes[..read]);
        Ok(read)
    }
}

fn words(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| StoreError::Failed(format!("{path}: {error}")).into()
}

/// Writes all rows into a file; how many, and the hash of the whole file.
fn write(tx: &mut Tx<'_>, file: &mut File, time: Timestamp) -> Result<(u64, [u8; 32]), Failed> {
    let mut out = Hashing { inner: BufWriter::with_capacity(1 << 16, file), hash: Context::new(&SHA256) };
    let tables = copy::tables(tx)?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let head = Head { made: time, program, schema: copy::version(tx)?, tables: tables.clone() };
    let line = serde_json::to_string(&head).unwrap_or_default();
    out.write_all(format!("{MARK}{line}\n").as_bytes())?;
    let mut count = 0;
    for (number, table) in (0_u16..).zip(&tables) {
        let (mut after, mut most, before) = (None, 100, count);
        loop {
            let rows = copy::page(tx, table, after.as_deref(), most)?;
            let mut bytes = 0;
            for row in &rows {
                bytes += put_row(&mut out, number, row)?;
                count += 1;
            }
            let full = i64::try_from(rows.len()).is_ok_and(|length| length == most);
            let Some(last) = rows.last().filter(|_| full) else { break };
            after = Some(copy::key_of(table, last));
            // Wide rows a few at a time, narrow ones many.
            most = if bytes > PAGE { (most / 2).max(1) } else { (most * 2).min(5000) };
        }
        if i64::try_from(count - before).ok() != Some(copy::count(tx, table)?) {
            return Err(StoreError::Failed(format!("not all rows of {} could be read", table.name)).into());
        }
    }
    out.write_all(&[END])?;
    let hash = out.hash.clone().finish();
    // With it the hash of the file is another one: the one that `sha256sum` says.
    out.write_all(hash.as_ref())?;
    let whole = out.hash.finish();
    let file = out.inner.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok((count, whole.as_ref().try_into().unwrap_or_default()))
}

/// A row: its mark, its table, and each value behind its kind and length.
fn put_row(out: &mut impl Write, table: u16, row: &[Value]) -> std::io::Result<usize> {
    let mut bytes = vec![ROW];
    bytes.extend(table.to_be_bytes());
    let mut long = |kind: u8, value: &[u8]| {
        bytes.push(kind);
        bytes.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(value);
    };
    for value in row {
        match value {
            Value::Null => long(b'0', &[]),
            Value::Int(number) => long(b'i', &number.to_be_bytes()),
            Value::Text(text) => long(b't', text.as_bytes()),
            Value::Bytes(value) => long(b'b', value),
        }
    }
    out.write_all(&bytes)?;
    Ok(bytes.len())
}

/// A backup that is read.
struct Reading {
    input: Hashing<BufReader<File>>,
    head: Head,
}

impl Reading {
    /// Its beginning.
    fn begin(mut file: File) -> Result<Self, String> {
        file.rewind().map_err(|error| error.to_string())?;
        let mut input = Hashing { inner: BufReader::with_capacity(1 << 16, file), hash: Context::new(&SHA256) };
        let mut mark = vec![0; MARK.len()];
        if input.read_exact(&mut mark).is_err() || mark != MARK.as_bytes() {
            return Err(String::from("it is no backup of a server, or of a newer format"));
        }
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            input.read_exact(&mut byte).map_err(|_| cut())?;
            if byte == *b"\n" {
                break;
            }
            line.push(byte[0]);
            if line.len() > LONGEST_HEAD {
                return Err(String::from("its head is too long"));
            }
        }
        let head: Head = serde_json::from_slice(&line).map_err(|error| format!("its head cannot be read: {error}"))?;
        if head.schema > copy::KNOWN {
            return Err(format!("a newer Satchel ({}) made it; take that one, or a later one", head.program));
        }
        Ok(Self { input, head })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|_| cut())?;
        Ok(bytes)
    }

    /// The next row and the number of its table; none at the end, once what was read has the hash that is written there.
    fn next(&mut self) -> Result<Option<(usize, Vec<Value>)>, String> {
        match self.take::<1>()? {
            [ROW] => {}
            [END] => {
                let found = self.input.hash.clone().finish();
                let written = self.take::<32>()?;
                let mut more = [0];
                return if found.as_ref() != written {
                    Err(String::from("it was changed: its hash is another than the one written in it"))
                } else if self.input.read(&mut more).map_err(|error| error.to_string())? > 0 {
                    Err(String::from("something follows its end"))
                } else {
                    Ok(None)
                };
            }
            _ => return Err(String::from("it is damaged")),
        }
        let table = usize::from(u16::from_be_bytes(self.take()?));
        let width = self.head.tables.get(table).ok_or("it is damaged: a row of no table")?.columns.len();
        let mut row = Vec::with_capacity(width);
        for _ in 0..width {
            let [kind] = self.take()?;
            let length = u32::from_be_bytes(self.take()?) as usize;
            if length > LONGEST_VALUE {
                return Err(String::from("it is damaged: a value is too long"));
            }
            let mut bytes = vec![0; length];
            self.input.read_exact(&mut bytes).map_err(|_| cut())?;
            row.push(match kind {
                b'0' => Value::Null,
                b'i' => Value::Int(i64::from_be_bytes(bytes.try_into().map_err(|_| "it is damaged: a number")?)),
                b't' => Value::Text(String::from_utf8(bytes).map_err(|_| "it is damaged: a text")?),
                b'b' => Value::Bytes(bytes),
                _ => return Err(String::from("it is damaged: a value")),
            });
        }
        Ok(Some((table, row)))
    }
}

fn cut() -> String {
    String::from("it is cut short")
}

/// Reads a backup to its end; its head, and how many rows it has.
fn examine(path: &Path) -> Result<(Head, u64), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut reading = Reading::begin(file)?;
    let mut rows = 0;
    while reading.next()?.is_some() {
        rows += 1;
    }
    Ok((reading.head, rows))
}

/// Makes the database from a backup, whole or not at all. With `replace`, in place of one that has something. What `erased` files and the
/// database that is replaced say was erased is erased again.
///
/// # Errors
/// The backup is not whole or of a newer program, something is there already or in use, or what the database said.
pub async fn restore(settings: &Settings, from: &Path, replace: bool, erased: &[PathBuf]) -> Result<Restored, AdminError> {
    let wrong = |why: String| AdminError::Refused(format!("{}: {why}", from.display()));
    let (path, told) = (
        from.to_owned(),
        tokio::task::spawn_blocking({
            let path = from.to_owned();
            move || examine(&path)
        }),
    );
    let (head, rows) = told.await.map_err(|_| wrong(cut()))?.map_err(wrong)?;
    let own = settings.erasure_log();
    let mut stones = Vec::new();
    for file in erased {
        if !file.is_file() {
            return Err(AdminError::Refused(format!("{}: there is no such file", file.display())));
        }
    }
    for file in erased.iter().chain(&own) {
        let told = erased::read(file).map_err(AdminError::Refused)?;
        // Whoever names a file by hand means one that tells something.
        if told.is_empty() && erased.contains(file) && std::fs::metadata(file).is_ok_and(|it| it.len() > 0) {
            let words = "not a line of it tells what was erased; the file is called erased.log";
            return Err(AdminError::Refused(format!("{}: {words}", file.display())));
        }
        stones.extend(told);
    }
    let stones_before = stones.clone();
    let time = now();
    let load = move |tx: &mut Tx<'_>, stones: &[Tombstone]| load(tx, &path, stones, time);
    let (again, stones) = match settings.place() {
        Place::Sqlite(database) => into_file(settings, &database, replace, stones, load).await?,
        place @ Place::Postgres { .. } => {
            let store = Store::bare(&place, None)?;
            let work = move |tx: &mut Tx<'_>| {
                if copy::others(tx)? > 0 {
                    return Err(in_use());
                }
                let mut stones = stones.clone();
                stones.extend(of_before(tx, replace)?);
                copy::drop_all(tx)?;
                Ok((load(tx, &stones)?, stones))
            };
            store.write(work).await?
        }
    };
    if let Some(path) = own {
        let mut log = erased::Log::open(&path).map_err(AdminError::Refused)?;
        log.add(&stones).map_err(AdminError::Refused)?;
    }
    let known_to = stones.iter().chain(&stones_before).map(|it| it.at).max();
    Ok(Restored { made: head.made, rows, erased: again, known_to })
}

fn in_use() -> Error {
    Problem::new(Code::Conflict, [String::from("a server or a command uses the database; stop it first")]).into()
}

/// What was erased in the database that is to be replaced.
fn of_before(tx: &mut Tx<'_>, replace: bool) -> Result<Vec<Tombstone>, Error> {
    if !copy::is_in_use(tx)? {
        return Ok(Vec::new());
    }
    if !replace {
        let words = "there is a database with issuers or accounts already; make a backup of it, and give --replace to have this one take its place";
        return Err(Problem::new(Code::Conflict, [String::from(words)]).into());
    }
    copy::run(tx)?;
    Ok(tombstone::since(tx, Timestamp::UNIX_EPOCH)?)
}

/// Makes a file of its own first, which then takes the place of the one that is there, in one step.
async fn into_file<F>(
    settings: &Settings,
    database: &Path,
    replace: bool,
    mut stones: Vec<Tombstone>,
    load: F,
) -> Result<(usize, Vec<Tombstone>), AdminError>
where
    F: Fn(&mut Tx<'_>, &[Tombstone]) -> Result<usize, Error> + Send + 'static,
{
    data_folder(settings).map_err(AdminError::Refused)?;
    let failed = |error: std::io::Error| AdminError::Refused(format!("{}: {error}", database.display()));
    let lock = crate::store::alone(database)?.ok_or_else(in_use)?;
    if std::fs::metadata(database).is_ok_and(|it| it.len() > 0) {
        let before = Store::bare(&Place::Sqlite(database.to_owned()), None)?;
        let found = before.write(move |tx| of_before(tx, replace)).await;
        // Nothing of it is left in a journal, which the new file would take for its own.
        let settled = before.settle().await;
        before.close().await;
        stones.extend(found?);
        settled?;
    }
    let journals = ["-wal", "-shm", "-journal"];
    let with = |path: &Path, ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    if ["-wal", "-journal"].iter().any(|ending| std::fs::metadata(with(database, ending)).is_ok_and(|it| it.len() > 0)) {
        return Err(AdminError::Refused(format!(
            "{}: its journal cannot be written into it, so it may be damaged or in use; move the folder away and restore into an empty one",
            database.display()
        )));
    }
    let half = beside(database, "restoring");
    for path in std::iter::once(half.clone()).chain(journals.iter().map(|ending| with(&half, ending))) {
        if path.exists() {
            std::fs::remove_file(&path).map_err(failed)?;
        }
    }
    let store = Store::bare(&Place::Sqlite(half.clone()), None)?;
    let known = stones.clone();
    let done = store.write(move |tx| load(tx, &known)).await;
    let settled = store.settle().await;
    store.close().await;
    let again = done?;
    settled?;
    File::open(&half).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&half, database).and_then(|()| sync_folder(database)).map_err(failed)?;
    drop(lock);
    Ok((again, stones))
}

/// Puts all rows of a backup into a database without tables, and takes out what it must not bring back; how much was erased again.
fn load(tx: &mut Tx<'_>, path: &Path, stones: &[Tombstone], time: Timestamp) -> Result<usize, Error> {
    let wrong = |why: String| Error::from(Problem::new(Code::Invalid, [format!("{}: {why}", path.display())]));
    let file = File::open(path).map_err(words(path))?;
    let mut reading = Reading::begin(file).map_err(wrong)?;
    copy::run_to(tx, reading.head.schema)?;
    let known = copy::tables(tx)?;
    let tables = reading.head.tables.clone();
    // Names of tables and columns come into SQL: they are those of this program, or nothing is done.
    if let Some(strange) = tables.iter().find(|table| !known.contains(table)) {
        return Err(wrong(format!("it has a table that this program does not know: {}", strange.name)));
    }
    copy::empty(tx, &tables)?;
    let mut group: (usize, Vec<Vec<Value>>) = (0, Vec::new());
    loop {
        let next = reading.next().map_err(wrong)?;
        let same = next.as_ref().is_some_and(|(table, _)| *table == group.0);
        if !group.1.is_empty() && (!same || group.1.len() == GROUP) {
            copy::insert(tx, &tables[group.0], &group.1)?;
            group.1.clear();
        }
        let Some((table, row)) = next else { break };
        group.0 = table;
        group.1.push(row);
    }
    copy::run(tx)?;
    copy::after_restore(tx, time)?;
    let mut again = 0;
    for stone in stones {
        again += usize::from(tombstone::apply(tx, stone, time)?);
    }
    let about = format!("made:{}", reading.head.made);
    act::note(tx, act::SERVER, &shell(), act::Did::BackupRestored, &about, time)?;
    Ok(again)
}
