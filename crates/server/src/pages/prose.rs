//! Long text of a badge as elements of a page: what `satchel_badge::prose` reads, and nothing of the author's own making.

use std::fmt;

use askama::Template;
use satchel_badge::prose::{Block, Span, read};

/// A text of a badge. In a template `{{ it|safe }}`: what it writes is escaped within.
pub struct Prose {
    text: String,
    heading: u8,
}

impl Prose {
    /// A text under a heading of this level.
    pub fn under(heading: u8, text: Option<&String>) -> Self {
        Self { text: text.cloned().unwrap_or_default(), heading: heading + 1 }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Its words alone.
    pub fn words(&self) -> String {
        satchel_badge::prose::words(&self.text)
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = Part { blocks: &read(&self.text), heading: self.heading }.render().map_err(|_| fmt::Error)?;
        f.write_str(&written)
    }
}

#[derive(Template)]
#[template(path = "prose.html")]
struct Part<'b> {
    blocks: &'b [Block],
    heading: u8,
}

impl<'b> Part<'b> {
    const fn within(&self, blocks: &'b [Block]) -> Self {
        Self { blocks, heading: self.heading }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_author_writes_is_escaped_and_links_do_not_vouch() {
        let text = String::from(
            "# A & B\n\n<script>x</script>\n\n1. [see](https://a.example/?a=1&b=\"2\")\n\n> **c**\n\n[no](javascript:x)",
        );
        assert_eq!(
            Prose::under(2, Some(&text)).to_string(),
            "<h3 dir=\"auto\">A &#38; B</h3><p dir=\"auto\">&#60;script&#62;x&#60;/script&#62;</p><ol start=\"1\"><li dir=\"auto\"><p dir=\"auto\">\
             <a href=\"https://a.example/?a=1&#38;b=%222%22\" rel=\"nofollow noopener\">see</a> (<bdi>a.example</bdi>)</p></li></ol>\
             <blockquote><p dir=\"auto\"><strong>c</strong></p></blockquote><p dir=\"auto\">no (javascript:x)</p>"
        );
    }
}
