// Digital Credentials Consortium: what its wallets and VerifierPlus say.
import { verifyCredential } from '@digitalcredentials/verifier-core';
import { serve } from './offline.mjs';
import { errorText } from './lines.mjs';

/** Loads everything by `fetch`, which answers with the contexts and `documents` only. */
export async function verifier_core({ credential, documents }) {
  serve(documents);
  const answer = await verifyCredential({ credential: structuredClone(credential), knownDIDRegistries: [] });
  const log = (answer.log ?? []).map(({ id, valid, error }) => ({
    id, valid: valid ?? null, error: error ? `${error.name}: ${error.message}` : null,
  }));
  return {
    signature_valid: log.some(entry => entry.id === 'valid_signature' && entry.valid),
    log,
    errors: (answer.errors ?? []).map(errorText),
  };
}
