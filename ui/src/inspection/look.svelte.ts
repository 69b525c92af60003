// One of what was looked into, opened: its report, and asking whoever may settle what is open in it.
import type { App } from "../app.svelte";
import type { InspectedBadge } from "../generated/ipc";
import type { Inspect } from "./inspect.svelte";

export class Look {
  readonly #app: App;
  readonly #inspect: Inspect;
  readonly #index: number;
  found = $state.raw<InspectedBadge | null>(null);
  asking = $state(false);
  /** The picture was asked for; once is enough where nobody clicks. */
  #wasFetched = false;

  constructor(app: App, inspect: Inspect, index: number) {
    this.#app = app;
    this.#inspect = inspect;
    this.#index = index;
  }

  async load(): Promise<void> {
    this.found = (await this.#inspect.open(this.#index)) ?? this.found;
  }

  /** What asks, where that may settle something and the settings let a click ask. */
  get ask(): (() => void) | null {
    return this.#inspect.finished && this.#app.asks(this.found?.report) ? () => void this.#ask() : null;
  }

  /** What fetches the badge's picture, where it lies elsewhere and the settings let a click ask. */
  get fetchPicture(): (() => void) | null {
    return this.#inspect.finished && this.#app.begun?.settings.network !== "never" ? () => void this.#fetchPicture() : null;
  }

  /** The picture is looked at: where the settings say so, it is fetched without a click. */
  async showPicture(): Promise<void> {
    if (!this.found?.picture_at || !this.#inspect.finished || this.#wasFetched || this.#app.begun?.settings.network !== "always") return;
    this.#wasFetched = true;
    this.found = (await this.#inspect.fetchPicture(this.#index).catch(() => null)) ?? this.found;
  }

  async #fetchPicture(): Promise<void> {
    if (this.asking) return;
    this.asking = this.#wasFetched = true;
    const found = await this.#app.ask(() => this.#inspect.fetchPicture(this.#index), () => void this.#fetchPicture());
    this.asking = false;
    if (!found) return;
    this.found = found;
    if (found.picture_at) this.#app.toasts.say({ text: this.#app.words.badge.picture_missing(found.picture_at) });
  }

  async #ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const before = this.found?.report;
    const found = await this.#inspect.ask(this.#index);
    this.asking = false;
    if (!found) return;
    this.found = found;
    this.#app.asked(before, found.report);
  }
}
