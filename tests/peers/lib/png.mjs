// png-itxt: chunks of a PNG, read and written by others' code.
import itxt from 'png-itxt';

/** The text of the first iTXt chunk of this keyword, or null. */
export function chunkText(png, keyword) {
  return new Promise((resolve, reject) => {
    const reader = itxt.get(keyword, [itxt.iTXt], (error, chunk) =>
      error ? reject(error) : resolve(chunk?.value ?? null));
    reader.on('error', reject);
    // Of a truncated file the library says nothing at all.
    reader.on('end', () => reject(new Error('the PNG ends before IEND, without such a chunk')));
    // The picture comes out at the other end; nobody reading it would stop the flow.
    reader.resume();
    reader.end(png);
  });
}

/** The PNG with its iTXt chunk of this keyword set. */
export function withChunk(png, keyword, value) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const writer = itxt.set({ type: itxt.iTXt, keyword, value }, true);
    writer.on('data', part => parts.push(part));
    writer.on('end', () => resolve(Buffer.concat(parts)));
    writer.on('error', reject);
    writer.end(png);
  });
}

export async function png_get({ base64, keyword }) {
  return { text: await chunkText(Buffer.from(base64, 'base64'), keyword) };
}

export async function png_set({ base64, keyword, text }) {
  return { base64: (await withChunk(Buffer.from(base64, 'base64'), keyword, text)).toString('base64') };
}
