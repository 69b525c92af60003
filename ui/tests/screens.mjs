// Walks every screen of the window over sample data, in each language, theme and text size: axe must find nothing (WCAG 2.2 AA and best practice),
// the console must stay silent, nothing may leave the page to the side, and no request may leave this computer. Pictures go to --out.
//   node tests/screens.mjs [--out DIR] [--only NAME] [--langs en,it] [--themes light,dark] [--sizes 100,200] [--window 1280x800] [--rotate N] [--built]
// --rotate N takes one combination per screen, another for another N.
import AxeBuilder from "@axe-core/playwright";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build, launch, option, serve } from "./browser.mjs";

const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const finished = (page) => page.waitForSelector('[role="progressbar"]', { state: "detached" });
/** Each opens an address and does what leads to what is to be seen. */
const SCREENS = {
  backpack: {},
  "backpack-list": { do: async (page) => page.locator(".views button").nth(1).click() },
  "backpack-selected": {
    do: async (page) => {
      for (const nth of [1, 2, 4]) await page.locator('[role="option"]').nth(nth).click({ modifiers: ["Control"] });
    },
  },
  "backpack-end": { do: async (page) => page.locator("#shelf").press("End") },
  "backpack-nothing": { do: async (page) => (await page.locator("input[type=search]").fill("zzzz"), await page.waitForSelector(".empty")) },
  "backpack-empty": { query: "screen=empty" },
  "backpack-issuers": { do: async (page) => page.locator("button.pill", { hasText: /Issuer|Ente/ }).click() },
  "backpack-menu": { do: async (page) => page.locator(".add button").click() },
  "backpack-large": { query: "badges=10000", do: async (page) => page.locator("#shelf").press("PageDown") },
  bin: { query: "bin=1", hash: "#/bin" },
  "bin-empty": { hash: "#/bin" },
  badge: { hash: "#/badge/b00000000" },
  "badge-valid": { hash: "#/badge/b00000001" },
  "badge-arabic": { hash: "#/badge/b00000002" },
  "badge-japanese": { hash: "#/badge/b00000004" },
  "badge-expired": { hash: "#/badge/b00000005" },
  "badge-revoked": { hash: "#/badge/b00000008" },
  "badge-markup": { hash: "#/badge/b00000013" },
  "badge-changed": { hash: "#/badge/b00000014" },
  "badge-long-name": { hash: "#/badge/b00000016" },
  "badge-endless": { hash: "#/badge/b00000017" },
  "badge-gone": { hash: "#/badge/none" },
  "badge-toast": { query: "problem=1", hash: "#/badge/b00000001", do: async (page) => (await page.locator(".btn.first").click(), await page.waitForSelector(".toast")) },
  verify: { hash: "#/verify" },
  "verify-results": { query: "screen=offer", hash: "#/verify", do: async (page) => (await finished(page), await page.locator("tbody .why button").nth(5).click()) },
  "verify-running": { query: "screen=offer&slow=1", hash: "#/verify", do: async (page) => page.waitForSelector("tbody tr") },
  "verify-report": { query: "screen=offer", hash: "#/verify", do: async (page) => (await finished(page), await page.locator("tbody .why button").nth(0).click(), await page.locator("tbody td > .btn").click()) },
  "verify-photos": { query: "screen=photos", hash: "#/verify", do: finished },
  adding: { query: "screen=offer", do: finished },
  "adding-one": { query: "screen=one", do: async (page) => page.waitForSelector("article") },
  "adding-kept": { query: "screen=offer", do: async (page) => (await finished(page), await page.locator(".dock .btn.first").click(), await page.waitForSelector(".note")) },
  "adding-photos": { query: "screen=photos", do: finished },
  settings: { hash: "#/settings" },
  licences: { hash: "#/settings", do: async (page) => page.locator("main .btn", { hasText: /Licences|Licenze/ }).click() },
  palette: { do: async (page) => (await page.keyboard.press("Control+k"), await page.locator("dialog input").fill("da"), await page.waitForTimeout(200)) },
  help: { do: async (page) => page.keyboard.press("?") },
  paste: { do: async (page) => (await page.locator(".add button").click(), await page.locator('[role="menuitem"]').nth(2).click()) },
  dragging: { do: async (page) => page.evaluate(() => dispatchEvent(new DragEvent("dragenter", { cancelable: true }))) },
  "closed-locked": { query: "screen=locked" },
  "closed-damaged": { query: "screen=damaged" },
  "closed-newer": { query: "screen=newer" },
  "closed-unusable": { query: "screen=unusable" },
  broken: { query: "screen=broken" },
};

const out = option("out", null);
const only = option("only", null);
const [width, height] = option("window", "1280x800").split("x").map(Number);
const list = (name, otherwise) => option(name, otherwise).split(",");
let combinations = list("langs", "en,it").flatMap((lang) => list("themes", "light,dark").flatMap((theme) => list("sizes", "100,200").map((size) => ({ lang, theme, size }))));
const rotate = option("rotate", null);

if (!process.argv.includes("--built")) build();
if (out) await mkdir(out, { recursive: true });
const server = await serve();
const browser = await launch();
const faults = [];
let seen = 0;
let turn = Number(rotate ?? 0);
for (const [name, screen] of Object.entries(SCREENS)) {
  if (only && !name.includes(only)) continue;
  const wanted = rotate === null ? combinations : [combinations[turn++ % combinations.length]];
  for (const { lang, theme, size } of wanted) {
    const context = await browser.newContext({ viewport: { width, height }, locale: lang === "it" ? "it-IT" : "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
    const page = await context.newPage();
    const label = `${name}-${lang}-${theme}-${size}`;
    const fault = (text) => faults.push(`${label}: ${text}`);
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && fault(`console: ${message.text()}`));
    page.on("pageerror", (error) => fault(`error: ${error.message}`));
    page.on("request", (request) => !request.url().startsWith(new URL(server.url).origin) && fault(`request to ${request.url()}`));
    try {
      await page.goto(`${server.url}?lang=${lang}&theme=${theme}&size=${size}&${screen.query ?? ""}${screen.hash ?? ""}`);
      await page.waitForSelector("main");
      await page.evaluate(() => document.fonts.ready);
      await page.waitForFunction(() => !document.querySelector("main")?.textContent?.match(/^(Loading|Caricamento)$/));
      await settle(page);
      if (screen.do) await screen.do(page);
      await settle(page);
      await page.evaluate(() => document.fonts.ready);
      const wide = await page.evaluate(() => [...document.querySelectorAll("main, dialog .inner")].filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`));
      for (const one of wide) fault(`wider than its place: ${one}`);
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
      for (const { id, nodes } of violations) fault(`axe ${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n").slice(1, 3).join("; ")}`).join(" | ")}`);
      if (out) await page.screenshot({ path: join(out, `${label}.png`), animations: "disabled" });
    } catch (error) {
      fault(error.message.split("\n")[0]);
      if (out) await page.screenshot({ path: join(out, `${label}-fault.png`) }).catch(() => undefined);
    }
    seen += 1;
    await context.close();
  }
}
await browser.close();
server.close();
for (const fault of faults) console.log(fault);
console.log(`${seen} screens, ${faults.length} faults${out ? `, pictures in ${out}` : ""}`);
process.exit(faults.length > 0 ? 1 : 0);
