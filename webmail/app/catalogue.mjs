/** Makes of gettext's catalogues what browsers load: of each language, the application's messages by the key of their English. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const locale = join(dirname(fileURLToPath(import.meta.url)), "../locale");
const CONTEXT = "||";

/** FNV-1a over UTF-16 units, as src/i18n/key.ts computes it. */
function key(message) {
  let hash = 0x811c9dc5;
  for (let n = 0; n < message.length; n++) hash = Math.imul(hash ^ message.charCodeAt(n), 0x01000193);
  return (hash >>> 0).toString(36);
}

const unquoted = (line) => line.slice(line.indexOf('"') + 1, line.lastIndexOf('"')).replace(/\\([\\"nt])/g, (_, sign) => ({ n: "\n", t: "\t" })[sign] ?? sign);

function entry(block) {
  const found = { files: [], msgctxt: "", msgid: "", msgstr: "" };
  let last = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("#: ")) found.files.push(line.slice(3));
    else if (line.startsWith("msg")) found[(last = line.split(" ", 1)[0])] = unquoted(line);
    else if (line.startsWith('"')) found[last] += unquoted(line);
  }
  return { files: found.files, message: found.msgid + (found.msgctxt && CONTEXT + found.msgctxt), translation: found.msgstr };
}

function compile(language) {
  const blocks = readFileSync(join(locale, language, "LC_MESSAGES/webmail.po"), "utf8").split("\n\n").map(entry);
  const spoken = blocks.filter((one) => one.message && one.translation && one.files.some((file) => file.startsWith("webmail/app/")));
  const words = {};
  for (const { message, translation } of spoken) {
    if (key(message) in words) throw new Error(`two messages have one key, say one of them otherwise: ${message}`);
    words[key(message)] = translation;
  }
  return JSON.stringify(words);
}

/** `de.json` and the like, in the folder of the built files. */
export function catalogues(out) {
  for (const language of readdirSync(locale).sort()) writeFileSync(join(out, `${language}.json`), compile(language));
}
