// The way from the link of an invitation to a downloaded picture.
//   node tests/pages.mjs --link URL --mails DIR --email ADDRESS, and what walk.mjs takes
import { readFile } from "node:fs/promises";
import { option } from "./browser.mjs";
import { linkIn } from "./mail.mjs";
import { comes, expect, lang, PASSWORD, text, walk } from "./walk.mjs";

const [link, mails, email] = ["link", "mails", "email"].map((name) => option(name, ""));
const origin = new URL(link).origin;
const WORDS = {
  en: { register: "Register", verify: "Verify", keep: "Accept and publish my page", download: "Download the picture", problem: "There is a problem", look: "Look at your mail", signIn: "Sign in", page: "See your page" },
  it: { register: "Registrati", verify: "Verifica", keep: "Accetta e pubblica la mia pagina", download: "Scarica l’immagine", problem: "C’è un problema", look: "Guarda la posta", signIn: "Accedi", page: "Vedi la tua pagina" },
}[lang];

await walk({ hosts: [origin] }, async ({ fresh, look }) => {
  const page = await fresh();
  await page.goto(link);
  await look(page, "invitation");
  await page.getByRole("link", { name: WORDS.register, exact: true }).click();
  await look(page, "register");
  // With nothing right, every field says so, and what was typed is kept.
  await page.fill("#family", "Marchetti <b>");
  await page.fill("#birth-day", "32");
  await page.fill("#password", "short");
  await page.locator("form button").click();
  await look(page, "register-wrong");
  expect("a summary", (await text(page)).includes(WORDS.problem));
  expect("what was typed", (await page.inputValue("#family")) === "Marchetti <b>" && (await page.inputValue("#birth-day")) === "32");
  expect("no password", (await page.inputValue("#password")) === "");
  await page.locator(".wrong a").first().click();
  expect("the focus at the first field that is wrong", await comes(page.locator(".has-error :focus")));
  for (const [name, value] of Object.entries({ given: "Elena", family: "Marchetti", "birth-day": "31", "birth-month": "3", "birth-year": "1999", password: PASSWORD, again: PASSWORD })) await page.fill(`#${name}`, value);
  await page.locator("form button").click();
  await look(page, "look-at-mail");
  expect("the way on", (await text(page)).includes(WORDS.look));
  await page.goto(await linkIn(mails, email, `${origin}/verify/`));
  await look(page, "verify");
  await page.fill("#password", "not the one that was chosen");
  await page.locator("form button").click();
  await look(page, "verify-wrong");
  await page.fill("#password", PASSWORD);
  await page.locator("form button").click();
  await look(page, "claim");
  const buttons = await page.locator(".equal button").evaluateAll((all) => all.map((one) => [one.offsetHeight, one.offsetWidth, getComputedStyle(one).backgroundColor].join()));
  expect("two equal buttons", buttons.length === 2 && buttons[0] === buttons[1]);
  await page.getByRole("button", { name: WORDS.keep }).click();
  await look(page, "badge");
  const badge = page.url();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: WORDS.download, exact: true }).click()]);
  const png = await readFile(await download.path());
  expect("a baked PNG", png.subarray(1, 4).toString() === "PNG" && png.includes("openbadgecredential"));
  expect("a plain name", /^[a-z0-9.-]+\.png$/.test(download.suggestedFilename()));
  for (const [path, name] of [["/account", "account"], ["/account/settings", "settings"], ["/account/profile", "profile"], ["/account/password", "password"], ["/account/delete", "delete"], ["/nothing-here", "not-found"], [link, "accepted"]]) {
    await page.goto(new URL(path, origin).href);
    await look(page, name);
  }
  await page.goto(`${origin}/account`);
  await page.getByRole("link", { name: WORDS.page }).click();
  await look(page, "page");
  await page.locator(".card a").first().click();
  await look(page, "page-badge");
  await page.goto(`${origin}/account/settings`);
  await page.locator('form[action="/sign-out"] button').click();
  await look(page, "home");
  await page.goto(`${origin}/sign-in?next=${new URL(badge).pathname}`);
  await look(page, "sign-in");
  await page.fill("#email", email);
  await page.fill("#password", "wrong wrong wrong");
  await page.locator("form button").click();
  await look(page, "sign-in-wrong");
  expect("the address kept", (await page.inputValue("#email")) === email);
  await page.goto(`${origin}/forgot`);
  await look(page, "forgot");
  await page.goto(`${origin}/register`);
  await look(page, "needs-invitation");
  await page.goto(`${origin}/sign-in?next=${new URL(badge).pathname}`);
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.locator("form button").click();
  expect("the way back", page.url() === badge);
});
