//! Pictures through the public door: what is drawn, and what a hostile one is answered (security.md, S01 and P06).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use satchel_picture::{PictureError, Side, limits, plate, png, qr};

/// An SVG with this inside.
fn svg(inside: &str) -> String {
    let names = r#"xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink""#;
    format!(r#"<svg {names} width="100" height="100">{inside}</svg>"#)
}

/// What comes of it, within ten seconds whatever it is.
#[track_caller]
fn drawn(text: &str) -> Result<RgbaImage, PictureError> {
    let start = Instant::now();
    let drawn = png(text.as_bytes(), Side::Small);
    assert!(start.elapsed() < Duration::from_secs(10), "it took {:?}", start.elapsed());
    drawn.map(|png| decoded(&png))
}

fn decoded(png: &[u8]) -> RgbaImage {
    image::load_from_memory_with_format(png, ImageFormat::Png).unwrap().into_rgba8()
}

fn encoded(picture: impl Into<DynamicImage>, kind: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, kind).unwrap();
    bytes.into_inner()
}

const RED: Rgba<u8> = Rgba([255, 0, 0, 255]);
const NOTHING: Rgba<u8> = Rgba([0, 0, 0, 0]);

/// The pixel in the middle.
fn middle(picture: &RgbaImage) -> Rgba<u8> {
    *picture.get_pixel(picture.width() / 2, picture.height() / 2)
}

// ---- What is drawn ----

