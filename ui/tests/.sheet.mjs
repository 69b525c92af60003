import { launch } from "./browser.mjs";
import { writeFile } from "node:fs/promises";
const [out, cols, width, ...files] = process.argv.slice(2);
const browser = await launch();
await writeFile("/tmp/w/sheet.html", `<body style="margin:8px;background:#888;display:grid;grid-template-columns:repeat(${cols},1fr);gap:8px;font:12px sans-serif">${files.map((f) => `<div><div>${f.split("/").at(-1)}</div><img style="width:100%" src="file://${f}"></div>`).join("")}</body>`);
const page = await browser.newPage({ viewport: { width: Number(width), height: 800 } });
await page.goto("file:///tmp/w/sheet.html"); await page.waitForTimeout(300);
await page.screenshot({ path: out, fullPage: true }); await browser.close();
