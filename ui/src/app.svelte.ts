// What the whole window shares: the native side, the settings and the words that follow from them, where it is, and its messages. Each screen's
// own state stands beside that screen. Nothing here draws.
import { Shelf } from "./backpack/shelf.svelte";
import type { BadgeForm, Offer, Opened, Profile, Report, Saved, SavedSeveral, Saving, Settings, Source, Start, WalletState } from "./generated/ipc";
import { Accounts } from "./inbox/accounts.svelte";
import { Inspect } from "./inspection/inspect.svelte";
import { addresses } from "./lib/addresses";
import { oneLine } from "./lib/cut";
import { Formats } from "./lib/format";
import { type Platform, problemOf } from "./platform";
import { href, parse, type Route } from "./router";
import { Toasts } from "./toasts.svelte";
import { catalogues, type Words } from "./words";

export class App {
  readonly native: Platform;
  readonly toasts = new Toasts();
  /** `null` until the native side has answered. */
  begun = $state.raw<Start | null>(null);
  failed = $state.raw<{ message: string | null; reference: string | null } | null>(null);
  route = $state.raw<Route>(parse(location.hash));
  dragging = $state(false);
  over = $state<"palette" | "help" | "licences" | "paste" | null>(null);
  /** What was pasted and waits for a click, because it has addresses in it. */
  waiting = $state("");
  /** The issuer that is about to be trusted, and what follows once it has a name. */
  trusting = $state.raw<{ issuer: Profile; trust: (name: string) => void } | null>(null);
  /** How far the saving of several badges is, while it goes on. */
  saving = $state.raw<Saving | null>(null);
  readonly shelf: Shelf;
  readonly bin: Shelf;
  readonly accounts: Accounts;
  verify = $state.raw<Inspect | null>(null);
  adding = $state.raw<Inspect | null>(null);
  /** How the native side found the wallet, newest last. */
  readonly wallet = $derived(this.begun?.wallet ?? null);
  readonly language = $derived.by(() => this.begun?.language ?? this.native.dress.language);
  readonly words: Words = $derived(catalogues[this.language]);
  readonly formats = $derived(new Formats(this.language, navigator.languages));
  /** What to do when the search key is pressed; the screen that has a search sets it. */
  focusSearch: (() => void) | null = null;

  constructor(native: Platform) {
    this.native = native;
    this.shelf = new Shelf(this, "kept");
    this.bin = new Shelf(this, "bin");
    this.accounts = new Accounts(this);
    native.on("link", (link) => this.follow(link));
    addEventListener("hashchange", () => (this.route = parse(location.hash)));
    native.on("dragging", (over) => (this.dragging = over));
    native.on("offered", (offer) => this.offered(offer));
    native.on("wallet", (wallet) => this.walletIs(wallet));
    native.on("menu", (item) => {
      if (item === "backpack" || item === "verify" || item === "settings") this.go({ screen: item });
      else if (item === "add_files") void this.chooseFiles();
      else if (item === "add_folder") void this.chooseFolder();
      else if (item === "paste") this.paste();
      else if (item === "search") this.search();
      else if (item === "lock") void this.lock();
      else this.over = "help";
    });
  }

  async begin(): Promise<void> {
    this.failed = null;
    try {
      const begun = await this.native.start();
      this.begun = begun;
      void this.accounts.load();
      this.follow(begun.link);
      this.offered(...begun.offers);
    } catch (error) {
      const problem = problemOf(error);
      this.failed = { message: problem?.message ?? null, reference: problem?.reference ?? null };
    }
  }

  /** A link of ours opens a screen; a server that it names stands in the field, and nobody is asked before a person says so. */
  follow(link: Opened | null): void {
    if (!link) return;
    if (link.server) this.accounts.follow(link.server);
    this.go({ screen: link.screen === "inbox" || link.screen === "verify" ? link.screen : "backpack" });
  }

  go(route: Route): void {
    this.over = null;
    location.hash = href(route);
  }

  search(): void {
    if (this.focusSearch) this.focusSearch();
    else this.go({ screen: "backpack" });
  }

  // ---- asking the native side

  /** Runs a command; a problem becomes a message, and the answer `undefined`. `again` is what trying again does, with all that follows. */
  async ask<T>(command: () => Promise<T>, again?: () => void): Promise<T | undefined> {
    try {
      return await command();
    } catch (error) {
      this.tell(error, again);
      return undefined;
    }
  }

