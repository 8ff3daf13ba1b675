/** The short name of a message in the catalogues, as catalogue.mjs computes it: English need not travel with every language. */
export function keyOf(message: string): string {
  let hash = 0x811c9dc5; // FNV-1a over UTF-16 units
  for (let n = 0; n < message.length; n++) hash = Math.imul(hash ^ message.charCodeAt(n), 0x01000193);
  return (hash >>> 0).toString(36);
}
