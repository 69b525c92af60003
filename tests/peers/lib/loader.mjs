// What Digital Bazaar's libraries load: contexts, documents of the request, keys named by their own URL.
import { contexts } from './offline.mjs';

const DID_CONTEXT = 'https://www.w3.org/ns/did/v1';
const KEY_CONTEXTS = {
  Multikey: 'https://w3id.org/security/multikey/v1',
  JsonWebKey: 'https://w3id.org/security/jwk/v1',
  JsonWebKey2020: 'https://w3id.org/security/suites/jws-2020/v1',
  Ed25519VerificationKey2020: 'https://w3id.org/security/suites/ed25519-2020/v1',
};
const MULTIKEY = /^z(6Mk|Dn|82)/;

// Key and controller in one document, so that a bare `did:key:z...` works as a verification method too.
function keyDocument(id, controller, multikey) {
  return {
    '@context': [DID_CONTEXT, KEY_CONTEXTS.Multikey],
    id, type: 'Multikey', controller, publicKeyMultibase: multikey,
    assertionMethod: [controller, `${controller}#${multikey}`],
  };
}

function didWebUrl(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${host}/${path.length ? path.join('/') : '.well-known'}/did.json`;
}

function methodOf(document, url, fragment) {
  const methods = [document.verificationMethod, document.assertionMethod, document.publicKey].flat();
  const method = methods.find(m => m && (m.id === url || m.id === `#${fragment}`));
  return method && { '@context': KEY_CONTEXTS[method.type], ...method, id: url };
}

/** A document loader over the contexts and `documents` (url -> JSON; DID documents by DID or by URL). */
export function loader(documents = {}) {
  // Controllers of keys that stand in the fragment, remembered for the load that follows.
  const controllers = new Map();

  function resolve(url) {
    const [base, fragment] = url.split('#');
    if (base.startsWith('did:key:')) return keyDocument(url, base, base.slice('did:key:'.length));

    const document = documents[base] ?? (base.startsWith('did:web:') ? documents[didWebUrl(base)] : undefined);
    if (document) return fragment ? methodOf(document, url, fragment) : document;

    // 1EdTech's reading of an https key id: the fragment is the key. It says nothing about the issuer.
    if (base.startsWith('https:') && MULTIKEY.test(fragment ?? '')) {
      controllers.set(base, keyDocument(base, base, fragment));
      return keyDocument(url, base, fragment);
    }
    return controllers.get(base);
  }

  return async url => {
    const document = documents[url] ?? contexts.get(url) ?? resolve(url);
    if (!document) throw new Error(`offline: ${url}`);
    return { contextUrl: null, documentUrl: url, document };
  };
}
