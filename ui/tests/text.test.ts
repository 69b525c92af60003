// Text of badges: cut, read as prose, dated; and where the window goes.
import { expect, test } from "vitest";
import { cut, oneLine } from "../src/lib/cut";
import { Formats, localeOf } from "../src/lib/format";
import { blocks, spans } from "../src/lib/prose";
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

test("the little Markdown that people write becomes data", () => {
  expect(blocks("# Title\n\nOne\ntwo\n\n- a\n- **b**\n  more\n\n1. first\n2. second")).toEqual([
    { kind: "heading", spans: [{ kind: "text", text: "Title" }] },
    { kind: "paragraph", spans: [{ kind: "text", text: "One" }, { kind: "text", text: "\n" }, { kind: "text", text: "two" }] },
    { kind: "list", ordered: false, items: [[{ kind: "text", text: "a" }], [{ kind: "strong", text: "b" }, { kind: "text", text: " " }, { kind: "text", text: "more" }]] },
    { kind: "list", ordered: true, items: [[{ kind: "text", text: "first" }], [{ kind: "text", text: "second" }]] },
  ]);
  expect(spans("snake_case_name and _word_")).toEqual([{ kind: "text", text: "snake_case_name and " }, { kind: "em", text: "word" }]);
});

test("markup stays text, and a link shows where it goes", () => {
  expect(spans("<img src=x onerror=alert(1)>")).toEqual([{ kind: "text", text: "<img src=x onerror=alert(1)>" }]);
  expect(spans("[our bank](https://evil.example)")).toEqual([{ kind: "text", text: "our bank (https://evil.example)" }]);
});

test("hostile prose comes to an end, and no letter of it is lost", () => {
  for (const text of ["*".repeat(4000), "[".repeat(4000), "[a](".repeat(1000), "_a".repeat(2000)]) {
    const shown = blocks(text).flatMap((block) => (block.kind === "list" ? block.items.flat() : block.spans));
    expect(shown.map((span) => span.text).join("")).toBe(text);
  }
  expect(blocks("- ".repeat(2000))).toHaveLength(1);
  expect(blocks(`#${" ".repeat(4000)}x`)).toEqual([{ kind: "heading", spans: [{ kind: "text", text: "x" }] }]);
});

test("a megabyte of prose is shown as it is, and brackets without an end are read at once", () => {
  for (const part of ["[", "[a](", "**a", "__a", "_a ", "`a"]) blocks(part.repeat(50_000 / part.length - 1));
  for (const text of [`# ${" ".repeat(40_000)}x`, `# x${" ".repeat(40_000)}x`, `# ${"#".repeat(40_000)}x`]) blocks(text);
  expect(blocks("## Title ##")).toEqual([{ kind: "heading", spans: [{ kind: "text", text: "Title" }] }]);
  const long = "- [".repeat(400_000);
  expect(blocks(long)).toEqual([{ kind: "paragraph", spans: [{ kind: "text", text: long }] }]);
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
