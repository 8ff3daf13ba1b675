/** Markdown while typing (product.md 5.2): what the last key made of the text before the cursor. */

export type Inline = "bold" | "italic" | "strike" | "code";
/** `length`: of the signs and what they hold, back from the cursor; `marks`: of the signs at either end. */
export type Conversion =
  | { kind: "inline"; format: Inline; length: number; marks: number }
  | { kind: "block"; format: "bullets" | "numbers" | "quote"; length: number }
  | { kind: "rule"; length: number };

const INLINE: readonly [RegExp, Inline, number][] = [
  [/(?:^|[\s(])(\*\*([^\s*](?:[^*\n]{0,300}[^\s*])?)\*\*)$/u, "bold", 2],
  [/(?:^|[\s(])(__([^\s_](?:[^_\n]{0,300}[^\s_])?)__)$/u, "bold", 2],
  [/(?:^|[\s(])(\*([^\s*](?:[^*\n]{0,300}[^\s*])?)\*)$/u, "italic", 1],
  [/(?:^|[\s(])(_([^\s_](?:[^_\n]{0,300}[^\s_])?)_)$/u, "italic", 1],
  [/(?:^|[\s(])(~~([^\s~](?:[^~\n]{0,300}[^\s~])?)~~)$/u, "strike", 2],
  [/(?:^|[\s(])(`([^`\n]{1,300})`)$/u, "code", 1],
];

/** `line`: from the block's start to the cursor. Only the last 320 characters can matter. */
export function converted(line: string): Conversion | null {
  const near = line.slice(-320);
  for (const [pattern, format, marks] of INLINE) {
    const found = pattern.exec(near);
    if (found) return { kind: "inline", format, length: found[1]!.length, marks };
  }
  if (/^[-*][ \u00a0]$/.test(line)) return { kind: "block", format: "bullets", length: 2 };
  if (/^1[.)][ \u00a0]$/.test(line)) return { kind: "block", format: "numbers", length: 3 };
  if (/^>[ \u00a0]$/.test(line)) return { kind: "block", format: "quote", length: 2 };
  if (/^---$/.test(line)) return { kind: "rule", length: 3 };
  return null;
}
