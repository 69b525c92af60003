// What the first words do without (rest.ts): fetched as soon as they stand, so that nobody waits for it.
type Rest = typeof import("./rest");

class Later {
  /** `null` for the first moments of the window. */
  rest = $state.raw<Rest | null>(null);

  async load(): Promise<void> {
    this.rest ??= await import("./rest");
  }
}

export const later = new Later();
