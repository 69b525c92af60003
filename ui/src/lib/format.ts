// Dates and numbers as the language writes them. Days of a badge (issued, expires) are read in UTC, because issuers write midnight UTC and
// mean the day; moments of this computer (added, checked, fetched) are local.
import type { Language } from "../generated/ipc";

export class Formats {
  readonly #day: Intl.DateTimeFormat;
  readonly #long: Intl.DateTimeFormat;
  readonly #moment: Intl.DateTimeFormat;
  readonly #number: Intl.NumberFormat;
  readonly #list: Intl.ListFormat;
  readonly #collator: Intl.Collator;

  constructor(language: Language, wanted: readonly string[] = []) {
    const locale = localeOf(language, wanted);
    this.#day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
    this.#long = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    this.#moment = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" });
    this.#number = new Intl.NumberFormat(locale);
    this.#list = new Intl.ListFormat(locale, { type: "conjunction" });
    this.#collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
  }

  /** `14 Nov 2026`; the text itself when it is no date. */
  day(iso: string): string {
    return written(iso, this.#day);
  }
  /** `14 November 2026` */
  long(iso: string): string {
    return written(iso, this.#long);
  }
  /** `14 Nov 2026, 09:30`, local */
  moment(iso: string): string {
    return written(iso, this.#moment);
  }
  number(value: number): string {
    return this.#number.format(value);
  }
  list(items: readonly string[]): string {
    return this.#list.format(items);
  }
  compare(a: string, b: string): number {
    return this.#collator.compare(a, b);
  }
}

/** The region that the system asks for, when it is one of the language; else the language's own. */
export function localeOf(language: Language, wanted: readonly string[]): string {
  const home = language === "en" ? "en-GB" : "it-IT";
  return wanted.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? home;
}

function written(iso: string, format: Intl.DateTimeFormat): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : format.format(time);
}
