import type { Snippet } from "svelte";
import type { IconName } from "./icons";

/** An entry of a menu, or a line between two. With `picked` on one of them the menu is a choice. */
export type Item = "line" | { label: string; run: () => void; icon?: IconName; picked?: boolean; disabled?: boolean; danger?: boolean };

/** A button and the menu that it opens. */
export type Menu = {
  items: Item[];
  trigger: Snippet;
  /** classes of the button */
  look: string;
  /** when the trigger has no words */
  label?: string | undefined;
  title?: string | undefined;
  align: "start" | "end";
};

/** Where something that opens at `anchor` may be: within what scrolls or floats, which cuts off whatever is outside of it. */
export const place = (anchor: HTMLElement | null) => ({ collisionBoundary: anchor?.closest("main, dialog") ?? null, collisionPadding: 8 });
