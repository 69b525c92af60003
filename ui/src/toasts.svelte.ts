// Short messages at the foot of the window, with one thing to do about each. Messages go by themselves; problems stay until they are read.

export type Toast = {
  id: number;
  text: string;
  /** A problem: spoken at once, and it stays. */
  reference?: string;
  action?: { label: string; run: () => void };
  /** It stays until it is read, though it is no problem. */
  stays?: boolean;
  /** Ctrl Z runs the action. */
  undo?: boolean;
};

const STAYS = 9000;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(toast: Omit<Toast, "id">): void {
    const id = this.#next++;
    // Two at most: a third would cover what people work on.
    for (const old of this.list.slice(0, -1)) this.close(old.id);
    this.list = [...this.list, { ...toast, id }];
    if (!toast.reference && !toast.stays) this.#wait(id);
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  clear(): void {
    for (const toast of this.list) this.close(toast.id);
  }

  run(toast: Toast): void {
    this.close(toast.id);
    toast.action?.run();
  }

  /** What Ctrl Z undoes: the newest that can be. */
  undo(): void {
    const last = this.list.findLast((toast) => toast.undo);
    if (last) this.run(last);
  }

  /** A message does not go while somebody reads it. */
  hold(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  release(): void {
    for (const toast of this.list) if (!toast.reference && !toast.stays) this.#wait(toast.id);
  }

  #wait(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.close(id), STAYS));
  }
}
