// The second step of signing in, with an authenticator of the browser's own: a passkey is made, signs in after the password and instead of it, is
// refused when it was copied or asked for by another site.
//   node tests/passkeys.mjs --name http://badges.localhost --place 127.0.0.1:PORT --email ADDRESS, and what walk.mjs takes
import { option } from "./browser.mjs";
import { expect, lang, PASSWORD, place, scripts, text, walk } from "./walk.mjs";

const [name, email] = ["name", "email"].map((it) => option(it, ""));
const WORDS = {
  en: { make: "Make the passkey", use: "Use a passkey", enter: "Sign in with a passkey", kept: "I have put them away", steps: "Two-step sign-in", app: "Set up an app for codes", add: "Make a passkey", lost: "I do not have it with me", copied: "there seems to be a copy", failed: "was not accepted", without: "Use a code instead" },
  it: { make: "Crea la passkey", use: "Usa una passkey", enter: "Accedi con una passkey", kept: "Li ho messi da parte", steps: "Accesso in due passaggi", app: "Configura un’app per i codici", add: "Crea una passkey", lost: "Non l’ho con me", copied: "sembra che ne esista una copia", failed: "non è stata accettata", without: "Usa un codice" },
}[lang];

/** An authenticator in this browser. */
async function authenticator(devtools) {
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  return (await devtools.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
}

const button = (page, words) => page.getByRole("button", { name: words, exact: true });

async function password(page) {
  await page.goto(`${name}/sign-in`);
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.locator('form[action="/sign-in"] button').click();
  await page.waitForURL(/second|account/);
}

async function leave(page) {
  await page.goto(`${name}/account/settings`);
  await page.locator('form[action="/sign-out"] button').click();
  await page.waitForURL(`${name}/`);
}

async function confirm(page) {
  await page.fill("#present", PASSWORD);
  await page.locator("main form button").click();
}

const arrived = (page) => page.waitForURL(`${name}/account`);

await walk({ hosts: [name], name: "steps-", args: [`--host-resolver-rules=MAP *.localhost ${option("place", "")}`] }, async ({ fresh, look }) => {
  const page = await fresh();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  await password(page);
  await page.goto(`${name}/account/settings`);
  await page.getByRole("link", { name: WORDS.steps }).click();
  await look(page, "off");
  if (!scripts) {
    await page.getByRole("link", { name: WORDS.add, exact: true }).click();
    await confirm(page);
    await look(page, "passkey");
    expect("words about what to do instead", (await text(page)).includes(WORDS.without));
    expect("no button that does nothing", !(await button(page, WORDS.make).isVisible()));
    await page.getByRole("link", { name: WORDS.app, exact: true }).click();
    await confirm(page);
    await look(page, "app");
    expect("a picture to scan", await page.locator("svg.qr").isVisible());
  } else {
    const first = await authenticator(devtools);
    await page.getByRole("link", { name: WORDS.add, exact: true }).click();
    await look(page, "password");
    await confirm(page);
    await look(page, "passkey");
    expect("no words about what to do instead", !(await text(page)).includes(WORDS.without));
    await button(page, WORDS.make).click();
    await page.getByRole("link", { name: WORDS.kept }).waitFor();
    await look(page, "codes");
    await page.getByRole("link", { name: WORDS.kept }).click();
    await look(page, "list");
    await page.getByRole("link", { name: WORDS.app, exact: true }).click();
    await confirm(page);
    await look(page, "app");
    await page.fill("#code", "000000");
    await page.locator("main form button").click();
    await look(page, "app-wrong");
    await page.goto(`${name}/account/factors`);
    await page.locator(".rows a").first().click();
    await look(page, "remove");

    await leave(page);
    await password(page);
    await look(page, "second");
    await page.locator("summary").click();
    await page.fill("#recovery", "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa");
    await page.locator("details button").click();
    await look(page, "second-wrong");
    await button(page, WORDS.use).click();
    await arrived(page);

    // Instead of the password, where the authenticator asks who it is.
    await leave(page);
    await page.goto(`${name}/sign-in?next=/account`);
    await look(page, "sign-in");
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId: first, isUserVerified: false });
    await button(page, WORDS.enter).click();
    await page.getByText(WORDS.failed).waitFor();
    await look(page, "failed");
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId: first, isUserVerified: true });
    const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId: first });
    await button(page, WORDS.enter).click();
    await arrived(page);

    // A copy that was made before that.
    await leave(page);
    await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: first });
    const copy = await authenticator(devtools);
    await devtools.send("WebAuthn.addCredential", { authenticatorId: copy, credential: { ...credentials[0], signCount: 1 } });
    await password(page);
    await button(page, WORDS.use).click();
    await page.getByText(WORDS.copied).waitFor();
    await look(page, "copied");

    // Another site asks for it.
    place("another site");
    const evil = await page.context().newPage();
    const tools = await page.context().newCDPSession(evil);
    await tools.send("WebAuthn.enable", { enableUI: false });
    await evil.goto("http://evil.localhost/");
    const lured = await evil.evaluate(() => navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: "badges.localhost" } }).then(() => "signed", (error) => error.name));
    expect(`a refusal of the browser, not ${lured}`, lured === "SecurityError");
  }
});
