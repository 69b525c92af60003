//! The picture that stands beside a link in other places: the badge, whole, on a plain ground of the size that such places show.

use image::imageops::{FilterType, overlay, resize};
use image::{Rgba, RgbaImage};

use crate::{PictureError, Side, encode, limits, raster, svg};

/// Pixels of the card, as those who show links advise.
const CARD: (u32, u32) = (1200, 630);

/// Pixels of the badge on it, at most.
const BADGE: u32 = 470;

/// The plate that badges stand on.
const GROUND: Rgba<u8> = Rgba([0xf1, 0xf0, 0xeb, 0xff]);

/// A badge's picture on a card, as a PNG.
///
/// ```
/// use satchel_picture::{Side, card, plate};
/// assert!(card(&plate(&[7; 32], Side::Large)?)?.starts_with(b"\x89PNG"));
/// # Ok::<(), satchel_picture::PictureError>(())
/// ```
///
/// # Errors
/// It is no picture, a broken one, or beyond a limit.
pub fn card(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    if bytes.len() > limits::MAX_BYTES {
        return Err(PictureError::TooManyBytes);
    }
    let drawn = if raster::is_known(bytes) { raster::decode(bytes, Side::Large)? } else { svg::draw(bytes, Side::Large)? };
    let longer = drawn.width().max(drawn.height()).max(1);
    let scaled = |side: u32| (side * BADGE / longer).max(1);
    let badge = resize(&drawn, scaled(drawn.width()), scaled(drawn.height()), FilterType::CatmullRom);
    let mut card = RgbaImage::from_pixel(CARD.0, CARD.1, GROUND);
    let middle = |whole: u32, part: u32| i64::from((whole - part) / 2);
    overlay(&mut card, &badge, middle(CARD.0, badge.width()), middle(CARD.1, badge.height()));
    encode(&card)
}
