// The protocol: one JSON request a line on stdin, one JSON answer a line on stdout, in order.
import { createInterface } from 'node:readline';

/** The text of an error with all that libraries hide in `errors` and `cause`. */
export function errorText(error) {
  if (!error) return null;
  const own = [error.name, error.message ?? String(error)].filter(Boolean).join(': ');
  const inner = [...(error.errors ?? []), error.details?.event ?? error.cause].filter(Boolean);
  return [own, ...inner.map(errorText)].join(' | ');
}

async function answer(ops, line) {
  let id = null;
  try {
    const { id: given, op, ...request } = JSON.parse(line);
    id = given ?? null;
    if (!Object.hasOwn(ops, op)) throw new Error(`unknown op ${op}`);
    return { id, ok: true, result: await ops[op](request) };
  } catch (error) {
    return { id, ok: false, error: errorText(error) };
  }
}

/** Answers until stdin ends. */
export async function serveLines(ops) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) process.stdout.write(`${JSON.stringify(await answer(ops, line))}\n`);
  }
}
