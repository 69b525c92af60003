// The public pages, those of an owner who shares, and those of the staff.
//   node tests/public.mjs --origin URL --badge PATH --person PATH --shared PATH --staff EMAIL --owner EMAIL --mails DIR, and what walk.mjs takes
import { option } from "./browser.mjs";
import { linkIn } from "./mail.mjs";
import { comes, expect, lang, text, walk } from "./walk.mjs";

const [origin, badge, person, staff, owner, mails] = ["origin", "badge", "person", "staff", "owner", "mails"].map((name) => option(name, ""));
const WORDS = {
  en: { ask: "Ask for this badge", problem: "There is a problem", found: "Welding", undo: "Undo", refuse: "Refuse", link: "Make a link for somebody", share: "Share" },
  it: { ask: "Richiedi questo badge", problem: "C’è un problema", found: "Welding", undo: "Annulla", refuse: "Rifiuta", link: "Crea un link per qualcuno", share: "Condividi" },
}[lang];
const mailed = (email, path) => linkIn(mails, email, `${origin}${path}`);

await walk({ hosts: [origin] }, async ({ fresh, look, go, signIn }) => {
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
  expect("the new question at hand", await comes(work.locator("#label-4:focus")));
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
});
