//! `badge://`: pictures by id alone, always a PNG that `satchel_picture` has drawn; a plate stands in for a picture that is not there, the same here
//! and in the PNG that leaves. No path, no address and no byte of a badge's own picture comes through here (security.md, S01).

use satchel_picture::Side;
use satchel_protocol::Id;
use satchel_wallet::{BadgeId, IdPrefix};
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{AppHandle, Manager};

use crate::ipc;
use crate::state::App;

/// Whom a picture is asked of.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// A badge of the wallet.
    Kept(BadgeId),
    /// One that was looked at.
    Inspected(ipc::Inspection, u32),
    /// One that waits for an answer.
    Invited(Id),
}

/// Answers a request; the path is an id, the query a size.
pub fn answer(app: &AppHandle, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let uri = request.uri();
    let picture =
        wanted(uri.path()).zip(side(uri.query().unwrap_or_default())).and_then(|(wanted, side)| draw(app, &wanted, side));
    let (status, kind, body) = match picture {
        Some(png) => (StatusCode::OK, "image/png", png),
        None => (StatusCode::NOT_FOUND, "text/plain", Vec::new()),
    };
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        // It may be looked at, and read by nobody.
        .header("Cross-Origin-Resource-Policy", "cross-origin")
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body);
    response.unwrap_or_default()
}

fn wanted(path: &str) -> Option<Wanted> {
    let name = path.strip_prefix('/')?;
    if let Some(numbers) = name.strip_prefix("i-") {
        let (inspection, index) = numbers.split_once('-')?;
        return Some(Wanted::Inspected(ipc::Inspection(inspection.parse().ok()?), index.parse().ok()?));
    }
    if let Some(id) = name.strip_prefix("w-") {
        return id.parse().ok().map(Wanted::Invited);
    }
    name.parse().ok().map(Wanted::Kept)
}

fn side(query: &str) -> Option<Side> {
    // Whether the window takes it for the badge's own decides nothing here.
    let size = query.strip_prefix("size=")?;
    Side::of(size.strip_suffix("&own").unwrap_or(size).parse().ok()?)
}

fn draw(app: &AppHandle, wanted: &Wanted, side: Side) -> Option<Vec<u8>> {
    let state = app.state::<App>();
    match wanted {
        Wanted::Kept(id) => {
            let prefix: IdPrefix = id.to_string().parse().ok()?;
            let drawn = if let Some(drawn) = state.wallet(|wallet, _| Ok(wallet.drawn(*id, side))).ok()? {
                Some(drawn).filter(|drawn| !drawn.is_empty())
            } else {
                let picture = state.wallet(|wallet, _| wallet.picture(&prefix)).ok()?;
                // The wallet does not wait while it is drawn. That it cannot be drawn is kept too.
                let drawn = picture.and_then(|picture| satchel_picture::png(&picture, side).ok());
                let _ = state.wallet(|wallet, _| wallet.keep_drawn(*id, side, drawn.as_deref().unwrap_or_default()));
                drawn
            };
            drawn.or_else(|| plate(*id, side))
        }
        Wanted::Inspected(inspection, index) => {
            let (id, picture) = state.inspections.picture(*inspection, *index)?;
            drawn(id, picture, side)
        }
        Wanted::Invited(id) => {
            let waits = state.synced(|wallet| wallet.invitation(&id.to_string())).ok()?;
            drawn(waits.badge()?, waits.picture(), side)
        }
    }
}

/// The picture of a badge, drawn; or the plate that stands in for it where it has none, or none that can be drawn.
pub fn drawn(id: BadgeId, picture: Option<Vec<u8>>, side: Side) -> Option<Vec<u8>> {
    picture.and_then(|picture| satchel_picture::png(&picture, side).ok()).or_else(|| plate(id, side))
}

fn plate(id: BadgeId, side: Side) -> Option<Vec<u8>> {
    satchel_picture::plate(id.as_bytes(), side).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_picture_has_an_id_and_a_size_and_nothing_else() {
        let id = "ab".repeat(32);
        assert!(matches!(wanted(&format!("/{id}")), Some(Wanted::Kept(_))));
        assert_eq!(wanted("/i-3-17"), Some(Wanted::Inspected(ipc::Inspection(3), 17)));
        for path in
            ["", "/", "/..", "/../wallet.db", "/etc/passwd", "/abcdef", "/i-3", "/i-3-x", "/i--1-2", "/w-", "/w-1", "//x", "/%61"]
        {
            assert_eq!(wanted(path), None, "{path}");
        }
        assert_eq!(wanted(&format!("/{id}/..")), None);
        assert_eq!(side("size=320"), Some(Side::Medium));
        assert_eq!(side("size=320&own"), Some(Side::Medium));
        for query in ["", "size=", "size=1", "size=64000", "size=320&x=1", "size=320&own&own", "&own", "x=1"] {
            assert_eq!(side(query), None, "{query}");
        }
    }
}
