// The works of others that the window contains, with the texts of their licences. Loaded when somebody opens the list.
import inter from "@fontsource-variable/inter/LICENSE?raw";
import arabic from "@fontsource-variable/noto-sans-arabic/LICENSE?raw";
import japanese from "@fontsource-variable/noto-sans-jp/LICENSE?raw";
import serif from "@fontsource-variable/source-serif-4/LICENSE?raw";
import floatingCore from "../../node_modules/@floating-ui/core/LICENSE?raw";
import floatingDom from "../../node_modules/@floating-ui/dom/LICENSE?raw";
import floatingUtils from "../../node_modules/@floating-ui/utils/LICENSE?raw";
import tauri from "../../node_modules/@tauri-apps/api/LICENSE-MIT?raw";
import bits from "../../node_modules/bits-ui/LICENSE?raw";
import clsx from "../../node_modules/clsx/license?raw";
import svelte from "../../node_modules/svelte/LICENSE.md?raw";
import tabbable from "../../node_modules/tabbable/LICENSE?raw";

export const licences: { name: string; text: string }[] = [
  { name: "Inter", text: inter },
  { name: "Source Serif 4", text: serif },
  { name: "Noto Sans Arabic", text: arabic },
  { name: "Noto Sans JP", text: japanese },
  { name: "Svelte", text: svelte },
  { name: "Tauri", text: tauri },
  { name: "Bits UI", text: bits },
  { name: "Floating UI: core", text: floatingCore },
  { name: "Floating UI: dom", text: floatingDom },
  { name: "Floating UI: utils", text: floatingUtils },
  { name: "clsx", text: clsx },
  { name: "tabbable", text: tabbable },
];
