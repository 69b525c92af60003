// Which catalogue speaks. `Words` is the shape of the English one; every other language must have the same keys, or it does not compile.
import type { Language } from "../generated/ipc";
import { en } from "./en";
import { it } from "./it";

export type Words = typeof en;
export const catalogues: Record<Language, Words> = { en, it };
