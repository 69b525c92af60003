//! Long text of a badge, which is Markdown by the standard (OB 3.0: `Criteria.narrative`, `AchievementSubject.narrative`, `Evidence.narrative`):
//! `CommonMark` read into plain data, for pages and windows to make elements of. Nothing here makes markup: HTML of the author stays text, a picture
//! is its alternative text, and a link is one only to the web or to a mailbox.

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use url::Url;

use crate::words::plain;

/// Bytes of a text that is read as Markdown; a longer one is shown as it is.
pub const MOST: usize = 50_000;

/// Lists and quotations within each other; what is deeper stands in the deepest one.
const DEEPEST: usize = 4;

/// Bytes of an address.
const LONGEST: usize = 2_000;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading, of whatever level: the page has levels of its own.
    Heading(Vec<Span>),
    /// A paragraph; line feeds in it end lines.
    Paragraph(Vec<Span>),
    /// A quotation.
    Quote(Vec<Block>),
    /// A list.
    List {
        /// The number of the first item; none when they are not numbered.
        first: Option<u32>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
}

/// A piece of a line, without characters that steer or that nobody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Words that matter.
    Strong(String),
    /// Words that are stressed.
    Emphasis(String),
    /// Letters to be typed.
    Code(String),
    /// A link.
    Link {
        /// Its words.
        words: String,
        /// Where it goes: `https:`, `http:` or `mailto:`.
        url: String,
        /// The host or the mailbox, unless the words are the address: words may say anything.
        place: Option<String>,
    },
}

impl Span {
    /// Its words.
    pub fn words(&self) -> &str {
        match self {
            Self::Text(words) | Self::Strong(words) | Self::Emphasis(words) | Self::Code(words) | Self::Link { words, .. } => {
                words
            }
        }
    }
}

/// Reads a text.
///
/// ```
/// use satchel_badge::prose::{Block, Span, read};
/// let read = read("Do **all**\n<b>of</b> it.");
/// let spans = [Span::Text("Do ".into()), Span::Strong("all".into()), Span::Text("\n<b>of</b> it.".into())];
/// assert_eq!(read, [Block::Paragraph(spans.into())]);
/// ```
pub fn read(text: &str) -> Vec<Block> {
    if text.len() > MOST {
        return vec![Block::Paragraph(vec![Span::Text(clean(text))])];
    }
    let mut reader = Reader { frames: vec![Frame::new(Holds::Whole)], ..Reader::default() };
    for event in Parser::new_ext(text, Options::empty()) {
        reader.take(event);
    }
    reader.flush();
    // The parser closes whatever it opens.
    reader.frames.swap_remove(0).blocks
}

/// The words of a text alone, on one line.
pub fn words(text: &str) -> String {
    let mut all = String::new();
    gather(&read(text), &mut all);
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gather(blocks: &[Block], all: &mut String) {
    for block in blocks {
        match block {
            Block::Heading(spans) | Block::Paragraph(spans) => spans.iter().for_each(|span| all.push_str(span.words())),
            Block::Quote(within) => gather(within, all),
            Block::List { items, .. } => items.iter().for_each(|item| gather(item, all)),
        }
        all.push(' ');
    }
}

fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for (at, line) in text.lines().enumerate() {
        clean.push_str(if at == 0 { "" } else { "\n" });
        clean.extend(plain(&line.replace('\t', " ")));
    }
    clean.push_str(if text.ends_with('\n') { "\n" } else { "" });
    clean
}

/// Where a link goes, if it may.
fn target(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok().filter(|url| url.as_str().len() <= LONGEST)?;
    match url.scheme() {
        "https" | "http" => url.has_host().then_some(url),
        "mailto" => url.path().contains('@').then_some(url),
        _ => None,
    }
}

fn link(words: String, given: &str) -> Span {
    let Some(url) = target(given) else {
        let is_told = words == given || given.is_empty();
        return Span::Text(if is_told { words } else { format!("{words} ({})", clean(given)) });
    };
    let place = url.host_str().unwrap_or(url.path());
    let is_told = url.username().is_empty() && [given, url.as_str(), place].contains(&words.trim());
    let place = (!is_told).then(|| place.to_owned());
    let words = if words.trim().is_empty() { url.to_string() } else { words };
    Span::Link { words, url: url.into(), place }
}

/// What a frame holds.
enum Holds {
    Whole,
    Quote,
    List(Option<u32>),
    Item,
}

