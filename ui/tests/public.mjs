// The public pages, those of an owner who shares, and those of the staff, in a plain Chromium or in Firefox ESR: each is held to what `pages.mjs` holds its pages to.
//   node tests/public.mjs --origin URL --badge PATH --person PATH --shared PATH --staff EMAIL --owner EMAIL --mails DIR [--lang it] [--theme dark]
//     [--width 360] [--scripts no] [--browser firefox] [--out DIR]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, option } from "./browser.mjs";
import { launch as launchFirefox } from "./firefox.mjs";
import { held } from "./held.mjs";
import { linkIn } from "./mail.mjs";

const [origin, badge, person, staff, owner, mails] = ["origin", "badge", "person", "staff", "owner", "mails"].map((name) => option(name, ""));
const [lang, theme, scripts] = [option("lang", "en"), option("theme", "light"), option("scripts", "yes") === "yes"];
const width = Number(option("width", "1280"));
const out = option("out", null);
const PASSWORD = "kettle walrus orbit";
const WORDS = {
  en: { ask: "Ask for this badge", problem: "There is a problem", found: "Welding", undo: "Undo", refuse: "Refuse", link: "Make a link for somebody", share: "Share" },
  it: { ask: "Richiedi questo badge", problem: "C’è un problema", found: "Welding", undo: "Annulla", refuse: "Rifiuta", link: "Crea un link per qualcuno", share: "Condividi" },
}[lang];

const faults = [];
let at = "start";
const fault = (text) => faults.push(`${at}: ${text}`);
if (out) await mkdir(out, { recursive: true });
const visitor = { viewport: { width, height: 900 }, locale: lang === "it" ? "it-IT" : "en-GB", colorScheme: theme, reducedMotion: "reduce", javaScriptEnabled: scripts };
const browser = await (option("browser", "chromium") === "firefox" ? launchFirefox(visitor) : launch());

/** A page of somebody who was never here. */
async function fresh() {
  const page = await (await browser.newContext(visitor)).newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !message.text().includes("status of 4") && fault(`console: ${message.text()}`));
  page.on("pageerror", (error) => fault(`error: ${error.message}`));
  // Firefox tells of fonts that axe brings along in itself.
  page.on("request", (request) => !request.url().startsWith(origin) && !request.url().startsWith("data:font/") && fault(`request to ${request.url()}`));
  return page;
}

/** Looks at the page that is shown. */
async function look(page, name) {
  at = name;
  for (const words of await held(page, lang, scripts)) fault(words);
  if (!out) return;
  const shot = (end) => page.screenshot({ path: join(out, `${name}-${lang}-${theme}-${width}${end}.png`), fullPage: true, animations: "disabled" });
  await shot("");
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await shot("-large");
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
}

const go = async (page, path, name) => {
  await page.goto(new URL(path, origin).href);
  await look(page, name);
};
const expect = (what, is) => is || fault(`expected ${what}`);
const mailed = (email, path) => linkIn(mails, email, `${origin}${path}`);
const text = (page) => page.locator("main").innerText();

async function signIn(page, email) {
  await page.goto(`${origin}/sign-in`);
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.locator("main form button").first().click();
  await page.waitForLoadState("load");
}

