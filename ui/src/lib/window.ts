// The arithmetic of virtual lists: which rows of many are on the screen, and how much empty space stands for the others. Pure; pixels in,
// numbers out.

export type Span = { first: number; last: number; before: number; after: number };

/** Columns of at least `least` that fit into `width` with `gap` between them; at least one. */
export function columns(width: number, least: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (least + gap)));
}

/**
 * Rows of one height, of which one (`open`) may be taller by `extra`. `top` is how far the list has been scrolled above the upper edge of the view
 * (negative while it lies below it). `last` is exclusive. `spare` rows are kept on both sides.
 */
export function rows(input: { count: number; height: number; top: number; view: number; spare?: number; open?: number; extra?: number }): Span {
  const { count, height, top, view } = input;
  const spare = input.spare ?? 2;
  const extra = input.open === undefined ? 0 : (input.extra ?? 0);
  const open = input.open ?? count;
  if (count === 0 || height <= 0) return { first: 0, last: 0, before: 0, after: 0 };
  const start = (row: number) => row * height + (row > open ? extra : 0);
  const at = (y: number) => {
    if (y >= open * height && y < start(open + 1)) return open;
    return clamp(Math.floor((y > open * height ? y - extra : y) / height), 0, count - 1);
  };
  const first = Math.max(0, at(top) - spare);
  const last = Math.min(count, at(top + view) + 1 + spare);
  return { first, last, before: start(first), after: start(count) - start(last) };
}

/**
 * Which row each of `slots` places shows while `first` is the first row seen: a row keeps its place while it is on the screen, so that scrolling by one
 * row changes one place, and no element is ever made or moved for it.
 */
export function slotted(first: number, slots: number): number[] {
  return Array.from({ length: slots }, (_, slot) => first + ((((slot - first) % slots) + slots) % slots));
}

/** How far to scroll so that a row is wholly seen: the new scroll position, or the old one. `offset` is where the list begins in the scroller. */
export function reveal(input: { from: number; to: number; scroll: number; view: number; pad: number }): number {
  const { from, to, scroll, view, pad } = input;
  if (from - pad < scroll) return Math.max(0, from - pad);
  if (to > scroll + view) return to - view;
  return scroll;
}

/** The next place of the cursor on a shelf for an arrow key; `null` when the key moves nothing. */
export function move(key: string, at: number, count: number, across: number, page: number): number | null {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, PageDown: at + page * across, PageUp: at - page * across, Home: 0, End: count - 1 }[key];
  if (to === undefined || count === 0) return null;
  if (key === "ArrowDown" && to >= count) return at;
  if (key === "ArrowUp" && to < 0) return at;
  return clamp(to, 0, count - 1);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
