import type { IconName } from "./icons";

/** An entry of a menu, or a line between two. With `picked` on one of them the menu is a choice. */
export type Item = "line" | { label: string; run: () => void; icon?: IconName; picked?: boolean; disabled?: boolean; danger?: boolean };