try {
  const page = await fresh();
  await go(page, "/", "public-home");
  await page.locator("#q").fill("weldign");
  await page.locator(".seek button").click();
  await look(page, "catalogue-found");
  expect("what was meant", (await text(page)).includes(WORDS.found));
  await go(page, "/badges", "catalogue");
  await page.locator("#q").fill("zzqqxx");
  await page.locator(".seek button").click();
  await look(page, "catalogue-nothing");
  await go(page, badge, "entry");
  await page.getByRole("link", { name: WORDS.ask }).click();
  await look(page, "request");
  await page.fill("#given", "Ada <b>");
  await page.locator("main form button").click();
  await look(page, "request-wrong");
  expect("a summary", (await text(page)).includes(WORDS.problem));
  expect("what was typed", (await page.inputValue("#given")) === "Ada <b>");
  await page.locator(".wrong a").first().click();
  for (const [name, value] of Object.entries({ given: "Ada", family: "Ferri", email: "ada@posta.example", f0: "MATR-1", f2: "Four transects." })) await page.fill(`#${name}`, value);
  await page.selectOption("#f1", "B");
  await page.check("#f3");
  await page.setInputFiles("#files", { name: "diary.txt", mimeType: "text/plain", buffer: Buffer.from("diary") });
  await page.locator("main form button").click();
  await look(page, "request-sent");
  await page.goto(await mailed("ada@posta.example", "/confirm/request/"));
  await look(page, "request-confirm");
  await page.locator("main form button").click();
  await look(page, "request-confirmed");
  await go(page, badge.split("/").slice(0, 3).join("/"), "issuer");
  await go(page, person.split("/").slice(0, 3).join("/"), "person");
  await go(page, person, "person-badge");
  expect("a report", (await text(page)).includes(lang === "it" ? "È autentico?" : "Is it genuine?"));
  for (const details of await page.locator("main details").all()) await details.evaluate((one) => (one.open = true)).catch(() => undefined);
  await look(page, "person-badge-open");
  await go(page, person.replace("/p/", "/embed/"), "embed");
  for (const [path, name] of [["/propose", "propose"], ["/news", "news"], ["/help", "help"], ["/help/ask", "ask"], ["/accessibility", "accessibility"], ["/notices", "notices"], ["/notices/server/terms", "notice"], ["/notices/server/terms/1", "notice-before"], [`/report?page=${person}`, "report"]]) await go(page, path, name);

  const mine = await fresh();
  await signIn(mine, owner);
  await go(mine, "/account", "sharing-account");
  await mine.locator(".card a").first().click();
  await look(mine, "sharing-badge");
  await mine.getByText(WORDS.link, { exact: true }).first().click();
  await look(mine, "sharing-link");
  await mine.fill("#label", "Ada");
  await mine.locator('form[action$="/link"] button').click();
  await look(mine, "sharing");
  await mine.locator(".shared .address").last().click();
  await look(mine, "shared");
  await go(mine, "/account/collections/new", "collection-new");
  await mine.locator("main form button").first().click();
  await look(mine, "collection-wrong");
  await mine.fill("#name", "Out of doors");
  await mine.locator("main .choice input").first().check();
  await mine.locator("main form button").first().click();
  await look(mine, "collections");

  const work = await fresh();
  await signIn(work, staff);
  await go(work, "/staff/requests", "staff-requests");
  await work.locator("td a").first().click();
  await look(work, "staff-request");
  await work.getByRole("button", { name: WORDS.refuse, exact: true }).click();
  await look(work, "staff-refused");
  await work.getByRole("button", { name: WORDS.undo }).click();
  for (const [path, name] of [["/staff/requests?all=yes", "staff-requests-all"], ["/staff/requests?q=nobody-is-called-so", "staff-requests-none"], ["/staff/invitations", "staff-invitations"], ["/staff/forms", "staff-forms"], ["/staff/numbers", "staff-numbers"], ["/staff/notices", "staff-notices"], ["/staff/notices/server/terms", "staff-notice"], ["/staff/rules", "staff-rules"], ["/staff/providers", "staff-providers"], ["/staff/users?q=m", "staff-users-short"], ["/staff/users?q=marchetti", "staff-users"], ["/staff/messages", "staff-messages"], ["/staff/news", "staff-news"], ["/staff/news/write", "staff-news-write"]]) await go(work, path, name);
  await go(work, "/staff/invitations", "staff-invitations-before");
  await work.locator('.people a[href$="/withdraw"]').first().click();
  await look(work, "staff-withdraw");
  await work.locator("main form button").click();
  await look(work, "staff-withdrawn");
  expect("that it is done", (await work.locator('[role="status"]').evaluateAll((all) => all.length)) === 1);
  await work.goto(`${origin}/staff/forms`);
  await work.locator('main a[href$="/land/questions"]').click();
  await look(work, "staff-form");
  await work.locator('button[value="add"]').click();
  expect("the new question at hand", await work.locator("#label-4:focus").waitFor({ timeout: 10_000 }).then(() => true, () => false));
  await work.locator('main form button[value="save"].first').click();
  await look(work, "staff-form-wrong");
  expect("a summary", (await text(work)).includes(WORDS.problem));
  await work.locator('button[value="remove-4"]').click();
  await look(work, "staff-form-removed");
  await go(work, "/account/settings", "staff-settings");
  await go(work, "/staff/users?q=elena%40", "staff-users-found");
  await work.locator("td a").first().click();
  await look(work, "staff-user");
  await go(work, "/staff/notices/server/privacy", "staff-notice-first");
  await work.locator("main form button").first().click();
  await look(work, "staff-notice-wrong");
  expect("a summary", (await text(work)).includes(WORDS.problem));
} catch (error) {
  fault(error.message.split("\n").slice(0, 3).join(" "));
}
await browser.close();
for (const one of faults) console.log(one);
console.log(`${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
