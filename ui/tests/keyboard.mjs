// The queue of the staff by the keyboard alone, in a plain Chromium: Tab, Space, Enter and letters, from signing in to a decision taken back.
//   node tests/keyboard.mjs --origin URL --staff EMAIL
import { launch, option } from "./browser.mjs";

const [origin, staff] = [option("origin", ""), option("staff", "")];
const PASSWORD = "kettle walrus orbit";
const faults = [];
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: "en-GB", reducedMotion: "reduce" });

/** What has the focus: its words, and whether that can be seen. */
const focused = () =>
  page.evaluate(() => {
    const it = document.activeElement;
    const style = getComputedStyle(it);
    const words = it.labels?.[0]?.innerText || it.innerText || it.value || it.getAttribute("aria-label") || "";
    const box = it.getBoundingClientRect();
    return { words: words.replaceAll("\n", " ").trim(), tag: it.tagName, outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0, seen: box.bottom > 0 && box.top < innerHeight };
  });

/** Presses Tab until what these words name has the focus. */
async function to(words, tag) {
  for (let tries = 0; tries < 300; tries += 1) {
    await page.keyboard.press("Tab");
    const it = await focused();
    if (it.words.includes(words) && (!tag || it.tag === tag)) {
      if (!it.outline || !it.seen) faults.push(`${words} has the focus, which is not seen`);
      return;
    }
  }
  throw new Error(`Tab does not come to ${words}`);
}

async function enter(words, tag) {
  await to(words, tag);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

const text = () => page.locator("main").innerText();
const expect = async (words) => (await text()).includes(words) || faults.push(`expected ${words} at ${page.url()}`);

try {
  await page.goto(`${origin}/sign-in?next=/staff`);
  await to("E-mail address");
  await page.keyboard.type(staff);
  await to("Password", "INPUT");
  await page.keyboard.type(PASSWORD);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.waitForURL("**/staff/requests");
  // The skip link leads past the head of the page.
  await page.keyboard.press("Tab");
  if ((await focused()).words !== "Skip to content") faults.push("the first stop is no way past the head of the page");
  // The second of the rows is picked and approved; then that is taken back.
  await to("Choose Person 2", "INPUT");
  await page.keyboard.press("Space");
  await enter("Approve the chosen", "BUTTON");
  await expect("Approved: 1");
  await enter("Awaiting signature", "A");
  await enter("Person 2", "A");
  await enter("Undo", "BUTTON");
  await page.goto(`${origin}/staff/requests`);
  await expect("Person 2");
  // One is refused with a reason, and that is taken back too.
  await enter("Person 1", "A");
  await to("Reason", "TEXTAREA");
  await page.keyboard.type("Not this year.");
  await enter("Refuse", "BUTTON");
  await enter("Undo", "BUTTON");
  await page.goto(`${origin}/staff/requests`);
  await expect("Person 1");
  // The next page, and the way to other parts.
  await enter("Next page", "A");
  await enter("Users", "A");
  await to("A part of a name", "INPUT");
  await page.keyboard.type("marchetti");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await enter("Elena Marchetti", "A");
} catch (error) {
  faults.push(`${error.message.split("\n").slice(0, 3).join(" ")} at ${page.url()}`);
}
await browser.close();
for (const one of faults) console.log(one);
console.log(`${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
