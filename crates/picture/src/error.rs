//! Why a picture is not drawn. A badge stays what it is without one.

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is none of the kinds that are drawn.
    #[error("not a PNG, JPEG, WebP, GIF or SVG")]
    UnknownKind,
    /// It cannot be decoded.
    #[error("the picture is broken")]
    Broken,
    /// More bytes than [`crate::limits::MAX_BYTES`], or [`crate::limits::MAX_SVG`] for an SVG.
    #[error("the picture has too many bytes")]
    TooManyBytes,
    /// More than [`crate::limits::MAX_PIXELS`].
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// An SVG that declares entities, which are never expanded here.
    #[error("the SVG declares entities")]
    SvgEntities,
    /// More than [`crate::limits::MAX_ELEMENTS`], or [`crate::limits::MAX_EXPANDED`] once written out.
    #[error("the SVG has too many elements")]
    SvgTooManyElements,
    /// Deeper than [`crate::limits::MAX_DEPTH`].
    #[error("the SVG is nested too deep")]
    SvgTooDeep,
    /// A filter whose cost has no bound, such as turbulence.
    #[error("the SVG uses a filter that is not drawn here")]
    SvgFilter,
    /// More work than [`crate::limits::MAX_WORK`], [`crate::limits::MAX_LAYERS`], [`crate::limits::MAX_DASHES`] or
    /// [`crate::limits::MAX_PICTURES`].
    #[error("the SVG takes too much to draw")]
    SvgTooCostly,
}

impl PictureError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownKind => "picture_unknown_kind",
            Self::Broken => "picture_broken",
            Self::TooManyBytes => "picture_too_many_bytes",
            Self::TooManyPixels => "picture_too_many_pixels",
            Self::SvgEntities => "svg_entities",
            Self::SvgTooManyElements => "svg_too_many_elements",
            Self::SvgTooDeep => "svg_too_deep",
            Self::SvgFilter => "svg_filter",
            Self::SvgTooCostly => "svg_too_costly",
        }
    }
}
