// Mails that the server wrote into a folder.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The link that begins like this in the newest mail to somebody. */
export async function linkIn(mails, email, start) {
  for (let tries = 0; tries < 600; tries += 1) {
    for (const name of (await readdir(mails)).filter((name) => name.endsWith(".eml")).sort().reverse()) {
      const raw = await readFile(join(mails, name), "utf8");
      const found = raw.includes(`To: ${email}`) && raw.replaceAll("=\r\n", "").match(new RegExp(`${start}[A-Za-z0-9_-]+`));
      if (found) return found[0];
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`no mail with a link to ${start}`);
}