#[test]
fn every_kind_of_picture_comes_out_as_a_png_of_the_size_that_was_asked_for() {
    let red = RgbImage::from_pixel(1000, 500, Rgb([255, 0, 0]));
    for kind in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let bytes = encoded(red.clone(), kind);
        for side in Side::ALL {
            let picture = decoded(&png(&bytes, side).unwrap());
            assert_eq!(picture.dimensions(), (side.pixels(), side.pixels() / 2), "{kind:?}");
            let Rgba([r, g, b, a]) = middle(&picture);
            assert!(r > 240 && g < 15 && b < 15 && a == 255, "{kind:?}: {r} {g} {b} {a}");
        }
    }
    let picture = drawn(&svg(r#"<rect width="100" height="50" fill="red"/>"#)).unwrap();
    assert_eq!(picture.dimensions(), (128, 128));
    assert_eq!((*picture.get_pixel(64, 30), *picture.get_pixel(64, 100)), (RED, NOTHING));
}

#[test]
fn a_small_picture_of_pixels_stays_as_small_as_it_is() {
    let bytes = encoded(RgbaImage::from_pixel(3, 2, RED), ImageFormat::Png);
    assert_eq!(decoded(&png(&bytes, Side::Large).unwrap()).dimensions(), (3, 2));
}

#[test]
fn an_svg_of_a_drawing_program_is_drawn() {
    let text = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">{}",
        svg(
            r#"<defs><linearGradient id="g"><stop stop-color="red"/></linearGradient><clipPath id="c"><circle class="a" cx="50" cy="50" r="40"/></clipPath>
            <filter id="f"><feGaussianBlur stdDeviation="1"/><feOffset dx="1"/></filter></defs>
            <style>.a { fill: url(#g) } .b { clip-path: url(#c); filter: url(#f) }</style>
            <g class="b"><rect class="a" width="100" height="100"/></g>"#
        )
    );
    assert_eq!(middle(&drawn(&text).unwrap()), RED);
}

#[test]
fn a_picture_inside_of_an_svg_is_drawn_when_it_is_a_png_or_jpeg_in_the_svg_itself() {
    for (kind, name) in [(ImageFormat::Png, "png"), (ImageFormat::Jpeg, "jpeg")] {
        let inner = STANDARD.encode(encoded(RgbImage::from_pixel(8, 8, Rgb([255, 0, 0])), kind));
        let text = svg(&format!(r#"<image width="100" height="100" href="data:image/{name};base64,{inner}"/>"#));
        assert!(middle(&drawn(&text).unwrap()).0[0] > 240, "{name}");
    }
}

#[test]
fn a_badge_without_a_picture_has_a_plate_of_its_own_that_is_always_the_same() {
    let plates: std::collections::HashSet<Vec<u8>> = (0..=255).map(|byte| plate(&[byte; 32], Side::Small).unwrap()).collect();
    assert!(plates.len() > 200, "{} of 256 are unlike each other", plates.len());
    assert_eq!(decoded(&plate(&[9; 32], Side::Large).unwrap()).dimensions(), (640, 640));
}

// ---- What an SVG may not do ----

#[test]
fn an_svg_reads_no_file_and_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("red.png");
    std::fs::write(&file, encoded(RgbaImage::from_pixel(8, 8, RED), ImageFormat::Png)).unwrap();
    let nested = STANDARD.encode(svg(r#"<rect width="100" height="100" fill="red"/>"#));
    let gif = STANDARD.encode(encoded(RgbaImage::from_pixel(8, 8, RED), ImageFormat::Gif));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let host = format!("http://{}/red.png", listener.local_addr().unwrap());
    for href in [
        file.to_str().unwrap(),
        &format!("file://{}", file.display()),
        "/etc/passwd",
        &host,
        &format!("data:image/svg+xml;base64,{nested}"),
        &format!("data:text/plain;base64,{nested}"),
        &format!("data:image/png;base64,{nested}"),
        &format!("data:image/gif;base64,{gif}"),
        &format!("data:image/png;base64,{gif}"),
    ] {
        for name in ["href", "xlink:href"] {
            let picture = drawn(&svg(&format!(r#"<image width="100" height="100" {name}="{href}"/>"#))).unwrap();
            assert_eq!(middle(&picture), NOTHING, "{name}={href}");
            let filter = svg(&format!(
                r#"<filter id="f"><feImage {name}="{href}"/></filter><rect width="100" height="100" filter="url(#f)"/>"#
            ));
            assert_eq!(drawn(&filter).unwrap_err(), PictureError::SvgFilter);
        }
    }
    assert!(listener.accept().is_err(), "nobody was asked");
}

#[test]
fn entities_are_refused() {
    let text = format!(r#"<!DOCTYPE svg [<!ENTITY a SYSTEM "/etc/passwd">]>{}"#, svg("<text>&a;</text>"));
    assert_eq!(drawn(&text).unwrap_err(), PictureError::SvgEntities);
}

#[test]
fn a_huge_size_is_scaled_like_any_other() {
    let text = svg(r#"<rect width="100%" height="100%" fill="red"/>"#).replace("\"100\"", "\"1000000000\"");
    let picture = drawn(&text).unwrap();
    assert_eq!((picture.dimensions(), middle(&picture)), ((128, 128), RED));
    for size in ["0", "-5", "1e400", "NaN"] {
        let _ = drawn(&svg("").replace("\"100\"", &format!("\"{size}\"")));
    }
}

#[test]
fn too_many_elements_are_refused_however_they_come_about() {
    let rect = r#"<rect width="9" height="9"/>"#;
    let many = svg(&rect.repeat(100_000));
    assert_eq!(drawn(&many).unwrap_err(), PictureError::SvgTooManyElements);
    // Ten uses of ten uses of ten uses: by reference, as a pattern, as a mask, through a style sheet, at the points of a line.
    let chain = |open: &str, close: &str, use_next: &str| {
        let step = |at: u32| {
            let inside = if at == 7 { rect.to_owned() } else { use_next.replace("NEXT", &format!("e{}", at + 1)).repeat(10) };
            format!("{}{inside}{close}", open.replace("ID", &format!("e{at}")))
        };
        (0..=7).map(step).collect::<String>()
    };
    let used = chain(r#"<g id="ID">"#, "</g>", r##"<use href="#NEXT"/>"##);
    assert_eq!(drawn(&svg(&format!("<defs>{used}</defs><use href=\"#e0\"/>"))).unwrap_err(), PictureError::SvgTooManyElements);
    let pattern = r#"<pattern id="ID" width="1" height="1" patternContentUnits="objectBoundingBox">"#;
    let patterns = chain(pattern, "</pattern>", r#"<rect width="1" height="1" fill="url(#NEXT)"/>"#);
    let shown = format!(r#"{patterns}<rect width="9" height="9" fill="url(#e0)"/>"#);
    assert_eq!(drawn(&svg(&shown)).unwrap_err(), PictureError::SvgTooManyElements);
    let masks = chain(r#"<mask id="ID">"#, "</mask>", r#"<rect width="9" height="9" mask="url(#NEXT)"/>"#);
    let shown = format!(r#"{masks}<rect width="9" height="9" mask="url(#e0)"/>"#);
    assert_eq!(drawn(&svg(&shown)).unwrap_err(), PictureError::SvgTooManyElements);
    let styled = chain(pattern, "</pattern>", r#"<rect width="1" height="1" class="cNEXT"/>"#);
    let rules: Vec<String> = (0..=7).map(|at| format!(".ce{at} {{ fill: url('#e{at}') }}")).collect();
    let rules = rules.concat();
    let shown = format!(r#"<style>{rules}</style>{styled}<rect width="9" height="9" class="ce0"/>"#);
    assert_eq!(drawn(&svg(&shown)).unwrap_err(), PictureError::SvgTooManyElements);
    let marker =
        format!(r#"<marker id="m">{}</marker><path marker-mid="url(#m)" d="M0 0{}"/>"#, rect.repeat(1000), "h1".repeat(10_000));
    assert_eq!(drawn(&svg(&marker)).unwrap_err(), PictureError::SvgTooManyElements);
}

#[test]
fn elements_that_are_nested_too_deep_are_refused() {
    for depth in [150, 5000, 40_000] {
        let text = svg(&format!("{}{}", "<g>".repeat(depth), "</g>".repeat(depth)));
        assert_eq!(drawn(&text).unwrap_err(), PictureError::SvgTooDeep, "{depth}");
    }
    // Circles end.
    let circle =
        svg(r##"<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g><rect width="100" height="100" fill="red"/>"##);
    let _ = drawn(&circle);
}

#[test]
fn what_takes_too_long_or_too_much_memory_to_draw_is_refused() {
    let layers = format!("{}<rect width=\"1e6\" height=\"1e6\"/>{}", "<g opacity=\".9\">".repeat(90), "</g>".repeat(90));
    assert_eq!(drawn(&svg(&layers)).unwrap_err(), PictureError::SvgTooCostly, "layers");
    let area = r#"<rect width="100" height="100" opacity=".5"/>"#.repeat(40_000);
    assert_eq!(drawn(&svg(&area)).unwrap_err(), PictureError::SvgTooCostly, "area");
    let pattern = r#"<pattern id="p" width="1e6" height="1e6" patternUnits="userSpaceOnUse"><rect width="9" height="9"/></pattern>
                     <rect width="100" height="100" fill="url(#p)"/>"#;
    assert_eq!(drawn(&svg(pattern)).unwrap_err(), PictureError::SvgTooCostly, "a pattern of 10^12 pixels");
    let dashes = r#"<path d="M0 0h1e6" stroke="red" stroke-dasharray=".001"/>"#;
    assert_eq!(drawn(&svg(dashes)).unwrap_err(), PictureError::SvgTooCostly, "dashes");
    let blurs = "<feGaussianBlur stdDeviation=\"9\"/>".repeat(200);
    let filter = format!(
        r#"<filter id="f" x="-9" y="-9" width="20" height="20">{blurs}</filter><rect width="100" height="100" filter="url(#f)"/>"#
    );
    assert_eq!(drawn(&svg(&filter)).unwrap_err(), PictureError::SvgTooCostly, "filters with a giant region");
    let inner = STANDARD.encode(encoded(RgbaImage::from_pixel(8, 8, RED), ImageFormat::Png));
    let pictures =
        format!(r#"<image width="9" height="9" href="data:image/png;base64,{inner}"/>"#).repeat(limits::MAX_PICTURES + 1);
    assert_eq!(drawn(&svg(&pictures)).unwrap_err(), PictureError::SvgTooCostly, "pictures");
}

#[test]
fn filters_without_a_bound_are_refused() {
    for filter in [
        r#"<feTurbulence numOctaves="1000000000" baseFrequency="1"/>"#,
        r#"<feMorphology radius="100000" operator="dilate"/>"#,
        r#"<feConvolveMatrix order="3" kernelMatrix="1 1 1 1 1 1 1 1 1"/>"#,
    ] {
        let text = svg(&format!(r#"<filter id="f">{filter}</filter><rect width="100" height="100" filter="url(#f)"/>"#));
        assert_eq!(drawn(&text).unwrap_err(), PictureError::SvgFilter, "{filter}");
    }
}

#[test]
fn a_long_svg_is_refused_before_it_is_read() {
    let text = svg(&" ".repeat(limits::MAX_SVG));
    assert_eq!(drawn(&text).unwrap_err(), PictureError::TooManyBytes);
}

// ---- What a picture of pixels may not do ----

#[test]
fn a_picture_of_too_many_pixels_is_refused_by_its_head() {
    let mut bomb = encoded(RgbaImage::from_pixel(8, 8, RED), ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    let crc = crc32fast::hash(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(png(&bomb, Side::Small).unwrap_err(), PictureError::TooManyPixels);
    // The same inside of an SVG is left out.
    let text = svg(&format!(r#"<image width="100" height="100" href="data:image/png;base64,{}"/>"#, STANDARD.encode(&bomb)));
    assert_eq!(middle(&drawn(&text).unwrap()), NOTHING);
}

#[test]
fn what_is_no_picture_says_so() {
    assert_eq!(png(b"", Side::Small).unwrap_err(), PictureError::UnknownKind);
    assert_eq!(png(b"{}", Side::Small).unwrap_err(), PictureError::UnknownKind);
    assert_eq!(png(b"<html/>", Side::Small).unwrap_err(), PictureError::UnknownKind);
    assert_eq!(png(b"<svg", Side::Small).unwrap_err(), PictureError::Broken);
    assert_eq!(png(b"BM  a bitmap", Side::Small).unwrap_err(), PictureError::UnknownKind);
    let whole = encoded(RgbaImage::from_pixel(80, 80, RED), ImageFormat::Png);
    assert_eq!(png(&whole[..whole.len() / 2], Side::Small).unwrap_err(), PictureError::Broken);
    let large = vec![b' '; limits::MAX_BYTES + 1];
    assert_eq!(png(&large, Side::Small).unwrap_err(), PictureError::TooManyBytes);
}

/// A QR code in the middle of a larger picture, each of its dots so many pixels wide.
fn code(text: &str, dot: u32) -> RgbImage {
    let code = qrcode::QrCode::new(text.as_bytes()).unwrap();
    let side = u32::try_from(code.width()).unwrap();
    let (width, height) = (side * dot + 700, side * dot + 300);
    let mut picture = RgbImage::from_pixel(width, height, Rgb([250, 250, 247]));
    for (at, colour) in (0..).zip(code.to_colors()) {
        if colour == qrcode::Color::Dark {
            let (left, top) = (at % side * dot + 400, at / side * dot + 150);
            (0..dot * dot).for_each(|pixel| picture.put_pixel(left + pixel % dot, top + pixel / dot, Rgb([30, 30, 30])));
        }
    }
    picture
}

#[test]
fn a_qr_code_is_read_in_a_picture_of_a_whole_screen_and_on_no_ground() {
    let said = "https://badges.valdora.example/claim/abcdef";
    for (dot, kind) in [(3, ImageFormat::Png), (8, ImageFormat::Jpeg), (5, ImageFormat::WebP)] {
        assert_eq!(qr(&encoded(code(said, dot), kind)), Ok(Some(said.to_owned())), "{kind:?}");
    }
    let clear = |pixel: &Rgb<u8>| if pixel[0] > 100 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 0, 0, 255]) };
    let dark = code(said, 4);
    let clear = RgbaImage::from_fn(dark.width(), dark.height(), |x, y| clear(dark.get_pixel(x, y)));
    assert_eq!(qr(&encoded(clear, ImageFormat::Png)), Ok(Some(said.to_owned())));
    assert_eq!(qr(&encoded(RgbImage::new(300, 200), ImageFormat::Png)), Ok(None));
    assert_eq!(qr(b"https://badges.valdora.example"), Err(PictureError::UnknownKind));
}

#[test]
fn a_qr_code_that_is_damaged_anywhere_ends_nothing() {
    let whole = code("satchel://inbox?server=https://badges.valdora.example", 3);
    for number in 0..40_u32 {
        let mut broken = whole.clone();
        let mut at = number.wrapping_mul(2_654_435_761);
        for _ in 0..number * 20 {
            at = at.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (x, y) = ((at >> 16) % broken.width(), (at >> 4) % broken.height());
            let colour = if at & 1 == 0 { Rgb([0, 0, 0]) } else { Rgb([255, 255, 255]) };
            (0..9).for_each(|pixel| {
                broken.put_pixel((x + pixel % 3).min(whole.width() - 1), (y + pixel / 3).min(whole.height() - 1), colour);
            });
        }
        // Whatever it reads then is only text.
        qr(&encoded(broken, ImageFormat::Png)).unwrap();
    }
}
