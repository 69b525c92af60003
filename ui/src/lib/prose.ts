// Criteria and narratives may be Markdown. This reads the little that people use in them (paragraphs, lists, headings, bold, italic, code,
// links) into plain data; the page makes elements of it. Nothing here ever makes markup: what is not understood stays text.

export type Span = { kind: "text" | "strong" | "em" | "code"; text: string };
export type Block =
  | { kind: "paragraph"; spans: Span[] }
  | { kind: "heading"; spans: Span[] }
  | { kind: "list"; ordered: boolean; items: Span[][] };

const BULLET = /^\s{0,3}[-*+•]\s+(.*)$/;
const NUMBER = /^\s{0,3}\d{1,3}[.)]\s+(.*)$/;
const HEADING = /^\s{0,3}#{1,6}\s+(\S.*)$/;

/** Longer text is shown as it is: nobody writes so much Markdown into a badge, and reading it would hold the page. */
const MOST_READ = 50_000;

export function blocks(source: string): Block[] {
  if (source.length > MOST_READ) return [{ kind: "paragraph", spans: [{ kind: "text", text: source }] }];
  const found: Block[] = [];
  let open: Block | null = null;
  for (const line of source.split(/\r\n?|\n/)) {
    const bullet = BULLET.exec(line);
    const item = bullet ?? NUMBER.exec(line);
    const heading = HEADING.exec(line);
    if (line.trim() === "") {
      open = null;
    } else if (heading) {
      found.push({ kind: "heading", spans: spans(withoutMarks(heading[1] ?? "")) });
      open = null;
    } else if (item) {
      const ordered = !bullet;
      if (open?.kind !== "list" || open.ordered !== ordered) found.push((open = { kind: "list", ordered, items: [] }));
      open.items.push(spans(item[1] ?? ""));
    } else if (open?.kind === "list" && /^\s/.test(line)) {
      open.items.at(-1)?.push({ kind: "text", text: " " }, ...spans(line.trim()));
    } else if (open?.kind === "paragraph") {
      open.spans.push({ kind: "text", text: "\n" }, ...spans(line));
    } else {
      found.push((open = { kind: "paragraph", spans: spans(line) }));
    }
  }
  return found;
}

/** A heading may end in the marks it begins with. */
function withoutMarks(heading: string): string {
  let end = heading.length;
  while (heading[end - 1] === "#") end -= 1;
  return heading.slice(0, end).trimEnd();
}

// Each is bounded, and a link's words hold no bracket, so that a mark without its end costs no look at all that follows.
const MARKED =
  /\*\*([^*\n]{1,1000})\*\*|__([^_\n]{1,1000})__|\*([^*\n]{1,1000})\*|(?<![\p{L}\p{N}])_([^_\n]{1,1000})_(?![\p{L}\p{N}])|`([^`\n]{1,1000})`|\[([^[\]\n]{1,300})\]\(([^()\s]{1,2000})\)/gu;

/** A link is shown as its words and its address, so that nobody clicks on words that hide another place. */
export function spans(text: string): Span[] {
  const found: Span[] = [];
  let from = 0;
  for (const match of text.matchAll(MARKED)) {
    if (match.index > from) found.push({ kind: "text", text: text.slice(from, match.index) });
    const [whole, strong, strong2, em, em2, code, words, address] = match;
    if (strong ?? strong2) found.push({ kind: "strong", text: (strong ?? strong2) as string });
    else if (em ?? em2) found.push({ kind: "em", text: (em ?? em2) as string });
    else if (code) found.push({ kind: "code", text: code });
    else found.push({ kind: "text", text: words === address ? (words ?? whole) : `${words} (${address})` });
    from = match.index + whole.length;
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}
