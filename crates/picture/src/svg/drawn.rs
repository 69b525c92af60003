//! What drawing an SVG costs, reckoned from its shapes: the pixels that are touched and the layers that lie side by side. It goes through the
//! shapes in the way in which the library draws them, so that what is drawn many times is counted as often.

use resvg::tiny_skia::{PathSegment, Rect, Transform};
use resvg::usvg::{self, ClipPath, Group, Mask, Node, Paint, Path, Pattern, Stroke, Tree};

use crate::PictureError;
use crate::limits::{MAX_DASHES, MAX_LAYERS, MAX_WORK};

/// Refuses what takes too long or too much memory to draw on a canvas of this size.
pub fn refuse_costly(tree: &Tree, transform: Transform, canvas: (u32, u32)) -> Result<(), PictureError> {
    let canvas = f64::from(canvas.0) * f64::from(canvas.1);
    let mut bill = Bill { work: 0.0, layers: canvas, dashes: 0.0 };
    // The library lets a layer be five times as wide and as high as its canvas.
    bill.group(tree.root(), transform, Ground { pixels: canvas, most: 25.0 * canvas })
}

/// What is drawn upon.
#[derive(Clone, Copy)]
struct Ground {
    /// Its pixels.
    pixels: f64,
    /// Pixels of the largest layer above it.
    most: f64,
}

struct Bill {
    work: f64,
    layers: f64,
    dashes: f64,
}

impl Bill {
    fn work(&mut self, pixels: f64) -> Result<(), PictureError> {
        // Even what touches no pixel takes its time.
        self.work += pixels + 100.0;
        within(self.work, MAX_WORK)
    }

    /// Does something while a layer of so many pixels lies beside the others.
    fn layer(&mut self, pixels: f64, draw: impl FnOnce(&mut Self) -> Result<(), PictureError>) -> Result<(), PictureError> {
        self.work(pixels)?;
        self.layers += pixels;
        within(self.layers, MAX_LAYERS)?;
        draw(self)?;
        self.layers -= pixels;
        Ok(())
    }

    fn group(&mut self, group: &Group, above: Transform, ground: Ground) -> Result<(), PictureError> {
        let transform = above.pre_concat(group.transform());
        self.work(0.0)?;
        if !group.should_isolate() {
            return self.children(group, transform, ground);
        }
        // For a filter the library takes rotation and skew out, which may make the largest layer larger.
        let most = if group.filters().is_empty() { ground.most } else { ground.most * stretch(transform) };
        let pixels = area(group.layer_bounding_box().to_rect(), transform).min(most).max(1.0);
        // A primitive keeps its result, and some need a second picture to make it.
        let primitives: usize = group.filters().iter().map(|filter| filter.primitives().len()).sum();
        #[expect(clippy::cast_precision_loss, reason = "MAX_ELEMENTS at most")]
        let filters = 2.0 * primitives as f64;
        self.work(3.0 * filters * pixels)?;
        let layer = Ground { pixels, most };
        self.layer(pixels * (1.0 + filters), |bill| {
            bill.children(group, transform, layer)?;
            bill.clip(group.clip_path(), transform, layer)?;
            bill.mask(group.mask(), transform, layer)
        })
    }

    fn children(&mut self, group: &Group, transform: Transform, ground: Ground) -> Result<(), PictureError> {
        group.children().iter().try_for_each(|node| match node {
            Node::Group(group) => self.group(group, transform, ground),
            Node::Path(path) => self.path(path, transform, ground),
            Node::Image(image) => {
                // It is decoded each time.
                let size = image.size();
                self.work(8.0 * f64::from(size.width()) * f64::from(size.height()))?;
                self.work(ground.pixels)
            }
            // Without fonts there is none.
            Node::Text(_) => Ok(()),
        })
    }

    fn path(&mut self, path: &Path, transform: Transform, ground: Ground) -> Result<(), PictureError> {
        #[expect(clippy::cast_precision_loss, reason = "a path is shorter than its text")]
        self.work(20.0 * path.data().len() as f64)?;
        if let Some(fill) = path.fill() {
            self.work(area(path.bounding_box(), transform).min(ground.pixels))?;
            self.paint(fill.paint(), transform, ground)?;
        }
        if let Some(stroke) = path.stroke() {
            self.work(area(path.stroke_bounding_box(), transform).min(ground.pixels))?;
            self.dashes += dashes(path, stroke);
            within(self.dashes, MAX_DASHES)?;
            self.paint(stroke.paint(), transform, ground)?;
        }
        Ok(())
    }

