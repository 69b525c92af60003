// Which key does what, everywhere in the window. Pure: an event in, the name of the action out; App carries it out.

export type Action = "palette" | "help" | "search" | "backpack" | "inbox" | "verify" | "settings" | "add_files" | "add_folder" | "lock" | "undo" | "back";
export type Key = { key: string; ctrl: boolean; shift: boolean; alt: boolean; /** the cursor is in a field */ typing: boolean };

export function action({ key, ctrl, shift, alt, typing }: Key): Action | null {
  const letter = key.toLowerCase();
  if (ctrl && !alt) {
    if (letter === "k") return "palette";
    if (letter === "f" && !shift) return "search";
    if (letter === "o") return shift ? "add_folder" : "add_files";
    if (letter === "l" && !shift) return "lock";
    if (letter === "1") return "backpack";
    if (letter === "2") return "verify";
    if (letter === "4") return "inbox";
    if (letter === "3" || letter === ",") return "settings";
    if (letter === "z" && !shift && !typing) return "undo";
    return null;
  }
  if (alt && key === "ArrowLeft") return "back";
  if (key === "F1") return "help";
  if (key === "Escape") return "back";
  if (typing || alt) return null;
  if (key === "?") return "help";
  if (key === "/") return "search";
  return null;
}

export function keyOf(event: KeyboardEvent): Key {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const typing = !!target && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range])"));
  return { key: event.key, ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey, alt: event.altKey, typing };
}
