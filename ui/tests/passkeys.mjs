// The second step of signing in, in a plain Chromium with an authenticator of its own: a passkey is made, signs in after the password and instead
// of it, is refused when it was copied or asked for by another site. Each page is held to what `pages.mjs` holds pages to.
//   node tests/passkeys.mjs --name http://badges.localhost --place 127.0.0.1:PORT --email ADDRESS [--lang it] [--theme dark] [--width 360] [--scripts no] [--out DIR]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, option } from "./browser.mjs";
import { held } from "./held.mjs";

const [name, place, email] = ["name", "place", "email"].map((it) => option(it, ""));
const [lang, theme, scripts] = [option("lang", "en"), option("theme", "light"), option("scripts", "yes") === "yes"];
const width = Number(option("width", "1280"));
const out = option("out", null);
const PASSWORD = "kettle walrus orbit";
const WORDS = {
  en: { make: "Make the passkey", use: "Use a passkey", enter: "Sign in with a passkey", kept: "I have put them away", steps: "Two-step sign-in", app: "Set up an app for codes", add: "Make a passkey", lost: "I do not have it with me", copied: "there seems to be a copy", failed: "was not accepted", without: "Use a code instead" },
  it: { make: "Crea la passkey", use: "Usa una passkey", enter: "Accedi con una passkey", kept: "Li ho messi da parte", steps: "Accesso in due passaggi", app: "Configura un’app per i codici", add: "Crea una passkey", lost: "Non l’ho con me", copied: "sembra che ne esista una copia", failed: "non è stata accettata", without: "Usa un codice" },
}[lang];

const faults = [];
let at = "start";
const fault = (text) => faults.push(`${at}: ${text}`);
const expect = (what, is) => is || fault(`expected ${what}`);
if (out) await mkdir(out, { recursive: true });
const browser = await launch(`--host-resolver-rules=MAP *.localhost ${place}`);
const context = await browser.newContext({ viewport: { width, height: 900 }, locale: lang === "it" ? "it-IT" : "en-GB", colorScheme: theme, reducedMotion: "reduce", javaScriptEnabled: scripts });
const page = await context.newPage();
page.on("console", (message) => ["error", "warning"].includes(message.type()) && !message.text().includes("status of 4") && fault(`console: ${message.text()}`));
page.on("pageerror", (error) => fault(`error: ${error.message}`));
page.on("request", (request) => !request.url().startsWith(name) && fault(`request to ${request.url()}`));
const devtools = await context.newCDPSession(page);
await devtools.send("WebAuthn.enable", { enableUI: false });

/** An authenticator in this browser. */
async function authenticator() {
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  return (await devtools.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
}

const text = () => page.locator("main").innerText();
const button = (words) => page.getByRole("button", { name: words, exact: true });

async function look(called) {
  at = called;
  for (const words of await held(page, lang, scripts)) fault(words);
  if (out) await page.screenshot({ path: join(out, `steps-${called}-${lang}-${theme}-${width}${scripts ? "" : "-plain"}.png`), fullPage: true, animations: "disabled" });
}

async function password() {
  await page.goto(`${name}/sign-in`);
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.locator('form[action="/sign-in"] button').click();
  await page.waitForURL(/second|account/);
}

async function leave() {
  await page.goto(`${name}/account/settings`);
  await page.locator('form[action="/sign-out"] button').click();
  await page.waitForURL(`${name}/`);
}

async function confirm() {
  await page.fill("#present", PASSWORD);
  await page.locator("main form button").click();
}

const arrived = () => page.waitForURL(`${name}/account`);

try {
  await password();
  await page.goto(`${name}/account/settings`);
  await page.getByRole("link", { name: WORDS.steps }).click();
  await look("off");
  if (!scripts) {
    await page.getByRole("link", { name: WORDS.add, exact: true }).click();
    await confirm();
    await look("passkey");
    expect("words about what to do instead", (await text()).includes(WORDS.without));
    expect("no button that does nothing", !(await button(WORDS.make).isVisible()));
    await page.getByRole("link", { name: WORDS.app, exact: true }).click();
    await confirm();
    await look("app");
    expect("a picture to scan", await page.locator("svg.qr").isVisible());
  } else {
    const first = await authenticator();
    await page.getByRole("link", { name: WORDS.add, exact: true }).click();
    await look("password");
    await confirm();
    await look("passkey");
    expect("no words about what to do instead", !(await text()).includes(WORDS.without));
    await button(WORDS.make).click();
    await page.getByRole("link", { name: WORDS.kept }).waitFor();
    await look("codes");
    await page.getByRole("link", { name: WORDS.kept }).click();
    await look("list");
    await page.getByRole("link", { name: WORDS.app, exact: true }).click();
    await confirm();
    await look("app");
    await page.fill("#code", "000000");
    await page.locator("main form button").click();
    await look("app-wrong");
    await page.goto(`${name}/account/factors`);
    await page.locator(".rows a").first().click();
    await look("remove");

    await leave();
    await password();
    await look("second");
    await page.locator("summary").click();
    await page.fill("#recovery", "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa");
    await page.locator("details button").click();
    await look("second-wrong");
    await button(WORDS.use).click();
    await arrived();

    // Instead of the password, where the authenticator asks who it is.
    await leave();
    await page.goto(`${name}/sign-in?next=/account`);
    await look("sign-in");
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId: first, isUserVerified: false });
    await button(WORDS.enter).click();
    await page.getByText(WORDS.failed).waitFor();
    await look("failed");
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId: first, isUserVerified: true });
    const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId: first });
    await button(WORDS.enter).click();
    await arrived();

    // A copy that was made before that.
    await leave();
    await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: first });
    const copy = await authenticator();
    await devtools.send("WebAuthn.addCredential", { authenticatorId: copy, credential: { ...credentials[0], signCount: 1 } });
    await password();
    await button(WORDS.use).click();
    await page.getByText(WORDS.copied).waitFor();
    await look("copied");

    // Another site asks for it.
    at = "another site";
    const evil = await context.newPage();
    const tools = await context.newCDPSession(evil);
    await tools.send("WebAuthn.enable", { enableUI: false });
    await evil.goto("http://evil.localhost/");
    const lured = await evil.evaluate(() => navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: "badges.localhost" } }).then(() => "signed", (error) => error.name));
    expect(`a refusal of the browser, not ${lured}`, lured === "SecurityError");
  }
} catch (error) {
  fault(error.message.split("\n")[0]);
  if (out) await page.screenshot({ path: join(out, `steps-fault-${lang}-${theme}.png`) }).catch(() => undefined);
}
await browser.close();
for (const one of faults) console.log(one);
console.log(`${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
