//! Awarding a badge to everybody in a table. The table is checked whole before anything is signed. Then a few rows at a time are signed on all
//! cores, kept in `desk.db`, and written as files; so whatever stops it, a row that was signed is kept, and a run that goes on signs none twice.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use satchel_badge::bake::bake;
use satchel_badge::rdf::Library;
use satchel_badge::sign::{SignError, sign_assertion, sign_credential, sign_jwt};
use satchel_picture::{Side, png};
use url::Url;

use super::compose::Award as Composed;
use super::list::Places;
use super::recipients::{self, Recipient, Table};
use super::store;
use super::store::award::{self, Award};
use super::store::proposed::{self, Proposed};
use super::store::run::{self, Run};
use super::{Badge, Desk, DeskError, Issuer, Keys, Passphrases, Why, Wrong, results};
use crate::store::to_micros;
use crate::{Sha256, files};

/// Rows that are signed and kept at once.
const BATCH: usize = 64;

/// Bytes of a picture within a credential that has no server to name one on.
const EMBEDDED: usize = 64 << 10;

/// The proof of the Open Badges 3.0 form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A Data Integrity proof.
    #[default]
    EddsaRdfc2022,
    /// A JSON Web Token.
    VcJwt,
}

/// What is to be awarded.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The badge.
    pub badge: &'a str,
    /// The table of recipients.
    pub recipients: &'a Path,
    /// The folder for the files.
    pub out: &'a Path,
    /// The server on which they will be published; the one that the desk has when it is not named.
    pub server: Option<&'a str>,
    /// Whether rows that are not right are left out.
    pub skip_bad: bool,
    /// Whether an earlier run that was broken off is finished.
    pub resume: bool,
    /// The proof.
    pub form: Form,
}

/// What became of a row.
#[derive(Clone, Debug)]
pub enum Became {
    /// It was signed: the identifier, and the names of the files.
    Awarded {
        /// `urn:uuid:…`
        id: String,
        /// The baked Open Badges 3.0 form.
        ob3: String,
        /// The baked Open Badges 2.0 form.
        ob2: Option<String>,
    },
    /// It is not right.
    Bad(Wrong),
}

/// A row of the table, and what became of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number; the names of the columns are row 1.
    pub line: i64,
    /// The address as it was written.
    pub email: String,
    /// What became of it.
    pub became: Became,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Awarded {
    /// Every row. Where nothing was signed, only those that are not right.
    pub rows: Vec<Row>,
    /// Whether anything was signed.
    pub signed: bool,
    /// How many there are that are not right.
    pub bad: usize,
}

impl Desk {
    /// Awards a badge to everybody in a table.
    ///
    /// # Errors
    /// What stops all of it. Rows that are not right are told in [`Awarded`].
    pub fn award(&mut self, order: &Order<'_>, passphrases: &dyn Passphrases, now: Timestamp) -> Result<Awarded, DeskError> {
        let (badge, picture) = self.badge(order.badge)?;
        let server = self.server_for(order.server)?;
        let mut table = recipients::read(order.recipients, now)?;
        let before = self.earlier(order, table.sha256)?;
        let keys = self.keys(passphrases)?;
        self.refuse_repeated(&mut table, order.badge, &keys, before.as_ref(), now)?;
        let bad = table.rows.iter().filter(|row| row.read.is_err()).count();
        if bad > 0 && !order.skip_bad && before.is_none() {
            return Ok(Awarded { rows: refused(&table), signed: false, bad });
        }
        prepare(order.out, before.is_some())?;
        let run = match before {
            Some(run) => run,
            None => self.begin(order.badge, table.sha256, server, now)?,
        };
        let work = Work {
            desk: self,
            keys: &keys,
            badge: &badge,
            picture: &picture,
            shown: self.shown(&badge, &picture)?,
            form: order.form,
            out: Some(order.out),
            origins: &HashMap::new(),
            library: Library::default(),
            now,
        };
        let rows = work.all(&table, &run)?;
        results::write(&order.out.join("results.csv"), &rows)?;
        files::sync_folder(order.out);
        self.store.write(|db| run::finish(db, &run, to_micros(now)))?;
        Ok(Awarded { rows, signed: true, bad })
    }

