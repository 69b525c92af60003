// The one door to the native side, and the only file that knows Tauri. Everything else is written against `Platform`, so that the whole window
// also runs over sample data in a plain browser. No logic here: one line per command.
import { Channel, convertFileSrc, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type {
  Accounts,
  BadgeForm,
  Device,
  Dress,
  Keep,
  Opened,
  Synced,
  Erased,
  Facets,
  Found,
  Inspection,
  InspectedBadge,
  Kept,
  Offer,
  Problem,
  Progress,
  Query,
  ReportForm,
  RowNow,
  Saved,
  SavedSeveral,
  Saving,
  Settings,
  Shelf,
  Shown,
  Source,
  Start,
  Trusted,
  WalletState,
} from "./generated/ipc";

export type PictureSize = 128 | 320 | 640;
export type MenuItem = "backpack" | "verify" | "settings" | "add_files" | "add_folder" | "paste" | "search" | "lock" | "help";

/** What the native side tells by itself. */
export type Events = {
  /** Something was dropped, chosen in a menu or opened with Satchel. */
  offered: Offer;
  /** Files hover over the window. */
  dragging: boolean;
  /** The wallet changed underneath. */
  wallet: WalletState;
  menu: MenuItem;
  /** Something about accounts changed. */
  accounts: null;
  not_signed_in: Problem;
  /** The id of the account. */
  signed_in: string;
  synced: Synced;
  link: Opened;
};

declare global {
  interface Window {
    /** Said by the native side before the page runs. */
    dress: Dress;
  }
}

/** Every command rejects with a `Problem`. */
export interface Platform {
  /** What the window wears before `start` has answered. */
  readonly dress: Dress;
  start(): Promise<Start>;
  set_settings(settings: Settings): Promise<Start>;
  choose_wallet(): Promise<WalletState | null>;
  reopen_wallet(): Promise<WalletState>;
  rebuild_wallet(): Promise<WalletState>;
  adopt_wallet(): Promise<WalletState>;
  open_wallet(passphrase: string): Promise<WalletState>;
  /** With `null` the system's keyring keeps the key. */
  protect_wallet(passphrase: string | null): Promise<WalletState>;
  unprotect_wallet(): Promise<WalletState>;
  /** Closes an encrypted wallet at once. */
  lock_wallet(): Promise<WalletState>;

  choose_files(): Promise<Offer | null>;
  choose_folder(): Promise<Offer | null>;

  find(query: Query): Promise<Found>;
  facets(shelf: Shelf): Promise<Facets>;
  show(id: string): Promise<Shown>;
  ask(id: string): Promise<Shown>;
  remove(ids: string[]): Promise<number>;
  restore(ids: string[]): Promise<number>;
  erase(ids: string[]): Promise<Erased | null>;
  save_original(id: string, elsewhere: boolean): Promise<Saved | null>;
  save_png(id: string, elsewhere: boolean): Promise<Saved | null>;
  save_several(ids: string[], form: BadgeForm, elsewhere: boolean, on: (saving: Saving) => void): Promise<SavedSeveral | null>;
  stop_saving(): Promise<null>;
  save_all(): Promise<Saved | null>;
  reveal(path: string): Promise<null>;
  open_link(url: string): Promise<null>;

  inspect(sources: Source[], on: (progress: Progress) => void): Promise<Inspection>;
  cancel(inspection: Inspection): Promise<null>;
  inspected(inspection: Inspection, index: number): Promise<InspectedBadge>;
  ask_inspected(inspection: Inspection, index: number): Promise<InspectedBadge>;
  fetch_inspected_picture(inspection: Inspection, index: number): Promise<InspectedBadge>;
  rows_now(inspection: Inspection): Promise<RowNow[]>;
  keep(inspection: Inspection, indices: number[] | null): Promise<Kept>;
  save_report(inspection: Inspection, form: ReportForm, elsewhere: boolean): Promise<Saved | null>;
  forget(inspection: Inspection): Promise<null>;

  trusted(): Promise<Trusted[]>;
  trust(id: string, name: string): Promise<null>;
  untrust(id: string): Promise<null>;

  accounts(): Promise<Accounts>;
  sign_in(server: string, keep: Keep, passphrase: string | null): Promise<string>;
  open_again(): Promise<null>;
  cancel_sign_in(): Promise<null>;
  unlock(passphrase: string): Promise<null>;
  /** Throws the sign-ins away that nothing opens any more. */
  discard_sign_ins(): Promise<null>;
  sign_out(account: string, everywhere: boolean, forget: boolean): Promise<null>;
  sync_now(): Promise<null>;
  /** The whole report, before anybody answers. */
  look_at(invitation: string): Promise<InspectedBadge>;
  choose_picture(): Promise<Offer | null>;
  /** The server that a QR code names, in files that were handed in or in a picture that was pasted; nobody is asked. */
  server_in_picture(offer: number | null, pasted: number[] | null): Promise<string | null>;
  answer(invitation: string, accept: boolean, publish: boolean | null): Promise<null>;
  postpone(account: string, invitation: string, later: boolean): Promise<null>;
  note_read(number: number): Promise<null>;
  devices(account: string, end: string | null): Promise<Device[]>;
  set_public(account: string, publish: boolean): Promise<null>;
  set_server(on: boolean): Promise<null>;

  /** The address of a picture, by the id of a badge, `i-INSPECTION-INDEX` or `w-INVITATION`; `own`: it is the badge's own. */
  picture(id: string, size: PictureSize, own: boolean): string;
  on<K extends keyof Events>(event: K, hear: (payload: Events[K]) => void): void;
}

export const tauri: Platform = {
  dress: window.dress,
  start: () => invoke("start"),
  set_settings: (settings) => invoke("set_settings", { settings }),
  choose_wallet: () => invoke("choose_wallet"),
  reopen_wallet: () => invoke("reopen_wallet"),
  rebuild_wallet: () => invoke("rebuild_wallet"),
  adopt_wallet: () => invoke("adopt_wallet"),
  open_wallet: (passphrase) => invoke("open_wallet", { passphrase }),
  protect_wallet: (passphrase) => invoke("protect_wallet", { passphrase }),
  unprotect_wallet: () => invoke("unprotect_wallet"),
  lock_wallet: () => invoke("lock_wallet"),

  choose_files: () => invoke("choose_files"),
  choose_folder: () => invoke("choose_folder"),

  find: (query) => invoke("find", { query }),
  facets: (shelf) => invoke("facets", { shelf }),
  show: (id) => invoke("show", { id }),
  ask: (id) => invoke("ask", { id }),
  remove: (ids) => invoke("remove", { ids }),
  restore: (ids) => invoke("restore", { ids }),
  erase: (ids) => invoke("erase", { ids }),
  save_original: (id, elsewhere) => invoke("save_original", { id, elsewhere }),
  save_png: (id, elsewhere) => invoke("save_png", { id, elsewhere }),
  save_several: (ids, form, elsewhere, on) => {
    const channel = new Channel<Saving>();
    channel.onmessage = on;
    return invoke("save_several", { ids, form, elsewhere, on: channel });
  },
  stop_saving: () => invoke("stop_saving"),
  save_all: () => invoke("save_all"),
  reveal: (path) => invoke("reveal", { path }),
  open_link: (url) => invoke("open_link", { url }),

  inspect: (sources, on) => {
    const channel = new Channel<Progress>();
    channel.onmessage = on;
    return invoke("inspect", { sources, on: channel });
  },
  cancel: (inspection) => invoke("cancel", { inspection }),
  inspected: (inspection, index) => invoke("inspected", { inspection, index }),
  ask_inspected: (inspection, index) => invoke("ask_inspected", { inspection, index }),
  fetch_inspected_picture: (inspection, index) => invoke("fetch_inspected_picture", { inspection, index }),
  rows_now: (inspection) => invoke("rows_now", { inspection }),
  keep: (inspection, indices) => invoke("keep", { inspection, indices }),
  save_report: (inspection, form, elsewhere) => invoke("save_report", { inspection, form, elsewhere }),
  forget: (inspection) => invoke("forget", { inspection }),

  trusted: () => invoke("trusted"),
  trust: (id, name) => invoke("trust", { id, name }),
  untrust: (id) => invoke("untrust", { id }),

  accounts: () => invoke("accounts"),
  sign_in: (server, keep, passphrase) => invoke("sign_in", { server, keep, passphrase }),
  open_again: () => invoke("open_again"),
  cancel_sign_in: () => invoke("cancel_sign_in"),
  unlock: (passphrase) => invoke("unlock", { passphrase }),
  discard_sign_ins: () => invoke("discard_sign_ins"),
  sign_out: (account, everywhere, forget) => invoke("sign_out", { account, everywhere, forget }),
  sync_now: () => invoke("sync_now"),
  look_at: (invitation) => invoke("look_at", { invitation }),
  choose_picture: () => invoke("choose_picture"),
  server_in_picture: (offer, pasted) => invoke("server_in_picture", { offer, pasted }),
  answer: (invitation, accept, publish) => invoke("answer", { invitation, accept, public: publish }),
  postpone: (account, invitation, later) => invoke("postpone", { account, invitation, later }),
  note_read: (number) => invoke("note_read", { number }),
  devices: (account, end) => invoke("devices", { account, end }),
  set_public: (account, publish) => invoke("set_public", { account, public: publish }),
  set_server: (on) => invoke("set_server", { on }),

  // Another address than that of the plate, which the page has in its memory.
  picture: (id, size, own) => `${convertFileSrc(id, "badge")}?size=${size}${own ? "&own" : ""}`,
  on: (event, hear) => void listen<Events[typeof event]>(event, ({ payload }) => hear(payload as never)),
};

/** Whatever a command rejected with, as a `Problem`; `null` when it is something else, which the window has words for. */
export function problemOf(error: unknown): Problem | null {
  return typeof error === "object" && error !== null && "message" in error && "reference" in error ? (error as Problem) : null;
}
