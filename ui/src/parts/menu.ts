import type { IconName } from "./icons";

/** An entry of a menu, or a line between two. With `picked` on one of them the menu is a choice. */
export type Item = "line" | { label: string; run: () => void; icon?: IconName; picked?: boolean; disabled?: boolean; danger?: boolean };

/** Where something that opens at `anchor` may be: within what scrolls or floats, which cuts off whatever is outside of it. */
export const place = (anchor: HTMLElement | null) => ({ collisionBoundary: anchor?.closest("main, dialog") ?? null, collisionPadding: 8 });