struct Frame {
    holds: Holds,
    blocks: Vec<Block>,
    items: Vec<Vec<Block>>,
}

impl Frame {
    const fn new(holds: Holds) -> Self {
        Self { holds, blocks: Vec::new(), items: Vec::new() }
    }
}

#[derive(Default)]
struct Reader {
    frames: Vec<Frame>,
    /// For each list, item or quotation that is open: whether it has a frame.
    open: Vec<bool>,
    spans: Vec<Span>,
    is_heading: bool,
    is_code: bool,
    strong: usize,
    stressed: usize,
    /// The words of an open link, and where it goes.
    link: Option<(String, String)>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Code(text) => self.push(&text, true),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push(&text, self.is_code),
            Event::SoftBreak | Event::HardBreak => self.push("\n", false),
            Event::Rule => self.flush(),
            // Of extensions that are not asked for.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.flush(),
            Tag::Heading { .. } => {
                self.flush();
                self.is_heading = true;
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.is_code = true;
            }
            Tag::BlockQuote(_) => self.enter(Holds::Quote),
            Tag::List(first) => self.enter(Holds::List(first.map(|it| u32::try_from(it).unwrap_or(u32::MAX)))),
            Tag::Item => self.enter(Holds::Item),
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.stressed += 1,
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => {
                self.link = Some((String::new(), format!("mailto:{dest_url}")));
            }
            Tag::Link { dest_url, .. } => self.link = Some((String::new(), dest_url.into_string())),
            // The alternative text of a picture comes as text; the others are of extensions.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.is_heading = false;
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.is_code = false;
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.leave(),
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.stressed = self.stressed.saturating_sub(1),
            TagEnd::Link => {
                if let Some((words, given)) = self.link.take() {
                    self.spans.push(link(words, &given));
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str, is_code: bool) {
        let text = clean(text);
        if let Some((words, _)) = &mut self.link {
            words.push_str(&text);
            return;
        }
        match self.spans.last_mut() {
            Some(Span::Code(known)) if is_code && self.is_code => return known.push_str(&text),
            Some(Span::Text(known)) if !is_code && self.strong == 0 && self.stressed == 0 => return known.push_str(&text),
            _ => {}
        }
        self.spans.push(if is_code {
            Span::Code(text)
        } else if self.strong > 0 {
            Span::Strong(text)
        } else if self.stressed > 0 {
            Span::Emphasis(text)
        } else {
            Span::Text(text)
        });
    }

    /// Ends the words that are open.
    fn flush(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        if let Some(Span::Text(text) | Span::Code(text)) = spans.last_mut() {
            text.truncate(text.trim_end().len());
        }
        spans.retain(|span| !span.words().is_empty());
        if spans.is_empty() {
            return;
        }
        let block = if self.is_heading { Block::Heading(spans) } else { Block::Paragraph(spans) };
        self.add(block);
    }

    fn add(&mut self, block: Block) {
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.push(block);
        }
    }

    fn enter(&mut self, holds: Holds) {
        self.flush();
        let containers = self.frames.iter().filter(|frame| matches!(frame.holds, Holds::Quote | Holds::List(_))).count();
        // An item stands in a list of its own, or nowhere.
        let is_in = match holds {
            Holds::Item => self.open.last() == Some(&true),
            _ => containers < DEEPEST,
        };
        self.open.push(is_in);
        if is_in {
            self.frames.push(Frame::new(holds));
        }
    }

