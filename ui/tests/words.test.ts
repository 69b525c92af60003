// The catalogues: the same keys in every language, nothing empty, nothing that the style forbids.
import { expect, test } from "vitest";
import { catalogues } from "../src/words";
import { counting } from "../src/words/forms";

type Leaf = string | ((...given: never[]) => string);
function leaves(node: object, path = ""): [string, Leaf][] {
  return Object.entries(node).flatMap(([key, value]) => (typeof value === "object" && value !== null ? leaves(value, `${path}${key}.`) : [[`${path}${key}`, value as Leaf] as [string, Leaf]]));
}
const said = (leaf: Leaf): string => (typeof leaf === "string" ? leaf : (leaf as (...given: unknown[]) => string)(3, 2));

test("every language has every key", () => {
  const keys = leaves(catalogues.en).map(([key]) => key);
  expect(keys.length).toBeGreaterThan(200);
  expect(leaves(catalogues.it).map(([key]) => key)).toEqual(keys);
});

test.each(["en", "it"] as const)("%s says something for each key, calmly", (language) => {
  for (const [key, leaf] of leaves(catalogues[language])) {
    const text = said(leaf);
    expect(text, key).not.toBe("");
    expect(text, key).not.toMatch(/undefined|NaN|#|\[object/);
    expect(text, key).not.toMatch(/!|oops|ops,/i);
    expect(text, key).toBe(text.trim());
  }
});

test("Italian is not English left over", () => {
  const italian = new Map(leaves(catalogues.it));
  const same = leaves(catalogues.en).filter(([key, leaf]) => said(leaf) === said(italian.get(key) as Leaf) && /[a-z]{4}/.test(said(leaf)));
  const allowed = /^(app\.(name|title)|inbox\.server|settings\.(languages|version)|.*columns\.(name|badge|file)|palette\.badges|badge\.facts\.format|inspection\.titled)|keycaps/;
  expect(same.map(([key]) => key).filter((key) => !allowed.test(key))).toEqual([]);
});

test("numbers choose their form and are written by the language", () => {
  const { en, it } = catalogues;
  expect(en.toast.kept(1)).toBe("1 badge kept");
  expect(en.inspection.none(1000)).toBe("No badges in 1,000 files");
  expect(it.toast.kept(1)).toBe("1 badge conservato");
  expect(it.toast.kept(2)).toBe("2 badge conservati");
  expect(it.app.badges(1_000_000)).toBe("1.000.000 di badge");
  expect(counting("en")(0, { one: "# day", other: "# days" })).toBe("0 days");
});
