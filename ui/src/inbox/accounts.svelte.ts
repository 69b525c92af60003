// Accounts at servers, and what waits for an answer. The native side tells when anything changed; what it has is read anew then.
import type { App } from "../app.svelte";
import type { Account, Accounts as All, InspectedBadge, Invitation, Keep } from "../generated/ipc";
import { problemOf } from "../platform";

export class Accounts {
  readonly #app: App;
  all = $state.raw<All | null>(null);
  /** The server in the field; a link may have named it. */
  server = $state("");
  /** The server that a link has named. */
  linked = $state<string | null>(null);
  /** The same, where this wallet has no account yet. */
  readonly newcomer = $derived(this.linked && this.all && !this.all.list.some((it) => it.server === this.linked || (it.server === "embedded" && this.all?.house?.url === this.linked)) ? this.linked : null);
  /** What keeps the tokens, once it has turned out that no keyring does. */
  keep = $state<Keep>("keyring");
  passphrase = $state("");
  asksKeep = $state(false);
  /** The account that somebody signs in to again; of no account where it is a new one. */
  again = $state<string | null>(null);
  /** Who was signed in in its place, by their ids. */
  another = $state.raw<{ account: string; found: string } | null>(null);
  busy = $state(false);
  /** Somebody is about to choose a server, so a picture that is handed in may have a QR code that names one. */
  choosing = $state(false);
  /** The invitation whose report is read. */
  looking = $state.raw<{ invitation: Invitation; found: InspectedBadge } | null>(null);
  /** Why the last sign-in did not work. */
  failed = $state.raw<string | null>(null);
  readonly waiting = $derived((this.all?.inbox ?? []).filter((it) => !it.answered && !it.later).length);

  constructor(app: App) {
    this.#app = app;
    app.native.on("accounts", () => void this.load());
    app.native.on("not_signed_in", (problem) => (this.failed = problem.message));
    app.native.on("signed_in", (found) => {
      this.another = this.again && this.again !== found ? { account: this.again, found } : null;
      this.again = null;
    });
    app.native.on("synced", ({ badges, badge, invitations }) => {
      if (badges > 0) {
        const run = () => app.go(badge ? { screen: "badge", id: badge } : { screen: "backpack" });
        app.toasts.say({ text: app.words.inbox.came(badges), action: { label: app.words.toast.show, run } });
      }
      if (invitations > 0 && app.route.screen !== "inbox") {
        app.toasts.say({ text: app.words.inbox.invited(invitations), action: { label: app.words.toast.show, run: () => app.go({ screen: "inbox" }) } });
      }
    });
  }

  async load(): Promise<void> {
    try {
      this.all = await this.#app.native.accounts();
    } catch {
      // Without a wallet there are none; the screen of the wallet says why.
      this.all = null;
    }
  }

  /** The server of an account, in words. */
  where(account: Account): string {
    return account.server === "embedded" ? this.#app.words.inbox.here : account.server;
  }

  /** Whose account it is, in words. */
  who(account: Account): string {
    return account.address ?? account.name;
  }

  /** A link names a server; that of an invitation leads whoever has no account there to registering with it. */
  follow(link: string): void {
    this.server = link;
    this.linked = new URL(link).origin;
  }

  async signIn(server: string, again: string | null = null): Promise<void> {
    if (this.busy) return;
    if (this.again !== again) this.asksKeep = false;
    this.again = again;
    this.another = null;
    this.failed = server.trim() ? null : this.#app.words.inbox.server_empty;
    if (this.failed) return;
    this.busy = true;
    try {
      await this.#app.native.sign_in(server, this.keep, this.keep === "passphrase" ? this.passphrase : null);
      this.asksKeep = false;
      this.passphrase = "";
      // The next one finds what keeps this one, or asks anew.
      this.keep = "keyring";
    } catch (error) {
      const problem = problemOf(error);
      if (problem?.code === "no_keyring") {
        this.asksKeep = true;
        this.keep = "passphrase";
      } else this.failed = problem?.message ?? this.#app.words.problem.unexpected;
    }
    this.busy = false;
    await this.load();
  }

  async discard(): Promise<void> {
    await this.#app.ask(() => this.#app.native.discard_sign_ins());
    await this.load();
  }

  /** Takes the server that a QR code names into the field; whether there was one. */
  async readCode(offer: number | null, pasted: number[] | null): Promise<boolean> {
    const server = await this.#app.ask(() => this.#app.native.server_in_picture(offer, pasted));
    if (server) {
      this.server = server;
      this.#app.toasts.say({ text: this.#app.words.inbox.code_read(new URL(server).origin) });
    }
    return Boolean(server);
  }

  async choosePicture(): Promise<void> {
    const offer = await this.#app.ask(() => this.#app.native.choose_picture());
    if (offer && !(await this.readCode(offer.id, null))) this.#app.toasts.say({ text: this.#app.words.inbox.no_code });
  }

  async look(invitation: Invitation): Promise<void> {
    const found = await this.#app.ask(() => this.#app.native.look_at(invitation.id), () => void this.look(invitation));
    if (found) this.looking = { invitation, found };
  }

  async setPublic(account: string, publish: boolean): Promise<void> {
    await this.#app.ask(() => this.#app.native.set_public(account, publish));
    await this.load();
  }

  async answer(invitation: Invitation, accept: boolean, publish: boolean | null): Promise<void> {
    await this.#app.ask(() => this.#app.native.answer(invitation.id, accept, publish));
    await this.load();
  }

  async postpone(invitation: Invitation, later: boolean): Promise<void> {
    await this.#app.ask(() => this.#app.native.postpone(invitation.account, invitation.id, later));
    await this.load();
  }

  async noteRead(): Promise<void> {
    const newest = this.all?.notices[0];
    if (newest) await this.#app.ask(() => this.#app.native.note_read(newest.number));
    await this.load();
  }
}
