// Invented badges for the stand-in: names in several scripts and lengths, all the states, and a few that are meant to do harm. Never in the product.
import type { Mark, State } from "../generated/ipc";

export type Sample = {
  name: string | null;
  issuer: string;
  host: string;
  day: string;
  picture: string | null;
  state: State;
  mark: Mark | null;
  expires?: string;
};

const valid = { state: "valid" as State, mark: null };
const intact = { state: "intact" as State, mark: null };

export const samples: Sample[] = [
  { name: "Il paesaggio come laboratorio", issuer: "Università di Valdora", host: "valdora.example", day: "2026-11-14", picture: "landscape", state: "undecided", mark: null },
  { name: "Data Analysis with Open Tools", issuer: "Harrow Point College", host: "harrowpoint.example", day: "2026-11-02", picture: "data", ...valid },
  { name: "أساسيات التصميم الجرافيكي", issuer: "معهد النور للفنون", host: "alnoor.example", day: "2026-10-21", picture: "girih", ...valid },
  { name: "Facilitation of Participatory Workshops in Multilingual Communities", issuer: "Common Table Association", host: "commontable.example", day: "2026-10-09", picture: "banner", ...intact },
  { name: "データ分析入門", issuer: "青葉大学", host: "aoba.example", day: "2026-09-30", picture: "dots", ...intact },
  { name: "First Aid in the Mountains", issuer: "Alpine Volunteers of Orsa", host: "orsa.example", day: "2024-09-12", picture: "rescue", state: "invalid", mark: "expired", expires: "2026-09-12T00:00:00Z" },
  { name: "Bread, from Grain to Loaf", issuer: "Mill Lane Bakers", host: "milllane.example", day: "2026-09-04", picture: "bread", ...intact },
  { name: "Kernel Debugging", issuer: "Lowlight Systems Club", host: "lowlight.example", day: "2026-08-19", picture: "kernel", ...valid },
  { name: "Peer Mentor", issuer: "Harrow Point College", host: "harrowpoint.example", day: "2026-08-01", picture: "mentor", state: "invalid", mark: "revoked" },
  { name: "Welding, Level 2", issuer: "Northgate Works Academy", host: "northgate.example", day: "2026-07-11", picture: "weld", state: "undecided", mark: "status_unknown" },
  { name: "Reading Group Host", issuer: "Library of Santa Brigida", host: "santabrigida.example", day: "2026-06-28", picture: "bookmark", ...intact },
  { name: "Sicurezza sul lavoro: rischio specifico, livello medio", issuer: "Officine Bellacqua", host: "bellacqua.example", day: "2026-06-17", picture: "safety", ...valid },
  { name: "Open Water Rowing", issuer: "Greyharbour Rowing Club", host: "greyharbour.example", day: "2026-06-01", picture: "rowing", ...valid },
  { name: "Beekeeping: a Year at the Hive", issuer: "Meadow & Comb Society", host: "meadowcomb.example", day: "2026-05-09", picture: "bees", ...intact },
  { name: "Research Integrity", issuer: "Università di Valdora", host: "valdora.example", day: "2026-04-30", picture: "integrity", ...valid },
  { name: "Community Radio Presenter", issuer: "Radio Lantern", host: "lantern.example", day: "2026-03-12", picture: "radio", ...intact },
  { name: "Cello, Grade 6", issuer: "Ostrava Street Conservatory", host: "ostravastreet.example", day: "2026-02-20", picture: "cello", ...valid },
  { name: "Teaching Assistant, Autumn 2025", issuer: "Università di Valdora", host: "valdora.example", day: "2026-01-31", picture: "teach", ...valid },
  { name: "Volunteer of the Year", issuer: "Orsa Valley Food Bank", host: "orsafood.example", day: "2025-12-12", picture: null, ...intact },
  { name: "<b onmouseover=alert(1)>Certified</b> <script>alert(2)</script>", issuer: "Università dі Valdora", host: "valdora-cert.example", day: "2025-11-03", picture: null, ...intact },
  { name: "Changed Afterwards", issuer: "Harrow Point College", host: "harrowpoint.example", day: "2025-10-18", picture: "data", state: "invalid", mark: "other" },
  { name: null, issuer: "Northgate Works Academy", host: "northgate.example", day: "2025-09-01", picture: "weld", ...intact },
  { name: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", issuer: "Verein für sehr lange Namen ohne ein einziges Leerzeichen darin und mit Nebensatz", host: "lang.example", day: "2025-08-01", picture: "banner", ...intact },
  { name: "A name without an end ".repeat(46_000), issuer: "Meadow & Comb Society", host: "meadowcomb.example", day: "2025-07-01", picture: null, ...intact },
];

/** As many as wanted, by going round; the numbers keep them apart. */
export function sampleAt(index: number): Sample {
  const sample = samples[index % 18] as Sample;
  if (index < samples.length) return samples[index] as Sample;
  const day = new Date(Date.UTC(2026, 5, 1) - (index % 4000) * 86_400_000).toISOString().slice(0, 10);
  return { ...sample, name: `${sample.name} ${index + 1}`, day };
}
