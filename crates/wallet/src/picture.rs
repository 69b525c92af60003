//! Pictures of badges: the file that a badge came in, the picture that it brings along, the one at the address that it names once that was fetched,
//! or else that of another file with the same badge. All of them are a stranger's, and drawn with care (`satchel_picture`).

use std::collections::BTreeSet;

use jiff::Timestamp;
use satchel_badge::code::{CheckId, Status};
use satchel_badge::container::{self, Format};
use satchel_badge::evidence::{Document, Evidence, Need, Origin};
use satchel_badge::model::Image;
use satchel_badge::report::Report;
use satchel_fetch::{Client, FetchError};
use satchel_picture::Side;

use crate::inspect::{Asking, Budget};
use crate::store::badge::{self, Badge};
use crate::store::original;
use crate::{IdPrefix, Wallet, WalletError, verify};

/// Bytes of a picture that is fetched.
const MAX_FETCHED: usize = 8 << 20;

/// Bytes at the beginning of an SVG in which its first element stands.
const HEAD: usize = 4096;

/// The bytes of a picture, and the name of the file that it is from where that is not the badge's own.
type PictureOf = (Vec<u8>, Option<String>);

impl Wallet {
    /// What shows the badge: the PNG or SVG that it came in, the picture that it brings along, the one that was fetched, or else that of another
    /// file with the same badge. To be drawn with care: it is a stranger's.
    pub fn picture(&self, id: &IdPrefix) -> Result<Option<Vec<u8>>, WalletError> {
        let picture = self.picture_of(&self.badge(id)?, false)?;
        Ok(picture.map(|(bytes, _)| bytes))
    }

    /// Where the picture of a badge lies, if it is not at hand and the badge names a place.
    pub fn picture_away(&self, id: &IdPrefix) -> Result<Option<String>, WalletError> {
        let badge = self.badge(id)?;
        if self.picture_of(&badge, false)?.is_some() {
            return Ok(None);
        }
        let file = self.store.read(|db| original::get(db, badge.original))?;
        let report = self.checked(&file.bytes)?.part(badge.part)?;
        Ok(picture_at(&report).map(str::to_owned))
    }

    /// A PNG to bake the badge into: the picture that shows it, drawn where it is none.
    pub(crate) fn png_of(&self, badge: &Badge) -> Result<Vec<u8>, WalletError> {
        if let Some((png, _)) = self.picture_of(badge, true)? {
            return Ok(png);
        }
        let id = badge.id.to_string().parse()?;
        match self.picture_of(badge, false)? {
            Some((picture, _)) => satchel_picture::png(&picture, Side::Large).map_err(|_| WalletError::NeedsImage),
            None => Err(self.picture_away(&id)?.map_or(WalletError::NeedsImage, |url| WalletError::PictureAway { url })),
        }
    }

    /// The name of the other file from which the picture of a badge is, if it is from one: a badge says nothing about the pictures that it is
    /// baked into, so anybody can bake it into another one.
    pub(crate) fn picture_from(&self, badge: &Badge) -> Result<Option<String>, WalletError> {
        Ok(self.picture_of(badge, false)?.and_then(|(_, from)| from))
    }

    fn checked(&self, bytes: &[u8]) -> Result<verify::Checked, WalletError> {
        verify::check(&container::open_bytes(bytes), &self.policy, Timestamp::UNIX_EPOCH, |key| verify::kept(&self.store, key))
    }

    /// The first picture that fits.
    pub(crate) fn picture_of(&self, badge: &Badge, only_png: bool) -> Result<Option<PictureOf>, WalletError> {
        let is_picture = |bytes: &[u8]| matches!(container::sniff(bytes), Format::Png | Format::Svg);
        let fits = |bytes: &[u8]| !only_png || container::sniff(bytes) == Format::Png;
        let bytes = self.store.read(|db| original::get(db, badge.original))?.bytes;
        if !is_picture(&bytes) {
            let report = self.checked(&bytes)?.part(badge.part)?;
            let fetched = || -> Result<Option<Vec<u8>>, WalletError> {
                let Some(url) = picture_at(&report) else { return Ok(None) };
                let document = verify::kept(&self.store, url)?.document;
                Ok(document.filter(is_fetched).map(|document| document.bytes.to_vec()))
            };
            let own = picture_in(&bytes, &report).map_or_else(fetched, |own| Ok(Some(own)))?;
            if let Some(own) = own.filter(|own| fits(own)) {
                return Ok(Some((own, None)));
            }
        } else if fits(&bytes) {
            return Ok(Some((bytes, None)));
        }
        // One at a time, because copies may be large and many.
        for copy in self.store.read(|db| badge::copies(db, badge.id))? {
            let file = self.store.read(|db| original::get(db, copy.original))?;
            if is_picture(&file.bytes) && fits(&file.bytes) {
                return Ok(Some((file.bytes, Some(file.name))));
            }
        }
        Ok(None)
    }
}

