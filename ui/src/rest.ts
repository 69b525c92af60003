// Everything but the rail and the backpack: one file of the program, which later.svelte.ts fetches.
export { default as IssuerFilter } from "./backpack/IssuerFilter.svelte";
export { default as BadgeScreen } from "./badge/BadgeScreen.svelte";
export { default as TrustDialog } from "./badge/TrustDialog.svelte";
export { default as Help } from "./Help.svelte";
export { default as Inbox } from "./inbox/Inbox.svelte";
export { default as Adding } from "./inspection/Adding.svelte";
export { default as PasteDialog } from "./inspection/PasteDialog.svelte";
export { default as Verify } from "./inspection/Verify.svelte";
export { default as Palette } from "./palette/Palette.svelte";
export { default as MenuRoot } from "./parts/MenuRoot.svelte";
export { default as Settings } from "./settings/Settings.svelte";
export { default as Closed } from "./wallet/Closed.svelte";
