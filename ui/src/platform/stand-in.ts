// A stand-in for the native side, for a plain browser: sample data, everything answered at once, nothing kept. `?badges=10000` makes a large wallet;
// `?screen=` empty, sealed, locked, newer, gone, damaged, unusable, broken, offer, photos, one; `?lang=`, `?theme=`, `?size=`, `?network=`, `?tags=20000` tags, `?problem` fails what
// is saved. Never in the product: a test looks for this word in its bundle: SATCHEL-STAND-IN.
import type {
  Account,
  Accounts,
  Invitation,
  Badge,
  Block,
  Fate,
  Found,
  Inspected,
  InspectedBadge,
  Language,
  Line,
  Offer,
  Problem,
  Progress,
  Report,
  Row,
  Settings,
  Span,
  SpanKind,
  Shelf,
  Shown,
  Start,
  State,
  Trusted,
  WalletState,
} from "../generated/ipc";
import type { Events, Platform } from "../platform";
import { type Sample, sampleAt, samples } from "./samples";

export const MARKER = "SATCHEL-STAND-IN";

type Kept = Sample & { id: string; added: string; removed: string | null };
const NOW = "2026-11-23T09:41:00Z";

export function standIn(asked: URLSearchParams): Platform {
  document.documentElement.dataset["platform"] = MARKER;
  let screen = asked.get("screen") ?? "";
  const count = screen === "empty" ? 0 : Number(asked.get("badges") ?? samples.length);
  let settings: Settings = {
    language: (asked.get("lang") as Language | null) ?? null,
    theme: (asked.get("theme") as Settings["theme"] | null) ?? "system",
    text_size: Number(asked.get("size") ?? 100),
    network: (asked.get("network") as Settings["network"] | null) ?? "on_click",
    notify: true,
  };
  const language = (): Language => settings.language ?? (navigator.language.startsWith("it") ? "it" : "en");
  const say = (english: string, italian: string) => (language() === "it" ? italian : english);
  const wallet: Kept[] = Array.from({ length: count }, (_, index) => ({
    ...sampleAt(index),
    id: `b${index.toString(16).padStart(8, "0")}`,
    added: new Date(Date.parse("2026-11-22T10:00:00Z") - index * 3_600_000).toISOString(),
    removed: index === 21 || index === 22 ? (asked.has("bin") ? "2026-11-20T10:00:00Z" : null) : null,
  }));
  const trusted = new Map<string, Trusted>();
  for (const { state, host, issuer, mark } of samples) {
    if (state === "valid" || mark === "revoked" || host === "valdora.example") trusted.set(idOf(host), { id: idOf(host), name: issuer, added: "2025-03-08T10:00:00Z" });
  }
  const hearing: { [K in keyof Events]?: (payload: Events[K]) => void } = {};
  const inspections = new Map<number, { rows: Inspected[]; samples: (Sample | null)[]; stop: boolean }>();
  const offers = new Map<number, number>();
  let nextOffer = 1;
  let nextInspection = 1;
  let keeper: "passphrase" | null = asked.has("sealed") ? "passphrase" : null;
  let stopSaving = false;
  let foreign = asked.has("foreign");
  let open = screen !== "sealed" && screen !== "locked" && screen !== "newer" && screen !== "damaged" && screen !== "unusable" && screen !== "gone";

  const problem = (code: string, english: string, italian: string, retry = false): Problem => ({ code, message: say(english, italian), retry, reference: "K7Q2-MX4D" });
  const refuse = (code: string, english: string, italian: string, retry = false): Promise<never> => Promise.reject(problem(code, english, italian, retry));

  function walletState(): WalletState {
    const folder = "/home/elena/Documents/Satchel";
    if (open) return { state: "open", folder, badges: wallet.filter(({ removed }) => !removed).length, foreign, keeper, remarks: [] };
    const why: Record<string, Problem> = {
      sealed: problem("needs_passphrase", "The wallet is locked. Its passphrase opens it.", "Il portafoglio è bloccato. Lo apre la sua frase segreta."),
      locked: problem(
        "wallet_locked",
        "“satchel wallet import” (process 4120) works on this wallet, so it was not opened here. Nothing was changed. Wait until that program has ended, then try again.",
        "«satchel wallet import» (processo 4120) lavora su questo portafoglio, che perciò qui non è stato aperto. Niente è cambiato. Aspetta che quel programma finisca, poi riprova.",
        true,
      ),
      newer: problem(
        "wallet_newer",
        "This wallet has version 9, and this Satchel knows versions up to 1. It was left as it is. Install the newer Satchel, or use another folder.",
        "Questo portafoglio ha la versione 9 e questo Satchel conosce le versioni fino alla 1. È rimasto com’era. Installa il Satchel più recente oppure usa un’altra cartella.",
      ),
      gone: problem(
        "wallet_gone",
        "The folder /home/elena/Documents/Satchel is not there, or holds no wallet any more. Nothing was changed, and no new wallet was made in its place. If it lies on a disk that can be taken out, connect that and try again; or use another folder.",
        "La cartella /home/elena/Documents/Satchel non c’è, o non contiene più un portafoglio. Non è stato modificato nulla, e non ne è stato creato uno nuovo al suo posto. Se si trova su un disco rimovibile, collegalo e riprova; oppure usa un’altra cartella.",
        true,
      ),
      damaged: problem(
        "wallet_damaged",
        "A page of wallet.db is not what was written there. 211 of 214 badges are whole. Rebuild the wallet to save them; the damaged file is kept beside it.",
        "Una pagina di wallet.db non è quella che era stata scritta. 211 badge su 214 sono interi. Ricostruisci il portafoglio per salvarli; il file danneggiato viene conservato accanto.",
      ),
      unusable: problem(
        "wallet_unusable",
        "The folder can be read but not written: “Read-only file system”. Your badges are whole. Make the folder writable and try again, or use another one.",
        "La cartella si può leggere ma non scrivere: «Read-only file system». I tuoi badge sono interi. Rendi scrivibile la cartella e riprova, oppure usane un’altra.",
      ),
    };
    return { state: "closed", folder, problem: why[screen] as Problem, can_rebuild: screen === "damaged", needs_passphrase: screen === "sealed" };
  }

  const startOf = (offersNow: Offer[] = []): Start => ({ language: language(), settings, wallet: walletState(), version: "0.1.0", offers: offersNow, link: accountsAsked === "linked" ? { screen: "inbox", server: "https://open.volta.example" } : null });
  const stateOf = (sample: Sample): State => (sample.state === "valid" || sample.state === "intact" ? (trusted.has(idOf(sample.host)) ? "valid" : "intact") : sample.state);
  const rowOf = (kept: Kept): Row => ({
    id: kept.id,
    name: kept.name,
    issuer: kept.issuer,
    issued_on: `${kept.day}T00:00:00Z`,
    expires: kept.expires ?? null,
    added: kept.added,
    state: stateOf(kept),
    mark: kept.mark,
    picture: kept.picture !== null,
    removed: kept.removed,
  });
  const on = (shelf: Shelf) => wallet.filter(({ removed }) => (removed === null) === (shelf === "kept"));
  const fold = (text: string) => text.slice(0, 2000).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  function report(sample: Sample): Report {
    const state = stateOf(sample);
    const name = trusted.get(idOf(sample.host))?.name ?? null;
    const used = [{ source: `did:web:${sample.host}`, sha256: "9f2c4b7a51e0d8836fb2a94c1d7e60359f2c4b7a51e0d8836fb2a94c1d7e6035", fetched: "2026-03-08T10:00:00Z", origin: say("asked by Satchel", "chiesto da Satchel") }];
    const line = (check: string, words: [string, string], status: Line["status"], code: string, text: [string, string], evidence = [] as Line["evidence"]): Line => ({
      check,
      name: say(...words),
      status,
      code,
      message: say(...text),
      evidence,
    });
    const tampered = sample.mark === "other";
    const noStatus = sample.state === "undecided";
    const lines = [
      line("container", ["Picture", "Immagine"], "pass", "found", ["Holds one credential, Open Badges 3.0, in a PNG.", "Contiene una credenziale, Open Badges 3.0, in un PNG."]),
      line("schema", ["Form", "Forma"], "pass", "fits", ["Fits Open Badges 3.0; every term is defined.", "Rispetta Open Badges 3.0; ogni termine è definito."]),
      line("issuer", ["Issuer", "Ente"], "pass", "key_known", [`Key of ${sample.host}, the same since 8 March 2026.`, `Chiave di ${sample.host}, la stessa dall’8 marzo 2026.`], used),
      tampered
        ? line("proof", ["Signature", "Firma"], "fail", "changed", ["The signature was made over other bytes. At least one of name, result or date was edited.", "La firma è di altri byte. Almeno uno fra nome, risultato o data è stato modificato."])
        : line("proof", ["Signature", "Firma"], "pass", "signed", [`Ed25519 over the whole badge, made on ${sample.day}.`, `Ed25519 su tutto il badge, fatta il ${sample.day}.`]),
      noStatus
        ? line("status", ["Revocation", "Revoca"], "unknown", "no_list", ["No list of this issuer is at hand.", "Non c’è a disposizione un elenco di questo ente."])
        : sample.mark === "revoked"
          ? line("status", ["Revocation", "Revoca"], "fail", "revoked", ["Revoked: “Given by mistake”.", "Revocato: «Given by mistake»."], used)
          : line("status", ["Revocation", "Revoca"], "pass", "not_revoked", ["Not on the issuer’s list of 1 November 2026.", "Non è nell’elenco dell’ente del 1 novembre 2026."], used),
      sample.mark === "expired"
        ? line("validity", ["Dates", "Date"], "fail", "expired", ["Valid until 12 September 2026.", "Valido fino al 12 settembre 2026."])
        : line("validity", ["Dates", "Date"], "pass", "in_time", [`Valid from ${sample.day}, with no end.`, `Valido dal ${sample.day}, senza scadenza.`]),
      line("recipient", ["Recipient", "Destinatario"], "skipped", "not_asked", ["To whom it was given was not checked.", "Non è stato controllato a chi sia stato conferito."]),
      name
        ? line("trust", ["Trust", "Fiducia"], "pass", "trusted_issuer", [`You trust the issuer: ${name}.`, `Ti fidi dell’ente: ${name}.`])
        : line("trust", ["Trust", "Fiducia"], "unknown", "untrusted_issuer", ["Nobody you trust vouches for the issuer’s name.", "Nessuno di cui ti fidi garantisce per il nome dell’ente."]),
    ];
    const headline = {
      valid: say(`Intact, and signed by ${name}, whom you trust.`, `Integro e firmato da ${name}, di cui ti fidi.`),
      intact: say(`Intact, and signed by ${sample.host}; nobody you trust vouches for this name.`, `Integro e firmato da ${sample.host}; nessuno di cui ti fidi garantisce per questo nome.`),
      invalid: tampered
        ? say("Not valid. It was changed after it was signed.", "Non valido. È stato modificato dopo la firma.")
        : sample.mark === "revoked"
          ? say("Not valid. The issuer revoked it.", "Non valido. L’ente lo ha revocato.")
          : say("Not valid. It expired on 12 September 2026.", "Non valido. È scaduto il 12 settembre 2026."),
      undecided: say("Undecided. Whether it was revoked is not known.", "Non deciso. Non si sa se sia stato revocato."),
      no_badge: say("No credential in this file.", "Nessuna credenziale in questo file."),
    }[state];
    const hosts = noStatus ? [sample.host] : [];
    return {
      state,
      headline,
      hint: noStatus ? say("Connect once to ask whether it was revoked.", "Connettiti una volta per chiedere se è stato revocato.") : null,
      signer: tampered ? null : idOf(sample.host),
      trusted: tampered ? null : name,
      lines,
      checked: NOW,
      hosts,
    };
  }

  const span = (text: string, kind: SpanKind = "text"): Span => ({ kind, text, url: null, place: null });
  const said = (text: string): Block[] => [{ kind: "paragraph", spans: [span(text)] }];

  function badge(sample: Sample): Badge {
    const full = sample.picture === "landscape" || sample.picture === "data";
    const link = `https://${sample.host}`;
    return {
      name: sample.name,
      description: said(full
        ? "A term of field work in the lower Orsa valley. Elena read a landscape on foot, mapped how water, farming and roads have changed it since 1954, and presented one proposal to the people who live there."
        : "Given for taking part until the end, and for showing the others how it is done."),
      version: "Open Badges 3.0",
      kind: full ? "Course" : "Badge",
      issuer: {
        id: idOf(sample.host),
        name: sample.issuer,
        url: link,
        email: `badges@${sample.host}`,
        description: null,
        looks_like: sample.host === "valdora-cert.example" ? "Università di Valdora" : null,
      },
      creator: null,
      issued_on: `${sample.day}T00:00:00Z`,
      awarded_on: null,
      expires: sample.expires ?? null,
      recipient: { name: full ? "Elena Marchetti" : null, text: say("A hashed e-mail address", "Un indirizzo e-mail cifrato") },
      criteria: full
        ? [
            { kind: "paragraph", spans: [span("Whoever holds this badge did "), span("all", "strong"), span(" of these:")] },
            {
              kind: "list",
              first: null,
              items: [
                said("Walk at least four of the five transects and keep a field notebook"),
                said("Draw a map of change from two aerial surveys, with sources"),
                said("Defend a proposal before residents and two teachers; 18 of 30 or better"),
              ],
            },
            { kind: "paragraph", spans: [span("More in "), { ...span("the guide", "link"), url: `${link}/guide`, place: sample.host }, span(".")] },
          ]
        : said("Take part in all sessions."),
      criteria_url: `${link}/criteria`,
      narrative: full ? said("Elena led the group on the third transect.\nHer map is hung in the town hall of Orsa.") : [],
      evidence: full
        ? [
            { name: "Field notebook, 48 pages", url: `${link}/notebook.pdf`, description: "Scanned by the library.", text: [], kind: "PDF" },
            { name: "Map of change, 1954 to 2024", url: `${link}/map`, description: null, text: [], kind: say("Web page", "Pagina web") },
            { name: "A dangerous link", url: "javascript:alert(1)", description: null, text: said("<img src=x onerror=alert(1)> is only text"), kind: null },
          ]
        : [],
      alignment: full
        ? [
            { name: "Interpret aerial photographs", framework: "ESCO", code: "S2.1.1", url: "https://esco.example/s211", description: null },
            { name: "Present arguments to a lay audience", framework: "ESCO", code: "S1.4.2", url: "https://esco.example/s142", description: "Explain findings to people who are not specialists." },
          ]
        : [],
      results: full ? [{ name: "Final examination", value: "28", status: say("Passed", "Superato"), note: say("Of 30; 18 is enough", "Su 30; ne bastano 18") }] : [],
      tags: asked.has("tags") ? Array.from({ length: Number(asked.get("tags")) }, (_, number) => `tag ${number}`) : full ? ["landscape", "field work", "cartografia", "خرائط"] : ["practice"],
      endorsements: full
        ? [{ name: null, issuer: "Orsa Valley Council", text: said("The map is used by our planning office."), report: report({ ...sample, host: "orsa.example", state: "intact", mark: null }) }]
        : [],
      more: full
        ? [
            { name: "credentialSubject.achievement.creditsAvailable", value: "6" },
            { name: "ext:seatNumber", value: "17" },
          ]
        : [],
      raw: JSON.stringify({ "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"], type: ["VerifiableCredential", "OpenBadgeCredential"], name: sample.name, issuer: { id: idOf(sample.host), name: sample.issuer }, validFrom: `${sample.day}T00:00:00Z` }, null, 2),
    };
  }

  const keptOf = (id: string): Kept | undefined => wallet.find((kept) => kept.id === id);
  const noSuch = () => refuse("unknown_id", "No badge of this wallet has this id. Nothing was changed. Go back to the backpack.", "Nessun badge di questo portafoglio ha questo id. Niente è cambiato. Torna allo zaino.");
  const full = () => refuse("disk_full", "The disk is full, so the file was not written. Your badges are whole. Make room, then try again.", "Il disco è pieno e il file non è stato scritto. I tuoi badge sono interi. Libera spazio e riprova.", true);
  const saved = (name: string) => (asked.has("problem") ? full() : Promise.resolve({ path: `/home/elena/Downloads/${name}`, folder: "/home/elena/Downloads" }));

  function shown(kept: Kept): Shown {
    return {
      id: kept.id,
      badge: badge(kept),
      report: report(kept),
      nested: [],
      mark: kept.mark,
      history: [
        { at: kept.added, text: say("Kept, from landscape.png", "Conservato, da landscape.png") },
        { at: kept.added, text: say("Checked: undecided", "Verificato: non deciso") },
      ],
      file: "landscape.png",
      format: "PNG",
      copies: kept.picture === "data" ? 2 : 1,
      picture_from: null,
      added: kept.added,
      removed: kept.removed,
      picture: kept.picture !== null,
      picture_at: null,
    };
  }

  function move(ids: string[], removed: string | null): number {
    let moved = 0;
    for (const kept of wallet) {
      if (!ids.includes(kept.id) || (kept.removed === null) === (removed === null)) continue;
      kept.removed = removed;
      moved += 1;
    }
    return moved;
  }

  function offer(names: string[], files: number): Offer {
    const id = nextOffer++;
    offers.set(id, files);
    return { id, names, count: names.length, folder: files > names.length };
  }

  function reasonOf(sample: Sample | null): string | null {
    if (!sample) return say("A picture without a credential.", "Un’immagine senza credenziale.");
    const { state, lines } = report(sample);
    const line = lines.find(({ status }) => status === "fail" || (state === "undecided" && status === "unknown"));
    return line?.message ?? (state === "intact" ? (lines.at(-1)?.message ?? null) : null);
  }

  const photos = screen === "photos";
  function inspectedAt(index: number, files: number): { row: Inspected; sample: Sample | null } {
    const sample = photos || (files > 5 && index % 27 === 26) ? null : (samples[index % 21] as Sample);
    const year = 2026 - Math.floor(index / 90);
    const fates: Fate[] = ["new", "new", "new", "here", "new", "bin"];
    if (!sample) {
      const row: Inspected = { index, path: `${year}/IMG_${1000 + index}.jpg`, part: 0, name: null, issuer: null, issued_on: null, state: "no_badge", mark: null, reason: reasonOf(null), fate: "refused", picture: false };
      return { row, sample };
    }
    const row: Inspected = {
      index,
      path: files === 1 ? "landscape.png" : `${year}/${(sample.name ?? "unnamed").slice(0, 24).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-")}-${index + 1}.png`,
      part: 0,
      name: sample.name,
      issuer: sample.issuer,
      issued_on: `${sample.day}T00:00:00Z`,
      state: stateOf(sample),
      mark: sample.mark,
      reason: reasonOf(sample),
      fate: fates[index % fates.length] as Fate,
      picture: sample.picture !== null,
    };
    return { row, sample };
  }

  // ---- accounts: `?accounts=` none, out, locked, signing, quiet, later; anything else is two of them with invitations
  const accountsAsked = asked.get("accounts") ?? "";
  const accountOf = (id: string, server: string, address: string, out: boolean): Account => ({
    id,
    server,
    name: "Elena Marchetti",
    address,
    page: `${server}/p/elena`,
    public: false,
    signed_in: !out,
    untold: accountsAsked === "out" && out,
    synced: NOW,
    unsent: accountsAsked === "later" || out ? 1 : 0,
    badges: 12,
    busy: false,
    problem: accountsAsked === "later" ? problem("no_connection", "The server could not be reached. What waits to be sent is kept here, and goes out once it is back.", "Il server non è raggiungibile. Ciò che attende di partire resta qui, e parte quando torna.", true) : null,
  });
  const invited = (id: string, name: string, issuer: string, state: State, asks: boolean): Invitation => ({
    id,
    account: "a1",
    name,
    issuer,
    issuer_id: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    address: "elena@posta.example",
    created: "2026-11-20T10:00:00Z",
    expires: "2027-02-18T10:00:00Z",
    state,
    later: false,
    answered: accountsAsked === "later" ? "accept" : null,
    asks,
  });
  const many = accountsAsked === "none" || accountsAsked === "signing" ? [] : [accountOf("a1", "https://badges.valdora.example", "elena@posta.example", accountsAsked === "out" || accountsAsked === "locked"), accountOf("a2", "embedded", "elena@casa.example", false)];
  const accounts: Accounts = {
    list: many,
    inbox: many.length === 0 || accountsAsked === "quiet" ? [] : [invited("i1", "Il paesaggio come laboratorio", "Università di Valdora", "intact", true), invited("i2", "Welding, level 2", "Istituto Volta", "undecided", false)],
    more: accountsAsked === "linked" ? 1936 : 0,
    notices: accountsAsked === "later" ? [{ number: 1, text: say("“Beekeeping”: the issuer took the invitation back.", "«Apicoltura»: l’ente ha ritirato l’invito."), at: NOW }] : [],
    locked: accountsAsked === "locked",
    signing: accountsAsked === "signing" ? "https://badges.valdora.example/oauth/authorize?response_type=code&client_id=0193a0b0-0000-7000-8000-000000000000&state=x" : null,
    house: many.length > 0 ? { url: "http://127.0.0.1:41873", mail: "/home/elena/Documents/Satchel/server/mail", first: null } : null,
  };
  const platform: Platform = {
    dress: { language: language(), theme: settings.theme, text_size: settings.text_size },
    async start() {
      if (screen === "broken") return refuse("no_home", "There is no folder for Satchel’s settings. Nothing was changed. Set HOME, then start again.", "Manca una cartella per le impostazioni di Satchel. Niente è cambiato. Imposta HOME e riavvia.");
      const files = { offer: 214, photos: 1000, one: 1 }[screen];
      return startOf(files ? [offer(files === 1 ? ["landscape.png"] : [photos ? "holidays-2026" : "applications-2026"], files)] : []);
    },
    async set_settings(wanted) {
      settings = { ...wanted };
      return startOf();
    },
    async choose_wallet() {
      open = true;
      return walletState();
    },
    async reopen_wallet() {
      return screen === "locked" ? refuse("wallet_locked", "The wallet is still open in another program. Nothing was changed.", "Il portafoglio è ancora aperto in un altro programma. Niente è cambiato.", true) : walletState();
    },
    async open_wallet(passphrase) {
      open = passphrase === "correct horse battery";
      return walletState();
    },
    async protect_wallet() {
      keeper = "passphrase";
      return walletState();
    },
    async unprotect_wallet() {
      keeper = null;
      return walletState();
    },
    async lock_wallet() {
      [open, screen] = [false, "sealed"];
      return walletState();
    },
    async adopt_wallet() {
      foreign = false;
      return walletState();
    },
    async rebuild_wallet() {
      open = true;
      return walletState();
    },
    choose_files: async () => offer(["landscape.png"], 1),
    choose_folder: async () => offer(["applications-2026"], Number(asked.get("files") ?? 214)),

    async find(query): Promise<Found> {
      const words = fold(query.text).split(/\s+/).filter(Boolean);
      const rows = on(query.shelf)
        .filter(
          (kept) =>
            words.every((word) => fold(`${kept.name} ${kept.issuer}`).includes(word)) &&
            (query.states.length === 0 || query.states.includes(stateOf(kept))) &&
            (query.issuer === null || kept.issuer === query.issuer) &&
            (query.year === null || kept.day.startsWith(`${query.year}`)),
        )
        .map(rowOf);
      if (query.sort === "name") rows.sort((a, b) => (a.name ?? "￿").slice(0, 200).localeCompare((b.name ?? "￿").slice(0, 200)));
      if (query.sort === "issuer") rows.sort((a, b) => (a.issuer ?? "").localeCompare(b.issuer ?? ""));
      if (query.sort === "issued") rows.sort((a, b) => ((a.issued_on ?? "") < (b.issued_on ?? "") ? 1 : -1));
      return { total: rows.length, offset: query.offset, rows: rows.slice(query.offset, query.offset + query.limit) };
    },
    async facets(shelf) {
      const here = on(shelf);
      const tally = <K extends string | number>(keys: K[]) => [...keys.reduce((counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1), new Map<K, number>())];
      return {
        kept: on("kept").length,
        bin: on("bin").length,
        states: tally(here.map(stateOf)).map(([state, count]) => ({ state, count })),
        years: tally(here.map(({ day }) => Number(day.slice(0, 4)))).map(([year, count]) => ({ year, count })).sort((a, b) => b.year - a.year),
        issuers: tally(here.map(({ issuer }) => issuer)).map(([name, count]) => ({ key: name, name, count })).sort((a, b) => b.count - a.count),
      };
    },
    async show(id) {
      const kept = keptOf(id);
      return kept ? shown(kept) : noSuch();
    },
    async ask(id) {
      await new Promise((done) => setTimeout(done, 600));
      const kept = keptOf(id);
      if (!kept) return noSuch();
      if (kept.state === "undecided") Object.assign(kept, { state: "valid", mark: null });
      return shown(kept);
    },
    remove: async (ids) => move(ids, NOW),
    restore: async (ids) => move(ids, null),
    async erase(ids) {
      for (const id of ids) wallet.splice(wallet.findIndex((kept) => kept.id === id), 1);
      const damaged = asked.has("damaged") ? ["/home/elena/.local/share/satchel/wallet.db.damaged-20261123T090000Z"] : [];
      return { count: ids.length, shared: 0, kept_in: damaged, refused: 0, problem: null };
    },
    save_original: () => saved("landscape.png"),
    save_png: () => saved("Il paesaggio come laboratorio.png"),
    async save_several(ids, form, elsewhere, hear) {
      stopSaving = false;
      let done = 0;
      for (; done < ids.length && !stopSaving; done += 1) {
        hear({ done, total: ids.length });
        if (asked.has("slow")) await new Promise((next) => setTimeout(next, 150));
      }
      if (asked.has("problem")) return full();
      const path = `/home/elena/${elsewhere ? "Documents" : "Downloads"}/${say("Satchel badges", "Badge di Satchel")}${form === "png" ? "" : " (2)"}`;
      return { folder: done > 0 ? { path, folder: path } : null, count: done, refused: 0, stopped: stopSaving, problem: null };
    },
    stop_saving: async () => ((stopSaving = true), null),
    save_all: () => saved("Satchel 2026-11-23"),
    reveal: async () => null,
    open_link: async () => null,

    async inspect(sources, hear) {
      const id = nextInspection++;
      const files = sources.reduce((sum, source) => sum + (source.kind === "offer" ? (offers.get(source.id) ?? 1) : 1), 0);
      const inspection = { rows: [] as Inspected[], samples: [] as (Sample | null)[], stop: false };
      inspections.set(id, inspection);
      const batch = Math.max(1, Math.ceil(files / 25));
      const pace = asked.has("slow") ? 400 : 30;
      const step = () => {
        const rows: Inspected[] = [];
        while (rows.length < batch && inspection.rows.length < files && !inspection.stop) {
          const { row, sample } = inspectedAt(inspection.rows.length, files);
          rows.push(row);
          inspection.rows.push(row);
          inspection.samples.push(sample);
        }
        const finished = inspection.stop || inspection.rows.length >= files;
        const progress: Progress = { done: inspection.rows.length, total: files, rows, finished, cancelled: inspection.stop, asked: sources.flatMap((source) => (source.kind === "url" ? [new URL(source.url).host] : [])) };
        hear(progress);
        if (!finished) setTimeout(step, pace);
      };
      setTimeout(step, 0);
      return id;
    },
    async cancel(id) {
      const inspection = inspections.get(id);
      if (inspection) inspection.stop = true;
      return null;
    },
    async inspected(id, index): Promise<InspectedBadge> {
      const inspection = inspections.get(id);
      const row = inspection?.rows[index];
      if (!inspection || !row) return noSuch();
      const sample = inspection.samples[index];
      if (!sample) {
        const nothing = report(samples[0] as Sample);
        return {
          badge: null,
          report: { ...nothing, state: "no_badge", headline: row.reason ?? "", hint: null, hosts: [], lines: nothing.lines.slice(0, 1).map((line) => ({ ...line, status: "unknown", message: row.reason ?? "" })) },
          nested: [],
          path: row.path,
          part: 0,
          picture: false,
          picture_at: null,
        };
      }
      return { badge: badge(sample), report: report(sample), nested: [], path: row.path, part: row.part, picture: row.picture, picture_at: null };
    },
    async ask_inspected(id, index) {
      await new Promise((done) => setTimeout(done, 300));
      const inspection = inspections.get(id);
      const [row, sample] = [inspection?.rows[index], inspection?.samples[index]];
      if (!inspection || !row || !sample) return noSuch();
      if (sample.state === "undecided") inspection.samples[index] = { ...sample, state: "valid", mark: null };
      return platform.inspected(id, index);
    },
    async fetch_inspected_picture(id, index) {
      await new Promise((done) => setTimeout(done, 300));
      return platform.inspected(id, index);
    },
    async rows_now(id) {
      const inspection = inspections.get(id);
      return (inspection?.rows ?? []).map(({ fate }, index) => {
        const sample = inspection?.samples[index] ?? null;
        return { state: sample ? stateOf(sample) : "no_badge", mark: sample?.mark ?? null, reason: reasonOf(sample), fate };
      });
    },
    async keep(id, indices) {
      const inspection = inspections.get(id);
      const can = inspection?.rows.filter(({ fate, state, index }) => state !== "no_badge" && (fate === "new" || fate === "bin") && (!indices || indices.includes(index))) ?? [];
      const ids = can.map(({ index }) => {
        const kept = { ...(inspection?.samples[index] as Sample), id: `n${id}-${index}`, added: NOW, removed: null };
        wallet.unshift(kept);
        return kept.id;
      });
      for (const row of can) row.fate = "here";
      return { added: ids.length, here: 0, refused: 0, ids, problem: null };
    },
    save_report: (_, form) => saved(`applications-2026.${form}`),
    forget: async () => null,

    trusted: async () => [...trusted.values()],
    async trust(id, name) {
      trusted.set(id, { id, name, added: NOW });
      return null;
    },
    async untrust(id) {
      trusted.delete(id);
      return null;
    },

    accounts: async () => ({ ...accounts }),
    async sign_in(server, keep) {
      if (keep === "keyring" && (server.includes("keyring") || accountsAsked === "out")) return refuse("no_keyring", "This machine has no keyring.", "Questa macchina non ha un portachiavi.");
      if (keep === "keyring") return refuse("no_connection", "The server could not be reached. Everything you did is kept here.", "Il server non è raggiungibile. Tutto ciò che hai fatto resta qui.", true);
      accounts.signing = `${server}/oauth/authorize?x=1`;
      hearing.accounts?.(null);
      // Whoever is at the browser is somebody else.
      const come = accountOf("a3", server, "bruno@posta.example", false);
      setTimeout(() => {
        if (!accounts.signing) return;
        accounts.signing = null;
        accounts.list = [...accounts.list, { ...come, name: "Bruno Bianchi" }];
        hearing.signed_in?.("a3");
        hearing.accounts?.(null);
      }, 1500);
      return accounts.signing;
    },
    open_again: async () => null,
    cancel_sign_in: async () => ((accounts.signing = null), hearing.accounts?.(null), null),
    unlock: async (passphrase) => (passphrase.includes("wrong") ? refuse("wrong_passphrase", "The secrets do not open: the passphrase is another one.", "I segreti non si aprono: la frase segreta è un’altra.") : ((accounts.locked = false), null)),
    discard_sign_ins: async () => ((accounts.locked = false), (accounts.list = accounts.list.map((it) => ({ ...it, signed_in: false }))), null),
    sign_out: async (id) => ((accounts.list = accounts.list.map((it) => (it.id === id ? { ...it, signed_in: false, untold: true } : it))), null),
    sync_now: async () => null,
    async look_at(id): Promise<InspectedBadge> {
      const sample = samples[id === "i1" ? 0 : 2] as Sample;
      return { badge: badge(sample), report: report(sample), nested: [], path: sample.name ?? "", part: 0, picture: sample.picture !== null, picture_at: null };
    },
    choose_picture: async () => offer(["code.png"], 1),
    server_in_picture: async (_, pasted) => (pasted && pasted.length > 100 ? "https://badges.valdora.example" : null),
    async answer(id, accept) {
      accounts.inbox = accounts.inbox.map((it) => (it.id === id ? { ...it, answered: accept ? "accept" : "decline" } : it));
      if (accept) setTimeout(() => hearing.synced?.({ badges: 1, badge: "b00000003", invitations: 0 }), 300);
      return null;
    },
    postpone: async (_, id, later) => ((accounts.inbox = accounts.inbox.map((it) => (it.id === id ? { ...it, later } : it))), null),
    note_read: async () => ((accounts.notices = []), null),
    devices: async () => [
      { id: "d1", name: "Satchel, laptop", number: 2, created: "2026-11-20T08:30:00Z", seen: NOW, current: true },
      { id: "d2", name: "Satchel, office", number: null, created: "2026-10-02T09:15:00Z", seen: "2026-11-01T10:00:00Z", current: false },
      { id: "d3", name: "Satchel, laptop", number: 1, created: "2026-09-14T16:20:00Z", seen: NOW, current: false },
    ],
    set_public: async (id, publish) => ((accounts.list = accounts.list.map((it) => (it.id === id ? { ...it, public: publish } : it))), null),
    set_server: async () => null,

    picture(id) {
      const [, inspection, index] = id.startsWith("i-") ? id.split("-") : [];
      if (id.startsWith("w-")) return `badges/${samples[id === "w-i1" ? 0 : 2]?.picture ?? "plate"}.svg`;
      const sample = inspection ? inspections.get(Number(inspection))?.samples[Number(index)] : keptOf(id);
      return `badges/${sample?.picture ?? "plate"}.svg`;
    },
    on(event, hear) {
      hearing[event] = hear as never;
    },
  };

  // A browser tells of drops by itself; only names and numbers are taken from it.
  let over = 0;
  const drag = (by: number) => {
    over = Math.max(0, over + by);
    hearing.dragging?.(over > 0);
  };
  addEventListener("dragenter", (event) => (event.preventDefault(), drag(1)));
  addEventListener("dragleave", () => drag(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    over = 0;
    hearing.dragging?.(false);
    const names = [...(event.dataTransfer?.files ?? [])].map(({ name }) => name);
    if (names.length > 0) hearing.offered?.(offer(names, names.length));
  });
  return platform;
}

const idOf = (host: string): string => `did:web:${host}`;
