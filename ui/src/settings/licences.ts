// The works of others that the window contains, with the texts of their licences. Loaded when somebody opens the list.
import arabic from "../../node_modules/@fontsource/ibm-plex-sans-arabic/LICENSE?raw";
import inter from "../../node_modules/@fontsource-variable/inter/LICENSE?raw";
import japanese from "../../node_modules/@fontsource-variable/noto-sans-jp/LICENSE?raw";
import serif from "../../node_modules/@fontsource-variable/source-serif-4/LICENSE?raw";
import floatingCore from "../../node_modules/@floating-ui/core/LICENSE?raw";
import floatingDom from "../../node_modules/@floating-ui/dom/LICENSE?raw";
import floatingUtils from "../../node_modules/@floating-ui/utils/LICENSE?raw";
import tauri from "../../node_modules/@tauri-apps/api/LICENSE-MIT?raw";
import bits from "../../node_modules/bits-ui/LICENSE?raw";
import clsx from "../../node_modules/clsx/license?raw";
import styleParser from "../../node_modules/inline-style-parser/LICENSE?raw";
import runed from "../../node_modules/runed/LICENSE?raw";
import styleToObject from "../../node_modules/style-to-object/LICENSE?raw";
import toolbelt from "../../node_modules/svelte-toolbelt/LICENSE?raw";
import svelte from "../../node_modules/svelte/LICENSE.md?raw";
import tabbable from "../../node_modules/tabbable/LICENSE?raw";

/** `source` is the npm package; a test holds the list to what the bundle contains. */
export const licences: { name: string; source: string; text: string }[] = [
  { name: "Inter", source: "@fontsource-variable/inter", text: inter },
  { name: "Source Serif 4", source: "@fontsource-variable/source-serif-4", text: serif },
  { name: "IBM Plex Sans Arabic", source: "@fontsource/ibm-plex-sans-arabic", text: arabic },
  { name: "Noto Sans JP", source: "@fontsource-variable/noto-sans-jp", text: japanese },
  { name: "Svelte", source: "svelte", text: svelte },
  { name: "Tauri", source: "@tauri-apps/api", text: tauri },
  { name: "Bits UI", source: "bits-ui", text: bits },
  { name: "Svelte Toolbelt", source: "svelte-toolbelt", text: toolbelt },
  { name: "Runed", source: "runed", text: runed },
  { name: "Floating UI: core", source: "@floating-ui/core", text: floatingCore },
  { name: "Floating UI: dom", source: "@floating-ui/dom", text: floatingDom },
  { name: "Floating UI: utils", source: "@floating-ui/utils", text: floatingUtils },
  { name: "Tabbable", source: "tabbable", text: tabbable },
  { name: "clsx", source: "clsx", text: clsx },
  { name: "style-to-object", source: "style-to-object", text: styleToObject },
  { name: "inline-style-parser", source: "inline-style-parser", text: styleParser },
];
