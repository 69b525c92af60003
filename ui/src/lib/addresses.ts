// The addresses in a text that somebody pastes, as the native side finds them (crates/wallet/src/pasted.rs): each would be asked.

/** None where the text is a badge itself. */
export function addresses(text: string): URL[] {
  if (/^\s*[{[<]/.test(text)) return [];
  const found = new Map<string, URL>();
  for (const [match] of text.slice(0, 1 << 20).matchAll(/https?:\/\/[^\s<>"«»“”]+/gi)) {
    const url = URL.parse(match);
    if (url) found.set(url.href, url);
  }
  return [...found.values()];
}

/** Whom they would ask, each once. */
export function hosts(text: string): string[] {
  return [...new Set(addresses(text).map((url) => url.host))];
}
