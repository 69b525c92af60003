// The pages of institutions, with real OpenID providers on the other side: the list, the birth date, one more proof, addresses and ways in, what undoes
// a joining, each page of a sign-in that failed, and those for administrators.
//   node tests/institutions.mjs --origin URL --uni URL --school URL --mails DIR --staff EMAIL [--many yes], and what walk.mjs takes
import { option } from "./browser.mjs";
import { linkIn } from "./mail.mjs";
import { expect, lang, PASSWORD, text, walk } from "./walk.mjs";

const [origin, uni, school, mails, staff] = ["origin", "uni", "school", "mails", "staff"].map((name) => option(name, ""));
const many = option("many", "no") === "yes";
const WORDS = {
  en: { almost: "Almost there", problem: "There is a problem", proof: "One more proof", add: "Add this login?", anew: "Sign in again at University of Valdora", undone: "It is undone", notAdded: "No login was added", write: "write to", freed: "The address is free" },
  it: { almost: "Ci siamo quasi", problem: "C’è un problema", proof: "Ancora una prova", add: "Aggiungere questo accesso?", anew: "Accedi di nuovo presso University of Valdora", undone: "Unione annullata", notAdded: "Nessun accesso aggiunto", write: "scrivi a", freed: "L’indirizzo è libero" },
}[lang];
const mailed = (email, path) => linkIn(mails, email, `${origin}${path}`);

/** Institutions know nobody any more: their cookies are not ours. */
const forgotten = (page) => page.context().clearCookies({ name: /^_/ });

/** Signs in at an institution whose page is shown. */
async function there(page, subject) {
  await page.waitForURL((url) => !url.href.startsWith(origin));
  await page.fill("input[name=login]", subject);
  await page.locator("button").click();
  await page.waitForURL((url) => url.href.startsWith(origin));
}

/** Leaves for an institution from the page to sign in. */
async function leave(page, id) {
  await forgotten(page);
  await page.goto(`${origin}/sign-in${many ? `?q=${id === "uni" ? "Valdora" : id}` : ""}`);
  await page.locator(`button[name=provider][value=${id}]`).click();
}

async function come(page, id, subject) {
  await leave(page, id);
  await there(page, subject);
}

/** Leaves for the school from the pages of the account, to add a login. */
async function addLogin(page, subject) {
  await forgotten(page);
  await page.goto(`${origin}/account/logins`);
  if (many) await page.selectOption("#provider", "school");
  await page.locator(many ? 'form[action="/sign-in/with"] button' : "button[name=provider][value=school]").click();
  await there(page, subject);
}

async function born(page, day, month, year) {
  for (const [name, value] of Object.entries({ day, month, year })) await page.fill(`#birth-${name}`, value);
  await page.locator("main form button").last().click();
  await page.waitForLoadState();
}

