// The server's pages in a plain Chromium or Firefox, from the link of an invitation to a downloaded picture. On every page: axe must find nothing (WCAG 2.2
// AA and best practice), the console must stay silent, nothing may leave the page to the side, and no other host may be asked.
//   node tests/pages.mjs --link URL --mails DIR --email ADDRESS [--lang it] [--theme dark] [--width 360] [--scripts no] [--browser firefox]
//     [--out DIR]
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, option } from "./browser.mjs";
import { launch as launchFirefox } from "./firefox.mjs";
import { held } from "./held.mjs";

const [link, mails, email] = ["link", "mails", "email"].map((name) => option(name, ""));
const [lang, theme, scripts] = [option("lang", "en"), option("theme", "light"), option("scripts", "yes") === "yes"];
const width = Number(option("width", "1280"));
const out = option("out", null);
const origin = new URL(link).origin;
const PASSWORD = "kettle walrus orbit";
const WORDS = {
  en: { register: "Register", verify: "Verify", keep: "Accept and publish my page", download: "Download the picture", problem: "There is a problem", look: "Look at your mail", signIn: "Sign in", page: "See your page" },
  it: { register: "Registrati", verify: "Verifica", keep: "Accetta e pubblica la mia pagina", download: "Scarica l’immagine", problem: "C’è un problema", look: "Guarda la posta", signIn: "Accedi", page: "Vedi la tua pagina" },
}[lang];

const faults = [];
let at = "start";
const fault = (text) => faults.push(`${at}: ${text}`);
if (out) await mkdir(out, { recursive: true });
const visitor = { viewport: { width, height: 900 }, locale: lang === "it" ? "it-IT" : "en-GB", colorScheme: theme, reducedMotion: "reduce", javaScriptEnabled: scripts, acceptDownloads: true };
const browser = await (option("browser", "chromium") === "firefox" ? launchFirefox(visitor) : launch());
const context = await browser.newContext(visitor);
const page = await context.newPage();
page.on("console", (message) => ["error", "warning"].includes(message.type()) && !message.text().includes("status of 4") && fault(`console: ${message.text()}`));
page.on("pageerror", (error) => fault(`error: ${error.message}`));
// Firefox draws the mark beside a summary with a font of its own, which it names by a data address.
page.on("request", (request) => !request.url().startsWith(origin) && !request.url().startsWith("data:font/") && fault(`request to ${request.url()}`));

/** Looks at the page that is shown. */
async function look(name) {
  at = name;
  for (const words of await held(page, lang, scripts)) fault(words);
  if (out) await page.screenshot({ path: join(out, `${name}-${lang}-${theme}-${width}.png`), fullPage: true, animations: "disabled" });
}

const expect = (what, is) => is || fault(`expected ${what}`);
const text = () => page.locator("main").innerText();

/** The text of a part of a mail. */
function decoded(part) {
  const [head, ...rest] = part.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  if (/base64/i.test(head)) return Buffer.from(body.replaceAll(/\s/g, ""), "base64").toString();
  return /quoted-printable/i.test(head) ? body.replaceAll("=\r\n", "").replaceAll("=3D", "=") : body;
}

/** The link in a mail to this person. */
async function mailed(path) {
  for (let tries = 0; tries < 600; tries += 1) {
    for (const name of (await readdir(mails)).filter((name) => name.endsWith(".eml"))) {
      const raw = await readFile(join(mails, name), "utf8");
      if (!raw.includes(`To: ${email}`)) continue;
      const found = raw.split(/\r\n--[^\r]+\r\n/).map(decoded).join("\n").match(new RegExp(`${origin}${path}[A-Za-z0-9_-]+`));
      if (found) return found[0];
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`no mail with a link to ${path}`);
}

try {
  await page.goto(link);
  await look("invitation");
  await page.getByRole("link", { name: WORDS.register, exact: true }).click();
  await look("register");
  // With nothing right, every field says so, and what was typed is kept.
  await page.fill("#family", "Marchetti <b>");
  await page.fill("#birth-day", "32");
  await page.fill("#password", "short");
  await page.locator("form button").click();
  await look("register-wrong");
  expect("a summary", (await text()).includes(WORDS.problem));
  expect("what was typed", (await page.inputValue("#family")) === "Marchetti <b>" && (await page.inputValue("#birth-day")) === "32");
  expect("no password", (await page.inputValue("#password")) === "");
  await page.locator(".wrong a").first().click();
  expect("the focus at the first field that is wrong", await page.locator(".has-error :focus").waitFor({ timeout: 10_000 }).then(() => true, () => false));
  for (const [name, value] of Object.entries({ given: "Elena", family: "Marchetti", "birth-day": "31", "birth-month": "3", "birth-year": "1999", password: PASSWORD, again: PASSWORD })) await page.fill(`#${name}`, value);
  await page.locator("form button").click();
  await look("look-at-mail");
  expect("the way on", (await text()).includes(WORDS.look));
  await page.goto(await mailed("/verify/"));
  await look("verify");
  await page.fill("#password", "not the one that was chosen");
  await page.locator("form button").click();
  await look("verify-wrong");
  await page.fill("#password", PASSWORD);
  await page.locator("form button").click();
  await look("claim");
  const buttons = await page.locator(".equal button").evaluateAll((all) => all.map((one) => [one.offsetHeight, one.offsetWidth, getComputedStyle(one).backgroundColor].join()));
  expect("two equal buttons", buttons.length === 2 && buttons[0] === buttons[1]);
  await page.getByRole("button", { name: WORDS.keep }).click();
  await look("badge");
  const badge = page.url();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: WORDS.download, exact: true }).click()]);
  const png = await readFile(await download.path());
  expect("a baked PNG", png.subarray(1, 4).toString() === "PNG" && png.includes("openbadgecredential"));
  expect("a plain name", /^[a-z0-9.-]+\.png$/.test(download.suggestedFilename()));
  for (const [path, name] of [["/account", "account"], ["/account/settings", "settings"], ["/account/profile", "profile"], ["/account/password", "password"], ["/account/delete", "delete"], ["/nothing-here", "not-found"], [link, "accepted"]]) {
    await page.goto(new URL(path, origin).href);
    await look(name);
  }
  await page.goto(`${origin}/account`);
  await page.getByRole("link", { name: WORDS.page }).click();
  await look("page");
  await page.locator(".card a").first().click();
  await look("page-badge");
  await page.goto(`${origin}/account/settings`);
  await page.locator('form[action="/sign-out"] button').click();
  await look("home");
  await page.goto(`${origin}/sign-in?next=${new URL(badge).pathname}`);
  await look("sign-in");
  await page.fill("#email", email);
  await page.fill("#password", "wrong wrong wrong");
  await page.locator("form button").click();
  await look("sign-in-wrong");
  expect("the address kept", (await page.inputValue("#email")) === email);
  await page.goto(`${origin}/forgot`);
  await look("forgot");
  await page.goto(`${origin}/register`);
  await look("needs-invitation");
  await page.goto(`${origin}/sign-in?next=${new URL(badge).pathname}`);
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.locator("form button").click();
  expect("the way back", page.url() === badge);
} catch (error) {
  fault(`${error.stack.split("\n").slice(0, 4).join(" ")} (${page.url()})`);
  if (out) await page.screenshot({ path: join(out, "fault.png") }).catch(() => undefined);
}
await browser.close();
for (const one of faults) console.log(one);
console.log(`${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
