// standardwebhooks: whether a message is signed as Standard Webhooks has it.
import { Webhook } from 'standardwebhooks';
import { errorText } from './lines.mjs';

export async function webhook_verify({ secret, headers, body }) {
  try {
    return { verified: true, payload: new Webhook(secret).verify(body, headers), error: null };
  } catch (error) {
    return { verified: false, payload: null, error: errorText(error) };
  }
}
