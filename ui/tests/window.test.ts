// The arithmetic of virtual lists.
import { expect, test } from "vitest";
import { columns, move, reveal, rows, slotted } from "../src/lib/window";

test("as many columns as fit, never none", () => {
  expect(columns(1008, 172, 24)).toBe(5);
  expect(columns(1007, 172, 24)).toBe(5);
  expect(columns(955, 172, 24)).toBe(4);
  expect(columns(0, 172, 24)).toBe(1);
});

test("the rows on the screen, two spare ones on both sides, and the space of all others", () => {
  expect(rows({ count: 100, height: 50, top: 0, view: 200 })).toEqual({ first: 0, last: 7, before: 0, after: 93 * 50 });
  expect(rows({ count: 100, height: 50, top: 1000, view: 200 })).toEqual({ first: 18, last: 27, before: 900, after: 73 * 50 });
  expect(rows({ count: 100, height: 50, top: 4900, view: 200 })).toEqual({ first: 96, last: 100, before: 4800, after: 0 });
  expect(rows({ count: 0, height: 50, top: 0, view: 200 })).toEqual({ first: 0, last: 0, before: 0, after: 0 });
});

test("a list below the view has its first rows, one far above it its last", () => {
  expect(rows({ count: 10, height: 50, top: -5000, view: 200 }).first).toBe(0);
  expect(rows({ count: 10, height: 50, top: 90_000, view: 200 })).toEqual({ first: 7, last: 10, before: 350, after: 0 });
});

test("with an open row the space adds up, wherever one scrolls", () => {
  for (let top = 0; top < 6000; top += 37) {
    const { first, last, before, after } = rows({ count: 100, height: 50, top, view: 300, open: 40, extra: 275 });
    const inside = (last - first) * 50 + (first <= 40 && 40 < last ? 275 : 0);
    expect(before + inside + after).toBe(100 * 50 + 275);
    expect(before).toBeLessThanOrEqual(Math.max(0, top));
    if (top + 300 < 5275) expect(before + inside).toBeGreaterThanOrEqual(top + 300);
  }
});

test("a row keeps its place while it is on the screen", () => {
  expect(slotted(0, 4)).toEqual([0, 1, 2, 3]);
  expect(slotted(1, 4)).toEqual([4, 1, 2, 3]);
  expect(slotted(6, 4)).toEqual([8, 9, 6, 7]);
  expect([...slotted(9123, 10)].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, at) => 9123 + at));
});

test("arrows stay on the shelf", () => {
  expect(move("ArrowRight", 3, 10, 5, 2)).toBe(4);
  expect(move("ArrowDown", 3, 10, 5, 2)).toBe(8);
  expect(move("ArrowDown", 7, 10, 5, 2)).toBe(7);
  expect(move("ArrowUp", 2, 10, 5, 2)).toBe(2);
  expect(move("PageDown", 2, 10, 5, 2)).toBe(9);
  expect(move("End", 0, 10, 5, 2)).toBe(9);
  expect(move("Home", 9, 10, 5, 2)).toBe(0);
  expect(move("x", 9, 10, 5, 2)).toBeNull();
  expect(move("End", 0, 0, 5, 2)).toBeNull();
});

test("a row is brought into view, and not more than needed", () => {
  expect(reveal({ from: 100, to: 150, scroll: 0, view: 400, pad: 20 })).toBe(0);
  expect(reveal({ from: 500, to: 550, scroll: 0, view: 400, pad: 20 })).toBe(150);
  expect(reveal({ from: 500, to: 550, scroll: 490, view: 400, pad: 20 })).toBe(480);
});
