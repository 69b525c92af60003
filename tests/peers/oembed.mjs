// A program of other people's making: @extractus/oembed-extractor is given the address of a page and finds out by itself how it is embedded. One
// JSON object on standard output: what it was told, or `error`.
//   node oembed.mjs URL [MAXWIDTH]
import { extract } from '@extractus/oembed-extractor';

const [url, maxwidth] = process.argv.slice(2);
try {
  console.log(JSON.stringify(await extract(url, maxwidth ? { maxwidth } : {})));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
