// The badges that a shelf shows: what is asked for, the pages of rows that have arrived, and the selection. Rows come in pages, on demand, so that
// ten thousand badges cost as much as a hundred. Old rows stay on the screen until the answer to a new question is here.
import { SvelteSet } from "svelte/reactivity";
import type { App } from "../app.svelte";
import type { Facets, Query, Row, Shelf as Place, Sort, State } from "../generated/ipc";
import { problemOf } from "../platform";

const PAGE = 100;
const ALL = 500;
/** Between two keys of somebody who types. */
const PAUSE = 70;

export type View = "grid" | "list";
export type Asked = Pick<Query, "text" | "states" | "issuer" | "year" | "sort">;

export class Shelf {
  readonly #app: App;
  readonly place: Place;
  asked = $state.raw<Asked>({ text: "", states: [], issuer: null, year: null, sort: "added" });
  view = $state<View>("grid");
  /** `null` until the first answer. */
  total = $state<number | null>(null);
  facets = $state.raw<Facets | null>(null);
  problem = $state.raw<{ message: string | null; reference: string | null } | null>(null);
  /** The row that has the cursor. */
  at = $state(0);
  selected = new SvelteSet<string>();
  #anchor = 0;
  /** Rises with every page that arrives; reading a row reads it. */
  #version = $state(0);
  #pages = new Map<number, Row[] | "asked">();
  /** Rises with every question; answers to older ones are dropped. */
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the shelf was scrolled to, for coming back. */
  scroll = 0;

  constructor(app: App, place: Place) {
    this.#app = app;
    this.place = place;
    const kept = remembered();
    this.view = kept.view;
    this.asked = { ...this.asked, sort: kept.sort };
  }

  get filtered(): boolean {
    return this.asked.text.trim() !== "" || this.narrowed;
  }

  /** Filtered by something else than words. */
  get narrowed(): boolean {
    const { states, issuer, year } = this.asked;
    return states.length > 0 || issuer !== null || year !== null;
  }

  /** Asks anew with something changed. Typing waits for a pause; all else is at once. */
  change(change: Partial<Asked>): void {
    this.asked = { ...this.asked, ...change };
    this.at = 0;
    this.scroll = 0;
    this.selected.clear();
    if (change.sort) remember({ view: this.view, sort: change.sort });
    clearTimeout(this.#timer);
    if ("text" in change && change.text !== "") this.#timer = setTimeout(() => void this.#load(), PAUSE);
    else void this.#load();
  }

  clear(): void {
    this.change({ text: "", states: [], issuer: null, year: null });
  }

  show(view: View): void {
    this.view = view;
    remember({ view, sort: this.asked.sort });
  }

  /** For the first time, or again when something may have changed. */
  open(): void {
    if (this.total === null) void this.#load();
  }

  refresh(): void {
    if (this.total === null && !this.problem) return;
    void this.#load();
  }

  /** The wallet is closed: nothing of it stays. */
  forget(): void {
    this.#question += 1;
    this.#pages = new Map();
    this.total = null;
    this.facets = null;
    this.problem = null;
    this.at = 0;
    this.scroll = 0;
    this.selected.clear();
    this.asked = { ...this.asked, text: "", states: [], issuer: null, year: null };
    this.#version += 1;
  }

  row(index: number): Row | undefined {
    void this.#version;
    const page = this.#pages.get(Math.floor(index / PAGE));
    return page === "asked" ? undefined : page?.[index % PAGE];
  }

  /** Says which rows are seen, so that their pages come. */
  want(first: number, last: number): void {
    if (this.total === null) return;
    const to = Math.floor(Math.max(first, Math.min(last, this.total) - 1) / PAGE);
    for (let page = Math.floor(first / PAGE); page <= to; page += 1) void this.#page(page);
  }

  /** The badge that stands `by` places from the one with this id, if it is on the shelf as it is now. */
  async neighbour(id: string, by: number): Promise<string | null> {
    if (this.total === null) return null;
    const here = this.row(this.at)?.id === id ? this.at : this.#indexOf(id);
    const next = here + by;
    if (here < 0 || next < 0 || next >= this.total) return null;
    await this.#page(Math.floor(next / PAGE));
    const row = this.row(next);
    if (row) this.at = next;
    return row?.id ?? null;
  }

  place_of(id: string): { at: number; total: number } | null {
    if (this.total === null) return null;
    const at = this.row(this.at)?.id === id ? this.at : this.#indexOf(id);
    return at < 0 ? null : { at, total: this.total };
  }

  // ---- selection

  toggle(index: number): void {
    const id = this.row(index)?.id;
    if (!id) return;
    if (!this.selected.delete(id)) this.selected.add(id);
    this.#anchor = index;
    this.at = index;
  }

  /** From the last one chosen to this one. */
  async extend(index: number): Promise<void> {
    const [first, last] = this.#anchor < index ? [this.#anchor, index] : [index, this.#anchor];
    this.at = index;
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) await this.#page(page);
    this.selected.clear();
    for (let at = first; at <= last; at += 1) {
      const id = this.row(at)?.id;
      if (id) this.selected.add(id);
    }
  }

