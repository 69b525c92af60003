// Passkeys (WebAuthn): a form says in `data-passkey` what to ask the browser for, and the answer leaves with it. Without this script, or in a
// browser that has no passkeys, the form stays hidden and the words before it say what to do instead.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** What was asked for, as the browser wants it. */
function wanted(form) {
  const asked = JSON.parse(form.dataset.passkey);
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const known of [...(asked.allowCredentials ?? []), ...(asked.excludeCredentials ?? [])]) known.id = bytes(known.id);
  return asked;
}

/** The answer, as fields of a form. */
async function answer(form) {
  const publicKey = wanted(form);
  if (publicKey.user) {
    const { response } = await navigator.credentials.create({ publicKey });
    return { client: text(response.clientDataJSON), authenticator: text(response.getAuthenticatorData()), key: text(response.getPublicKey()), algorithm: String(response.getPublicKeyAlgorithm()) };
  }
  const { rawId, response } = await navigator.credentials.get({ publicKey });
  return { credential: text(rawId), client: text(response.clientDataJSON), authenticator: text(response.authenticatorData), signature: text(response.signature) };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !window.AuthenticatorAttestationResponse?.prototype.getPublicKey) continue;
  const without = document.getElementById(form.dataset.without);
  if (without) without.hidden = true;
  form.hidden = false;
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      for (const [name, value] of Object.entries(await answer(form))) form.elements.namedItem(name).value = value;
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
