// Walks every screen of the window over sample data, in each language, theme, text size and size of the window, and holds it to what `held.mjs` says.
// The console must stay silent, and no request may leave this computer. Pictures go to --out.
//   node tests/screens.mjs [--out DIR] [--only NAME] [--langs en,it] [--themes light,dark] [--sizes 100,200] [--windows 1280x800,900x600] [--rotate N] [--built]
// --rotate N takes one combination per screen, another for another N: the same N gives the same ones.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build, each, launch, option, serve } from "./browser.mjs";
import { accessible, named, tabbed, within } from "./held.mjs";
import { SCENES } from "./scenes.mjs";

const out = option("out", null);
const only = option("only", null);
const rotate = option("rotate", null);
const list = (name, otherwise) => option(name, otherwise).split(",");
const product = (...lists) => lists.reduce((all, one) => all.flatMap((head) => one.map((last) => [...head, last])), [[]]);
const combinations = product(list("langs", "en,it"), list("themes", "light,dark"), list("sizes", "100,200"), list("windows", "1280x800,900x600"));
const visits = Object.keys(SCENES).flatMap((name, at) => {
  if (only && !name.includes(only)) return [];
  // An odd stride, so that neighbours differ in more than one thing.
  const wanted = rotate === null ? combinations : [combinations[(Number(rotate) + at * 5) % combinations.length]];
  return wanted.map((combination) => ({ name, combination }));
});

if (!process.argv.includes("--built")) build();
if (out) await mkdir(out, { recursive: true });
const server = await serve();
const browser = await launch();
const faults = [];

async function visit({ name, combination: [lang, theme, size, window] }) {
  const { query = "", hash = "", do: act } = SCENES[name];
  const [width, height] = window.split("x").map(Number);
  const context = await browser.newContext({ viewport: { width, height }, locale: lang === "it" ? "it-IT" : "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const label = `${name}-${lang}-${theme}-${size}-${window}`;
  const fault = (text) => faults.push(`${label}: ${text}`);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && fault(`console: ${message.text()}`));
  page.on("pageerror", (error) => fault(`error: ${error.message}`));
  page.on("request", (request) => !request.url().startsWith(new URL(server.url).origin) && fault(`request to ${request.url()}`));
  const settled = () => page.evaluate(async () => (await document.fonts.ready, await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));
  try {
    await page.goto(`${server.url}?lang=${lang}&theme=${theme}&size=${size}&${query}${hash}`);
    await page.waitForSelector("main");
    await page.waitForFunction(() => !document.querySelector("main")?.textContent?.match(/^(Loading|Caricamento)$/));
    await settled();
    await act?.(page);
    await settled();
    if (out) await page.screenshot({ path: join(out, `${label}.png`), animations: "disabled" });
    for (const held of [within, accessible, named, tabbed]) (await held(page)).forEach(fault);
  } catch (error) {
    fault(error.message.split("\n")[0]);
    if (out) await page.screenshot({ path: join(out, `${label}-fault.png`) }).catch(() => undefined);
  }
  await context.close();
}

await each(visits, visit);
await browser.close();
server.close();
for (const fault of faults.sort()) console.log(fault);
console.log(`${visits.length} screens, ${faults.length} faults${out ? `, pictures in ${out}` : ""}`);
process.exit(faults.length > 0 || visits.length === 0 ? 1 : 0);