    /// Signs the awards of one badge for whoever somebody here has chosen, one by one; what became of each, in their order: the identifier of its
    /// award, or why there is none. Nobody gets one who has this badge already.
    pub(super) fn sign_for(
        &mut self,
        slug: &str,
        wished: Vec<Wished>,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Vec<Result<String, Wrong>>, DeskError> {
        let Ok((badge, picture)) = self.badge(slug) else {
            return Ok(wished.iter().map(|_| Err(Wrong::new(slug, Why::Unknown))).collect());
        };
        let ids: String = wished.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join("\n");
        let (mut rows, mut origins) = (Vec::new(), HashMap::new());
        let (mut seen, mut numbers) = (HashSet::new(), HashSet::new());
        for (line, it) in (1..).zip(wished) {
            let number = it.origin.as_ref().and_then(|origin| Some((origin.key.clone()?, origin.number.clone()?)));
            let read = it.read.and_then(|to| {
                let new = number.is_none_or(|number| numbers.insert(number)) && seen.insert(to.email.clone());
                if new { Ok(to) } else { Err(Wrong::new("email", Why::Twice)) }
            });
            rows.push(recipients::Row { line, email: it.email, read });
            origins.extend(it.origin.map(|origin| (line, origin)));
        }
        let mut table = Table { rows, sha256: Sha256::of(ids.as_bytes()) };
        self.refuse_repeated(&mut table, slug, keys, None, now)?;
        if table.rows.iter().all(|row| row.read.is_err()) {
            let bad = |row: recipients::Row| row.read.map(|_| String::new());
            return Ok(table.rows.into_iter().map(bad).collect());
        }
        let run = self.begin(slug, table.sha256, self.issuer.server.clone(), now)?;
        let work = Work {
            desk: self,
            keys,
            badge: &badge,
            picture: &picture,
            shown: self.shown(&badge, &picture)?,
            form: Form::default(),
            out: None,
            origins: &origins,
            library: Library::default(),
            now,
        };
        let rows = work.all(&table, &run)?;
        self.store.write(|db| run::finish(db, &run, to_micros(now)))?;
        let signed = |row: Row| match row.became {
            Became::Awarded { id, .. } => Ok(id),
            Became::Bad(wrong) => Err(wrong),
        };
        Ok(rows.into_iter().map(signed).collect())
    }

    /// The server that awards name: the one given, when the desk has no other.
    pub(super) fn server_for(&self, given: Option<&str>) -> Result<Option<String>, DeskError> {
        let Some(given) = given else { return Ok(self.issuer.server.clone()) };
        let wrong = || DeskError::BadOption(Wrong::new("--server", Why::NotAnUrl));
        let url = Url::parse(given).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.filter(|url| url.path() == "/" && url.query().is_none() && url.username().is_empty());
        let server = url.map(|url| url.origin().ascii_serialization()).ok_or_else(wrong)?;
        match &self.issuer.server {
            Some(known) if *known != server => Err(DeskError::OtherServer { known: known.clone() }),
            _ => Ok(Some(server)),
        }
    }

    /// The run that is to be finished. The same table is not begun anew while its run is not finished.
    fn earlier(&self, order: &Order<'_>, recipients: Sha256) -> Result<Option<Run>, DeskError> {
        match self.store.read(|db| run::last(db, order.badge, recipients))? {
            run @ Some(_) if order.resume => Ok(run),
            None if order.resume => Err(DeskError::NothingToResume),
            Some(Run { finished: None, .. }) => Err(DeskError::BrokenOff { slug: order.badge.to_owned() }),
            _ => Ok(None),
        }
    }

    /// Marks the rows of people who have the badge already, but not by the run that is being finished.
    pub(super) fn refuse_repeated(
        &self,
        table: &mut Table,
        badge: &str,
        keys: &Keys,
        run: Option<&Run>,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let run = run.map_or(0, |run| run.number);
        let holders = self.store.read(|db| award::holders(db, badge, run, to_micros(now)))?;
        for row in &mut table.rows {
            let has = row.read.as_ref().is_ok_and(|to| holders.contains(&keys.person(&to.email)));
            if has {
                row.read = Err(Wrong::new("email", Why::Repeated));
            }
        }
        Ok(())
    }

    pub(super) fn begin(
        &mut self,
        badge: &str,
        recipients: Sha256,
        server: Option<String>,
        now: Timestamp,
    ) -> Result<Run, DeskError> {
        let issuer = Issuer { server, ..self.issuer.clone() };
        let run = self.store.write(|db| {
            store::issuer::put(db, &issuer)?;
            run::begin(db, badge, recipients, to_micros(now))
        })?;
        self.issuer = issuer;
        Ok(run)
    }

    /// The picture as awards name it: on the server, or, where there is none, a small one within.
    pub(super) fn shown(&self, badge: &Badge, picture: &[u8]) -> Result<String, DeskError> {
        if let Some(address) = self.issuer.address(&format!("pictures/{}.png", badge.slug)) {
            return Ok(address);
        }
        let failed = |error: satchel_picture::PictureError| DeskError::Signing(error.to_string());
        let mut small = picture.to_vec();
        for side in [Side::Medium, Side::Small] {
            if small.len() > EMBEDDED {
                small = png(picture, side).map_err(failed)?;
            }
        }
        Ok(format!("data:image/png;base64,{}", STANDARD.encode(small)))
    }
}

/// The folder for the files: a new one, or one that is there for what was broken off.
fn prepare(out: &Path, resume: bool) -> Result<(), DeskError> {
    let failed = |error: std::io::Error| DeskError::unwritable(out, &error);
    fs::create_dir_all(out).map_err(failed)?;
    let empty = fs::read_dir(out).map_err(failed)?.next().is_none();
    if empty || resume { Ok(()) } else { Err(DeskError::NotEmpty { path: out.display().to_string() }) }
}

fn refused(table: &Table) -> Vec<Row> {
    let bad = |row: &recipients::Row| {
        let wrong = row.read.as_ref().err()?.clone();
        Some(Row { line: row.line, email: row.email.clone(), became: Became::Bad(wrong) })
    };
    table.rows.iter().filter_map(bad).collect()
}

/// Somebody for whom a badge is signed without a table.
pub(super) struct Wished {
    /// The id of the proposal or the request.
    pub id: String,
    /// The address as it was written.
    pub email: String,
    /// Who it is, or what is not right.
    pub read: Result<Recipient, Wrong>,
    /// What is noted of a proposal, so that none is signed for twice.
    pub origin: Option<Proposed>,
}

/// A run that is under way.
pub(super) struct Work<'a> {
    pub desk: &'a Desk,
    pub keys: &'a Keys,
    pub badge: &'a Badge,
    pub picture: &'a [u8],
    /// The picture as awards name it.
    pub shown: String,
    pub form: Form,
    /// Where the files go; nowhere, when the server alone is to have the awards.
    pub out: Option<&'a Path>,
    /// Which proposals the rows come from, if they do.
    pub origins: &'a HashMap<i64, Proposed>,
    pub library: Library,
    pub now: Timestamp,
}