/// What shows the badge of this report in its file: the file itself where it is a PNG or SVG, or else the picture that it brings along.
pub fn picture_in(file: &[u8], report: &Report) -> Option<Vec<u8>> {
    if matches!(container::sniff(file), Format::Png | Format::Svg) {
        return Some(file.to_vec());
    }
    images(report).find_map(Image::data)
}

/// Whether the file is a picture, or the badge brings its own along.
pub fn has_picture(report: &Report) -> bool {
    matches!(report.format, Format::Png | Format::Svg) || images(report).any(|image| image.uri.starts_with("data:image/"))
}

/// Where the picture lies of a badge that does not bring one along, as the badge says.
pub fn picture_at(report: &Report) -> Option<&str> {
    let is_web = |image: &&Image| image.uri.starts_with("https://") || image.uri.starts_with("http://");
    images(report).find(is_web).map(|image| image.uri.as_str()).filter(|_| !has_picture(report))
}

fn images(report: &Report) -> impl Iterator<Item = &Image> {
    let view = report.badge.as_deref().into_iter();
    view.flat_map(|view| view.image.iter().chain(view.achievement.iter().flat_map(|it| &it.image)))
}

/// Whether a document is a picture that was fetched, whatever it may turn out to be when it is drawn.
pub(crate) fn is_fetched(document: &Document) -> bool {
    let is_known = is_svg(&document.bytes) || satchel_picture::is_raster(&document.bytes);
    document.status == 200 && document.origin != Origin::Brought && document.bytes.len() <= MAX_FETCHED && is_known
}

/// Whether the first element of a text is that of an SVG; a page has others.
fn is_svg(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let element = text.match_indices('<').map(|(at, _)| &text[at + 1..]).find(|rest| !rest.starts_with(['?', '!']));
    element.is_some_and(|rest| rest.starts_with("svg"))
}

/// The pictures that are at hand, of those that the badges of a file name: their addresses.
pub(crate) fn at_hand(
    reports: &[Report],
    find: impl Fn(&str) -> Result<verify::Known, WalletError>,
) -> Result<BTreeSet<String>, WalletError> {
    let mut found = BTreeSet::new();
    for url in reports.iter().filter_map(picture_at) {
        if find(url)?.document.as_ref().is_some_and(is_fetched) {
            found.insert(url.to_owned());
        }
    }
    Ok(found)
}

/// Where the picture lies that may be fetched for the badge of this report. A badge that its issuer did not make names whom a stranger likes, and
/// nobody is asked for that.
pub fn picture_to_fetch(report: &Report) -> Option<&str> {
    let is_made = report.lines.iter().any(|line| line.code.check() == CheckId::Proof && line.code.status() == Status::Pass)
        && report.lines.iter().all(|line| line.code.status() != Status::Fail || line.code.check() > CheckId::Proof);
    picture_at(report).filter(|_| is_made)
}

/// The picture of the badge of this report that was fetched, if it is among these documents.
pub fn fetched_picture<'a>(report: &Report, evidence: &'a Evidence) -> Option<&'a [u8]> {
    let document = evidence.document(picture_to_fetch(report)?).filter(|document| is_fetched(document))?;
    Some(&document.bytes)
}

/// The pictures that these badges lack.
pub(crate) fn needs(reports: &[Report]) -> Vec<Need> {
    reports.iter().filter_map(picture_to_fetch).map(|url| Need::Url(url.to_owned())).collect()
}

/// Fetches the picture of a badge from its address; for [`Wallet::learn`]. Nothing where what lies there is none, or too large.
///
/// # Errors
/// It could not be had.
pub fn fetch_picture(client: &Client, url: &str, now: Timestamp) -> Result<Option<Evidence>, FetchError> {
    let mut asking = Asking::default();
    asking.ask(client, &mut Budget::of(1), || now, |_| vec![vec![Need::Url(url.to_owned())]]);
    match asking.failed.pop() {
        Some((_, error)) => Err(error),
        None => Ok(Some(asking.evidence).filter(|evidence| evidence.document(url).is_some_and(is_fetched))),
    }
}
