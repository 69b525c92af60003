//! Files looked at without keeping them: at their own pace, away from the window, told in pieces, ended at any time. Of ten thousand files
//! only a row each is held; whoever opens one has it checked again.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::container::Opened;
use satchel_badge::evidence::{Evidence, Need};
use satchel_badge::report::{Line, Report, Verdict};
use satchel_badge::words::Language;
use satchel_wallet::inspect::{self, Checked, Form, InspectOptions, Save, SaveError, Source};
use satchel_wallet::{BadgeId, Batch, Candidate, Fetched, Imported, MAX_FILE, Mark, Outcome, Pasted, Sha256, State, WalletError};
use tauri::ipc::Channel;

use crate::problem::Problem;
use crate::progress::{Counted, Told, fates};
use crate::state::{App, lock, number};
use crate::words::{self, Word};
use crate::{backpack, ipc, view};

/// Files between two messages: few enough that a person sees it move.
const BATCH: usize = 64;

/// Bytes that a run holds of all the archives in it.
const MOST_UNPACKED: usize = 256 << 20;

/// All of them.
#[derive(Default)]
pub struct Inspections {
    last: AtomicU32,
    runs: Mutex<HashMap<ipc::Inspection, Arc<Run>>>,
}

/// One.
struct Run {
    cancelled: AtomicBool,
    rows: Mutex<Vec<Row>>,
    /// What was handed in, without its folders, for the head of a report.
    named: Vec<PathBuf>,
    /// There when the run is over. Whatever looks at it, nobody waits for another but while something is learnt.
    inspection: OnceLock<RwLock<inspect::Inspection>>,
}

/// What is held of a credential.
struct Row {
    source: Source,
    part: usize,
    /// Its id, where it has one.
    id: Option<BadgeId>,
    state: State,
    mark: Option<Mark>,
    /// The first reason for its state.
    reason: Option<Line>,
}

impl Row {
    fn is_now(&mut self, report: &Report) {
        (self.state, self.mark, self.reason) = (State::of(report), Mark::of(report), report.reasons().next().cloned());
    }
}

/// What a source is called where it has no file name.
fn pasted(language: Language) -> PathBuf {
    PathBuf::from(words::of(Word::Pasted, language))
}

