// Written by `cargo xtask bindings` from src-tauri/ipc.rs. Do not edit.

export type Language = "en" | "it";

export type State = "valid" | "intact" | "invalid" | "undecided" | "no_badge";

export type Mark = "expired" | "revoked" | "not_yet" | "status_unknown" | "not_yours" | "other";

export type CheckStatus = "pass" | "fail" | "unknown" | "skipped";

export type Problem = { code: string, message: string, retry: boolean, reference: string, };

export type Theme = "system" | "light" | "dark";

export type Network = "never" | "on_click" | "always";

export type Settings = { language: Language | null, theme: Theme, text_size: number, network: Network, notify: boolean, };

export type WalletState = { "state": "open", folder: string, badges: number, foreign: boolean, keeper: string | null, remarks: Array<string>, } | { "state": "closed", folder: string, problem: Problem, can_rebuild: boolean, needs_passphrase: boolean, };

export type Offer = { id: number, names: Array<string>, count: number, folder: boolean, };

export type Dress = { language: Language, theme: Theme, text_size: number, };

export type Start = { language: Language, settings: Settings, wallet: WalletState, version: string, offers: Array<Offer>, link: Opened | null, };

export type Source = { "kind": "offer", id: number, } | { "kind": "text", text: string, } | { "kind": "url", url: string, };

export type Shelf = "kept" | "bin";

export type Sort = "added" | "issued" | "name" | "issuer";

export type Query = { text: string, shelf: Shelf, states: Array<State>, issuer: string | null, year: number | null, sort: Sort, offset: number, limit: number, };

export type Row = { id: string, name: string | null, issuer: string | null, issued_on: string | null, expires: string | null, added: string, state: State, mark: Mark | null, picture: boolean, removed: string | null, };

export type Found = { total: number, offset: number, rows: Array<Row>, };

export type StateCount = { state: State, count: number, };

export type YearCount = { year: number, count: number, };

export type IssuerCount = { key: string, name: string, count: number, };

export type Facets = { kept: number, bin: number, states: Array<StateCount>, years: Array<YearCount>, issuers: Array<IssuerCount>, };

export type Used = { source: string, sha256: string, fetched: string | null, origin: string, };

export type Line = { check: string, name: string, status: CheckStatus, code: string, message: string, evidence: Array<Used>, };

export type Report = { state: State, headline: string, hint: string | null, signer: string | null, trusted: string | null, lines: Array<Line>, checked: string, hosts: Array<string>, };

export type Nested = { name: string | null, issuer: string | null, text: Array<Block>, report: Report, };

export type Profile = { id: string | null, name: string | null, url: string | null, email: string | null, description: string | null, looks_like: string | null, };

export type Block = { "kind": "heading", spans: Array<Span>, } | { "kind": "paragraph", spans: Array<Span>, } | { "kind": "quote", blocks: Array<Block>, } | { "kind": "list", first: number | null, items: Array<Array<Block>>, };

export type Span = { kind: SpanKind, text: string, url: string | null, place: string | null, };

export type SpanKind = "text" | "strong" | "emphasis" | "code" | "link";

export type Fact = { name: string, value: string, };

export type Link = { name: string | null, url: string | null, description: string | null, text: Array<Block>, kind: string | null, };

export type Alignment = { name: string | null, framework: string | null, code: string | null, url: string | null, description: string | null, };

export type Result = { name: string | null, value: string | null, status: string | null, note: string | null, };

export type Event = { at: string, text: string, };

export type Recipient = { name: string | null, text: string, };

export type Badge = { name: string | null, description: Array<Block>, version: string, kind: string | null, issuer: Profile | null, creator: Profile | null, issued_on: string | null, awarded_on: string | null, expires: string | null, recipient: Recipient | null, criteria: Array<Block>, criteria_url: string | null, narrative: Array<Block>, evidence: Array<Link>, alignment: Array<Alignment>, results: Array<Result>, tags: Array<string>, endorsements: Array<Nested>, more: Array<Fact>, raw: string, };

export type Shown = { id: string, badge: Badge | null, report: Report, nested: Array<Nested>, mark: Mark | null, history: Array<Event>, file: string, format: string, copies: number, picture_from: string | null, added: string, removed: string | null, picture: boolean, picture_at: string | null, };

export type Inspection = number;

export type Fate = "new" | "here" | "bin" | "refused";

export type Inspected = { index: number, path: string, part: number, name: string | null, issuer: string | null, issued_on: string | null, state: State, mark: Mark | null, reason: string | null, fate: Fate, picture: boolean, };

export type RowNow = { state: State, mark: Mark | null, reason: string | null, fate: Fate, };

export type Progress = { done: number, total: number | null, rows: Array<Inspected>, finished: boolean, cancelled: boolean, asked: Array<string>, };

export type InspectedBadge = { badge: Badge | null, report: Report, nested: Array<Nested>, path: string, part: number, picture: boolean, picture_at: string | null, };

export type Kept = { added: number, here: number, refused: number, ids: Array<string>, problem: Problem | null, };

export type Erased = { count: number, shared: number, kept_in: Array<string>, refused: number, problem: Problem | null, };

export type Saved = { path: string, folder: string, };

export type BadgeForm = "png" | "original";

export type Saving = { done: number, total: number, };

export type SavedSeveral = { folder: Saved | null, count: number, refused: number, stopped: boolean, problem: Problem | null, };

export type ReportForm = "html" | "csv" | "json";

export type Trusted = { id: string, name: string, added: string, };

export type Keep = "keyring" | "passphrase" | "session";

export type Account = { id: string, server: string, name: string, address: string | null, page: string, public: boolean, signed_in: boolean, untold: boolean, synced: string | null, unsent: number, badges: number, busy: boolean, problem: Problem | null, };

export type Invitation = { id: string, account: string, name: string, issuer: string | null, issuer_id: string, address: string | null, created: string, expires: string, state: State | null, later: boolean, answered: string | null, asks: boolean, };

export type Notice = { number: number, text: string, at: string, };

export type Device = { id: string, name: string, number: number | null, created: string, seen: string, current: boolean, };

export type House = { url: string, mail: string, first: string | null, };

export type Accounts = { list: Array<Account>, inbox: Array<Invitation>, more: number, notices: Array<Notice>, locked: boolean, signing: string | null, house: House | null, };

export type Synced = { badges: number, badge: string | null, invitations: number, };

export type Opened = { screen: string, server: string | null, };
