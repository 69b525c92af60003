// Plurals by the rules of the language. `#` in a form stands for the number, written as the language writes it.
import type { Language } from "../generated/ipc";

export type Forms = { one: string; other: string; many?: string };

export function counting(language: Language): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count, forms) => {
    const kind = rules.select(count);
    const form = kind === "one" ? forms.one : kind === "many" ? (forms.many ?? forms.other) : forms.other;
    return form.replace("#", numbers.format(count));
  };
}
