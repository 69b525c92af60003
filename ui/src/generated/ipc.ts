// The types of the commands. Written by ts-rs from src-tauri; do not edit.
export type Language = "en" | "it";
/** What the window shows as one word: `intact` = valid, but nobody whom the owner trusts vouches for the issuer. */
export type State = "valid" | "intact" | "invalid" | "undecided" | "no_badge";
/** Why a card is not the normal one. `other`: invalid or undecided for another reason; the word of `State` is shown. */
export type Mark = "expired" | "revoked" | "not_yet" | "status_unknown" | "other";
export type CheckStatus = "pass" | "fail" | "unknown" | "skipped";

/** The one error of every command (invoke rejects with it). `message` is in the language of the settings and says what happened, what was
    kept and what to do. `reference` is a short random code that also stands in the log. */
export type Problem = { code: string, message: string, retry: boolean, reference: string };

export type Theme = "system" | "light" | "dark";
/** Whether issuers are asked: never; when a person clicks; whenever a badge is read. */
export type Network = "never" | "on_click" | "always";
export type Settings = { language: Language | null /* null: the system's */, theme: Theme, text_size: number /* 100..200 percent */, network: Network };

export type WalletState =
  | { state: "open", folder: string, badges: number, /** what had to be rebuilt or was lost when it was opened, in words */ remarks: string[] }
  | { state: "closed", folder: string, problem: Problem, /** whether "Rebuild" can help */ can_rebuild: boolean };

export type Start = { language: Language /* in force */, settings: Settings, wallet: WalletState, version: string, offers: Offer[] };

/** Files that a person handed in natively (dropped, chosen, "Open with"); the window never names a path. `count` of named files and folders. */
export type Offer = { id: number, names: string[], count: number, folder: boolean };
export type Source = { kind: "offer", id: number } | { kind: "text", text: string } | { kind: "url", url: string };

// ---------------------------------------------------------------- the backpack
export type Shelf = "kept" | "bin";
export type Sort = "added" | "issued" | "name" | "issuer";
export type Query = { text: string, shelf: Shelf, states: State[] /* empty: all */, issuer: string | null /* Facets.issuers[].key */,
  year: number | null, sort: Sort, offset: number, limit: number };
export type Row = { id: string, name: string | null, issuer: string | null, issued_on: string | null, expires: string | null, added: string,
  state: State, mark: Mark | null, /** badge:// has a picture for it */ picture: boolean, removed: string | null };
export type Found = { total: number, offset: number, rows: Row[] };
export type Facets = { kept: number, bin: number, states: { state: State, count: number }[], years: { year: number, count: number }[],
  issuers: { key: string, name: string, count: number }[] };

// ---------------------------------------------------------------- one badge
export type Used = { source: string, sha256: string, fetched: string | null, origin: string /* in words */ };
export type Line = { check: string, /** the name of the check in words */ name: string, status: CheckStatus, code: string, message: string, evidence: Used[] };
export type Report = { state: State, headline: string, /** what would settle it, in words */ hint: string | null, signer: string | null,
  /** who among those the owner trusts vouches, by which name */ trusted: string | null, lines: Line[], checked: string,
  /** whether asking hosts may settle something, and which */ hosts: string[] };
/** An endorsement or a bundled credential. */
export type Nested = { name: string | null, issuer: string | null, text: string | null, report: Report };
export type Profile = { id: string | null, name: string | null, url: string | null, email: string | null, description: string | null,
  /** a name the owner trusts that this one could be taken for */ looks_like: string | null };
export type Fact = { name: string, value: string };
export type Link = { name: string | null, url: string | null, description: string | null, /** text to show instead of a page */ text: string | null,
  kind: string | null };
export type Alignment = { name: string | null, framework: string | null, code: string | null, url: string | null, description: string | null };
export type Result = { name: string | null, value: string | null, status: string | null, /** what the value means: range, levels */ note: string | null };
export type Event = { at: string, text: string };
export type Badge = {
  name: string | null, description: string | null, version: string /* "Open Badges 3.0" */, kind: string | null /* achievement type */,
  issuer: Profile | null, creator: Profile | null, issued_on: string | null, awarded_on: string | null, expires: string | null,
  recipient: { name: string | null, /** how it is bound, in words */ text: string } | null,
  criteria: string | null, criteria_url: string | null, narrative: string | null,
  evidence: Link[], alignment: Alignment[], results: Result[], tags: string[], endorsements: Nested[],
  /** Members that the view has no place for, with their path, as text. */ more: Fact[],
  /** The credential as received, pretty-printed JSON; for a JWS its decoded payload. */ raw: string,
};
/** A badge of the wallet. */
export type Shown = { id: string, badge: Badge | null, report: Report, nested: Nested[], mark: Mark | null, history: Event[], file: string, format: string,
  copies: number, added: string, removed: string | null, picture: boolean, /** whether a PNG can be made (it has a picture, or the program draws one) */ can_png: boolean };

// ---------------------------------------------------------------- checking and importing: one inspection
export type Inspection = number;
/** What became of a credential, were it kept: `here`: already in the wallet; `bin`: in its bin. */
export type Fate = "new" | "here" | "bin" | "refused";
export type Inspected = { index: number, path: string, part: number, name: string | null, issuer: string | null, issued_on: string | null, state: State,
  mark: Mark | null, reason: string | null /* first reason in words */, fate: Fate, picture: boolean };
/** Sent through a channel while an inspection runs; rows come in order. */
export type Progress = { done: number, /** null while folders are still being listed */ total: number | null, rows: Inspected[], finished: boolean, cancelled: boolean,
  /** in words, when it ended early */ problem: Problem | null, asked: string[] /* hosts */ };
export type InspectedBadge = { badge: Badge | null, report: Report, nested: Nested[], path: string, part: number, picture: boolean };
export type Kept = { added: number, here: number, refused: number, ids: string[] /* of the added */ };
export type Saved = { path: string, folder: string };
export type ReportForm = "html" | "csv" | "json";

// ---------------------------------------------------------------- trust
export type Trusted = { id: string, name: string, added: string };