impl Work<'_> {
    /// Signs what is not signed yet, and writes every file that is not there.
    pub fn all(&self, table: &Table, run: &Run) -> Result<Vec<Row>, DeskError> {
        let (signed, mut places, mut number) =
            self.desk.store.read(|db| Ok((award::lines_of(db, run.number)?, Places::of(db)?, award::count(db)?)))?;
        for lines in unsigned(table, &signed).chunks(BATCH) {
            let begun = lines.iter().map(|(line, to)| {
                number += 1;
                let status = self.desk.issuer.server.as_ref().map(|_| places.next());
                (number - 1, *line, *to, status)
            });
            let begun: Vec<_> = begun.collect();
            let done: Vec<Award> = begun
                .into_par_iter()
                .map(|(number, line, to, status)| self.sign(number, run.number, line, to, status))
                .collect::<Result<_, _>>()?;
            self.desk.store.write(|db| done.iter().try_for_each(|award| self.keep(db, award)))?;
            done.par_iter().try_for_each(|award| self.write(award, false))?;
        }
        self.rows(table, run, &signed)
    }

    /// Keeps an award, and which proposal it is for: both or neither.
    fn keep(&self, db: &rusqlite::Connection, award: &Award) -> Result<(), crate::WalletError> {
        award::put(db, award)?;
        let Some(origin) = self.origins.get(&award.line) else { return Ok(()) };
        proposed::put(db, &Proposed { credential: Some(award.credential.clone()), ..origin.clone() })
    }

    /// Every row with what became of it. Files of rows that were signed earlier are looked at.
    fn rows(&self, table: &Table, run: &Run, earlier: &HashSet<i64>) -> Result<Vec<Row>, DeskError> {
        let mut ids = HashMap::new();
        let mut after = 0;
        loop {
            let awards = self.desk.store.read(|db| award::of_run(db, run.number, after, BATCH))?;
            let Some(last) = awards.last() else { break };
            after = last.line;
            let earlier: Vec<&Award> = awards.iter().filter(|award| earlier.contains(&award.line)).collect();
            earlier.par_iter().try_for_each(|award| self.write(award, true))?;
            ids.extend(awards.into_iter().map(|award| (award.line, (award.credential, award.ob2.is_some()))));
        }
        let row = |row: &recipients::Row| {
            let became = match (ids.get(&row.line), &row.read) {
                (Some((id, both)), _) => {
                    Became::Awarded { id: id.clone(), ob3: name(row.line, "ob3"), ob2: both.then(|| name(row.line, "ob2")) }
                }
                (None, Err(wrong)) => Became::Bad(wrong.clone()),
                // Every row that is right was signed.
                (None, Ok(_)) => Became::Bad(Wrong::new("", Why::Missing)),
            };
            Row { line: row.line, email: row.email.clone(), became }
        };
        Ok(table.rows.iter().map(row).collect())
    }

    fn sign(&self, number: i64, run: i64, line: i64, to: &Recipient, status: Option<(i64, i64)>) -> Result<Award, DeskError> {
        let failed = |error: SignError| DeskError::Signing(error.to_string());
        let issuer = &self.desk.issuer;
        let award = Composed::new(to, status, self.now);
        let credential = award.credential(issuer, self.badge, &self.shown);
        let ob3 = match self.form {
            Form::EddsaRdfc2022 => {
                let signed = sign_credential(&credential, &self.keys.ed25519, self.now, &self.library);
                signed.map_err(failed)?.to_string()
            }
            Form::VcJwt => sign_jwt(&credential, &self.keys.ed25519).map_err(failed)?,
        };
        let assertion = award.assertion(issuer, self.badge, &self.shown).filter(|_| issuer.has_older_form());
        let rsa = self.keys.rsa(issuer.address(&issuer.key_path()).unwrap_or_default());
        let ob2 = assertion.map(|it| sign_assertion(&it, &rsa)).transpose().map_err(failed)?;
        Ok(Award {
            number,
            run,
            line,
            badge: self.badge.slug.clone(),
            person: self.keys.person(&to.email),
            email: Some(to.email.as_str().to_owned()),
            name: to.name.clone(),
            leaf: Sha256::of_credential(ob3.as_bytes()),
            credential: award.id,
            ob3: ob3.into_bytes(),
            ob2: ob2.map(String::into_bytes),
            list: status.map(|(list, _)| list),
            position: status.map(|(_, position)| position),
            made: to_micros(self.now),
            expires: to.expires.map(to_micros),
            revoked: None,
            reason: None,
            sent: None,
            invitation: None,
            refused: None,
            language: to.language.map(|language| language.tag().to_owned()),
        })
    }

    /// Writes the pictures of an award. They can be made again from what is kept, so nothing waits for the disk here.
    fn write(&self, award: &Award, look: bool) -> Result<(), DeskError> {
        let Some(out) = self.out else { return Ok(()) };
        let forms = [("ob3", Some(&award.ob3)), ("ob2", award.ob2.as_ref())];
        for (form, text) in forms.into_iter().filter_map(|(form, text)| Some((form, text?))) {
            let refused = |line: satchel_badge::report::Line| DeskError::Signing(line.code.name().to_owned());
            let baked = bake(self.picture, text).map_err(refused)?;
            let path = out.join(name(award.line, form));
            if look && fs::read(&path).is_ok_and(|there| there == baked) {
                continue;
            }
            let part: PathBuf = out.join(format!(".{}.part", name(award.line, form)));
            let written = fs::write(&part, baked).and_then(|()| fs::rename(&part, &path));
            written.map_err(|error| DeskError::unwritable(&path, &error))?;
        }
        Ok(())
    }
}

/// The rows that are right and have no award yet.
fn unsigned<'t>(table: &'t Table, signed: &HashSet<i64>) -> Vec<(i64, &'t Recipient)> {
    let missing = table.rows.iter().filter(|row| !signed.contains(&row.line));
    missing.filter_map(|row| Some((row.line, row.read.as_ref().ok()?))).collect()
}

/// The name of a file.
fn name(line: i64, form: &str) -> String {
    format!("{line:05}-{form}.png")
}
