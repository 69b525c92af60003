// Digital Bazaar: Data Integrity, Ed25519Signature2020, canonicalisation, status lists.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { Ed25519Signature2020 } from '@digitalbazaar/ed25519-signature-2020';
import { Ed25519VerificationKey2020 } from '@digitalbazaar/ed25519-verification-key-2020';
import { checkStatus, createList } from '@digitalbazaar/vc-bitstring-status-list';
import { cryptosuite as ecdsaRdfc2019 } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import { cryptosuite as eddsaRdfc2022 } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import jsigs from 'jsonld-signatures';
import jsonld from 'jsonld';
import { errorText } from './lines.mjs';
import { loader } from './loader.mjs';

// A suite keeps the hash of the last document: every verdict gets fresh ones.
const suites = () => [
  new DataIntegrityProof({ cryptosuite: eddsaRdfc2022 }),
  new DataIntegrityProof({ cryptosuite: ecdsaRdfc2019 }),
  new Ed25519Signature2020(),
];

/** Every proof by itself, without dates, issuer or status. */
async function verifySignature(credential, documents) {
  return jsigs.verify(structuredClone(credential), {
    suite: suites(),
    purpose: new jsigs.purposes.AssertionProofPurpose(),
    documentLoader: loader(documents),
  });
}

/** The library's whole verdict: proofs, dates, issuer, and status if asked. */
export async function verifyWhole({ credential, documents, now, status = 'ignore' }) {
  return vc.verifyCredential({
    credential: structuredClone(credential),
    suite: suites(),
    documentLoader: loader(documents),
    now,
    checkStatus: status === 'check' ? checkStatus : async () => ({ verified: true }),
  });
}

export async function di_verify({ credential, documents, now, status }) {
  const whole = await verifyWhole({ credential, documents, now, status });
  const proofs = await verifySignature(credential, documents);
  return {
    verified: whole.verified,
    error: errorText(whole.error ?? whole.statusResult?.error),
    signature: proofs.verified,
    signature_error: errorText(proofs.error),
    status_bits: whole.statusResult?.results?.map(entry => entry.status) ?? null,
  };
}

// The key is named as `did:key` names it, unless the request gives it another name (did:web).
function named(key, id) {
  const controller = `did:key:${key.publicKeyMultibase}`;
  return Object.assign(key, { controller, id: id ?? `${controller}#${key.publicKeyMultibase}` });
}

async function ecdsaKey(seed, curve) {
  if (seed) throw new Error('ecdsa-multikey makes no key from a seed');
  return EcdsaMultikey.generate({ curve });
}

const dataIntegrity = cryptosuite => (key, date) =>
  new DataIntegrityProof({ signer: key.signer(), date, cryptosuite });

// ed25519-signature-2020 signs with the key class of its own time.
const ISSUE = {
  'eddsa-rdfc-2022': [seed => Ed25519Multikey.generate({ seed }), dataIntegrity(eddsaRdfc2022)],
  'ecdsa-rdfc-2019-p256': [seed => ecdsaKey(seed, 'P-256'), dataIntegrity(ecdsaRdfc2019)],
  'ecdsa-rdfc-2019-p384': [seed => ecdsaKey(seed, 'P-384'), dataIntegrity(ecdsaRdfc2019)],
  'ed25519signature2020': [
    seed => Ed25519VerificationKey2020.generate({ seed }),
    (key, date) => new Ed25519Signature2020({ key, date }),
  ],
};

/** A key and the suite that signs with it, so that the bench can sign many times with one. */
export async function signer({ suite: name, seed_hex, verification_method, created }) {
  if (!Object.hasOwn(ISSUE, name)) throw new Error(`unknown suite ${name}`);
  const [makeKey, makeSuite] = ISSUE[name];
  const seed = seed_hex && Uint8Array.from(Buffer.from(seed_hex, 'hex'));
  const key = named(await makeKey(seed), verification_method);
  return { key, suite: makeSuite(key, created) };
}

// The issuer becomes the key's DID; an issuer given by `verification_method` stays as it is.
function withIssuer(credential, did) {
  const { issuer } = credential;
  return { ...credential, issuer: issuer && typeof issuer === 'object' ? { ...issuer, id: did } : did };
}

/** Signs with what `signer` made. */
export async function issueWith({ suite, credential, documents, now }) {
  return vc.issue({ credential: structuredClone(credential), suite, documentLoader: loader(documents), now });
}

export async function di_issue({ credential, documents, now, ...options }) {
  const { key, suite } = await signer(options);
  const unsigned = options.verification_method ? credential : withIssuer(credential, key.controller);
  return {
    credential: await issueWith({ suite, credential: unsigned, documents, now }),
    did: key.controller,
    verification_method: key.id,
    public_key_multibase: key.publicKeyMultibase,
  };
}

export async function canonize({ document, documents, hash = 'SHA-256', safe = true }) {
  try {
    const nquads = await jsonld.canonize(document, {
      algorithm: 'RDFC-1.0', format: 'application/n-quads', messageDigestAlgorithm: hash,
      documentLoader: loader(documents), base: null, safe,
    });
    return { nquads, refused: null };
  } catch (error) {
    return { nquads: null, refused: errorText(error) };
  }
}

export async function bitstring_list({ indices, length = 131072 }) {
  const list = await createList({ length });
  for (const index of indices) list.setStatus(index, true);
  return { encoded_list: await list.encode() };
}
