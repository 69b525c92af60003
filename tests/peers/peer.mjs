// The peers of the Node world behind one process. README.md describes the requests.
import './lib/offline.mjs';
import { serveLines } from './lib/lines.mjs';
import { bitstring_list, canonize, di_issue, di_verify } from './lib/bazaar.mjs';
import { verifier_core } from './lib/dcc.mjs';
import { jws_sign, jws_verify } from './lib/jws.mjs';
import { png_get, png_set } from './lib/png.mjs';
import { webhook_verify } from './lib/webhook.mjs';

await serveLines({
  bitstring_list, canonize, di_issue, di_verify, jws_sign, jws_verify, png_get, png_set, verifier_core, webhook_verify,
});
