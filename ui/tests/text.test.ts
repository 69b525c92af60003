// Text of badges: cut, read as prose, dated; and where the window goes.
import { expect, test } from "vitest";
import type { Block, Span } from "../src/generated/ipc";
import { cut, cutBlocks, oneLine } from "../src/lib/cut";
import { Formats, localeOf } from "../src/lib/format";
import { action, type Key } from "../src/keys";
import { fitting } from "../src/parts/chooser.svelte";
import { href, parse } from "../src/router";

test("long text is cut, never inside a letter", () => {
  expect(cut("short", 10)).toEqual({ text: "short", whole: true });
  expect(cut("a name without an end", 6)).toEqual({ text: "a name…", whole: false });
  expect(cut("ab👩‍👩‍👧cd", 4).text).not.toMatch(/[\uD800-\uDBFF]…$/);
  expect(cut("e\u0301e\u0301e\u0301", 3).text).toBe("e\u0301…");
  expect(oneLine("a\n  b\t c")).toBe("a b c");
});

test("a megabyte is cut like anything else", () => {
  expect(cut("x".repeat(1_000_000), 200)).toEqual({ text: `${"x".repeat(200)}…`, whole: false });
  expect(oneLine(" ".repeat(1_000_000))).toBe("");
});

test("blocks of a text are cut as its words are, and what is left empty goes", () => {
  const span = (text: string): Span => ({ kind: "text", text, url: null, place: null });
  const said = (text: string): Block => ({ kind: "paragraph", spans: [span(text)] });
  const list = (...items: Block[][]): Block => ({ kind: "list", first: 1, items });
  const all = [said("one two"), list([said("three")], [said("four")]), { kind: "quote", blocks: [said("five")] } as Block];
  expect(cutBlocks(all, 20)).toEqual({ blocks: all, whole: true, length: 20 });
  expect(cutBlocks(all, 10)).toEqual({ blocks: [said("one two"), list([said("thr…")])], whole: false, length: 20 });
  expect(cutBlocks([said("x".repeat(1_000_000))], 4000)).toEqual({ blocks: [said(`${"x".repeat(4000)}…`)], whole: false, length: 1_000_000 });
  expect(cutBlocks([], 10)).toEqual({ blocks: [], whole: true, length: 0 });
});

test("days of a badge are those that its issuer wrote", () => {
  const english = new Formats("en");
  expect(english.day("2026-11-14T00:00:00Z")).toBe("14 Nov 2026");
  expect(english.long("2026-11-14T00:00:00Z")).toBe("14 November 2026");
  expect(english.day("last summer")).toBe("last summer");
  expect(new Formats("it").long("2026-11-14T00:00:00Z")).toBe("14 novembre 2026");
  expect(new Formats("it").number(10_000)).toBe("10.000");
  expect(new Formats("it").list(["a", "b", "c"])).toBe("a, b e c");
});

test("the region is the system's when its language is the window's", () => {
  expect(localeOf("en", ["it-IT", "en-US"])).toBe("en-US");
  expect(localeOf("it", ["en-US"])).toBe("it-IT");
  expect(localeOf("en", [])).toBe("en-GB");
});

test("addresses of screens", () => {
  expect(parse("")).toEqual({ screen: "backpack" });
  expect(parse("#/settings")).toEqual({ screen: "settings" });
  expect(parse("#/badge/")).toEqual({ screen: "backpack" });
  expect(parse("#/nowhere/at/all")).toEqual({ screen: "backpack" });
  expect(parse("#/badge/%E0%A4%A")).toEqual({ screen: "badge", id: "%E0%A4%A" });
  for (const route of [{ screen: "bin" }, { screen: "verify" }, { screen: "import" }, { screen: "badge", id: "a/b ü" }] as const) expect(parse(href(route))).toEqual(route);
});

test("keys do what the help says, and nothing while somebody types", () => {
  const key = (name: string, more: Partial<Key> = {}): Key => ({ key: name, ctrl: false, shift: false, alt: false, typing: false, ...more });
  expect(action(key("k", { ctrl: true, typing: true }))).toBe("palette");
  expect(action(key("K", { ctrl: true }))).toBe("palette");
  expect(action(key("?"))).toBe("help");
  expect(action(key("?", { typing: true }))).toBeNull();
  expect(action(key("/", { typing: true }))).toBeNull();
  expect(action(key("O", { ctrl: true, shift: true }))).toBe("add_folder");
  expect(action(key("o", { ctrl: true }))).toBe("add_files");
  expect(action(key("z", { ctrl: true }))).toBe("undo");
  expect(action(key("z", { ctrl: true, typing: true }))).toBeNull();
  expect(action(key("ArrowLeft", { alt: true }))).toBe("back");
  expect(action(key("Escape", { typing: true }))).toBe("back");
  expect(action(key("v", { ctrl: true }))).toBeNull();
});

test("what begins with the word comes first, accents or not", () => {
  const options = ["Scuola di Orsa", "Università di Valdora", "Verein", "Conversazione"].map((label) => ({ key: label, label, run: () => undefined }));
  expect(fitting(options, "ve").map(({ label }) => label)).toEqual(["Verein", "Università di Valdora", "Conversazione"]);
  expect(fitting(options, "universita val").map(({ label }) => label)).toEqual(["Università di Valdora"]);
  expect(fitting(options, "(")).toEqual([]);
  expect(fitting(options, "")).toHaveLength(4);
});
