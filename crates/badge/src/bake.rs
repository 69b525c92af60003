//! A credential baked into a picture (OB 3.0, 5.3; OB 2.0, Baking): every badge that the picture held before is left out, one is written,
//! and all else stays as it is.

use crate::check::{self, PayloadKind};
use crate::code::Code;
use crate::container::{self, Format, Keyword};
use crate::report::Line;

/// Writes `image` with `credential` in it, a JSON text or a compact JWS, byte for byte as given.
///
/// # Errors
/// The finding that stands in the way: the picture is broken or of another kind, or the credential is none.
pub fn bake(image: &[u8], credential: &[u8]) -> Result<Vec<u8>, Line> {
    let keyword = match check::payload_kind(credential)? {
        PayloadKind::Credential => Keyword::OpenBadgeCredential,
        PayloadKind::Assertion => Keyword::OpenBadges,
    };
    let payload = std::str::from_utf8(credential).map_err(|_| Line::bare(Code::NotUtf8))?.trim_start_matches('\u{feff}');
    let baked = match container::sniff(image) {
        Format::Png => container::bake_png(image, keyword, payload),
        Format::Svg => container::bake_svg(image, keyword, payload),
        _ => Err(Code::UnknownFormat),
    };
    let baked = baked.map_err(|code| match code {
        Code::TooLarge => Line::new(code, [container::megabytes(crate::limits::MAX_CREDENTIAL)]),
        code => Line::bare(code),
    })?;
    // A picture may be so broken that readers disagree about it: what does not come out as it went in is not given away.
    let opened = container::open_bytes(&baked);
    let trimmed = |text: &[u8]| text.trim_ascii().to_vec();
    match opened.payload() {
        Ok(found) if opened.embedded.len() == 1 && trimmed(found) == trimmed(payload.as_bytes()) => Ok(baked),
        _ => Err(Line::bare(Code::MalformedImage)),
    }
}
