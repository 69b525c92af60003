// Cuts this process off from the network. Import it before any peer: some keep a reference to `fetch`.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

const CONTEXTS = new URL('../../../crates/badge/contexts/', import.meta.url);
const readJson = url => JSON.parse(readFileSync(fileURLToPath(url), 'utf8'));

/** The JSON-LD contexts that Satchel itself compiles in, by URL. */
export const contexts = new Map(
  readJson(new URL('MAP.json', CONTEXTS)).map(([file, url]) => [url, readJson(new URL(file, CONTEXTS))]));

// Schemas are not what these peers are asked about; an empty schema accepts everything.
const EMPTY_SCHEMA = /^https:\/\/purl\.imsglobal\.org\/spec\/(ob|clr)\/v\dp\d\/schema\//;

let served = {};

/** Sets the documents `fetch` answers with; the contexts are always there. */
export function serve(documents = {}) {
  served = documents;
}

function find(url) {
  return served[url] ?? contexts.get(url) ?? (EMPTY_SCHEMA.test(url) ? {} : undefined);
}

// Peers repeat a failed request, but not one that is answered "not found": so the answer is at once.
globalThis.fetch = async input => {
  const url = input.url ?? String(input);
  const document = find(url);
  return document === undefined
    ? new Response('', { status: 404, statusText: `offline: ${url}` })
    : new Response(JSON.stringify(document), { headers: { 'content-type': 'application/json' } });
};

net.Socket.prototype.connect = () => {
  throw new Error('offline: the network is not to be used');
};

// stdout carries the protocol; what peers print goes to stderr.
console.log = console.info = console.error;