    fn paint(&mut self, paint: &Paint, transform: Transform, ground: Ground) -> Result<(), PictureError> {
        match paint {
            Paint::Pattern(pattern) => self.pattern(pattern, transform, ground),
            // A gradient is worked out for each pixel, and its stops each time.
            Paint::LinearGradient(gradient) => self.work(stops(gradient.stops())),
            Paint::RadialGradient(gradient) => self.work(stops(gradient.stops())),
            Paint::Color(_) => Ok(()),
        }
    }

    fn pattern(&mut self, pattern: &Pattern, transform: Transform, ground: Ground) -> Result<(), PictureError> {
        let (x, y) = transform.pre_concat(pattern.transform()).get_scale();
        let rect = pattern.rect();
        // Nothing bounds it but this.
        let pixels = f64::from(rect.width()) * f64::from(x) * f64::from(rect.height()) * f64::from(y);
        let tile = Ground { pixels, ..ground };
        self.layer(pixels, |bill| bill.children(pattern.root(), Transform::from_scale(x, y), tile))
    }

    fn clip(&mut self, clip: Option<&ClipPath>, transform: Transform, ground: Ground) -> Result<(), PictureError> {
        let Some(clip) = clip else { return Ok(()) };
        let transform = transform.pre_concat(clip.transform());
        self.layer(ground.pixels, |bill| {
            bill.children(clip.root(), transform, ground)?;
            bill.clip(clip.clip_path(), transform, ground)
        })
    }

    fn mask(&mut self, mask: Option<&Mask>, transform: Transform, ground: Ground) -> Result<(), PictureError> {
        let Some(mask) = mask else { return Ok(()) };
        self.layer(2.0 * ground.pixels, |bill| {
            bill.children(mask.root(), transform, ground)?;
            bill.mask(mask.mask(), transform, ground)
        })
    }
}

/// Refuses what is beyond a limit, or no number.
fn within(amount: f64, limit: f64) -> Result<(), PictureError> {
    if amount <= limit { Ok(()) } else { Err(PictureError::SvgTooCostly) }
}

fn area(rect: Rect, transform: Transform) -> f64 {
    let area = |rect: Rect| f64::from(rect.width()) * f64::from(rect.height());
    // What has no place on the canvas is not drawn, or in a way that is not foreseen.
    rect.transform(transform).map_or(f64::INFINITY, area)
}

/// How much larger a square gets when the rotation and skew of a transform are taken out of it.
fn stretch(transform: Transform) -> f64 {
    let (x, y) = (transform.sx.hypot(transform.ky), transform.kx.hypot(transform.sy));
    let rest = Transform::from_row(transform.sx / x, transform.ky / x, transform.kx / y, transform.sy / y, 0.0, 0.0);
    let square = rest.invert().zip(Rect::from_xywh(0.0, 0.0, 1.0, 1.0)).and_then(|(rest, square)| square.transform(rest));
    square.map_or(f64::INFINITY, |square| f64::from(square.width()) * f64::from(square.height())).max(1.0)
}

fn stops(stops: &[usvg::Stop]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "MAX_ELEMENTS at most")]
    let count = stops.len() as f64;
    20.0 * count
}

/// How many dashes a line is cut into, at most.
fn dashes(path: &Path, stroke: &Stroke) -> f64 {
    let Some(pattern) = stroke.dasharray() else { return 0.0 };
    let period: f64 = pattern.iter().map(|length| f64::from(*length)).sum();
    let mut last = resvg::tiny_skia::Point::zero();
    let mut length = 0.0;
    let mut to = |point: resvg::tiny_skia::Point| {
        length += f64::from(last.distance(point));
        last = point;
    };
    for segment in path.data().segments() {
        match segment {
            PathSegment::MoveTo(point) | PathSegment::LineTo(point) => to(point),
            PathSegment::QuadTo(first, point) => [first, point].into_iter().for_each(&mut to),
            PathSegment::CubicTo(first, second, point) => [first, second, point].into_iter().for_each(&mut to),
            PathSegment::Close => {}
        }
    }
    // The way back to the beginning is no longer than the way there.
    #[expect(clippy::cast_precision_loss, reason = "as long as its text")]
    let count = 2.0 * length / period * pattern.len() as f64;
    count
}
