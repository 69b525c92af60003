// The ways people go through the window, by keyboard and by mouse, over sample data in Chromium. Each is a sentence.
//   node tests/ways.mjs [--built] [--only WORDS]
import assert from "node:assert/strict";
import { build, each, launch, option, serve } from "./browser.mjs";

if (!process.argv.includes("--built")) build();
const server = await serve();
const browser = await launch();
const options = (page) => page.locator('[role="option"]');
const active = (page) => page.evaluate(() => document.getElementById(document.querySelector("#shelf").getAttribute("aria-activedescendant"))?.getAttribute("aria-posinset"));
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();

const WAYS = {
  "arrows move over the shelf, Enter opens, arrows go on, Escape comes back to the same place": async (page) => {
    await page.locator("#shelf").focus();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key);
    assert.equal(await active(page), "6");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "First Aid" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.locator("h1", { hasText: "Bread" }).waitFor();
    await page.keyboard.press("Escape");
    await options(page).first().waitFor();
    assert.equal(await active(page), "7");
  },
  "a shelf that was scrolled is where it was when one comes back": async (page) => {
    await page.evaluate(() => (document.querySelector("main").scrollTop = 700));
    await page.waitForTimeout(150);
    await options(page).filter({ hasText: "Research Integrity" }).click();
    await page.locator("h1", { hasText: "Research" }).waitFor();
    await page.keyboard.press("Escape");
    await options(page).first().waitFor();
    await page.waitForFunction(() => Math.abs(document.querySelector("main").scrollTop - 700) < 40);
  },
  "search narrows as one types, and Escape empties it": async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("universita", { delay: 20 });
    await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length === 4);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length > 10);
  },
  "Space and Shift select, Delete removes, Ctrl Z brings back": async (page) => {
    await page.locator("#shelf").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.locator(".dock", { hasText: "3 selected" }).waitFor();
    await page.keyboard.press("Delete");
    await toast(page, "3 badges moved to the bin");
    await page.waitForFunction(() => document.querySelector(".pill").textContent.includes("21"));
    await page.keyboard.press("Control+z");
    await toast(page, "3 badges are back");
    await page.waitForFunction(() => document.querySelector(".pill").textContent.includes("24"));
  },
  "Ctrl A selects all of ten thousand": async (page) => {
    await page.goto(`${server.url}?lang=en&badges=10000`);
    await options(page).first().waitFor();
    await page.locator("#shelf").focus();
    await page.keyboard.press("Control+a");
    await page.locator(".dock", { hasText: "10,000 selected" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".dock").waitFor({ state: "detached" });
    await page.keyboard.press("End");
    await page.waitForFunction(() => document.querySelector('[aria-posinset="10000"]')?.textContent?.trim().length > 8);
    assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 1500);
  },
  "filters by state, year and issuer add up, and one button takes them off": async (page) => {
    await page.locator(".pill", { hasText: "Valid" }).first().click();
    await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length === 8);
    await page.locator(".pill", { hasText: "Issuer" }).click();
    await page.keyboard.type("valdora");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length === 2);
    await page.locator(".pill", { hasText: "Year" }).click();
    await page.locator('[role="menuitemradio"]', { hasText: "2026" }).click();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length > 10);
  },
  "asking the issuer settles what was unknown": async (page) => {
    await options(page).first().click();
    await page.getByRole("button", { name: "Ask the issuer now" }).click();
    await toast(page, "The issuer answered");
    await page.locator(".verdict .say", { hasText: "whom you trust" }).waitFor();
  },
  "one trusts an issuer, and takes it back": async (page) => {
    await options(page).nth(3).click();
    await page.getByRole("button", { name: "Trust this issuer" }).click();
    // The name in the badge is a claim, and is said to be one.
    await page.locator("dialog", { hasText: "The badge says that its issuer is called “Common Table Association”" }).waitFor();
    await page.locator("dialog input").fill("The table next door");
    await page.getByRole("button", { name: "Trust it under this name" }).click();
    await toast(page, "You trust The table next door");
    await page.locator(".verdict .say", { hasText: "whom you trust" }).waitFor();
    await page.locator(".toast button", { hasText: "Undo" }).click();
    await page.locator(".verdict .say", { hasText: "nobody you trust" }).waitFor();
  },
  "a PNG is saved and can be shown in its folder": async (page) => {
    await options(page).nth(1).click();
    await page.locator("h1", { hasText: "Data Analysis" }).waitFor();
    await page.keyboard.press("Control+s");
    await toast(page, "Saved as /home/elena/Downloads");
    await page.locator(".toast button", { hasText: "Show in folder" }).waitFor();
  },
  "pasted text is looked into, and kept when one says so": async (page) => {
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text/plain", "eyJhbGciOiJFZERTQSJ9.e30.c2ln");
      document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    });
    await page.getByRole("button", { name: "Keep this badge" }).click();
    await page.locator(".note", { hasText: "1 badge kept" }).waitFor();
    await page.getByRole("link", { name: "Open it in your backpack" }).click();
    await page.locator("h1", { hasText: "Il paesaggio" }).waitFor();
  },
  "text with addresses in it waits for a click, and says whom it would ask": async (page) => {
    const paste = () =>
      page.evaluate(() => {
        const data = new DataTransfer();
        data.setData("text/plain", "Our badges: https://a.example/1, https://b.example/2 and https://a.example/3.");
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
      });
    await paste();
    const note = page.locator("dialog [role=status]", { hasText: "a.example and b.example" });
    await note.waitFor();
    assert.equal(await page.evaluate(() => location.hash.includes("import")), false, "nobody is asked yet");
    await page.locator("dialog button", { hasText: "Check" }).click();
    await page.waitForFunction(() => location.hash.includes("import"));
  },
  "what was erased and may be left elsewhere is told, and the telling stays": async (page) => {
    await page.goto(`${server.url}?lang=en&damaged=1`);
    await options(page).first().waitFor();
    await page.locator("#shelf").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Delete");
    await toast(page, "1 badge moved to the bin");
    await page.evaluate(() => (location.hash = "#/bin"));
    await options(page).first().waitFor();
    await page.locator("#shelf").focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Erase for good…" }).click();
    await toast(page, "1 badge erased");
    await toast(page, "wallet.db.damaged-20261123T090000Z");
  },
  "a wallet that was not made here is told, until one calls it one's own": async (page) => {
    await page.goto(`${server.url}?lang=en&foreign=1`);
    await page.locator(".foreign", { hasText: "was not made on this computer" }).waitFor();
    await page.getByRole("button", { name: "It is my own" }).click();
    await page.locator(".foreign").waitFor({ state: "detached" });
  },
  "a folder is checked, filtered, read by keyboard, and its report saved": async (page) => {
    await page.keyboard.press("Control+2");
    await page.getByRole("button", { name: "Choose a folder" }).click();
    await page.getByRole("button", { name: "Save report" }).waitFor();
    await page.locator(".tally button", { hasText: "Invalid" }).click();
    await page.locator("tbody tr[data-at='0']").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("tbody .lines").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "1");
    await page.keyboard.press("Escape");
    await page.locator("tbody .lines").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Save report" }).click();
    await page.getByRole("menuitem", { name: "As a table (CSV)", exact: true }).click();
    await toast(page, "applications-2026.csv");
  },
  "what runs can be stopped, and what was found stays": async (page) => {
    await page.goto(`${server.url}?lang=en&screen=offer&slow=1#/verify`);
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator("p", { hasText: /Stopped after \d+ files/ }).first().waitFor();
    assert.ok((await page.locator("tbody tr").count()) > 3);
  },
  "some of a folder are kept, by their boxes": async (page) => {
    await page.goto(`${server.url}?lang=en&screen=offer`);
    await page.getByRole("button", { name: "Keep 171 badges" }).waitFor();
    await page.getByRole("checkbox", { name: "Keep all that can be kept" }).click();
    await page.locator("tbody input[type=checkbox]").first().check();
    await page.getByRole("button", { name: "Keep 1 badge" }).click();
    await page.locator(".note", { hasText: "1 badge kept" }).waitFor();
  },
  "the palette finds a badge and a command": async (page) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("cello");
    await page.locator(".option", { hasText: "Cello" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "Cello" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("italiano");
    await page.keyboard.press("Enter");
    await page.locator("nav", { hasText: "Zaino" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "it");
  },
  "settings take effect at once": async (page) => {
    await page.keyboard.press("Control+3");
    await page.getByRole("radio", { name: "Dark" }).check({ force: true });
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await page.getByRole("radio", { name: "150 %" }).check({ force: true });
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "24px");
    await page.getByRole("button", { name: "Stop trusting Harrow Point College" }).click();
    await toast(page, "You no longer trust Harrow Point College");
  },
  "a damaged wallet is rebuilt": async (page) => {
    await page.goto(`${server.url}?lang=en&screen=damaged`);
    await page.getByRole("button", { name: "Rebuild the wallet" }).click();
    await options(page).first().waitFor();
  },
  "a dialog holds the focus and gives it back": async (page) => {
    await page.locator("#shelf").focus();
    await page.keyboard.press("?");
    await page.locator("dialog").waitFor();
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("dialog") !== null || document.activeElement === document.body));
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "shelf");
  },
  "markup in a name is only text": async (page) => {
    await page.goto(`${server.url}?lang=en#/badge/b00000013`);
    await page.locator("h1", { hasText: "<b onmouseover" }).waitFor();
    assert.equal(await page.locator("h1 b, h1 script").count(), 0);
  },
  "a name of a megabyte opens at once, and whole when asked": async (page) => {
    await page.goto(`${server.url}?lang=en#/badge/b00000017`);
    const more = page.locator("h1 .link");
    await more.waitFor();
    assert.ok((await page.evaluate(() => document.querySelector("h1").textContent.length)) < 400);
    assert.ok((await page.title()).length < 200);
  },
  "of twenty thousand tags a hundred are drawn, and more when somebody asks": async (page) => {
    await page.goto(`${server.url}?lang=en&tags=20000`);
    await options(page).first().click();
    await page.locator("h1").waitFor();
    const drawn = () => page.locator(".tags > li").count();
    await page.locator(".tags > li").first().waitFor();
    assert.equal(await drawn(), 100);
    await page.locator("button", { hasText: "Show more (19,900 left)" }).click();
    await page.locator("button", { hasText: "Show more (18,900 left)" }).waitFor();
    assert.equal(await drawn(), 1100);
  },
};

const only = option("only", null);
let failed = 0;
await each(Object.entries(WAYS), async ([sentence, walk]) => {
  if (only && !sentence.includes(only)) return;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", timezoneId: "UTC", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  try {
    await page.goto(`${server.url}?lang=en`);
    await options(page).first().waitFor();
    await walk(page);
    assert.deepEqual(errors, []);
    console.log(`ok    ${sentence}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILS ${sentence}\n      ${error.message.split("\n").slice(0, 4).join("\n      ")}${errors.length ? `\n      ${errors.join("\n      ")}` : ""}`);
  }
  await context.close();
});
await browser.close();
server.close();
process.exit(failed > 0 ? 1 : 0);
