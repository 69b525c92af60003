// A scripted scroll through 10,000 badges: prints how long frames took. Numbers of this machine, not a test.
//   node tests/frames.mjs [--badges 10000] [--seconds 6] [--view grid|list] [--built]
import { build, launch, option, serve } from "./browser.mjs";

if (!process.argv.includes("--built")) build();
const server = await serve();
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
await page.addInitScript((view) => localStorage.setItem("satchel.shelf", JSON.stringify({ view, sort: "added" })), option("view", "grid"));
await page.goto(`${server.url}?badges=${option("badges", "10000")}`);
await page.waitForSelector('[role="option"]');
await page.waitForTimeout(500);
const devtools = await page.context().newCDPSession(page);
await devtools.send("Performance.enable");
const spent = async () => Object.fromEntries((await devtools.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
const before = await spent();
const result = await page.evaluate(async (seconds) => {
  const main = document.querySelector("main");
  const far = main.scrollHeight - main.clientHeight;
  const frames = [];
  let nodes = 0;
  const begun = performance.now();
  let last = begun;
  await new Promise((done) => {
    const step = (now) => {
      frames.push(now - last);
      last = now;
      nodes = Math.max(nodes, document.querySelectorAll("*").length);
      // Slow, then fast, then slow: as a person scrolls who looks for something.
      const part = (now - begun) / (seconds * 1000);
      main.scrollTop = far * (part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part));
      part < 1 ? requestAnimationFrame(step) : done();
    };
    requestAnimationFrame(step);
  });
  return { frames: frames.slice(2), nodes, end: main.scrollTop >= far - 1 };
}, Number(option("seconds", "6")));
const after = await spent();
await browser.close();
server.close();
const sorted = result.frames.sort((a, b) => a - b);
const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))].toFixed(1);
console.log(`${sorted.length} frames: median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; at most ${result.nodes} elements on the page`);
const each = (name) => (((after[name] - before[name]) * 1000) / sorted.length).toFixed(2);
console.log(`of the main thread, per frame: script ${each("ScriptDuration")} ms, style ${each("RecalcStyleDuration")} ms, layout ${each("LayoutDuration")} ms, all ${each("TaskDuration")} ms`);
