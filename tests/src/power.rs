//! What a power cut leaves. The calls with which a program changes its files are recorded by `strace`, and played again up to a moment: what
//! was synced until then is on the disk, of all else any part may be, in any order, and a write may be there in part.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use crate::mutate::Random;

/// What a disk writes whole (512 bytes at least, on any that is in use).
const SECTOR: usize = 512;

/// The calls that change files. One that is not here is not used, or [`Recording::of`] refuses what it cannot play.
const CALLS: &str = "trace=openat,open,creat,write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,\
                     sync_file_range,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,\
                     copy_file_range,sendfile,splice";

/// Something that a program did.
#[derive(Clone, Debug)]
pub enum Event {
    /// A folder was made.
    Folder(PathBuf),
    /// A file was opened, and made where there was none; what was in it goes where the second says so.
    File(PathBuf, bool),
    /// Bytes were written.
    Write(PathBuf, usize, Rc<[u8]>),
    /// A file got another length.
    Length(PathBuf, usize),
    /// A file or folder was synced.
    Sync(PathBuf),
    /// A name was taken away.
    Remove(PathBuf),
    /// A file got another name.
    Rename(PathBuf, PathBuf),
    /// Something was said on standard output.
    Said(Vec<u8>),
}

/// What a program did below a folder, in its order.
pub struct Recording {
    /// One after the other.
    pub events: Vec<Event>,
    root: PathBuf,
}

/// Whether runs can be recorded here.
pub fn is_there() -> bool {
    Command::new("strace").args(["-qq", "true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl Recording {
    /// Runs a program and everything that it starts, and records what is done below `root`.
    ///
    /// # Panics
    /// If it fails, or does something that cannot be played again.
    pub fn of(program: &str, arguments: &[&str], root: &Path) -> Self {
        let logs = tempfile::tempdir().expect("a temporary folder");
        let mut strace = Command::new("strace");
        strace.args([
            "-ff",
            "-qq",
            "-y",
            "-xx",
            "-s",
            "1000000000",
            "--absolute-timestamps=format:unix,precision:ns",
            "-e",
            CALLS,
        ]);
        strace.arg("-e").arg("signal=none").arg("-o").arg(logs.path().join("log")).arg(program).args(arguments);
        let done = strace.stderr(Stdio::null()).output().expect("strace runs");
        assert!(done.status.success(), "{program} ended with {}: {}", done.status, String::from_utf8_lossy(&done.stdout));
        let mut lines: Vec<(String, String)> = Vec::new();
        for log in fs::read_dir(logs.path()).expect("the logs") {
            let text = fs::read_to_string(log.expect("a log").path()).expect("a log");
            lines.extend(text.lines().filter_map(|line| line.split_once(' ')).map(|(time, call)| (time.into(), call.into())));
        }
        // One thread at a time has a file, so what overlaps belongs to different ones.
        lines.sort_by(|one, other| one.0.cmp(&other.0));
        let root = fs::canonicalize(root).expect("the folder");
        Self { events: lines.iter().filter_map(|(_, call)| event(call, &root)).collect(), root }
    }
}

/// A call as an event; none where it changed nothing below `root`.
fn event(call: &str, root: &Path) -> Option<Event> {
    let (name, rest) = call.split_once('(')?;
    let (rest, answer) = rest.rsplit_once(") = ")?;
    if answer.starts_with('-') {
        return None;
    }
    let words = words(rest);
    let number = |at: usize| words[at].parse::<usize>().expect("a number");
    let path = |at: usize| path(&words[at]);
    let within = |path: PathBuf| Some(path).filter(|path| path.starts_with(root));
    let event = match name {
        "openat" => {
            let path = within(path(1))?;
            let flags = &words[2];
            (flags.contains("O_CREAT") || flags.contains("O_TRUNC")).then(|| Event::File(path, flags.contains("O_TRUNC")))?
        }
        "write" if words[0].starts_with("1<") => Event::Said(bytes(&words[1])),
        // The name of who holds the lock: nothing depends on it.
        "write" | "ftruncate" if path(0).ends_with("wallet.lock") => return None,
        "pwrite64" => Event::Write(within(path(0))?, number(3), bytes(&words[1]).into()),
        "ftruncate" => Event::Length(within(path(0))?, number(1)),
        "fsync" | "fdatasync" => Event::Sync(within(path(0))?),
        "mkdir" => Event::Folder(within(path(0))?),
        "unlink" => Event::Remove(within(path(0))?),
        "rename" => Event::Rename(within(path(0))?, path(1)),
        _ => {
            let touches = (0..words.len()).any(|at| words[at].contains(['<', '"']) && path(at).starts_with(root));
            assert!(!touches, "{name} cannot be played again: {call:.300}");
            return None;
        }
    };
    Some(event)
}

/// The arguments of a call.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    for c in text.chars() {
        is_quoted ^= c == '"';
        match c {
            ',' if !is_quoted => words.push(String::new()),
            ' ' if !is_quoted => {}
            c => words.last_mut().expect("one at least").push(c),
        }
    }
    words
}

/// The path that a word names: in quotes, or between angles beside the number of an open file.
fn path(word: &str) -> PathBuf {
    let inner = word.split_once('<').map_or(word.trim_matches('"'), |(_, path)| path.trim_end_matches('>'));
    PathBuf::from(OsString::from_vec(unescaped(inner)))
}

