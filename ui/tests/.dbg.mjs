import { launch, serve } from "./browser.mjs";
const server = await serve(); const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: 900, height: 600 } })).newPage();
await page.goto(`${server.url}?lang=it&theme=light&screen=offer#/verify`); await page.waitForSelector('tbody tr'); await page.waitForTimeout(1500);
console.log(await page.evaluate(() => [...document.querySelectorAll(".tally-bar, .tally-bar > *, .tally > *, .field input")].map((e) => [e.tagName, e.className, Math.round(e.getBoundingClientRect().x), Math.round(e.getBoundingClientRect().y), Math.round(e.getBoundingClientRect().width), getComputedStyle(e).flex].join(" "))));
await browser.close(); server.close();
