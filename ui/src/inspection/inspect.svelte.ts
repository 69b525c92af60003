// One inspection: files, text or an address looked into, row by row as the native side goes on. Verify and Add badges are two views of it. The rows
// are plain data (there may be ten thousand); `#version` says when they have grown.
import { SvelteSet } from "svelte/reactivity";
import type { App } from "../app.svelte";
import type { Fate, Inspected, InspectedBadge, Inspection, Kept, Problem, Progress, ReportForm, Source, State } from "../generated/ipc";
import { problemOf } from "../platform";

export type Purpose = "verify" | "import";
export const STATES: State[] = ["valid", "intact", "invalid", "undecided", "no_badge"];
/** Milliseconds between two looks at what has come. */
const BREATH = 50;
export const FATES: Fate[] = ["new", "here", "bin", "refused"];

export class Inspect {
  readonly #app: App;
  readonly purpose: Purpose;
  readonly #title: () => string;
  id = $state<Inspection | null>(null);
  done = $state(0);
  total = $state<number | null>(null);
  finished = $state(false);
  cancelled = $state(false);
  problem = $state.raw<Problem | null>(null);
  asked = $state.raw<string[]>([]);
  state = $state<State | null>(null);
  fate = $state<Fate | null>(null);
  text = $state("");
  /** Rows without a badge, which Add badges leaves out until somebody asks. */
  withFiles = $state(false);
  opened = $state<number | null>(null);
  /** The rows whose boxes are ticked, by index. */
  chosen = new SvelteSet<number>();
  kept = $state.raw<Kept | null>(null);
  keeping = $state(false);
  #rows: Inspected[] = [];
  #version = $state(0);
  /** What the native side has sent since the page last drew: it may send a thousand times a second. */
  #waiting: Progress[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cancelSoon = false;
  #forgotten = false;

  constructor(app: App, purpose: Purpose, title: () => string) {
    this.#app = app;
    this.purpose = purpose;
    this.#title = title;
  }

  /** In the language of now. */
  get title(): string {
    return this.#title();
  }

