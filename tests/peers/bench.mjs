// How fast the peers of the Node world are. README.md describes the arguments.
import './lib/offline.mjs';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compactVerify, importJWK } from 'jose';
import { issueWith, signer, verifyWhole } from './lib/bazaar.mjs';
import { verifier_core } from './lib/dcc.mjs';
import { jws_sign } from './lib/jws.mjs';
import { measure } from './lib/measure.mjs';
import { chunkText, withChunk } from './lib/png.mjs';

const KEYWORD = 'openbadgecredential';
const { values: given } = parseArgs({ options: {
  baked: { type: 'string' }, credential: { type: 'string' }, png: { type: 'string' },
  seconds: { type: 'string', default: '3' },
} });
const seconds = Number(given.seconds);
const credential = JSON.parse(readFileSync(given.credential, 'utf8'));
const { proof, ...unsigned } = credential;
const picture = readFileSync(given.png);

// A verdict other than the expected one would make the figure worthless.
function must(verdict, what) {
  if (!verdict) throw new Error(`${what} was refused`);
}

const files = readdirSync(given.baked).filter(name => name.endsWith('.png')).map(name => join(given.baked, name));
await measure('png-itxt + verifier-core: verify baked PNG', seconds, async i => {
  const text = await chunkText(readFileSync(files[i % files.length]), KEYWORD);
  must((await verifier_core({ credential: JSON.parse(text) })).signature_valid, files[i % files.length]);
});

await measure('verifier-core: verify', seconds, async () =>
  must((await verifier_core({ credential })).signature_valid, 'the credential'));

await measure('@digitalbazaar/vc: verify', seconds, async () =>
  must((await verifyWhole({ credential })).verified, 'the credential'));

const token = await jws_sign({ payload: unsigned, header: { typ: 'JWT' }, alg: 'EdDSA' });
const key = await importJWK(token.public_jwk, 'EdDSA');
await measure('jose: verify VC-JWT EdDSA', seconds, async () => {
  const { payload } = await compactVerify(token.compact, key);
  JSON.parse(new TextDecoder().decode(payload));
});

const { key: signingKey, suite } = await signer({ suite: 'eddsa-rdfc-2022' });
const toSign = { ...unsigned, issuer: signingKey.controller };
await measure('@digitalbazaar/vc: sign', seconds, () => issueWith({ suite, credential: toSign }));

const text = JSON.stringify(credential);
await measure('png-itxt: bake', seconds, () => withChunk(picture, KEYWORD, text));

const baked = await withChunk(picture, KEYWORD, text);
await measure('png-itxt: unbake', seconds, async () => must(await chunkText(baked, KEYWORD), 'the baked picture'));
