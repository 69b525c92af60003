// Cutting long text before it reaches the page: a name of a megabyte is a name of two hundred letters until somebody asks for the rest.
import type { Block, Span } from "../generated/ipc";

/** Cut at `limit` UTF-16 units, never inside a pair or before a mark that joins the letter ahead of it. */
export function cut(text: string, limit: number): { text: string; whole: boolean } {
  if (text.length <= limit) return { text, whole: true };
  let end = limit;
  while (end > limit - 16 && end > 0 && joins(text, end)) end -= 1;
  return { text: `${text.slice(0, end).trimEnd()}…`, whole: false };
}

/** One line of at most `limit`, for titles, labels and messages. */
export function oneLine(text: string, limit = 120): string {
  return cut(text.slice(0, limit * 4).replace(/\s+/g, " ").trim(), limit).text;
}

function joins(text: string, at: number): boolean {
  return /[\uDC00-\uDFFF\u200D\uFE0F]|\p{M}/u.test(text.charAt(at)) || text.charAt(at - 1) === "\u200D";
}

/** The blocks of a text cut at `limit` units of its words; the length is that of the whole. */
export function cutBlocks(blocks: Block[], limit: number): { blocks: Block[]; whole: boolean; length: number } {
  let length = 0;
  const keep = (span: Span): Span[] => {
    const left = limit - length;
    length += span.text.length;
    return left > 0 ? [{ ...span, text: cut(span.text, left).text }] : [];
  };
  const kept = (blocks: Block[]): Block[] => blocks.flatMap(one).filter((block) => !isEmpty(block));
  const one = (block: Block): Block => {
    switch (block.kind) {
      case "quote":
        return { ...block, blocks: kept(block.blocks) };
      case "list":
        return { ...block, items: block.items.map(kept).filter((item) => item.length > 0) };
      default:
        return { ...block, spans: block.spans.flatMap(keep) };
    }
  };
  const short = kept(blocks);
  return length <= limit ? { blocks, whole: true, length } : { blocks: short, whole: false, length };
}

function isEmpty(block: Block): boolean {
  return (block.kind === "quote" ? block.blocks : block.kind === "list" ? block.items : block.spans).length === 0;
}
