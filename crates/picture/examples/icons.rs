//! Draws the program's icons from `icons/satchel.svg`; `cargo xtask icons` runs it.

#![allow(clippy::expect_used, reason = "a tool of the developer that ends where it cannot go on")]

use std::path::Path;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// The files, and the pixels of their sides.
const FILES: [(&str, u32); 5] =
    [("32x32.png", 32), ("64x64.png", 64), ("128x128.png", 128), ("128x128@2x.png", 256), ("icon.png", 512)];

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../icons");
    let svg = std::fs::read(folder.join("satchel.svg")).expect("icons/satchel.svg is there");
    let tree = Tree::from_data(&svg, &Options::default()).expect("icons/satchel.svg is an SVG");
    for (name, side) in FILES {
        let mut canvas = Pixmap::new(side, side).expect("a side is not zero");
        #[expect(clippy::cast_precision_loss, reason = "512 at most")]
        let scale = side as f32 / tree.size().width();
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut canvas.as_mut());
        canvas.save_png(folder.join(name)).expect("icons/ can be written");
    }
}
