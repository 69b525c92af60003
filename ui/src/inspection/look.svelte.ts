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
