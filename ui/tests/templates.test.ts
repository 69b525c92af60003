// Rules that every component keeps, read from the sources: no words outside the catalogue, no markup from data, no raw colours, one door to Tauri.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse } from "svelte/compiler";
import { expect, test } from "vitest";

const src = new URL("../src", import.meta.url).pathname;
const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => /\.(svelte|ts|css)$/.test(name)).map((name) => join(src, name));
const read = (file: string) => readFileSync(file, "utf8");
const components = files.filter((file) => file.endsWith(".svelte"));

type Node = { type: string; data?: string; name?: string; value?: unknown; [key: string]: unknown };
function* walk(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const one of node) yield* walk(one);
  else if (node && typeof node === "object") {
    if ("type" in node) yield node as Node;
    for (const [key, value] of Object.entries(node)) if (key !== "metadata" && key !== "parent") yield* walk(value);
  }
}
const SPOKEN = new Set(["aria-label", "title", "placeholder", "alt", "label", "aria-description", "aria-roledescription"]);

test.each(components.map((file) => [relative(src, file), file]))("%s has no words of its own", (_, file) => {
  const { fragment } = parse(read(file), { modern: true, filename: file });
  for (const node of walk(fragment)) {
    if (node.type === "Attribute" && SPOKEN.has(node.name ?? "")) {
      for (const part of walk(node.value)) if (part.type === "Text") expect(part.data, node.name).not.toMatch(/\p{L}/u);
    } else if (node.type === "RegularElement" || node.type === "Fragment" || node.type === "Component") {
      const children = ((node["fragment"] as { nodes: Node[] } | undefined)?.nodes ?? (node["nodes"] as Node[] | undefined) ?? []) as Node[];
      for (const child of children) if (child.type === "Text") expect(child.data).not.toMatch(/\p{L}/u);
    }
  }
});

test("nothing makes markup of data, and no style is written as text", () => {
  for (const file of files) {
    const text = read(file);
    expect(text, file).not.toMatch(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
    if (file.endsWith(".svelte")) expect(text.replace(/<style[\s\S]*<\/style>/, ""), file).not.toMatch(/\sstyle=/);
  }
});

test("only platform.ts knows Tauri, and nothing asks the network", () => {
  for (const file of files) {
    const text = read(file);
    if (!file.endsWith("src/platform.ts")) expect(text, file).not.toMatch(/from "@tauri-apps|__TAURI/);
    expect(text, file).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon/);
  }
});

test("colours are named in one file", () => {
  for (const file of files.filter((name) => /\.(svelte|css)$/.test(name) && !name.endsWith("tokens.css") && !name.endsWith("fonts.css"))) {
    const css = file.endsWith(".css") ? read(file) : (/<style>([\s\S]*)<\/style>/.exec(read(file))?.[1] ?? "");
    expect(css, file).not.toMatch(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|oklch\(|backdrop-filter/i);
  }
});

test("the product never reaches the stand-in", () => {
  for (const file of files.filter((name) => !name.includes("/platform/") && !name.endsWith("browser.ts"))) expect(read(file), file).not.toMatch(/platform\/stand-in|platform\/samples/);
});

/** WCAG 2: how far apart two colours are. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test("text and shapes stand out from their grounds in both themes", () => {
  const css = read(join(src, "styles/tokens.css"));
  const themes = css.split(':root[data-theme="dark"]');
  for (const theme of themes) {
    const colour = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(theme)?.[1] as string;
    for (const ground of ["paper", "raised", "sunk"]) {
      for (const text of ["ink", "ink-2", "accent", "good", "bad", "unknown", "intact"]) expect(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour("edge"), colour(ground)), `edge on ${ground}`).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(colour("on-accent"), colour("accent"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("ink"), colour("accent-wash"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("ink-2"), colour("accent-wash"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("on-ground"), colour("ground"))).toBeGreaterThanOrEqual(4.5);
  }
});
