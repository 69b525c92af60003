// Firefox, for scripts that are written for Playwright, which drives none but its own build of it: the few of Playwright's calls that they make, over
// WebDriver BiDi.
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
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
  const folder = await mkdtemp(join(tmpdir(), "satchel-firefox-"));
  const [profile, downloads] = ["profile", "downloads"].map((name) => join(folder, name));
  for (const made of [profile, downloads]) await mkdir(made);
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    userDataDir: profile,
    defaultViewport: viewport,
    extraPrefsFirefox: {
      "intl.accept_languages": `${locale}, ${locale.slice(0, 2)}`,
      "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
      "ui.prefersReducedMotion": reducedMotion === "reduce" ? 1 : 0,
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
    },
  });
  // Firefox may write its profile for a moment after it has said that it ends, and what it leaves is no fault of the pages.
  const close = async () => {
    await browser.close().catch(() => browser.process()?.kill("SIGKILL"));
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }).catch(() => undefined);
  };
  // Each has cookies of its own.
  return { close, newContext: async () => ({ newPage: async () => new Page(await (await browser.createBrowserContext()).newPage(), downloads) }) };
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
  locator = (css) => new Locator(this, () => this.#page.$(css), (work) => this.#page.$$eval(css, work), () => this.#page.$$(css));
  getByText = (words) => new Locator(this, async () => (await this.#page.evaluateHandle((words) => [...document.querySelectorAll("summary, a, button")].find(({ innerText }) => innerText.trim() === words), words)).asElement());
  check = (css) => this.locator(css).check();
  selectOption = (css, value) => this.#page.select(css, value);

  async setInputFiles(css, { name, buffer }) {
    const path = join(this.#downloads, name);
    await writeFile(path, buffer);
    await (await until("a field for files", () => this.#page.$(css))).uploadFile(path);
  }
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

  #arrived = () => until("another page", () => this.#page.evaluate(() => location.href !== "about:blank" && window.left === undefined && document.readyState === "complete").catch(() => false));

  /** A file that was not there before, once it is whole. */
  async waitForEvent() {
    this.#downloading = true;
    // Before anything is clicked, or a file that comes at once would be taken for an old one.
    const before = new Set(readdirSync(this.#downloads));
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
  #each;

  constructor(page, one, all, each) {
    this.#page = page;
    this.#one = one;
    this.#all = all;
    this.#each = each;
  }

  #of = (one) => new Locator(this.#page, async () => one, this.#all, this.#each);
  first = () => this;
  last = () => new Locator(this.#page, async () => (await this.#each()).at(-1), this.#all, this.#each);
  all = async () => (await this.#each()).map((one) => this.#of(one));
  evaluate = async (work) => (await until("something", this.#one)).evaluate(work);
  check = async () => (await this.evaluate((input) => input.checked)) || this.click();
  click = async () => this.#page.click(await until("something to click", this.#one));
  waitFor = async () => void (await until("it", this.#one));
  innerText = async () => (await until("text", this.#one)).evaluate((element) => element.innerText);
  evaluateAll = (work) => this.#all(work);

  /** Types it in the place of what was there. */
  async fill(value) {
    const input = await until("a field", this.#one);
    await input.evaluate((input) => ((input.value = ""), input.focus()));
    await input.type(value);
  }
}