  /** Says what went wrong; with a button to try again when that may help. */
  tell(error: unknown, again?: () => void): void {
    const problem = problemOf(error);
    const retry = problem?.retry && again ? { label: this.words.common.retry, run: again } : undefined;
    this.toasts.say({ text: problem?.message ?? this.words.problem.unexpected, reference: problem?.reference ?? "-", action: retry });
  }

  async set(change: Partial<Settings>): Promise<void> {
    if (!this.begun) return;
    const before = this.begun;
    // Shown at once; the native side answers with what is in force.
    this.begun = { ...before, settings: { ...before.settings, ...change } };
    const after = await this.ask(() => this.native.set_settings({ ...before.settings, ...change }));
    this.begun = after ?? before;
    if (after && after.language !== before.language) this.refresh();
  }

  // ---- the wallet

  async chooseWallet(): Promise<void> {
    const wallet = await this.ask(() => this.native.choose_wallet());
    if (wallet) this.walletIs(wallet);
  }

  async reopenWallet(rebuild: boolean): Promise<void> {
    const wallet = await this.ask(() => (rebuild ? this.native.rebuild_wallet() : this.native.reopen_wallet()));
    if (wallet) this.walletIs(wallet);
  }

  /** Closes an encrypted wallet at once; of any other it says where that is chosen. */
  async lock(): Promise<void> {
    if (this.wallet?.state !== "open") return;
    if (this.wallet.keeper === null) return this.go({ screen: "settings" });
    const wallet = await this.ask(() => this.native.lock_wallet());
    if (!wallet) return;
    // Nothing of it stays on the page or in its address, where that is a badge's.
    this.toasts.clear();
    this.accounts.looking = null;
    this.trusting = null;
    this.adding?.forget();
    this.adding = null;
    this.walletIs(wallet);
    this.go({ screen: "backpack" });
  }

  async adoptWallet(): Promise<void> {
    const wallet = await this.ask(() => this.native.adopt_wallet());
    if (wallet) this.walletIs(wallet);
  }

  /** After anything that changes which badges there are, or what is said of them. */
  refresh(): void {
    this.shelf.refresh();
    this.bin.refresh();
    void this.adding?.refresh();
    void this.verify?.refresh();
  }

  /** The native side found the wallet like this. */
  walletIs(wallet: WalletState): void {
    if (this.begun) this.begun = { ...this.begun, wallet };
    // Accounts lie in the wallet: with another one, or once it is open, there are others.
    void this.accounts.load();
    // Of a closed one nothing can be asked: it would only say again that it is closed.
    if (wallet.state !== "closed") this.refresh();
    else for (const shelf of [this.shelf, this.bin]) shelf.forget();
  }

  // ---- moving, saving: what several screens do, each with its way back

  async remove(ids: string[]): Promise<boolean> {
    const count = await this.ask(() => this.native.remove(ids), () => void this.remove(ids));
    if (count === undefined) return false;
    this.refresh();
    this.toasts.say({
      text: this.words.toast.removed(count),
      undo: true,
      action: { label: this.words.common.undo, run: () => void this.restore(ids) },
    });
    return true;
  }

  async restore(ids: string[]): Promise<boolean> {
    const count = await this.ask(() => this.native.restore(ids), () => void this.restore(ids));
    if (count === undefined) return false;
    this.refresh();
    this.toasts.say({ text: this.words.toast.restored(count) });
    return true;
  }

  /** The native side asks before it erases. */
  async erase(ids: string[]): Promise<boolean> {
    const erased = await this.ask(() => this.native.erase(ids), () => void this.erase(ids));
    if (!erased) return false;
    this.refresh();
    const { toast } = this.words;
    const said = [toast.erased(erased.count)];
    if (erased.refused > 0) said.push(toast.erased_not(erased.refused));
    if (erased.shared > 0) said.push(toast.erased_shared(erased.shared));
    this.toasts.say({ text: said.join(". ") });
    if (erased.kept_in.length > 0) this.toasts.say({ text: toast.erased_kept_in(erased.kept_in.join(", ")), stays: true });
    if (erased.problem) this.tell(erased.problem, () => void this.erase(ids));
    return !erased.problem;
  }

  /** Saves something, and says where. */
  async save(command: () => Promise<Saved | null>): Promise<void> {
    const saved = await this.ask(command, () => void this.save(command));
    if (!saved) return;
    this.toasts.say({
      text: this.words.toast.saved(saved.path),
      action: { label: this.words.toast.show_in_folder, run: () => void this.ask(() => this.native.reveal(saved.path)) },
    });
  }

