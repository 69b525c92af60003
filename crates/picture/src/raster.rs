//! Pictures of pixels: PNG, JPEG, WebP, and the first frame of a GIF. The size is read and judged before a pixel is decoded.

use std::io::Cursor;

use fast_image_resize::{ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};

use crate::limits::{MAX_DECODER, MAX_PIXELS};
use crate::{PictureError, Side};

/// Whether the bytes begin as one of the kinds that are decoded here.
pub fn is_known(bytes: &[u8]) -> bool {
    kind(bytes).is_some()
}

/// Whether they begin as one of the two that an SVG may bring along.
pub fn is_png_or_jpeg(bytes: &[u8]) -> bool {
    matches!(kind(bytes), Some(ImageFormat::Png | ImageFormat::Jpeg))
}

fn kind(bytes: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::{Gif, Jpeg, Png, WebP};
    image::guess_format(bytes).ok().filter(|kind| matches!(kind, Png | Jpeg | WebP | Gif))
}

/// Decodes a picture, no larger than `side`.
pub fn decode(bytes: &[u8], side: Side) -> Result<RgbaImage, PictureError> {
    let (pixels, orientation) = whole(bytes)?;
    let mut picture = DynamicImage::ImageRgba8(shrunk(&pixels, side)?);
    picture.apply_orientation(orientation);
    Ok(picture.into_rgba8())
}

/// Decodes a picture as large as it is, with how it is to be turned.
pub fn whole(bytes: &[u8]) -> Result<(RgbaImage, Orientation), PictureError> {
    let Some(kind) = kind(bytes) else { return Err(PictureError::UnknownKind) };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| told(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    // A camera may have been held upright.
    let orientation = decoder.orientation().map_err(|error| told(&error))?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| told(&error))?;
    Ok((picture.into_rgba8(), orientation))
}

fn told(error: &ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels,
        _ => PictureError::Broken,
    }
}

/// The same picture with its longer side at most `side`.
fn shrunk(picture: &RgbaImage, side: Side) -> Result<RgbaImage, PictureError> {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= side.pixels() {
        return Ok(picture.clone());
    }
    let scaled = |length: u32| {
        let scaled = u64::from(length) * u64::from(side.pixels()) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(side.pixels()).max(1)
    };
    let mut small = RgbaImage::new(scaled(width), scaled(height));
    Resizer::new().resize(picture, &mut small, &ResizeOptions::new()).map_err(|_| PictureError::Broken)?;
    Ok(small)
}