    fn leave(&mut self) {
        self.flush();
        if self.open.pop() != Some(true) {
            return;
        }
        let Some(frame) = self.frames.pop() else { return };
        match frame.holds {
            Holds::Whole => self.frames.push(frame),
            Holds::Quote => self.add(Block::Quote(frame.blocks)),
            Holds::List(first) => self.add(Block::List { first, items: frame.items }),
            Holds::Item => {
                if let Some(list) = self.frames.last_mut() {
                    list.items.push(frame.blocks);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Span {
        Span::Text(words.to_owned())
    }

    fn paragraph(words: &str) -> Block {
        Block::Paragraph(vec![text(words)])
    }

    fn links(source: &str) -> Vec<Span> {
        match read(source).swap_remove(0) {
            Block::Paragraph(spans) => spans,
            other => vec![text(&format!("{other:?}"))],
        }
    }

    #[test]
    fn headings_lists_quotations_and_marks_are_read() {
        let source = "# Title\n\nOne\ntwo\n\n- a\n- **b**\n  more\n    1. deep\n\n3. third\n4. `code`\n\n> *said*\n\n    typed\n    twice\n";
        let deep = Block::List { first: Some(1), items: vec![vec![paragraph("deep")]] };
        let b = Block::Paragraph(vec![Span::Strong("b".into()), text("\nmore")]);
        assert_eq!(
            read(source),
            [
                Block::Heading(vec![text("Title")]),
                paragraph("One\ntwo"),
                Block::List { first: None, items: vec![vec![paragraph("a")], vec![b, deep]] },
                Block::List {
                    first: Some(3),
                    items: vec![vec![paragraph("third")], vec![Block::Paragraph(vec![Span::Code("code".into())])]]
                },
                Block::Quote(vec![Block::Paragraph(vec![Span::Emphasis("said".into())])]),
                Block::Paragraph(vec![Span::Code("typed\ntwice".into())]),
            ]
        );
        assert_eq!(words(source), "Title One two a b more deep third code said typed twice");
        let nested = Block::List { first: None, items: vec![vec![paragraph("b")]] };
        assert_eq!(
            read("1. a\n   - b\n2. c"),
            [Block::List { first: Some(1), items: vec![vec![paragraph("a"), nested], vec![paragraph("c")]] }]
        );
        assert_eq!(read("snake_case_name"), [paragraph("snake_case_name")]);
        assert_eq!(read(" \n\n"), []);
    }

    #[test]
    fn html_stays_text_and_a_picture_is_its_words() {
        assert_eq!(read("<script>alert(1)</script>"), [paragraph("<script>alert(1)</script>")]);
        assert_eq!(
            read("a <img src=x onerror=alert(1)> b <!-- c -->"),
            [paragraph("a <img src=x onerror=alert(1)> b <!-- c -->")]
        );
        assert_eq!(read("![a map](https://elsewhere.example/track.png)"), [paragraph("a map")]);
        assert_eq!(read("&lt;b&gt; &#x202e;x"), [paragraph("<b> \u{fffd}x")]);
    }

    #[test]
    fn a_link_goes_to_the_web_or_to_a_mailbox_and_says_where() {
        let to = |words: &str, url: &str, place: Option<&str>| {
            vec![Span::Link { words: words.into(), url: url.into(), place: place.map(str::to_owned) }]
        };
        assert_eq!(links("[our bank](https://evil.example/a)"), to("our bank", "https://evil.example/a", Some("evil.example")));
        assert_eq!(links("[**b** c](HTTP://a.example)"), to("b c", "http://a.example/", Some("a.example")));
        assert_eq!(links("<https://a.example/b>"), to("https://a.example/b", "https://a.example/b", None));
        assert_eq!(links("<https://bank.example@evil.example/>")[0].words(), "https://bank.example@evil.example/");
        assert!(
            matches!(&links("<https://bank.example@evil.example/>")[0], Span::Link { place: Some(host), .. } if host == "evil.example")
        );
        assert_eq!(links("<staff@a.example>"), to("staff@a.example", "mailto:staff@a.example", None));
        assert_eq!(links("[us](mailto:staff@a.example)"), to("us", "mailto:staff@a.example", Some("staff@a.example")));
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "form.pdf",
            "//evil.example",
            "https:",
            "JaVaScRiPt:1",
        ] {
            assert_eq!(links(&format!("[see]({url})")), [text(&format!("see ({url})"))]);
        }
        assert_eq!(links("[see](java&#10;script:alert)"), [text("see (java\nscript:alert)")]);
    }

    #[test]
    fn hostile_text_comes_to_an_end_and_is_as_deep_as_a_page_can_show() {
        fn depth(blocks: &[Block]) -> usize {
            let within = blocks.iter().map(|block| match block {
                Block::Quote(within) => 1 + depth(within),
                Block::List { items, .. } => 1 + items.iter().map(|item| depth(item)).max().unwrap_or(0),
                Block::Heading(_) | Block::Paragraph(_) => 0,
            });
            within.max().unwrap_or(0)
        }
        for part in ["> ", "- ", "1. ", "*", "[", "[a](", "![", "_a", "`", "<a", "<!--", "&#", "[a]: b\n", "**a ", "|", "\n> - "]
        {
            let blocks = read(&part.repeat(MOST / part.len() - 1));
            assert!(depth(&blocks) <= DEEPEST, "{part}");
        }
        let long = "- [".repeat(MOST);
        assert_eq!(read(&long), [paragraph(&long)]);
    }
}
