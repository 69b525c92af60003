// How the window is built. `vite build` makes the product from index.html; `--mode browser` makes or serves browser.html, the same
// window over sample data. The product never sees a file of the stand-in: nothing that index.html reaches imports it.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte({ configFile: false })],
  base: "./",
  // Pictures of the samples; the product has no public files.
  publicDir: mode === "browser" ? "samples" : false,
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    target: "es2022",
    outDir: mode === "browser" ? "dist-browser" : "dist",
    // Fonts stay files of their own: the content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One order of rules, whatever is fetched first.
    cssCodeSplit: false,
    rollupOptions: { input: mode === "browser" ? "browser.html" : "index.html" },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", server: { deps: { inline: [/licen[cs]e/i] } } },
}));
