// The state of a list that one types into and moves through with the arrows; the palette and the list of issuers are both such.
import { clamp } from "../lib/window";

export type Option = { key: string; label: string; group?: string; note?: string; run: () => void };

export class Chooser {
  text = $state("");
  at = $state(0);

  /** Returns whether the key was for the list. */
  key(event: KeyboardEvent, options: readonly Option[]): boolean {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (by !== undefined) {
      const next = this.at + by;
      this.at = Math.abs(by) === 1 && options.length > 0 ? (next + options.length) % options.length : clamp(next, 0, options.length - 1);
      return true;
    }
    if (event.key === "Enter") {
      options[this.at]?.run();
      return true;
    }
    return false;
  }
}

/** Those of `options` in whose label all words of `text` begin a word or stand somewhere, the better ones first. */
export function fitting(options: readonly Option[], text: string): Option[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...options];
  const scored = options.flatMap((option) => {
    const label = plain(option.label);
    if (!words.every((word) => label.includes(word))) return [];
    return [{ option, score: label.startsWith(words[0] ?? "") ? 0 : new RegExp(`(^|\\P{L})${escape(words[0] ?? "")}`, "u").test(label) ? 1 : 2 }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ option }) => option);
}

const plain = (text: string): string => text.slice(0, 400).normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
