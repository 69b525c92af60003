// What ships: built here without being written, and looked through.
import { readFileSync } from "node:fs";
import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";
import { licences } from "../src/settings/licences";

const root = new URL("..", import.meta.url).pathname;
let output: Rolldown.RolldownOutput["output"][number][];

beforeAll(async () => {
  const built = await build({ root, logLevel: "silent", build: { write: false } });
  output = (Array.isArray(built) ? built : [built]).flatMap((one) => ("output" in one ? one.output : [])) as typeof output;
}, 180_000);

const texts = () => output.map((file) => [file.fileName, file.type === "chunk" ? file.code : typeof file.source === "string" ? file.source : ""] as const);

test("nothing of the stand-in is in the product", () => {
  for (const [name, text] of texts()) expect(text, name).not.toMatch(/SATCHEL-STAND-IN|valdora\.example/);
  expect(output.filter(({ fileName }) => fileName.endsWith(".svg"))).toEqual([]);
});

test("the page keeps the content security policy: nothing inline, nothing from elsewhere", () => {
  const page = texts().find(([name]) => name === "index.html")?.[1] ?? "";
  expect(page).toMatch(/<script type="module"[^>]* src="\.\/assets\//);
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|style=|https?:|data:| on\w+=/);
  const css = texts().filter(([name]) => name.endsWith(".css"));
  for (const [name, text] of css) expect(text, name).not.toMatch(/@import|https?:|data:/);
});

test("every package in the product has its licence in the list", () => {
  const inside = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])).flatMap((id) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? []);
  expect([...new Set(inside)].sort()).toEqual(licences.map(({ source }) => source).sort());
  for (const { text } of licences) expect(text.length).toBeGreaterThan(400);
});

test("the lock file names no registry", () => {
  expect(readFileSync(`${root}/package-lock.json`, "utf8")).not.toMatch(/"resolved"|https?:\/\/[^"]*(registry|\.tgz)/);
});
