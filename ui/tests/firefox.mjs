// Firefox, for scripts that are written for Playwright, which drives none but its own build of it: the few of Playwright's calls that they make, over
// WebDriver BiDi.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const PATIENCE = 30_000;

/** Asks until there is an answer. */
async function until(what, ask) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Starts it with what Playwright's `newContext` takes. */
export async function launch({ viewport, locale, colorScheme, reducedMotion }) {
  const downloads = await mkdtemp(join(tmpdir(), "satchel-firefox-"));
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    defaultViewport: viewport,
    extraPrefsFirefox: {
      "intl.accept_languages": `${locale}, ${locale.slice(0, 2)}`,
      "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
      "ui.prefersReducedMotion": reducedMotion === "reduce" ? 1 : 0,
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
    },
  });
  const close = async () => {
    await browser.close();
    await rm(downloads, { recursive: true, force: true });
  };
  return { close, newContext: async () => ({ newPage: async () => new Page(await browser.newPage(), downloads) }) };
}

class Page {
  #page;
  #downloads;
  #downloading = false;

  constructor(page, downloads) {
    this.#page = page;
    this.#downloads = downloads;
  }

  on = (name, listen) => this.#page.on(name, name === "request" ? (request) => listen({ url: () => request.url() }) : listen);
  url = () => this.#page.url();
  evaluate = (...all) => this.#page.evaluate(...all);
  waitForLoadState = async () => void (await until("the page", () => this.#page.evaluate(() => document.readyState === "complete")));
  screenshot = ({ path, fullPage }) => this.#page.screenshot({ path, fullPage });
  locator = (css) => new Locator(this, () => this.#page.$(css), (work) => this.#page.$$eval(css, work));
  getByRole = (role, { name, exact }) => {
    const css = role === "link" ? "a[href]" : role;
    return new Locator(this, async () => {
      const found = await this.#page.evaluateHandle((css, name, exact) => [...document.querySelectorAll(css)].find(({ innerText }) => (exact ? innerText.trim() === name : innerText.includes(name))), css, name, exact === true);
      return found.asElement();
    });
  };
  fill = (css, value) => this.locator(css).fill(value);
  inputValue = (css) => this.#page.$eval(css, (input) => input.value);

  /** Not by BiDi's own command: after a download it waits for a page that does not come. */
  async goto(url) {
    await this.#page.evaluate((url) => ((window.left = true), location.assign(url)), url);
    await this.#arrived();
  }

  #arrived = () => until("another page", () => this.#page.evaluate(() => window.left === undefined && document.readyState === "complete").catch(() => false));

  /** A file that was not there before, once it is whole. */
  async waitForEvent() {
    this.#downloading = true;
    const before = new Set(await readdir(this.#downloads));
    const name = await until("a download", async () => {
      const now = await readdir(this.#downloads);
      return !now.some((name) => name.endsWith(".part")) && now.find((name) => !before.has(name));
    });
    this.#downloading = false;
    return { path: async () => join(this.#downloads, name), suggestedFilename: () => name };
  }

  /** Clicks; what leads to another page is waited for. */
  async click(element) {
    const leads = !this.#downloading && (await element.evaluate((element) => {
      if (element instanceof HTMLAnchorElement) return !element.getAttribute("href")?.startsWith("#");
      return element instanceof HTMLButtonElement && element.form !== null && element.type === "submit";
    }));
    if (leads) await this.#page.evaluate(() => (window.left = true));
    await element.click();
    if (leads) await this.#arrived();
  }
}

class Locator {
  #page;
  #one;
  #all;

  constructor(page, one, all) {
    this.#page = page;
    this.#one = one;
    this.#all = all;
  }

  first = () => this;
  click = async () => this.#page.click(await until("something to click", this.#one));
  innerText = async () => (await until("text", this.#one)).evaluate((element) => element.innerText);
  evaluateAll = (work) => this.#all(work);

  /** Types it in the place of what was there. */
  async fill(value) {
    const input = await until("a field", this.#one);
    await input.evaluate((input) => ((input.value = ""), input.focus()));
    await input.type(value);
  }
}
