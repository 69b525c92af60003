//! What a QR code in a picture says. Whatever that is, it is only text; what it may do is the caller's matter.

use image::Rgba;

use crate::{PictureError, Side, limits, raster, svg};

/// The text of the first QR code in a picture; none when there is none that can be read.
///
/// # Errors
/// It is no picture, a broken one, or beyond a limit.
pub fn qr(bytes: &[u8]) -> Result<Option<String>, PictureError> {
    if bytes.len() > limits::MAX_BYTES {
        return Err(PictureError::TooManyBytes);
    }
    // As large as it is: a code in a picture of a whole screen is small. How it is turned does not matter to a code.
    let pixels = if raster::is_known(bytes) { raster::whole(bytes)?.0 } else { svg::draw(bytes, Side::Large)? };
    let size = |length: u32| usize::try_from(length).map_err(|_| PictureError::TooManyPixels);
    let at = |length: usize| u32::try_from(length).unwrap_or_default();
    let (width, height) = (size(pixels.width())?, size(pixels.height())?);
    let mut grey = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| brightness(*pixels.get_pixel(at(x), at(y))));
    Ok(grey.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text))
}

/// On white paper (ITU-R BT.601).
fn brightness(Rgba([red, green, blue, alpha]): Rgba<u8>) -> u8 {
    let (red, green, blue, alpha) = (u32::from(red), u32::from(green), u32::from(blue), u32::from(alpha));
    let grey = (299 * red + 587 * green + 114 * blue) / 1000;
    u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}
