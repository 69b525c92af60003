//! Untrusted SVG drawn to pixels by resvg. It reads no file and asks nobody: of the references to pictures only `data:` URIs of PNG and JPEG are
//! followed, decoded here within the limits and handed on as a PNG of our own. There are no fonts, so text is left out.
//!
//! The library has hardly a bound of its own, and cannot be stopped. So what drawing would cost is reckoned twice before it begins: from the
//! elements as they are written (`written.rs`), before they are expanded, and from the shapes that come of them (`drawn.rs`).

mod drawn;
mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::RgbaImage;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Error, Node, ParsingOptions};
use resvg::usvg::{ImageHrefResolver, ImageKind, Options, Tree};

use crate::limits::{MAX_ELEMENTS, MAX_PICTURES, MAX_SVG};
use crate::{PictureError, Side, raster};

/// Draws an SVG whose longer side is then `side`.
pub fn draw(bytes: &[u8], side: Side) -> Result<RgbaImage, PictureError> {
    if bytes.len() > MAX_SVG {
        return Err(if looks_like_xml(bytes) { PictureError::TooManyBytes } else { PictureError::UnknownKind });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| PictureError::UnknownKind)?;
    if !looks_like_xml(bytes) {
        return Err(PictureError::UnknownKind);
    }
    // A panic in the library is one more way in which a picture can be broken; nothing of it is used afterwards.
    catch_unwind(AssertUnwindSafe(|| render(text, side))).unwrap_or(Err(PictureError::Broken))
}

/// Whether a picture has letters.
pub fn has_text(bytes: &[u8]) -> bool {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| bytes.len() <= MAX_SVG && !text.contains("<!ENTITY")) else {
        return false;
    };
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_ELEMENTS * 3, ..ParsingOptions::default() };
    let Ok(document) = Document::parse_with_options(text, options) else { return false };
    let is_text = |node: &Node<'_, '_>| node.tag_name().name() == "text";
    let says = |node: Node<'_, '_>| node.descendants().any(|it| it.text().is_some_and(|text| !text.trim().is_empty()));
    document.descendants().filter(is_text).any(says)
}

fn looks_like_xml(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().starts_with(b"<")
}

fn render(text: &str, side: Side) -> Result<RgbaImage, PictureError> {
    // Drawing programs write a document type; entities are what makes one dangerous.
    if text.contains("<!ENTITY") {
        return Err(PictureError::SvgEntities);
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_ELEMENTS * 3, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        Error::NodesLimitReached => PictureError::SvgTooManyElements,
        _ => PictureError::Broken,
    })?;
    if !document.root_element().has_tag_name("svg") {
        return Err(PictureError::UnknownKind);
    }
    written::refuse_costly(&document)?;

    let pictures = AtomicUsize::new(0);
    let tree = Tree::from_xmltree(&document, &options_of(&pictures)).map_err(|_| PictureError::Broken)?;
    if pictures.load(Ordering::Relaxed) > MAX_PICTURES {
        return Err(PictureError::SvgTooCostly);
    }
    let size = tree.size();
    #[expect(clippy::cast_precision_loss, reason = "640 at most")]
    let scale = side.pixels() as f32 / size.width().max(size.height());
    let pixels = |length: f32| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a conversion from float saturates")]
        let pixels = (length * scale).round() as u32;
        pixels.clamp(1, side.pixels())
    };
    let mut canvas = Pixmap::new(pixels(size.width()), pixels(size.height())).ok_or(PictureError::Broken)?;
    let transform = Transform::from_scale(scale, scale);
    drawn::refuse_costly(&tree, transform, (canvas.width(), canvas.height()))?;
    resvg::render(&tree, transform, &mut canvas.as_mut());
    let (width, height) = (canvas.width(), canvas.height());
    let pixels = canvas.pixels().iter().flat_map(|pixel| {
        let pixel = pixel.demultiply();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    });
    RgbaImage::from_raw(width, height, pixels.collect()).ok_or(PictureError::Broken)
}

/// How a picture inside of the SVG is found: in a `data:` URI, or not at all.
fn options_of(pictures: &AtomicUsize) -> Options<'_> {
    // What the bytes are counts, not what the URI calls them.
    let resolve_data = move |_: &str, bytes: Arc<Vec<u8>>, _: &Options<'_>| {
        if !raster::is_png_or_jpeg(&bytes) || pictures.fetch_add(1, Ordering::Relaxed) >= MAX_PICTURES {
            return None;
        }
        let picture = raster::decode(&bytes, Side::Large).ok()?;
        crate::encode(&picture).ok().map(|png| ImageKind::PNG(Arc::new(png)))
    };
    let image_href_resolver =
        ImageHrefResolver { resolve_data: Box::new(resolve_data), resolve_string: Box::new(|_: &str, _: &Options<'_>| None) };
    Options { image_href_resolver, ..Options::default() }
}
