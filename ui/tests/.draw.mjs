import { each, launch, option, serve } from "./browser.mjs";
import { SCENES } from "./scenes.mjs";
import { writeFile } from "node:fs/promises";
const out = option("out"), only = option("only", null);
const combos = option("c").split(";").map((c) => c.split(","));
const server = await serve(); const browser = await launch();
const jobs = combos.flatMap((c) => Object.keys(SCENES).filter((n) => !only || only.split(",").includes(n)).map((n) => [n, ...c]));
await each(jobs, async ([name, lang, theme, size, window]) => {
  const [width, height] = window.split("x").map(Number);
  const context = await browser.newContext({ viewport: { width, height }, locale: lang === "it" ? "it-IT" : "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
  const page = await context.newPage(); const { query = "", hash = "", do: act } = SCENES[name];
  try {
    await page.goto(`${server.url}?lang=${lang}&theme=${theme}&size=${size}&${query}${hash}`); await page.waitForSelector("main"); await page.waitForTimeout(300); await act?.(page); await page.waitForTimeout(250);
    await page.screenshot({ path: `${out}/${name}.${lang}.${theme}.${size}.${window}.png` });
  } catch (e) { console.log(name, e.message.split("\n")[0]); }
  await context.close();
});
// contact sheets
const { readdir } = await import("node:fs/promises");
for (const [i, c] of combos.entries()) {
  const files = (await readdir(out)).filter((f) => f.endsWith(`.${c.join(".")}.png`)).sort();
  for (let at = 0; at < files.length; at += 9) {
    const html = `<body style="margin:8px;background:#888;display:grid;grid-template-columns:repeat(3,1fr);gap:8px;font:12px sans-serif">${files.slice(at, at + 9).map((f) => `<div><div>${f}</div><img style="width:100%" src="file://${out}/${f}"></div>`).join("")}</body>`;
    await writeFile(`${out}/sheet.html`, html);
    const page = await browser.newPage({ viewport: { width: 1900, height: 1000 } });
    await page.goto(`file://${out}/sheet.html`); await page.waitForTimeout(200);
    await page.screenshot({ path: `${out}/sheet-${i}-${at / 9}.png`, fullPage: true }); await page.close();
  }
}
await browser.close(); server.close();
