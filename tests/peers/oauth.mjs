// A program of other people's making: oauth4webapi signs in at the server, and the test presses what a person presses. One JSON object a line on
// stdin, one on stdout, as for the other peers; requests go to the one server that is named in the first.
import * as oauth from 'oauth4webapi';
import { serveLines } from './lib/lines.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
const none = oauth.None();
let server, client, verifier, state;

/** Finds the server out by its metadata, and who gives tokens for the interface. */
async function discover({ origin }) {
  const url = new URL(origin);
  const resource = await oauth.processResourceDiscoveryResponse(url, await oauth.resourceDiscoveryRequest(url, insecure));
  const issuer = new URL(resource.authorization_servers[0]);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }));
  return { server, resource };
}

async function register({ name, redirects }) {
  const metadata = { client_name: name, redirect_uris: redirects, token_endpoint_auth_method: 'none' };
  client = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(server, metadata, insecure));
  return client;
}

/** The address that the program opens in a browser. */
async function ask({ redirect, scope }) {
  verifier = oauth.generateRandomCodeVerifier();
  state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint);
  const said = { client_id: client.client_id, redirect_uri: redirect, response_type: 'code', scope, state, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
  for (const [name, value] of Object.entries(said)) url.searchParams.set(name, value);
  return { url: url.href };
}

/** What it hears at its redirect becomes tokens; it checks `state` and `iss` itself. */
async function tokens({ heard, redirect, verifier: other }) {
  const parameters = oauth.validateAuthResponse(server, client, new URL(heard), state);
  const response = await oauth.authorizationCodeGrantRequest(server, client, none, parameters, redirect, other ?? verifier, insecure);
  return oauth.processAuthorizationCodeResponse(server, client, response);
}

async function refresh({ token }) {
  return oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, none, token, insecure));
}

async function revoke({ token }) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, none, token, insecure));
  return {};
}

/** The operator's question, at the operator's address. */
async function introspect({ endpoint, token }) {
  const response = await oauth.introspectionRequest({ ...server, introspection_endpoint: endpoint }, client, none, token, insecure);
  return oauth.processIntrospectionResponse(server, client, response);
}

async function get({ token, url }) {
  const response = await oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, undefined, insecure);
  return { status: response.status, body: await response.json() };
}

/** What an error says, when the library throws one. */
const told = (work) => async (request) => {
  try {
    return await work(request);
  } catch (error) {
    return { refused: error.error ?? error.cause?.[0]?.parameters?.error ?? error.code ?? error.message, status: error.status ?? error.response?.status ?? null, name: error.name };
  }
};

await serveLines(Object.fromEntries(Object.entries({ discover, register, ask, tokens, refresh, revoke, introspect, get }).map(([name, work]) => [name, told(work)])));
