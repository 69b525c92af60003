// jose: compact JWS, for VC-JWT and for signed badges of OB 2.0.
import { CompactSign, compactVerify, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, importSPKI }
  from 'jose';
import { errorText } from './lines.mjs';

async function publicKey({ jwk, pem }, header) {
  if (pem) return importSPKI(pem, header.alg);
  const found = jwk ?? header.jwk;
  if (!found) throw new Error('no key: neither jwk nor pem in the request, nor jwk in the header');
  return importJWK(found, header.alg);
}

const jsonOrText = text => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export async function jws_verify({ compact, ...keys }) {
  try {
    const key = await publicKey(keys, decodeProtectedHeader(compact));
    const { payload, protectedHeader } = await compactVerify(compact, key);
    const text = new TextDecoder().decode(payload);
    return { verified: true, header: protectedHeader, payload: jsonOrText(text), error: null };
  } catch (error) {
    return { verified: false, header: null, payload: null, error: errorText(error) };
  }
}

export async function jws_sign({ payload, header = {}, alg, private_jwk, embed_jwk = false }) {
  const secret = private_jwk
    ?? await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey);
  const { d, p, q, dp, dq, qi, ...public_jwk } = secret;
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const compact = await new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ ...header, alg, ...(embed_jwk && { jwk: public_jwk }) })
    .sign(await importJWK(secret, alg));
  return { compact, public_jwk, private_jwk: secret };
}