  /** Saves several badges into a folder of their own, and says where that is and what is not in it. */
  async saveSeveral(ids: string[], form: BadgeForm, elsewhere: boolean): Promise<boolean> {
    if (this.saving) return false;
    this.saving = { done: 0, total: ids.length };
    const again = () => void this.saveSeveral(ids, form, elsewhere);
    const heard = (saving: Saving) => {
      if (this.saving) this.saving = saving;
    };
    const saved = await this.ask(() => this.native.save_several(ids, form, elsewhere, heard), again);
    this.saving = null;
    if (!saved) return false;
    this.#saidOf(saved);
    if (saved.problem) this.tell(saved.problem, again);
    return !saved.problem && !saved.stopped;
  }

  #saidOf({ folder, count, refused, stopped }: SavedSeveral): void {
    const { toast } = this.words;
    const said = [folder ? toast.saved_several(count, folder.path) : toast.saved_none];
    if (refused > 0) said.push(toast.saved_not(refused));
    if (stopped) said.push(toast.saved_stopped);
    const text = said.join("; ");
    this.toasts.say(folder ? { text, action: { label: toast.show_in_folder, run: () => void this.ask(() => this.native.reveal(folder.path)) } } : { text });
  }

  /** Whether asking hosts may settle something about a badge, and the settings let a click ask. */
  asks(report: Report | undefined): boolean {
    return (report?.hosts.length ?? 0) > 0 && this.begun?.settings.network !== "never";
  }

  /** Says what came of asking. */
  asked(before: Report | undefined, { hosts, headline }: Report): void {
    const { toast } = this.words;
    // What they were to settle is open still.
    const text = hosts.length > 0 ? toast.asked_silent(this.formats.list(hosts)) : headline === before?.headline ? toast.asked_same : toast.asked;
    this.toasts.say({ text });
  }

  async copy(text: string): Promise<void> {
    await this.ask(() => navigator.clipboard.writeText(text));
    this.toasts.say({ text: this.words.toast.copied });
  }

  openLink(url: string): void {
    void this.ask(() => this.native.open_link(url));
  }

  // ---- files and text that somebody hands in

  async chooseFiles(verify = this.route.screen === "verify"): Promise<void> {
    const offer = await this.ask(() => this.native.choose_files());
    if (offer) this.#look([offer], verify);
  }

  async chooseFolder(verify = this.route.screen === "verify"): Promise<void> {
    const offer = await this.ask(() => this.native.choose_folder());
    if (offer) this.#look([offer], verify);
  }

  /** Files are looked into before anything is kept; on the screen Verify, and without a wallet, they are only checked. */
  offered(...offers: Offer[]): void {
    const [first] = offers;
    const look = () => this.#look(offers, this.route.screen === "verify");
    if (first && this.accounts.choosing && offers.length === 1 && first.count === 1 && !first.folder) {
      void this.accounts.readCode(first.id, null).then((read) => read || look());
    } else look();
  }

  #look(offers: Offer[], verify: boolean): void {
    if (offers.length === 0) return;
    const count = offers.reduce((sum, offer) => sum + offer.count, 0);
    this.inspect(
      offers.map(({ id }) => ({ kind: "offer", id })),
      () => this.words.inspection.titled(oneLine(offers[0]?.names[0] ?? "", 60), count - 1),
      verify,
    );
  }

  /** Opens the field to paste in, with what is there already. */
  paste(text = ""): void {
    this.waiting = text;
    this.over = "paste";
  }

  /** What was pasted somewhere in the window. What would ask hosts waits for a click, unless the settings let it. */
  pastedAnywhere(text: string): void {
    if (addresses(text).length > 0 && this.begun?.settings.network !== "always") this.paste(text);
    else this.pasted(text);
  }

  pasted(text: string, verify = this.route.screen === "verify"): void {
    const trimmed = text.trim();
    if (!trimmed) return;
    const isAddress = /^https?:\/\/\S+$/i.test(trimmed);
    const source: Source = isAddress ? { kind: "url", url: trimmed } : { kind: "text", text };
    this.inspect([source], () => (isAddress ? oneLine(trimmed, 60) : this.words.inspection.pasted), verify);
  }

  inspect(sources: Source[], title: () => string, verify: boolean): void {
    const checking = verify || this.wallet?.state === "closed";
    const inspect = new Inspect(this, checking ? "verify" : "import", title);
    if (checking) {
      this.verify?.forget();
      this.verify = inspect;
    } else {
      this.adding?.forget();
      this.adding = inspect;
    }
    this.dragging = false;
    this.go({ screen: checking ? "verify" : "import" });
    void inspect.run(sources);
  }
}