await walk({ hosts: [origin, uni, school], name: "institutions-", refusals: "45" }, async ({ fresh, look, go, signIn }) => {
  const page = await fresh();
  await go(page, "/sign-in", "sign-in");
  if (many) {
    await page.fill("#q", "valdora");
    await page.locator("[role=search] button").click();
    await look(page, "found", "Valdora");
    await page.fill("#q", "zzqqxx");
    await page.locator("[role=search] button").click();
    await look(page, "nothing-found");
  }
  // The page that leads there goes on by itself, so it is looked at without what makes it do so.
  await page.route(`${origin}/sign-in/with`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, "") });
  });
  await leave(page, "uni");
  await look(page, "leaving", "University of Valdora");
  await page.unroute(`${origin}/sign-in/with`);
  await page.locator("main a").click();
  await there(page, "alice");
  await look(page, "birth", WORDS.almost);
  await born(page, "31", "2", "1999");
  await look(page, "birth-wrong", WORDS.problem);
  expect("what was typed", (await page.inputValue("#birth-day")) === "31");
  await born(page, "29", "2", "2000");
  await look(page, "account");
  await go(page, "/account/settings", "settings");
  await go(page, "/account/profile", "names");
  await go(page, "/account/logins", "logins");
  await addLogin(page, "e-17");
  // Whoever has no password signs in at the institution anew before a way in is added.
  await look(page, "anew", WORDS.anew);
  await page.locator('form[action="/account/proof"] button').click();
  await there(page, "alice");
  await look(page, "join", WORDS.add);
  await page.locator("main form button").last().click();
  await look(page, "logins-two", "school.example");
  await page.locator('main a[href^="/account/logins/"]').first().click();
  await look(page, "remove");
  await page.goto(`${origin}/account/logins`);
  await page.locator('main a[href^="/account/merges/"]').first().click();
  await look(page, "undo");
  await page.locator("main form button").last().click();
  await look(page, "logins-undone");
  await page.goto(`${origin}/account/addresses`);
  await look(page, "address");
  // A login that has an account with nothing in it, and one whose account has a badge.
  const twice = await fresh();
  await come(twice, "school", "e-18");
  await born(twice, "1", "1", "1990");
  await addLogin(page, "e-18");
  await look(page, "gives-way", WORDS.add);
  await addLogin(page, "holder");
  await look(page, "of-another", WORDS.write);
  expect("that somebody is signed in", (await text(page)).startsWith(WORDS.notAdded));
  await page.goto(`${origin}/account/settings`);
  await page.locator('form[action="/sign-out"] button').click();
  await look(page, "signed-out");
  await go(page, "/sign-in", "sign-in-again");

  // One more proof: the account itself, or a mail.
  const proving = await fresh();
  await come(proving, "uni", "eva");
  await born(proving, "1", "1", "1990");
  await look(proving, "prove", WORDS.proof);
  const mailing = await fresh();
  await come(mailing, "uni", "elena");
  await born(mailing, "31", "3", "1999");
  await look(mailing, "prove-by-mail", WORDS.proof);
  await mailing.locator('form[action="/sign-in/mail"] button').click();
  await look(mailing, "mail-sent");
  const link = await mailed("elena@uni.example", "/sign-in/prove/");
  await go(await fresh(), link, "other-browser", WORDS.write);
  await go(mailing, link, "proof");
  await mailing.locator("main form button").last().click();
  await mailing.waitForURL(`${origin}/account`);
  await go(mailing, link, "link-over", WORDS.write);
  const undo = await mailed("elena@uni.example", "/sign-in/undo/");
  const undoing = await fresh();
  await go(undoing, undo, "undo-by-mail");
  await undoing.locator("main form button").last().click();
  await look(undoing, "undone", WORDS.undone);
  await go(undoing, undo, "undo-over", WORDS.write);
  // The password as proof.
  const signing = await fresh();
  await come(signing, "uni", "eva");
  await born(signing, "1", "1", "1990");
  await signing.locator('main a[href="/sign-in?next=/sign-in/join"]').click();
  await signing.fill("#email", "eva@uni.example");
  await signing.fill("#password", PASSWORD);
  await signing.locator('form[action="/sign-in"] button').last().click();
  await look(signing, "join-by-password", WORDS.add);

  // What fails.
  for (const [subject, name] of [["nobody", "cancelled"], ["bare", "lacking"], ["blocked", "blocked"]]) {
    const failing = await fresh();
    await come(failing, "uni", subject);
    await look(failing, name, WORDS.write);
  }
  await go(await fresh(), "/sign-in/finish", "strayed", WORDS.write);
  const young = await fresh();
  await come(young, "uni", "young");
  await born(young, "1", "1", "2020");
  await look(young, "too-young", WORDS.write);
  await come(young, "uni", "young");
  await born(young, "1", "1", "2000");
  await look(young, "refused-today", WORDS.write);
  const away = await fresh();
  await leave(away, "gone");
  await look(away, "down", WORDS.write);

  // For administrators of institutions, and for operators.
  await go(await fresh(), "/sign-in/providers", "for-providers");
  const work = await fresh();
  await signIn(work, staff);
  await go(work, "/staff/addresses", "free");
  await work.fill("#email", "eva@uni.example");
  await work.locator("main form button").last().click();
  await look(work, "free-only", WORDS.problem);
  await work.check("#only");
  await work.locator("main form button").last().click();
  await look(work, "freed", WORDS.freed);
});
