// The screens of the window, by name: an address over sample data, and what somebody does there to see it. A dialog and an open menu are screens too.
const finished = (page) => page.waitForSelector('[role="progressbar"]', { state: "detached" });
const opened = (page, nth) => page.locator("tbody .why button").nth(nth).click();
const add = (page) => page.locator(".add button").click();

export const SCENES = {
  backpack: {},
  "backpack-list": { do: (page) => page.locator(".views button").nth(1).click() },
  "backpack-selected": {
    do: async (page) => {
      for (const nth of [1, 2, 4]) await page.locator('[role="option"]').nth(nth).click({ modifiers: ["Control"] });
    },
  },
  "backpack-saving": {
    query: "slow=1",
    do: async (page) => {
      await page.locator("#shelf").press("Control+a");
      await page.locator(".dock .btn:not(.plain)").first().click();
      await page.locator('[role="menuitem"]').first().click();
      await page.waitForSelector("progress");
    },
  },
  "backpack-export": {
    do: async (page) => {
      await page.locator('[role="option"]').nth(1).click({ modifiers: ["Control"] });
      await page.locator(".dock .btn:not(.plain)").first().click();
    },
  },
  "backpack-invalid": { do: (page) => page.locator("button.pill", { hasText: /Not valid|Non valid/ }).click() },
  "backpack-end": { do: (page) => page.locator("#shelf").press("End") },
  "backpack-nothing": { do: async (page) => (await page.locator("input[type=search]").fill("zzzz"), await page.waitForSelector(".empty")) },
  "backpack-empty": { query: "screen=empty" },
  "backpack-issuers": { do: (page) => page.locator("button.pill", { hasText: /Issuer|Ente/ }).click() },
  "backpack-menu": { do: add },
  "backpack-large": { query: "badges=10000", do: (page) => page.locator("#shelf").press("PageDown") },
  "backpack-foreign": { query: "foreign=1" },
  bin: { query: "bin=1", hash: "#/bin" },
  "bin-empty": { hash: "#/bin" },
  badge: { hash: "#/badge/b00000000" },
  "badge-valid": { hash: "#/badge/b00000001" },
  "badge-arabic": { hash: "#/badge/b00000002" },
  "badge-japanese": { hash: "#/badge/b00000004" },
  "badge-expired": { hash: "#/badge/b00000005" },
  "badge-revoked": { hash: "#/badge/b00000008" },
  "badge-markup": { hash: "#/badge/b00000013" },
  "badge-changed": { hash: "#/badge/b00000014" },
  "badge-long-name": { hash: "#/badge/b00000016" },
  "badge-plain": { hash: "#/badge/b00000012" },
  "badge-more": { hash: "#/badge/b00000001", do: (page) => page.locator("main .bar button", { hasText: /More|Altro/ }).click() },
  "badge-endless": { hash: "#/badge/b00000017" },
  "badge-trust": { hash: "#/badge/b00000003", do: (page) => page.locator("button", { hasText: /Trust this issuer|Fidati di questo ente/ }).click() },
  "badge-gone": { hash: "#/badge/none" },
  "badge-toast": { query: "problem=1", hash: "#/badge/b00000001", do: async (page) => (await page.locator(".btn.first").click(), await page.waitForSelector(".toast")) },
  verify: { hash: "#/verify" },
  "verify-results": { query: "screen=offer", hash: "#/verify", do: async (page) => (await finished(page), await opened(page, 5)) },
  "verify-running": { query: "screen=offer&slow=1", hash: "#/verify", do: (page) => page.waitForSelector("tbody tr") },
  "verify-report": { query: "screen=offer", hash: "#/verify", do: async (page) => (await finished(page), await opened(page, 0), await page.locator("tbody td > .btn").click()) },
  "verify-menu": { query: "screen=offer", hash: "#/verify", do: async (page) => (await finished(page), await page.locator(".btn.first").click()) },
  "verify-photos": { query: "screen=photos", hash: "#/verify", do: finished },
  adding: { query: "screen=offer", do: finished },
  "adding-one": { query: "screen=one", do: (page) => page.waitForSelector("article") },
  "adding-kept": { query: "screen=offer", do: async (page) => (await finished(page), await page.locator(".dock .btn.first").click(), await page.waitForSelector(".note")) },
  "adding-photos": { query: "screen=photos", do: finished },
  inbox: { hash: "#/inbox" },
  "inbox-welcome": { query: "accounts=none", hash: "#/inbox" },
  "inbox-keyring": { query: "accounts=none", hash: "#/inbox", do: async (page) => (await page.locator("#server").fill("keyring.example"), await page.locator(".btn.first").click(), await page.waitForSelector("#passphrase")) },
  "inbox-waiting": { query: "accounts=signing", hash: "#/inbox" },
  "inbox-quiet": { query: "accounts=quiet", hash: "#/inbox" },
  "inbox-offline": { query: "accounts=later", hash: "#/inbox" },
  "inbox-locked": { query: "accounts=locked", hash: "#/inbox" },
  "inbox-forgotten": { query: "accounts=locked", hash: "#/inbox", do: (page) => page.locator("summary").first().click() },
  "inbox-linked": { query: "accounts=linked", hash: "#/inbox" },
  "inbox-out": { query: "accounts=out", hash: "#/inbox" },
  "inbox-look": { hash: "#/inbox", do: async (page) => (await page.locator("article .link").first().click(), await page.waitForSelector("dialog")) },
  "inbox-decline": { hash: "#/inbox", do: (page) => page.locator("article button", { hasText: /Decline|Rifiuta/ }).first().click() },
  "settings-accounts": { hash: "#/settings", do: async (page) => (await page.locator(".btn.plain", { hasText: /^(Devices|Dispositivi)$/ }).first().click(), await page.waitForSelector(".devices"), await page.locator(".devices").scrollIntoViewIfNeeded()) },
  settings: { hash: "#/settings" },
  licences: { hash: "#/settings", do: (page) => page.locator("main .btn", { hasText: /Licences|Licenze/ }).click() },
  palette: { do: async (page) => (await page.keyboard.press("Control+k"), await page.locator("dialog input").fill("da"), await page.waitForSelector(".option")) },
  help: { do: (page) => page.keyboard.press("?") },
  paste: { do: async (page) => (await add(page), await page.locator('[role="menuitem"]').nth(2).click()) },
  dragging: { do: (page) => page.evaluate(() => dispatchEvent(new DragEvent("dragenter", { cancelable: true }))) },
  "closed-locked": { query: "screen=locked" },
  "closed-sealed": { query: "screen=sealed" },
  "settings-protect": {
    hash: "#/settings",
    do: async (page) => {
      await page.locator("#passphrase").fill("too short");
      await page.locator("#passphrase").press("Enter");
      await page.locator(".wrong", { hasText: "12" }).scrollIntoViewIfNeeded();
    },
  },
  "settings-sealed": { query: "sealed=1", hash: "#/settings" },
  "closed-damaged": { query: "screen=damaged" },
  "closed-gone": { query: "screen=gone" },
  "closed-newer": { query: "screen=newer" },
  "closed-unusable": { query: "screen=unusable" },
  broken: { query: "screen=broken" },
};