  async run(sources: Source[]): Promise<void> {
    const { language } = this.#app;
    try {
      this.id = await this.#app.native.inspect(sources, (progress) => this.#hear(progress, language));
      if (this.#cancelSoon) this.cancel();
      if (this.#forgotten) this.forget();
    } catch (error) {
      this.problem = problemOf(error) ?? { code: "unexpected", message: this.#app.words.problem.unexpected, retry: false, reference: "-" };
      this.finished = true;
    }
  }

  #hear(progress: Progress, language: string): void {
    this.#waiting.push(progress);
    if (progress.finished) {
      this.#take();
      // The native side went on in the language in which it began.
      if (language !== this.#app.language) void this.refresh();
    } else this.#timer ??= setTimeout(() => this.#take(), BREATH);
  }

  #take(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const progress = this.#waiting.at(-1);
    if (!progress) return;
    this.done = progress.done;
    this.total = progress.total;
    this.finished = progress.finished;
    this.cancelled = progress.cancelled;
    this.asked = progress.asked;
    for (const { rows } of this.#waiting) {
      for (const row of rows) {
        this.#rows.push(row);
        if (this.purpose === "import" && isWanted(row)) this.chosen.add(row.index);
      }
    }
    this.#waiting = [];
    this.#version += 1;
  }

  /** After anything that changes what is said of the rows: another language, or another wallet. */
  async refresh(): Promise<void> {
    const id = this.id;
    if (id === null || !this.finished) return;
    const now = await this.#app.native.rows_now(id).catch(() => []);
    this.#rows = this.#rows.map((row, at) => ({ ...row, ...now[at] }));
    for (const index of this.chosen) if (!canKeep(this.#rows[index] as Inspected)) this.chosen.delete(index);
    this.#version += 1;
  }

  cancel(): void {
    this.#cancelSoon = true;
    if (this.id !== null) void this.#app.ask(() => this.#app.native.cancel(this.id as number));
  }

  /** The native side may let go of what it read. */
  forget(): void {
    this.#forgotten = true;
    if (this.id === null) return;
    const id = this.id;
    void (this.finished ? this.#app.native.forget(id) : this.#app.native.cancel(id).then(() => this.#app.native.forget(id))).catch(() => undefined);
  }

  // ---- the rows

  readonly rows: readonly Inspected[] = $derived.by(() => (void this.#version, this.#rows.slice()));
  readonly counts: Record<State, number> = $derived(count(this.rows, STATES, (row) => row.state));
  readonly fates: Record<Fate, number> = $derived(
    count(
      this.rows.filter((row) => row.state !== "no_badge"),
      FATES,
      (row) => row.fate,
    ),
  );
  readonly badges: number = $derived(this.rows.length - this.counts.no_badge);
  /** Everything was read, and nothing was in it. */
  readonly empty: boolean = $derived(this.finished && !this.problem && this.badges === 0);
  /** Exactly one badge: shown as itself rather than as a table. */
  readonly only: Inspected | null = $derived(this.finished && this.badges === 1 && this.rows.length === 1 ? (this.rows[0] ?? null) : null);
  readonly shown: readonly Inspected[] = $derived.by(() => {
    const wanted = this.text.trim().toLocaleLowerCase();
    const without = this.purpose === "import" && !this.withFiles && this.state !== "no_badge";
    return this.rows.filter(
      (row) =>
        (this.state === null || row.state === this.state) &&
        (this.fate === null || (row.fate === this.fate && row.state !== "no_badge")) &&
        (!without || row.state !== "no_badge") &&
        (wanted === "" || [row.path, row.name, row.issuer].some((text) => text?.toLocaleLowerCase().includes(wanted))),
    );
  });

  /** Those that could be kept. */
  readonly keepable: readonly Inspected[] = $derived(this.rows.filter(canKeep));
  /** Those of them that are shown. */
  readonly offered: readonly Inspected[] = $derived(this.shown.filter(canKeep));
  /** How many of those that are shown are ticked. */
  readonly ticked: number = $derived(this.offered.filter((row) => this.chosen.has(row.index)).length);

  filter(state: State | null): void {
    this.state = state;
    this.opened = null;
  }

  async open(index: number): Promise<InspectedBadge | undefined> {
    const id = this.id;
    return id === null ? undefined : this.#app.ask(() => this.#app.native.inspected(id, index));
  }

  /** Asks the hosts that may settle something about one of them; what they say comes along when it is kept. */
  async ask(index: number): Promise<InspectedBadge | undefined> {
    const id = this.id;
    if (id === null) return undefined;
    const found = await this.#app.ask(() => this.#app.native.ask_inspected(id, index));
    if (found) await this.refresh();
    return found;
  }

  /** Fetches the picture of one of them from where its badge says that it lies. */
  fetchPicture(index: number): Promise<InspectedBadge> {
    return this.#app.native.fetch_inspected_picture(this.id as number, index);
  }

  picture(row: Inspected): string | null {
    return this.id !== null && row.state !== "no_badge" ? `i-${this.id}-${row.index}` : null;
  }

  // ---- keeping and reporting

  /** Ticks the rows that are shown, or takes their ticks away; what a filter hides stays as it is. */
  chooseAll(all: boolean): void {
    for (const { index } of this.offered) {
      if (all) this.chosen.add(index);
      else this.chosen.delete(index);
    }
  }

  async keep(only: number[] | null = null): Promise<void> {
    const id = this.id;
    if (id === null || this.keeping) return;
    this.keeping = true;
    const indices = only ?? (this.chosen.size === this.keepable.length ? null : [...this.chosen]);
    const again = () => void this.keep(only);
    const kept = await this.#app.ask(() => this.#app.native.keep(id, indices), again);
    this.keeping = false;
    if (!kept) return;
    this.kept = kept;
    if (kept.problem) this.#app.tell(kept.problem, again);
    else this.chosen.clear();
    this.#app.refresh();
  }

  async save(form: ReportForm, elsewhere: boolean): Promise<void> {
    const id = this.id;
    if (id !== null) await this.#app.save(() => this.#app.native.save_report(id, form, elsewhere));
  }
}

/** What is ticked from the start: what is new and not known to be wrong. The rest is a person's to choose. */
const isWanted = (row: Inspected): boolean => row.fate === "new" && row.state !== "no_badge" && row.state !== "invalid";

export const canKeep = (row: Inspected): boolean => row.state !== "no_badge" && (row.fate === "new" || row.fate === "bin");

function count<K extends string>(rows: readonly Inspected[], keys: K[], of: (row: Inspected) => K): Record<K, number> {
  const counts = Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
  for (const row of rows) counts[of(row)] += 1;
  return counts;
}
