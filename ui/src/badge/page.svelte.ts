// One badge of the wallet, opened: loading it, asking its issuer, trusting whom it names. Commands of the page that change the wallet go through App.
import type { App } from "../app.svelte";
import type { Profile, Shown } from "../generated/ipc";
import { oneLine } from "../lib/cut";
import { problemOf } from "../platform";

export class BadgePage {
  readonly #app: App;
  readonly id: string;
  shown = $state.raw<Shown | null>(null);
  problem = $state.raw<{ message: string | null; reference: string | null } | null>(null);
  asking = $state(false);
  /** The picture was asked for; once is enough where nobody clicks. */
  #wasFetched = false;

  constructor(app: App, id: string) {
    this.#app = app;
    this.id = id;
  }

  async load(): Promise<void> {
    try {
      this.shown = await this.#app.native.show(this.id);
      this.problem = null;
      if (this.shown.picture_at && this.#app.begun?.settings.network === "always" && !this.#wasFetched) void this.fetchPicture();
    } catch (error) {
      const problem = problemOf(error);
      this.problem = { message: problem?.message ?? null, reference: problem?.reference ?? null };
    }
  }

  /** Whether asking hosts may settle something, and the settings let a click ask. */
  get canAsk(): boolean {
    return this.#app.asks(this.shown?.report);
  }

  async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const before = this.shown?.report;
    const shown = await this.#app.ask(() => this.#app.native.ask(this.id), () => void this.ask());
    this.asking = false;
    if (!shown) return;
    this.shown = shown;
    this.#app.refresh();
    this.#app.asked(before, shown.report);
  }

  async fetchPicture(): Promise<void> {
    if (this.asking) return;
    this.asking = this.#wasFetched = true;
    const shown = await this.#app.ask(() => this.#app.native.ask(this.id), () => void this.fetchPicture());
    this.asking = false;
    if (!shown) return;
    this.shown = shown;
    this.#app.refresh();
    if (shown.picture_at) this.#app.toasts.say({ text: this.#app.words.badge.picture_missing(shown.picture_at) });
  }

  trust(issuer: Profile): void {
    this.#app.trusting = { issuer, trust: (name) => void this.#trust(issuer, name) };
  }

  async #trust(issuer: Profile, given: string): Promise<void> {
    const id = issuer.id;
    if (!id) return;
    const name = given || id;
    if ((await this.#app.ask(() => this.#app.native.trust(id, name))) === undefined) return;
    await this.#changed();
    const { words } = this.#app;
    this.#app.toasts.say({ text: words.toast.trusted(oneLine(name)), undo: true, action: { label: words.common.undo, run: () => void this.#take(id) } });
  }

  async untrust(issuer: Profile, name: string): Promise<void> {
    const id = issuer.id;
    if (!id || !(await this.#take(id))) return;
    const { words } = this.#app;
    const again = async () => {
      await this.#app.ask(() => this.#app.native.trust(id, name));
      await this.#changed();
    };
    this.#app.toasts.say({ text: words.toast.untrusted(oneLine(name)), undo: true, action: { label: words.common.undo, run: () => void again() } });
  }

  async #take(id: string): Promise<boolean> {
    const done = await this.#app.ask(() => this.#app.native.untrust(id));
    await this.#changed();
    return done !== undefined;
  }

  async #changed(): Promise<void> {
    await this.load();
    this.#app.refresh();
  }
}