  start(index: number): void {
    this.#anchor = index;
    this.at = index;
  }

  async selectAll(): Promise<void> {
    const total = this.total ?? 0;
    const question = this.#question;
    for (let offset = 0; offset < total; offset += ALL) {
      const found = await this.#app.ask(() => this.#app.native.find(this.#query(offset, ALL)));
      if (!found || question !== this.#question) return;
      for (const row of found.rows) this.selected.add(row.id);
    }
  }

  /** Those selected, or else the one under the cursor. */
  chosen(): string[] {
    if (this.selected.size > 0) return [...this.selected];
    const id = this.row(this.at)?.id;
    return id ? [id] : [];
  }

  // ---- pages

  #query(offset: number, limit: number): Query {
    return { ...this.asked, text: this.asked.text.trim(), shelf: this.place, offset, limit };
  }

  async #load(): Promise<void> {
    const question = ++this.#question;
    const page = Math.floor(this.at / PAGE);
    try {
      const [found, facets] = await Promise.all([this.#app.native.find(this.#query(page * PAGE, PAGE)), this.#app.native.facets(this.place)]);
      if (question !== this.#question) return;
      this.#pages = new Map([[page, found.rows]]);
      this.total = found.total;
      this.facets = facets;
      this.problem = null;
      this.at = Math.max(0, Math.min(this.at, found.total - 1));
      this.#version += 1;
    } catch (error) {
      if (question !== this.#question) return;
      const problem = problemOf(error);
      this.problem = { message: problem?.message ?? null, reference: problem?.reference ?? null };
    }
  }

  async #page(page: number): Promise<void> {
    if (this.#pages.has(page)) return;
    const question = this.#question;
    const pages = this.#pages;
    pages.set(page, "asked");
    try {
      const found = await this.#app.native.find(this.#query(page * PAGE, PAGE));
      if (question !== this.#question) return;
      pages.set(page, found.rows);
      this.#version += 1;
    } catch {
      // Asked for again when it is next seen.
      pages.delete(page);
    }
  }

  #indexOf(id: string): number {
    for (const [page, rows] of this.#pages) {
      if (rows === "asked") continue;
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return page * PAGE + at;
    }
    return -1;
  }
}

const ORDER: State[] = ["valid", "intact", "undecided", "invalid", "no_badge"];

/** The states that there are, the good ones first. */
export const statesOf = (facets: Facets | null): { state: State; count: number }[] =>
  (facets?.states ?? []).filter(({ count }) => count > 0).sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));

// ---- how somebody likes their shelf; lost without harm

const KEY = "satchel.shelf";

function remembered(): { view: View; sort: Sort } {
  try {
    const { view, sort } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as { view?: View; sort?: Sort };
    return { view: view === "list" ? "list" : "grid", sort: sort === "issued" || sort === "name" || sort === "issuer" ? sort : "added" };
  } catch {
    return { view: "grid", sort: "added" };
  }
}

function remember(kept: { view: View; sort: Sort }): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A window without storage forgets it.
  }
}