fn bytes(word: &str) -> Vec<u8> {
    unescaped(word.trim_matches('"'))
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let [b'x', high, low, tail @ ..] = tail
            && *first == b'\\'
        {
            let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hex digit");
            bytes.push(u8::try_from(digit(*high) << 4 | digit(*low)).expect("a byte"));
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

/// A change of a file that was not synced yet.
#[derive(Clone)]
enum Change {
    Write(usize, Rc<[u8]>),
    Length(usize),
}

#[derive(Clone, Default)]
struct File {
    synced: Vec<u8>,
    pending: Vec<Change>,
}

/// A change of names that was not synced yet.
#[derive(Clone)]
enum Naming {
    Folder(PathBuf),
    File(PathBuf, usize),
    Remove(PathBuf),
}

impl Naming {
    fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::File(path, _) | Self::Remove(path) => path,
        }
    }
}

/// Names: of a file its number, of a folder none.
type Names = BTreeMap<PathBuf, Option<usize>>;

/// A disk on which a recording is played.
pub struct Played<'a> {
    recording: &'a Recording,
    at: usize,
    files: Vec<File>,
    /// As programs see them.
    live: Names,
    synced: Names,
    pending: Vec<Naming>,
}

impl<'a> Played<'a> {
    /// An empty disk.
    pub fn new(recording: &'a Recording) -> Self {
        let (files, live, synced) = (Vec::new(), Names::new(), Names::new());
        Self { recording, at: 0, files, live, synced, pending: Vec::new() }
    }

    /// Plays on until so many events have happened; what was said on standard output meanwhile.
    pub fn play(&mut self, until: usize) -> Vec<u8> {
        let mut said = Vec::new();
        for event in &self.recording.events[self.at..until] {
            match event {
                Event::Said(bytes) => said.extend_from_slice(bytes),
                other => self.happen(other),
            }
        }
        self.at = until;
        said
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Said(_) => {}
            Event::Folder(path) => {
                self.live.insert(path.clone(), None);
                self.pending.push(Naming::Folder(path.clone()));
            }
            Event::File(path, is_emptied) => {
                if !self.live.contains_key(path) {
                    self.live.insert(path.clone(), Some(self.files.len()));
                    self.pending.push(Naming::File(path.clone(), self.files.len()));
                    self.files.push(File::default());
                }
                if *is_emptied {
                    self.change(path, Change::Length(0));
                }
            }
            Event::Write(path, at, bytes) => self.change(path, Change::Write(*at, Rc::clone(bytes))),
            Event::Length(path, length) => self.change(path, Change::Length(*length)),
            Event::Sync(path) => self.sync(path),
            Event::Remove(path) => {
                self.live.remove(path);
                self.pending.push(Naming::Remove(path.clone()));
            }
            Event::Rename(from, to) => {
                if let Some(Some(number)) = self.live.remove(from) {
                    self.live.insert(to.clone(), Some(number));
                    self.pending.push(Naming::File(to.clone(), number));
                }
                self.pending.push(Naming::Remove(from.clone()));
            }
        }
    }

    fn change(&mut self, path: &Path, change: Change) {
        if let Some(Some(number)) = self.live.get(path) {
            self.files[*number].pending.push(change);
        }
    }

    fn sync(&mut self, path: &Path) {
        if let Some(Some(number)) = self.live.get(path) {
            let file = &mut self.files[*number];
            for change in std::mem::take(&mut file.pending) {
                apply(&mut file.synced, &change, |_| true);
            }
            return;
        }
        let (done, pending) =
            std::mem::take(&mut self.pending).into_iter().partition(|naming| naming.path().parent() == Some(path));
        self.pending = pending;
        let done: Vec<Naming> = done;
        for naming in &done {
            name(&mut self.synced, naming);
        }
    }

    /// Writes the disk as a power cut may leave it now into `folder`, which stands for the root of the recording.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn cut(&self, folder: &Path, random: &mut Random) {
        let mut names = self.synced.clone();
        // Names are changed in their order, as every journal of a file system does.
        let kept = random.below(self.pending.len() + 1);
        for naming in &self.pending[..kept] {
            name(&mut names, naming);
        }
        fs::create_dir_all(folder).expect("a folder");
        for (path, number) in &names {
            let is_reached =
                path.ancestors().skip(1).take_while(|above| *above != self.recording.root).all(|above| names.contains_key(above));
            if !is_reached {
                continue;
            }
            let place = folder.join(path.strip_prefix(&self.recording.root).expect("it lies below the root"));
            match number {
                None => fs::create_dir(place).expect("a folder"),
                Some(number) => fs::write(place, left_of(&self.files[*number], random)).expect("a file"),
            }
        }
    }
}

fn name(names: &mut Names, naming: &Naming) {
    match naming {
        Naming::Folder(path) => drop(names.insert(path.clone(), None)),
        Naming::File(path, number) => drop(names.insert(path.clone(), Some(*number))),
        Naming::Remove(path) => drop(names.remove(path)),
    }
}

/// What may be left of a file.
fn left_of(file: &File, random: &mut Random) -> Vec<u8> {
    let mut bytes = file.synced.clone();
    let how = random.below(5);
    let first = random.below(file.pending.len() + 1);
    for (number, change) in file.pending.iter().enumerate() {
        let is_there = match how {
            0 => false,
            1 => true,
            2 => number < first,
            _ => random.below(2) == 0,
        };
        if is_there {
            // In the last way a write is torn.
            apply(&mut bytes, change, |_| how < 4 || random.below(2) == 0);
        }
    }
    bytes
}

/// Changes a file, sector by sector where that is asked for.
fn apply(bytes: &mut Vec<u8>, change: &Change, mut keeps: impl FnMut(usize) -> bool) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write(at, written) => {
            let mut done = 0;
            while done < written.len() {
                let start = at + done;
                let end = (start / SECTOR + 1) * SECTOR;
                let part = &written[done..written.len().min(end - at)];
                if keeps(start) {
                    if bytes.len() < start + part.len() {
                        bytes.resize(start + part.len(), 0);
                    }
                    bytes[start..start + part.len()].copy_from_slice(part);
                }
                done += part.len();
            }
        }
    }
}
