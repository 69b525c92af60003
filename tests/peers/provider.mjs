// An OpenID provider (oidc-provider) for the tests of signing in. It listens on a free port, says where, and then takes a line of JSON at a
// time: {"client": {...}} registers the server, {"people": {...}} says who can sign in, {"rotate": true} makes new keys.
import http from 'node:http';
import readline from 'node:readline';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

// Its notices are not answers.
console.info = console.warn = console.error;

let people = {};
let client;
let keys;
let callback;
let provider;
let issuer;

async function rotate() {
  const key = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
  keys = { keys: [{ ...key, kid: `key-${Date.now()}-${Math.random()}`, use: 'sig', alg: 'RS256' }] };
}

function open() {
  provider = new Provider(issuer, {
    clients: [{ backchannel_logout_session_required: true, ...client }],
    claims: { openid: ['sub', 'sid', 'pairwise-id', 'groups', 'until'], email: ['email', 'email_verified', 'mail'], profile: ['name', 'given_name', 'family_name'] },
    conformIdTokenClaims: client.claims_in_user_info_only === true,
    findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.type = 'html';
          ctx.body = `${form}<button form="op.logoutForm" name="logout" value="yes">out</button>`;
        },
      },
    },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    cookies: { keys: ['test'] },
    jwks: keys,
    pkce: { required: () => true },
    interactions: { url: (_, it) => `/interaction/${it.uid}` },
    // The guard of oidc-provider refuses loopback addresses, which is where the server under test is.
    fetch: (url, options) => {
      delete options.dispatcher;
      return globalThis.fetch(url, options);
    },
  });
  callback = provider.callback();
}

const server = http.createServer(async (request, response) => {
  if (!callback) {
    response.statusCode = 503;
    return response.end();
  }
  if (!request.url.startsWith('/interaction/')) return callback(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    return response.end('<form method=post><input name=login><button>Sign in</button></form>');
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const login = new URLSearchParams(body).get('login');
  const result = people[login]
    ? { login: { accountId: login } }
    : { error: 'access_denied', error_description: 'whoever was asked said no' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});

server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  await rotate();
  console.log(JSON.stringify({ listening: issuer }));
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const said = JSON.parse(line);
  if (said.people) people = said.people;
  if (said.client) client = said.client;
  if (said.rotate) await rotate();
  if (said.client || said.rotate) open();
  console.log('{"ok": true}');
}
process.exit(0);
