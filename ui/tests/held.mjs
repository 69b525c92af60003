// What every screen is held to, each a function from a page to the faults it finds: WCAG 2.2 AA by axe, the Tab key, names for a screen reader,
// and nothing wider than its place.
import { readFileSync } from "node:fs";

const text = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const axe = text("../node_modules/axe-core/axe.min.js");
const rules = JSON.parse(text("axe.json"));
const stops = text("stops.js");

export async function accessible(page) {
  // Firefox may run a script on a page that it is about to leave.
  for (let turn = 0; turn < 3 && !(await page.evaluate(() => "axe" in window)); turn++) await page.evaluate(axe);
  const violations = await page.evaluate(async (rules) => (await window.axe.run(rules)).violations, rules);
  return violations.map(({ id, nodes }) => `axe ${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n").slice(1, 3).join("; ")}`).join(" | ")}`);
}

export async function within(page) {
  const wide = await page.evaluate(() => [...document.querySelectorAll("main, dialog .inner")].filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`));
  return wide.map((one) => `wider than its place: ${one}`);
}

/** They take the focus for a moment, for what is in them, and are known by their landmark or by what opened them. */
const HOLDERS = new Set(["RootWebArea", "main", "menu"]);

/** Whatever can have the focus has a name and a role that a screen reader can say, as the browser tells it to the system. */
export async function named(page) {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send("Accessibility.getFullAXTree");
  await devtools.detach();
  const silent = nodes.filter((node) => !node.ignored && node.properties?.some(({ name, value }) => name === "focusable" && value.value) && !node.name?.value?.trim() && !HOLDERS.has(node.role?.value));
  return silent.map((node) => `can have the focus and has no name: ${node.role?.value}`);
}

/** The Tab key reaches all that can be used, leaves it again, and what has the focus can be seen. */
export async function tabbed(page) {
  const count = await page.evaluate(stops);
  if (count === 0) return [];
  const devtools = await page.context().newCDPSession(page);
  const press = (type) => devtools.send("Input.dispatchKeyEvent", { type, key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 });
  // Once around and some more: whatever holds the focus for itself is found by what is missed.
  await Promise.all(Array.from({ length: count + 4 }, () => [press("rawKeyDown"), press("keyUp")]).flat());
  return page.evaluate(() => window.walked());
}

/** How far a page reaches beyond the screen, as it is or with text at this size. */
const spills = (page, size) =>
  page.evaluate((size) => {
    const root = document.documentElement;
    root.style.fontSize = size;
    const wide = root.scrollWidth - root.clientWidth;
    root.style.fontSize = "";
    return wide;
  }, size);

/** What every page of the server is held to: its width, also with text at 200 %, its language and, where scripts run, axe, which is a script itself. */
export async function held(page, lang, scripts) {
  await page.waitForLoadState("load");
  const [wide, large, speaks] = [await spills(page, ""), await spills(page, "200%"), await page.evaluate(() => document.documentElement.lang)];
  return [...(wide > 0 ? [`${wide} pixels wider than the screen`] : []), ...(large > 0 ? [`${large} pixels wider than the screen with text at 200 %`] : []), ...(speaks === lang ? [] : [`speaks ${speaks}`]), ...(scripts ? await accessible(page) : [])];
}
