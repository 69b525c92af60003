// A page of another origin that embeds a badge, in a plain Chromium: the frame is shown there, with its picture, or says that nothing is there.
//   node tests/embed.mjs --html HTML --expect WORDS [--out DIR]
import { createServer } from "node:http";
import { join } from "node:path";
import { launch, option } from "./browser.mjs";
import { accessible } from "./held.mjs";

const [html, words, out] = [option("html", ""), option("expect", ""), option("out", null)];
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!doctype html><html lang="en"><title>A page elsewhere</title><main><h1>Elsewhere</h1>${html}</main></html>`);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const faults = [];
const browser = await launch();
try {
  // Another name of this machine, and so another origin and another site.
  const page = await browser.newPage({ viewport: { width: 900, height: 600 } });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  await page.goto(`http://elsewhere.localhost:${server.address().port}/`);
  await page.waitForLoadState("networkidle");
  const frame = page.frames().find((one) => one !== page.mainFrame());
  if (!frame) throw new Error("no frame");
  const shown = await frame.locator("body").innerText();
  if (!shown.includes(words)) faults.push(`expected ${words}, and there is ${shown}`);
  const blank = await frame.locator("img").evaluateAll((all) => all.filter((one) => one.naturalWidth === 0).length);
  if (blank > 0) faults.push("a picture is not shown");
  for (const words of await accessible(page)) faults.push(words);
  if (out) await page.screenshot({ path: join(out, "embed-elsewhere.png") });
} catch (error) {
  faults.push(error.message.split("\n").slice(0, 3).join(" "));
}
await browser.close();
server.close();
for (const one of faults) console.log(one);
console.log(`${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
