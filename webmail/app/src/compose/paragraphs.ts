/** Text as the HTML of a letter. */

/** Text as HTML: each line a block, which is how the editor has them too. */
export function paragraphs(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  return lines.map((line) => `<div>${line.trim() ? escaped(line).replace(/ {2}/g, " &nbsp;") : "<br>"}</div>`).join("");
}

export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
