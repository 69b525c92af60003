//! A plain picture for a badge that came without one, so that it can be seen in a list and baked into a PNG. Geometry alone, from a hash: the
//! same badge has the same plate everywhere, and no font is needed.

use resvg::tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Transform};

use crate::{PictureError, Side};

/// Quiet colours, by red, green and blue.
const INKS: [[u8; 3]; 8] = [
    [0x2f, 0x5d, 0x62],
    [0x7a, 0x4e, 0x2d],
    [0x4a, 0x4e, 0x8c],
    [0x8c, 0x3f, 0x4d],
    [0x4f, 0x6b, 0x3a],
    [0x5b, 0x45, 0x72],
    [0x9a, 0x6a, 0x1f],
    [0x35, 0x5c, 0x8a],
];

const PAPER: [u8; 3] = [0xf4, 0xf1, 0xea];

/// The plate of a hash, as a PNG.
///
/// ```
/// use satchel_picture::{Side, plate};
/// assert_eq!(plate(&[7; 32], Side::Small)?, plate(&[7; 32], Side::Small)?);
/// assert_ne!(plate(&[7; 32], Side::Small)?, plate(&[8; 32], Side::Small)?);
/// # Ok::<(), satchel_picture::PictureError>(())
/// ```
pub fn plate(hash: &[u8; 32], side: Side) -> Result<Vec<u8>, PictureError> {
    let mut canvas = Pixmap::new(side.pixels(), side.pixels()).ok_or(PictureError::Broken)?;
    // One unit is a hundredth of the side.
    #[expect(clippy::cast_precision_loss, reason = "640 at most")]
    let scale = Transform::from_scale(side.pixels() as f32 / 100.0, side.pixels() as f32 / 100.0);
    let [ink, corners, turn, rows @ ..] = hash;
    let ink = INKS[usize::from(ink % 8)];
    let mut draw = |colour: [u8; 3], path: Option<resvg::tiny_skia::Path>| {
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color(Color::from_rgba8(colour[0], colour[1], colour[2], 255));
        if let Some(path) = path {
            canvas.fill_path(&path, &paint, FillRule::Winding, scale, None);
        }
    };
    // A shield of five to ten corners, with a paper ground inside.
    let corners = 5 + corners % 6;
    let turn = f32::from(*turn) / 256.0;
    draw(ink, polygon(corners, 48.0, turn));
    draw(PAPER, polygon(corners, 42.0, turn));
    // A pattern of five by five that is the same on both sides.
    for (row, bits) in (0u8..5).zip(rows) {
        for column in 0u8..5 {
            let mirrored = column.min(4 - column);
            if bits >> mirrored & 1 == 1 {
                let (x, y) = (29.0 + 8.4 * f32::from(column), 29.0 + 8.4 * f32::from(row));
                draw(ink, Rect::from_xywh(x, y, 8.45, 8.45).map(PathBuilder::from_rect));
            }
        }
    }
    let pixels = canvas.pixels().iter().flat_map(|pixel| {
        let pixel = pixel.demultiply();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    });
    let pixels = image::RgbaImage::from_raw(side.pixels(), side.pixels(), pixels.collect());
    crate::encode(&pixels.ok_or(PictureError::Broken)?)
}

fn polygon(corners: u8, radius: f32, turn: f32) -> Option<resvg::tiny_skia::Path> {
    let mut path = PathBuilder::new();
    for corner in 0..corners {
        let angle = (f32::from(corner) + turn) / f32::from(corners) * std::f32::consts::TAU;
        let (x, y) = (50.0 + radius * angle.sin(), 50.0 - radius * angle.cos());
        if corner == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path.close();
    path.finish()
}
