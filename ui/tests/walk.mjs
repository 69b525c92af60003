// A walk through a server's pages, in a plain Chromium or in Firefox ESR. On every page that it looks at: axe must find nothing (WCAG 2.2 AA and best practice), the
// console must stay silent, nothing may leave the page to the side, and no other host may be asked. What is amiss is printed at the end, a line each.
//   [--lang it] [--theme dark] [--width 360] [--scripts no] [--browser firefox] [--out DIR]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, option } from "./browser.mjs";
import { launch as launchFirefox } from "./firefox.mjs";
import { held } from "./held.mjs";

export const [lang, theme, width, out] = [option("lang", "en"), option("theme", "light"), Number(option("width", "1280")), option("out", null)];
export const scripts = option("scripts", "yes") === "yes";
/** Everybody's, in the tests. */
export const PASSWORD = "kettle walrus orbit";

const faults = [];
let at = "start";

/** What is looked at from here on, as faults name it. */
export const place = (name) => (at = name);
export const fault = (text) => faults.push(`${at}: ${text}`);
export const expect = (what, is) => is || fault(`expected ${what}`);
export const text = (page) => page.locator("main").innerText();

/** Whether it is there, or comes. */
export const comes = (locator) => locator.waitFor({ timeout: 10_000 }).then(() => true, () => false);

/**
 * Does `steps` and ends the program, with 1 where something was amiss. `hosts` are the beginnings of addresses that may be asked, the server's own first; `name`
 * stands before the names of pictures, `refusals` are the first digits of statuses that pages may have, `args` are Chromium's.
 */
export async function walk({ hosts, name = "", refusals = "4", args = [] }, steps) {
  if (out) await mkdir(out, { recursive: true });
  const visitor = { viewport: { width, height: 900 }, locale: lang === "it" ? "it-IT" : "en-GB", colorScheme: theme, reducedMotion: "reduce", javaScriptEnabled: scripts };
  const browser = await (option("browser", "chromium") === "firefox" ? launchFirefox(visitor) : launch(...args));

  const picture = async (page, called) => {
    if (!out) return;
    const shot = (end) => page.screenshot({ path: join(out, `${name}${called}-${lang}-${theme}-${width}${scripts ? "" : "-plain"}${end}.png`), fullPage: true, animations: "disabled" });
    await shot("");
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    await shot("-large");
    await page.evaluate(() => (document.documentElement.style.fontSize = ""));
  };

  let last = null;
  const hands = {
    /** A page of somebody who was never here. */
    async fresh() {
      const page = await (await browser.newContext(visitor)).newPage();
      last = page;
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && !new RegExp(`status of [${refusals}]`).test(message.text()) && fault(`console: ${message.text()}`));
      page.on("pageerror", (error) => fault(`error: ${error.message}`));
      // Firefox draws the mark beside a summary with a font of its own, which it names by a data address; so does axe.
      page.on("request", (request) => !hosts.some((it) => request.url().startsWith(it)) && !request.url().startsWith("data:font/") && fault(`request to ${request.url()}`));
      return page;
    },
    /** Looks at the page that is shown, which has these words. */
    async look(page, called, words = "") {
      last = page;
      place(called);
      for (const amiss of await held(page, lang, scripts)) fault(amiss);
      if (words) expect(`"${words}"`, (await text(page)).includes(words));
      await picture(page, called);
    },
    /** Goes there and looks. */
    async go(page, path, called, words) {
      await page.goto(new URL(path, hosts[0]).href);
      await hands.look(page, called, words);
    },
    /** Signs in with the password, and goes to the account. */
    async signIn(page, email) {
      await page.goto(`${hosts[0]}/sign-in?next=/account`);
      await page.fill("#email", email);
      await page.fill("#password", PASSWORD);
      await page.locator('form[action="/sign-in"] button').last().click();
      await page.waitForLoadState("load");
    },
  };
  try {
    await steps(hands);
  } catch (error) {
    fault(`${error.stack.split("\n").slice(0, 4).join(" ")} (${last?.url()})`);
    if (out) await last?.screenshot({ path: join(out, `${name}fault-${lang}-${theme}.png`) }).catch(() => undefined);
  }
  await browser.close();
  for (const one of faults) console.log(one);
  console.log(`${faults.length} faults`);
  process.exit(faults.length > 0 ? 1 : 0);
}
