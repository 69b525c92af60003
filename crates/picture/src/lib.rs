//! Pictures of badges as pixels. Whatever comes in (PNG, JPEG, WebP, GIF, SVG), what goes out is a PNG that this crate wrote itself, so that
//! no byte of a badge's picture ever reaches a window (security.md, S01).
//!
//! Nothing is fetched, no file is named by a picture, no font is read. Every bound is in [`limits`], each with a code of its own. What a badge
//! is, which picture is its own, and who may see it are the caller's matter.

mod card;
mod error;
pub mod limits;
mod plate;
mod qr;
mod raster;
mod svg;

pub use card::card;
pub use error::PictureError;
pub use plate::plate;
pub use qr::qr;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbaImage};

/// How large a picture is wanted: the longer side, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// 128, for lists.
    Small,
    /// 320, for cards.
    Medium,
    /// 640, for the page of a badge, and for a PNG made from an SVG.
    Large,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The side of so many pixels.
    pub fn of(pixels: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.pixels() == pixels)
    }

    /// Pixels of the longer side.
    pub const fn pixels(self) -> u32 {
        match self {
            Self::Small => 128,
            Self::Medium => 320,
            Self::Large => 640,
        }
    }
}

/// The picture as a PNG whose longer side has at most so many pixels. One of pixels is never made larger; an SVG always has that size.
///
/// ```
/// use satchel_picture::{Side, png};
/// let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="2" height="1" fill="red"/></svg>"#;
/// assert!(png(svg, Side::Small)?.starts_with(b"\x89PNG"));
/// # Ok::<(), satchel_picture::PictureError>(())
/// ```
///
/// # Errors
/// It is no picture, a broken one, or beyond a limit.
pub fn png(bytes: &[u8], side: Side) -> Result<Vec<u8>, PictureError> {
    if bytes.len() > limits::MAX_BYTES {
        return Err(PictureError::TooManyBytes);
    }
    let pixels = if raster::is_known(bytes) { raster::decode(bytes, side)? } else { svg::draw(bytes, side)? };
    encode(&pixels)
}

/// Whether the bytes begin as one of the kinds of pixels that are drawn here: PNG, JPEG, WebP or GIF.
pub fn is_raster(bytes: &[u8]) -> bool {
    raster::is_known(bytes)
}

/// Whether an SVG has letters, of which none is drawn: no font is read here.
///
/// ```
/// let svg = |inner: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1">{inner}</svg>"#);
/// assert!(satchel_picture::has_text(svg("<g><text>Welding</text></g>").as_bytes()));
/// assert!(!satchel_picture::has_text(svg("<title>Welding</title><text> </text>").as_bytes()));
/// ```
pub fn has_text(bytes: &[u8]) -> bool {
    !raster::is_known(bytes) && svg::has_text(bytes)
}

/// Writes a PNG: fast rather than small, since it is kept for one machine.
fn encode(pixels: &RgbaImage) -> Result<Vec<u8>, PictureError> {
    let mut png = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    let (width, height) = pixels.dimensions();
    encoder.write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgba8).map_err(|_| PictureError::Broken)?;
    Ok(png)
}
