// Cutting long text before it reaches the page: a name of a megabyte is a name of two hundred letters until somebody asks for the rest.

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