impl Inspections {
    /// Begins to look at these; the rows come through `on`.
    pub fn begin(&self, app: &App, sources: Vec<ipc::Source>, on: Channel<ipc::Progress>) -> Result<Begun, Problem> {
        let language = app.language();
        let named = sources.into_iter().map(|source| Named::of(app, source, language)).collect::<Result<Vec<_>, _>>()?;
        let named: Vec<Named> = named.into_iter().flatten().collect();
        // Without a wallet nobody is trusted, and files can be looked at all the same.
        let trust = app.wallet(|wallet, _| backpack::trust(wallet)).unwrap_or_default();
        let network = app.settings().network;
        let client = if network == ipc::Network::Always { Some(Arc::new(app.client()?)) } else { None };
        let options = InspectOptions {
            policy: Policy { trust, ..Policy::default() },
            evidence: Evidence::default(),
            client,
            at: None,
            clock: Timestamp::now,
        };
        let id = ipc::Inspection(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let paths: Vec<PathBuf> = named.iter().flat_map(Named::shown).collect();
        let run = Arc::new(Run {
            cancelled: AtomicBool::new(false),
            rows: Mutex::default(),
            named: paths,
            inspection: OnceLock::new(),
        });
        lock(&self.runs).insert(id, Arc::clone(&run));
        Ok(Begun { id, run, named, inspection: inspect::Inspection::new(options), on, language })
    }

    /// Ends a run; what was found until then stays.
    pub fn cancel(&self, id: ipc::Inspection) {
        if let Some(run) = lock(&self.runs).get(&id) {
            run.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Ends a run and lets go of it.
    pub fn forget(&self, id: ipc::Inspection) {
        self.cancel(id);
        lock(&self.runs).remove(&id);
    }

    fn run(&self, id: ipc::Inspection) -> Result<Arc<Run>, Problem> {
        lock(&self.runs).get(&id).cloned().ok_or_else(|| Problem::new(Word::UnknownInspection, []))
    }

    /// One credential as a page, checked again.
    pub fn page(&self, app: &App, id: ipc::Inspection, index: u32) -> Result<ipc::InspectedBadge, Problem> {
        let run = self.run(id)?;
        let (source, part) = run.row(index)?;
        Self::shown(app, &run, &source, part, &run.reports(&source))
    }

    /// Fetches the picture of a credential where the badge names a place, once it is proved that its issuer did. It comes along when the file is kept.
    pub fn fetch_picture(&self, app: &App, id: ipc::Inspection, index: u32) -> Result<ipc::InspectedBadge, Problem> {
        let run = self.run(id)?;
        let (source, part) = run.row(index)?;
        let inspection = run.inspection.get().ok_or_else(|| Problem::new(Word::StillRunning, []))?;
        let reports = run.reports(&source);
        let url = reports.get(part).and_then(satchel_wallet::picture_to_fetch);
        if let Some(url) = url.filter(|url| !inspection.read().unwrap_or_else(PoisonError::into_inner).evidence().has(url)) {
            // Nobody waits for the network.
            let heard = satchel_wallet::fetch_picture(&app.client()?, url, Timestamp::now());
            if let Some(heard) = heard.map_err(|error| Problem::caused(Word::NoPicture, [], error.cause()))? {
                inspection.write().unwrap_or_else(PoisonError::into_inner).join(heard);
            }
        }
        Self::shown(app, &run, &source, part, &reports)
    }

    /// Asks the hosts that may settle something about a credential, and checks its file again. What they say comes along when it is kept.
    pub fn ask(&self, app: &App, id: ipc::Inspection, index: u32) -> Result<ipc::InspectedBadge, Problem> {
        let run = self.run(id)?;
        let (source, part) = run.row(index)?;
        let inspection = run.inspection.get().ok_or_else(|| Problem::new(Word::StillRunning, []))?;
        // Nobody waits for the network.
        let heard = source.candidate("").ask(&app.client()?, Timestamp::now());
        let reports = {
            let mut inspection = inspection.write().unwrap_or_else(PoisonError::into_inner);
            inspection.join(heard);
            inspection.again(source.clone()).reports
        };
        for row in lock(&run.rows).iter_mut().filter(|row| row.source.named == source.named && row.source.path == source.path) {
            if let Some(report) = reports.get(row.part) {
                row.is_now(report);
            }
        }
        Self::shown(app, &run, &source, part, &reports)
    }

    fn shown(app: &App, run: &Run, source: &Source, part: usize, reports: &[Report]) -> Result<ipc::InspectedBadge, Problem> {
        let (language, now) = (app.language(), Timestamp::now());
        let report = reports.get(part).ok_or_else(|| Problem::new(Word::UnknownInspection, []))?;
        let trust = app.wallet(|wallet, _| backpack::trust(wallet)).unwrap_or_default();
        let is_at_hand = run.fetched_picture(report).is_some();
        Ok(ipc::InspectedBadge {
            badge: view::badge(report, language, now, &trust),
            nested: view::nested(report, false, language, now),
            picture: satchel_wallet::has_picture(report) || is_at_hand,
            picture_at: satchel_wallet::picture_at(report).filter(|_| !is_at_hand).map(view::host),
            report: view::report(report, language, now),
            path: run.shown(source),
            part: number(part),
        })
    }

    /// The id of a credential, and its picture as it came, or as it was fetched.
    pub fn picture(&self, id: ipc::Inspection, index: u32) -> Option<(BadgeId, Option<Vec<u8>>)> {
        let run = self.run(id).ok()?;
        let (source, part) = run.row(index).ok()?;
        let badge = lock(&run.rows).get(usize::try_from(index).ok()?)?.id?;
        let file = source.candidate("");
        let reports = check_opened(&source.open(), &Evidence::default(), &Policy::default(), Timestamp::UNIX_EPOCH);
        let own = satchel_wallet::picture_in(file.bytes(), reports.get(part)?);
        // Whether its issuer named the place shows with what is at hand alone.
        let fetched = || run.fetched_picture(run.reports(&source).get(part)?);
        Some((badge, own.or_else(fetched)))
    }

    /// What is to be said of each row now: in this language, and as the wallet is.
    pub fn rows_now(&self, app: &App, id: ipc::Inspection) -> Result<Vec<ipc::RowNow>, Problem> {
        let run = self.run(id)?;
        let language = app.language();
        let ids: Vec<Option<BadgeId>> = lock(&run.rows).iter().map(|row| row.id).collect();
        let fates = fates(app, &ids)?;
        let rows = lock(&run.rows);
        let now = rows.iter().zip(fates).map(|(row, fate)| {
            let reason = row.reason.as_ref().map(|line| line.message(language));
            ipc::RowNow { state: row.state.into(), mark: row.mark.map(Into::into), reason, fate }
        });
        Ok(now.collect())
    }

    /// Keeps these, or all that can be; files whole, as they come. What was kept before a problem is told along with it.
    pub fn keep(&self, app: &App, id: ipc::Inspection, indices: Option<&[u32]>) -> Result<ipc::Kept, Problem> {
        let run = self.run(id)?;
        let sources = run.chosen(indices);
        // Whoever wanted hosts to be asked has had them asked already; the answers come along.
        let evidence = run
            .inspection
            .get()
            .map(|it| it.read().unwrap_or_else(PoisonError::into_inner).evidence().clone())
            .unwrap_or_default();
        let mut kept = ipc::Kept { added: 0, here: 0, refused: 0, ids: Vec::new(), problem: None };
        let mut sources = sources.iter().peekable();
        while sources.peek().is_some() {
            let mut batch = Batch::default();
            while let Some(source) = sources.next()
                && !batch.add(candidate(source))
            {}
            let candidates = batch.take();
            let evidence = evidence.clone();
            match app.wallet(|wallet, now| wallet.importer_with(evidence, None, now).take(&candidates)) {
                Ok(done) => done.into_iter().flatten().for_each(|imported| count(&mut kept, &imported)),
                Err(problem) if kept.ids.is_empty() || problem.ends_wallet() => return Err(problem),
                Err(problem) => {
                    kept.problem = Some(problem.told(app.language()));
                    break;
                }
            }
        }
        Ok(kept)
    }

    /// Saves a report on all of it; every file is looked at again.
    pub fn save(&self, id: ipc::Inspection, form: ipc::ReportForm, to: &Path, language: Language) -> Result<(), Problem> {
        let run = self.run(id)?;
        let inspection = run.inspection.get().ok_or_else(|| Problem::new(Word::StillRunning, []))?;
        let inspection = inspection.read().unwrap_or_else(PoisonError::into_inner);
        let form = match form {
            ipc::ReportForm::Html => Form::Html,
            ipc::ReportForm::Csv => Form::Csv,
            ipc::ReportForm::Json => Form::Json,
        };
        let save = Save { form, to, paths: &run.named, language };
        let saved = inspection.save(&save, run.files(), &AtomicBool::new(false));
        let path = || to.to_string_lossy().into_owned();
        saved.map(drop).map_err(|error| match error {
            SaveError::OverInput => Problem::new(Word::OverInput, [path()]),
            SaveError::Unwritable(error) => Problem::caused(Word::Unwritable, [path()], &error),
        })
    }
}

impl Run {
    /// What is found in a file with what is at hand.
    fn reports(&self, source: &Source) -> Vec<Report> {
        match self.inspection.get() {
            Some(inspection) => inspection.read().unwrap_or_else(PoisonError::into_inner).again(source.clone()).reports,
            // It is still running; a look with nothing at hand is better than none.
            None => check_opened(&source.open(), &Evidence::default(), &Policy::default(), Timestamp::now()),
        }
    }

    /// The picture of a badge that was fetched.
    fn fetched_picture(&self, report: &Report) -> Option<Vec<u8>> {
        let inspection = self.inspection.get()?.read().unwrap_or_else(PoisonError::into_inner);
        satchel_wallet::fetched_picture(report, inspection.evidence()).map(<[u8]>::to_vec)
    }

    fn row(&self, index: u32) -> Result<(Source, usize), Problem> {
        let rows = lock(&self.rows);
        let row = usize::try_from(index).ok().and_then(|index| rows.get(index));
        row.map(|row| (row.source.clone(), row.part)).ok_or_else(|| Problem::new(Word::UnknownInspection, []))
    }

    /// A row for each credential of a file, and one for a file without.
    fn rows(&self, checked: &Checked, language: Language) -> Vec<(Row, ipc::Inspected)> {
        let holds_badge = checked.reports.iter().any(|report| report.verdict != Verdict::NoBadge);
        // Only a file that holds a badge is opened once more, for its id and its picture.
        let opened = holds_badge.then(|| checked.source.open());
        let row = |(part, report): (usize, &Report)| {
            let badge = report.badge.as_deref();
            let issuer = badge.and_then(|badge| badge.issuer.as_ref());
            let id = opened.as_ref().filter(|_| report.verdict != Verdict::NoBadge).and_then(|opened| id(opened, part));
            let (state, mark, reason) = (State::of(report), Mark::of(report), report.reasons().next().cloned());
            let shown = ipc::Inspected {
                index: 0,
                path: self.shown(&checked.source),
                part: number(part),
                name: badge.and_then(|badge| badge.name.clone()),
                issuer: issuer.and_then(|issuer| issuer.name.clone().or_else(|| issuer.id.clone())),
                issued_on: badge.and_then(|badge| badge.issued_on).map(|time| time.to_string()),
                state: state.into(),
                mark: mark.map(Into::into),
                reason: reason.as_ref().map(|line| line.message(language)),
                fate: if id.is_some() { ipc::Fate::New } else { ipc::Fate::Refused },
                picture: satchel_wallet::has_picture(report),
            };
            (Row { source: checked.source.clone(), part, id, state, mark, reason }, shown)
        };
        checked.reports.iter().enumerate().map(row).collect()
    }

    /// Holds the rows, and numbers them.
    fn hold(&self, rows: Vec<(Row, ipc::Inspected)>) -> Vec<ipc::Inspected> {
        let mut held = lock(&self.rows);
        let numbered = rows.into_iter().map(|(row, shown)| {
            let index = number(held.len());
            held.push(row);
            ipc::Inspected { index, ..shown }
        });
        numbered.collect()
    }

    /// The path of a file as a person handed it in: from the name of the file or folder on.
    fn shown(&self, source: &Source) -> String {
        if let Some(url) = url_of(source) {
            return url.to_owned();
        }
        let above = self.named.get(source.named).and_then(|named| named.parent());
        let below = above.and_then(|above| source.path.strip_prefix(above).ok());
        below.unwrap_or(&source.path).to_string_lossy().into_owned()
    }

    /// The files of these rows, each once, in their order.
    fn chosen(&self, indices: Option<&[u32]>) -> Vec<Source> {
        let wanted: Option<HashSet<u32>> = indices.map(|indices| indices.iter().copied().collect());
        self.files_of(|at, row| wanted.as_ref().map_or(row.id.is_some(), |wanted| wanted.contains(&at)))
    }

    fn files(&self) -> Vec<Source> {
        self.files_of(|_, _| true)
    }

    fn files_of(&self, is_wanted: impl Fn(u32, &Row) -> bool) -> Vec<Source> {
        let rows = lock(&self.rows);
        let mut seen = HashSet::new();
        let wanted = (0..).zip(rows.iter()).filter(|(at, row)| is_wanted(*at, row)).map(|(_, row)| &row.source);
        wanted.filter(|source| seen.insert((source.named, source.path.clone()))).cloned().collect()
    }
}

/// Counts what became of a credential.
fn count(kept: &mut ipc::Kept, imported: &Imported) {
    match (imported.outcome, imported.id) {
        (Outcome::Added, id) => {
            kept.added += 1;
            kept.ids.extend(id.map(|id| id.to_string()));
        }
        (Outcome::Duplicate, _) => kept.here += 1,
        (Outcome::Refused, _) => kept.refused += 1,
    }
}

/// A file as it may be kept: under its name, or with the address it was fetched from.
fn candidate(source: &Source) -> Candidate {
    let name = source.path.file_name().unwrap_or(source.path.as_os_str()).to_string_lossy();
    let candidate = source.candidate(&name);
    match url_of(source) {
        Some(url) => candidate.fetched_from(url),
        None => candidate,
    }
}

/// The address that it was fetched from, if it was.
fn url_of(source: &Source) -> Option<&str> {
    source.path.to_str().filter(|path| path.starts_with("https://") || path.starts_with("http://"))
}

/// What was handed in.
enum Named {
    Paths(Vec<PathBuf>),
    /// Text that was pasted.
    Text(PathBuf, Vec<u8>),
    /// An address, and what it gave.
    Url(String, Fetched),
}

impl Named {
    fn of(app: &App, source: ipc::Source, language: Language) -> Result<Vec<Self>, Problem> {
        let found = match source {
            ipc::Source::Offer { id } => {
                let offers = lock(&app.offers);
                let paths = offers.paths(id).ok_or_else(|| Problem::new(Word::UnknownOffer, []))?;
                vec![Self::Paths(paths.to_vec())]
            }
            ipc::Source::Text { text } if text.trim().is_empty() => return Err(Problem::new(Word::NothingInText, [])),
            ipc::Source::Text { text } if text.len() as u64 > MAX_FILE => {
                return Err(Problem::new(Word::TooMuchText, [(MAX_FILE >> 20).to_string()]));
            }
            ipc::Source::Text { text } => {
                let found = satchel_wallet::pasted(&text).into_iter().map(|found| match found {
                    Pasted::Url(url) => Self::fetched(app, &url),
                    // What is refused is shown as it was pasted, with the reason.
                    Pasted::File(file) if file.bytes().is_empty() => Ok(Self::Text(pasted(language), text.clone().into_bytes())),
                    Pasted::File(file) => Ok(Self::Text(pasted(language), file.bytes().to_vec())),
                });
                found.collect::<Result<Vec<_>, _>>()?
            }
            ipc::Source::Url { url } => vec![Self::fetched(app, &url)?],
        };
        match found.as_slice() {
            // Of several the others are shown, and this one beside them with the reason.
            [Self::Url(url, Fetched { file: Err(line), .. })] => {
                // Why stands there in each language.
                let at = Language::ALL.iter().position(|it| *it == language).unwrap_or_default();
                Err(Problem::new(Word::Unfetchable, [url.clone(), line.details.get(at).cloned().unwrap_or_default()]))
            }
            _ => Ok(found),
        }
    }

    fn fetched(app: &App, url: &str) -> Result<Self, Problem> {
        let parsed = url::Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = parsed.ok_or_else(|| Problem::new(Word::BadUrl, [url.to_owned()]))?.to_string();
        let fetched = satchel_wallet::fetch(Some(&app.client()?), &url);
        Ok(Self::Url(url, fetched))
    }

    /// Whoever was sent a request for it.
    fn asked(&self) -> Option<String> {
        if let Self::Url(_, fetched) = self { fetched.asked.clone() } else { None }
    }

    /// How it is named in a report.
    fn shown(&self) -> Vec<PathBuf> {
        match self {
            Self::Paths(paths) => paths.clone(),
            Self::Text(path, _) => vec![path.clone()],
            Self::Url(url, _) => vec![PathBuf::from(url)],
        }
    }

    /// The files in it, of which the first is number `first` of all that was named.
    fn sources(&self, first: usize, language: Language) -> Box<dyn Iterator<Item = Source> + '_> {
        let one = |source| Box::new(std::iter::once(source));
        match self {
            Self::Paths(paths) => Box::new((first..).zip(paths).flat_map(|(named, path)| inspect::walk(named, path, &[]))),
            Self::Text(path, bytes) => one(Source::of_bytes(path.clone(), first, bytes.clone())),
            Self::Url(url, Fetched { file: Ok(bytes), .. }) => one(Source::of_bytes(url.into(), first, bytes.clone())),
            Self::Url(url, Fetched { file: Err(line), .. }) => {
                one(Source::unreadable(url.into(), first, &std::io::Error::other(line.message(language))))
            }
        }
    }
}

/// A run that has begun, for a thread of its own.
pub struct Begun {
    /// Its number.
    pub id: ipc::Inspection,
    run: Arc<Run>,
    named: Vec<Named>,
    inspection: inspect::Inspection,
    on: Channel<ipc::Progress>,
    language: Language,
}

impl Begun {
    /// Goes to the end, or until it is cancelled.
    pub fn finish(self, app: &App) {
        let Self { run, named, mut inspection, on, language, .. } = self;
        let counted = Arc::new(Counted::default());
        count_files(&named, Arc::clone(&counted));
        let mut told = Told { done: 0, asked: named.iter().filter_map(Named::asked).collect() };
        let mut looked_up = HashSet::new();
        let mut sources = sources(&named, language);
        loop {
            let batch: Vec<Source> = sources.by_ref().take(BATCH).collect();
            if batch.is_empty() || run.cancelled.load(Ordering::Relaxed) {
                break;
            }
            let checked = inspection.check(batch, &run.cancelled);
            let checked = remember(app, &mut inspection, &mut looked_up, checked);
            told.done += number(checked.len());
            let mut rows: Vec<_> = checked.iter().flat_map(|checked| run.rows(checked, language)).collect();
            // Without a wallet files are checked all the same; whoever wants to keep one is told then.
            let fates = fates(app, &rows.iter().map(|(row, _)| row.id).collect::<Vec<_>>()).unwrap_or_default();
            rows.iter_mut().zip(fates).for_each(|((_, shown), fate)| shown.fate = fate);
            let rows = run.hold(rows);
            told.asked.extend(inspection.asked().iter().cloned());
            if on.send(told.progress(&counted, rows, false)).is_err() {
                // The window is gone.
                break;
            }
        }
        let cancelled = run.cancelled.load(Ordering::Relaxed);
        counted.stop.store(true, Ordering::Relaxed);
        let _ = run.inspection.set(RwLock::new(inspection));
        let last = told.progress(&counted, Vec::new(), true);
        let _ = on.send(ipc::Progress { cancelled, total: Some(told.done), ..last });
    }
}

/// All files of what was handed in.
fn sources(named: &[Named], language: Language) -> impl Iterator<Item = Source> {
    let (mut next, held) = (0, Rc::new(Cell::new(0)));
    let all = named.iter().flat_map(move |named| {
        let first = next;
        next += named.shown().len();
        named.sources(first, language)
    });
    all.flat_map(move |source| unpacked(source, Rc::clone(&held), language))
}

/// Counts the files beside, so that the window can say of how many.
fn count_files(named: &[Named], counted: Arc<Counted>) {
    let of_named = |named: &Named| if let Named::Paths(paths) = named { paths.clone() } else { Vec::new() };
    let paths: Vec<PathBuf> = named.iter().flat_map(of_named).collect();
    let others = named.iter().filter(|named| !matches!(named, Named::Paths(_))).count();
    std::thread::spawn(move || {
        let files = inspect::sources(&paths, &[]).take_while(|_| !counted.stop.load(Ordering::Relaxed)).count();
        counted.files.store(number(files + others), Ordering::Relaxed);
        counted.known.store(true, Ordering::Release);
    });
}

/// The badges of an archive, or the file itself. What is unpacked is held in memory: nothing of an archive is written to a disk. `held` says
/// how much that is by now.
fn unpacked(source: Source, held: Rc<Cell<usize>>, language: Language) -> Box<dyn Iterator<Item = Source>> {
    if !source.is_archive() {
        return Box::new(std::iter::once(source));
    }
    let named = source.named;
    let unpacked = source.candidates(&source.path.to_string_lossy()).map(move |candidate| {
        let path = PathBuf::from(candidate.name());
        let more = held.get() + candidate.bytes().len();
        let refused =
            candidate.opened().lines.first().filter(|_| candidate.bytes().is_empty()).map(|line| line.message(language));
        let refused = refused.or_else(|| (more > MOST_UNPACKED).then(|| words::of(Word::TooMuchUnpacked, language).to_owned()));
        if let Some(why) = refused {
            return Source::unreadable(path, named, &std::io::Error::other(why));
        }
        held.set(more);
        Source::of_bytes(path, named, candidate.bytes())
    });
    Box::new(unpacked)
}

/// Checks those again that lack something which the wallet has learnt before.
fn remember(
    app: &App,
    inspection: &mut inspect::Inspection,
    looked_up: &mut HashSet<Need>,
    checked: Vec<Checked>,
) -> Vec<Checked> {
    let lacks = |checked: &Checked| -> Vec<Need> { checked.reports.iter().flat_map(Report::all_needs).cloned().collect() };
    // What is learnt may show what else is lacking; a few rounds are enough for any badge.
    let mut checked = checked;
    for _ in 0..4 {
        let lacking: HashSet<Need> = checked.iter().flat_map(lacks).filter(|need| !looked_up.contains(need)).collect();
        if lacking.is_empty() {
            break;
        }
        let known = app.wallet(|wallet, _| {
            let newest =
                |need: &Need| Ok(wallet.documents(need.key())?.into_iter().next().map(|document| (need.clone(), document)));
            lacking.iter().filter_map(|need| newest(need).transpose()).collect::<Result<Vec<_>, WalletError>>()
        });
        looked_up.extend(lacking);
        let known = known.unwrap_or_default();
        if known.is_empty() {
            break;
        }
        let learnt: HashSet<Need> = known.iter().map(|(need, _)| need.clone()).collect();
        for (need, document) in known {
            inspection.learn(need.key(), document);
        }
        let again = |checked: Checked| {
            if lacks(&checked).iter().any(|need| learnt.contains(need)) { inspection.again(checked.source) } else { checked }
        };
        checked = checked.into_iter().map(again).collect();
    }
    checked
}

/// The id of a credential.
fn id(opened: &Opened, part: usize) -> Option<BadgeId> {
    let text = &opened.embedded.get(part)?.text;
    (!text.is_empty()).then(|| Sha256::of_credential(text))
}
