// Which shape says which state. The word always stands beside it.
import type { CheckStatus, Mark, State } from "../generated/ipc";

/** Circle with a tick, diamond, square with a cross, broken circle, dash. */
export type Shape = "good" | "intact" | "bad" | "unknown" | "none";

export const ofState: Record<State, Shape> = { valid: "good", intact: "intact", invalid: "bad", undecided: "unknown", no_badge: "none" };
export const ofStatus: Record<CheckStatus, Shape> = { pass: "good", fail: "bad", unknown: "unknown", skipped: "none" };

export function ofMark(mark: Mark, state: State): Shape {
  return mark === "expired" || mark === "revoked" || mark === "not_yet" ? "bad" : mark === "status_unknown" || mark === "not_yours" ? "unknown" : ofState[state];
}
