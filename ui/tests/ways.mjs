// The ways people go through the window, by keyboard and by mouse, over sample data in Chromium. Each is a sentence.
//   node tests/ways.mjs [--built] [--only WORDS]
import assert from "node:assert/strict";
import { build, each, launch, option, serve } from "./browser.mjs";

if (!process.argv.includes("--built")) build();
const server = await serve();
const browser = await launch();
const options = (page) => page.locator('[role="option"]');
const active = (page) => page.evaluate(() => document.getElementById(document.querySelector("#shelf").getAttribute("aria-activedescendant"))?.getAttribute("aria-posinset"));
const focused = (page, text) => page.waitForFunction((text) => document.activeElement.textContent.trim() === text, text);
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();

const WAYS = {
  "a menu that is pressed before its program has come opens when it has": async (page) => {
    let release;
    const held = new Promise((go) => (release = go));
    await page.route("**/rest-*.js", (route) => held.then(() => route.continue()));
    await page.reload();
    await options(page).first().waitFor();
    await page.getByRole("button", { name: "Add badges" }).click();
    assert.equal(await page.getByRole("menuitem").count(), 0);
    release();
    await page.getByRole("menuitem").first().waitFor();
    await page.keyboard.press("Escape");
    await page.unroute("**/rest-*.js");
  },
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
    // Whoever clicks a card brings it into sight first.
    await options(page).filter({ hasText: "Research Integrity" }).hover();
    const there = await page.evaluate(() => document.querySelector("main").scrollTop);
    assert.ok(there > 500);
    await options(page).filter({ hasText: "Research Integrity" }).click();
    await page.locator("h1", { hasText: "Research" }).waitFor();
    await page.keyboard.press("Escape");
    await options(page).first().waitFor();
    await page.waitForFunction((there) => Math.abs(document.querySelector("main").scrollTop - there) < 40, there);
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
  "what would settle a verdict is seen without scrolling, also before a badge is kept": async (page) => {
    const ask = page.getByRole("button", { name: "Ask the issuer now" });
    const seen = () => ask.evaluate((button) => button.getBoundingClientRect().bottom <= innerHeight && document.querySelector("main").scrollTop === 0);
    for (const [width, height] of [[1280, 800], [900, 600]]) {
      await page.setViewportSize({ width, height });
      await page.goto(`${server.url}?lang=en#/badge/b00000000`);
      await ask.waitFor();
      assert.ok(await seen(), `the badge, ${width}`);
      await page.goto("about:blank");
      await page.goto(`${server.url}?lang=en&screen=one`);
      await ask.waitFor();
      assert.ok(await seen(), `before it is kept, ${width}`);
      await page.goto("about:blank");
    }
    await page.goto(`${server.url}?lang=en&screen=one`);
    await ask.click();
    await toast(page, "The issuer answered");
    await page.locator(".verdict .say", { hasText: "whom you trust" }).waitFor();
    await page.getByRole("button", { name: "Keep this badge" }).click();
    await page.locator(".note", { hasText: "1 badge kept" }).waitFor();
  },
  "asking about a row of a table changes the row and the tally": async (page) => {
    await page.goto(`${server.url}?lang=en&screen=offer#/verify`);
    await page.getByRole("button", { name: "Save report" }).waitFor();
    await page.locator(".tally button", { hasText: "Undecided" }).click();
    const undecided = () => page.locator(".tally button", { hasText: "Undecided" }).locator("b").innerText();
    const before = Number(await undecided());
    await page.locator("tbody .why button").first().click();
    await page.locator("tbody").getByRole("button", { name: "Ask the issuer now" }).click();
    await toast(page, "The issuer answered");
    assert.equal(Number(await undecided()), before - 1);
  },
  "several badges are exported while one sees how far it is, and can be stopped": async (page) => {
    await page.locator("#shelf").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "As PNG", exact: true }).click();
    await toast(page, "3 badges saved in /home/elena/Downloads/Satchel badges");
    await page.locator(".toast button", { hasText: "Show in folder" }).waitFor();
    await page.locator(".dock").waitFor({ state: "detached" });
    await page.goto("about:blank");
    // So many that it is not done before it is stopped, however slow this is.
    await page.goto(`${server.url}?lang=en&slow=1&badges=10000`);
    await page.locator("#shelf").focus();
    await page.keyboard.press("Control+a");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "The files as received", exact: true }).click();
    await page.getByRole("progressbar", { name: "Badges saved" }).waitFor();
    await page.locator(".dock", { hasText: /Saving ([2-9]|\d\d+) of \d+/ }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await toast(page, "You stopped it");
    await page.locator(".dock", { hasText: "selected" }).waitFor();
  },
  "an encrypted wallet is locked at once by its key, and nothing of it stays": async (page) => {
    await page.goto(`${server.url}?lang=en&sealed=1`);
    await options(page).first().click();
    await page.locator("h1", { hasText: "Il paesaggio" }).waitFor();
    await page.keyboard.press("Control+l");
    await page.locator("h1", { hasText: "Your wallet is locked" }).waitFor();
    assert.equal(await page.evaluate(() => document.title.includes("paesaggio") || location.hash.includes("badge")), false);
    assert.equal(await page.evaluate(() => document.activeElement.id), "passphrase");
    await page.keyboard.type("correct horse battery");
    await page.keyboard.press("Enter");
    await options(page).first().waitFor();
    // Where nothing is encrypted the same key says where that is chosen.
    await page.goto("about:blank");
    await page.goto(`${server.url}?lang=en`);
    await options(page).first().waitFor();
    await page.keyboard.press("Control+l");
    await page.getByRole("button", { name: "Encrypt the wallet" }).waitFor();
  },
  "one trusts an issuer, and takes it back": async (page) => {
    await options(page).nth(3).click();
    await page.getByRole("button", { name: "Trust this issuer" }).click();
    // The name in the badge is a claim, and is said to be one.
    await page.locator("dialog", { hasText: "The badge says that its issuer is called “Common Table Association”" }).waitFor();
    // Enter does what the dialog is for.
    await page.waitForFunction(() => document.activeElement.matches("dialog input"));
    await page.locator("dialog input").fill("The table next door");
    await page.keyboard.press("Enter");
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
    await page.locator(".tally button", { hasText: "Not valid" }).click();
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
  "a picture of a QR code that is pasted or dropped names the server, and nobody is asked before a click": async (page) => {
    await page.goto(`${server.url}?lang=en&accounts=none#/inbox`);
    await page.locator("#server").waitFor();
    const paste = (bytes) =>
      page.evaluate((size) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(size)], "code.png", { type: "image/png" }));
        document.querySelector("#server").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      }, bytes);
    await paste(10);
    await toast(page, "No QR code in this picture names a server");
    assert.equal(await page.locator("#server").inputValue(), "");
    await paste(200);
    await toast(page, "Nobody was asked yet");
    assert.equal(await page.locator("#server").inputValue(), "https://badges.valdora.example");
    await page.getByRole("button", { name: "choose one…" }).click();
    await toast(page, "No QR code in this picture names a server");
  },
  "an invitation is read whole before it is answered": async (page) => {
    await page.goto(`${server.url}?lang=en#/inbox`);
    await page.getByRole("button", { name: "See the whole badge: Il paesaggio come laboratorio" }).click();
    await page.locator("dialog", { hasText: "Before you answer" }).waitFor();
    await page.locator("dialog .lines").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Accept, keep it private" }).waitFor();
    // It can be answered there, and its head is whole.
    await page.getByRole("button", { name: "See the whole badge: Welding, level 2" }).click();
    await page.locator("dialog .inner").evaluate((inner) => (inner.scrollTop = 200));
    const sheet = await page.locator("dialog").boundingBox();
    const title = await page.locator("dialog .inner > .head h2").boundingBox();
    assert.ok(title.y >= sheet.y + 12 && title.y < sheet.y + 40, JSON.stringify([sheet, title]));
    await page.locator("dialog").getByRole("button", { name: "Accept: Welding, level 2" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.locator("article", { hasText: "Accepted." }).waitFor();
    // The badge that arrived is the one that is shown.
    await toast(page, "1 badge has arrived");
    await page.locator(".toast").getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForFunction(() => location.hash === "#/badge/b00000003");
  },
  "signing in again where no keyring is asks what is to keep that, and says who came instead": async (page) => {
    await page.goto(`${server.url}?lang=en&accounts=out#/inbox`);
    await page.locator("p", { hasText: "signed out at https://badges.valdora.example as elena@posta.example" }).waitFor();
    await page.locator("p", { hasText: "goes out when you have signed in again" }).waitFor();
    await page.getByRole("button", { name: "Sign in again: elena@posta.example" }).click();
    await page.getByText("has no keyring").waitFor();
    await page.locator("#passphrase").fill("a walrus in the kettle");
    await page.keyboard.press("Enter");
    await focused(page, "Waiting for your browser");
    await page.locator("p", { hasText: "This is another account: Bruno Bianchi (bruno@posta.example)" }).waitFor();
    await page.getByRole("button", { name: "Sign in again: elena@posta.example" }).waitFor();
    await page.waitForFunction(() => document.activeElement !== document.body);
  },
  "the focus is where one goes on": async (page) => {
    const go = async (query, hash) => {
      await page.goto("about:blank");
      await page.goto(`${server.url}?lang=en${query}${hash}`);
    };
    await go("", "#/inbox");
    await page.getByRole("button", { name: "Accept, keep it private" }).click();
    await focused(page, "Il paesaggio come laboratorio");
    await page.getByRole("button", { name: "Later: Welding, level 2" }).click();
    await focused(page, "Il paesaggio come laboratorio");
    await go("&accounts=signing", "#/inbox");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForFunction(() => document.activeElement.id === "server");
    // An empty field says so, and is what is told about.
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => {
      const it = document.activeElement;
      const said = it.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent);
      return it.id === "server" && it.getAttribute("aria-invalid") === "true" && said.some((text) => text.includes("Type the address"));
    });
    await go("&accounts=locked", "#/inbox");
    await page.locator("p", { hasText: "goes out when you have unlocked your sign-ins" }).waitFor();
    await page.locator("#unlock").fill("the wrong one");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => {
      const it = document.querySelector("#unlock");
      return it.getAttribute("aria-invalid") === "true" && document.getElementById(it.getAttribute("aria-describedby")).textContent.includes("do not open");
    });
    await page.locator("#unlock").fill("a walrus in the kettle");
    await page.keyboard.press("Enter");
    await page.locator("#unlock").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement !== document.body);
    assert.equal(await page.getByText("do not open").count(), 0);
    await go("", "#/inbox");
    await page.getByRole("link", { name: "Accounts and devices" }).click();
    await focused(page, "Accounts");
    await page.getByRole("button", { name: "Sign out: elena@posta.example" }).click();
    await focused(page, "Sign in again");
    await page.getByRole("button", { name: "Add an account" }).click();
    await page.waitForFunction(() => document.activeElement.id === "server");
  },
  "how many invitations wait is seen on a narrow rail, too": async (page) => {
    await page.setViewportSize({ width: 900, height: 600 });
    const count = page.locator("nav .count");
    await count.waitFor();
    const box = await count.boundingBox();
    const rail = await page.locator("nav").boundingBox();
    assert.ok(box.width > 4 && box.height > 8 && box.x + box.width <= rail.x + rail.width, JSON.stringify([box, rail]));
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
    const dock = page.getByRole("button", { name: /^Keep \d+ badges$/ });
    const ticked = async () => Number(/\d+/.exec(await dock.innerText())[0]);
    await dock.waitFor();
    // What is not valid and what is in the bin is not ticked by itself, and what a filter hides stays as it was.
    const sound = await ticked();
    assert.ok(sound > 0 && sound < 171, `${sound}`);
    const all = page.getByRole("checkbox", { name: "Keep all that can be kept" });
    await all.click();
    await page.getByRole("button", { name: "Keep 171 badges" }).waitFor();
    await page.getByRole("button", { name: /Not valid/ }).first().click();
    await all.click();
    const left = await ticked();
    assert.ok(left >= sound && left < 171, `${left}`);
    await page.getByRole("button", { name: /Not valid/ }).first().click();
    await all.click();
    await page.getByRole("button", { name: "Keep 171 badges" }).waitFor();
    await all.click();
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
