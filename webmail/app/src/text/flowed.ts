/** format=flowed: paragraphs that were broken into lines for the way are joined again (RFC 3676), as protocol/flowed.py does. */

/** What a text part's Content-Type says of it. */
export function flowedBy(contentType: string): { isFlowed: boolean; delsp: boolean } {
  const value = (name: string): string => new RegExp(`;\\s*${name}\\s*=\\s*"?([a-z]+)`, "i").exec(contentType.slice(0, 2_000))?.[1]?.toLowerCase() ?? "";
  return { isFlowed: value("format") === "flowed", delsp: value("delsp") === "yes" };
}

/** Flowed lines joined, space-stuffing undone; quote marks stand as `> ` before a joined line. */
export function joined(text: string, delsp = false): string {
  const lines: string[] = [];
  let depthBefore = -1;
  let pieces: string[] = [];
  for (const line of text.split("\n")) {
    const depth = /^>*/.exec(line)![0].length;
    const stuffed = line.slice(depth);
    const bare = stuffed.startsWith(" ") ? stuffed.slice(1) : stuffed;
    if (pieces.length && (depth !== depthBefore || bare === "-- ")) {
      lines.push(whole(depthBefore, pieces)); // a change of depth ends a paragraph
      pieces = [];
    }
    depthBefore = depth;
    if (bare.endsWith(" ") && bare !== "-- ") {
      pieces.push(delsp ? bare.slice(0, -1) : bare);
    } else {
      lines.push(whole(depth, [...pieces, bare]));
      pieces = [];
    }
  }
  if (pieces.length) lines.push(whole(depthBefore, pieces));
  return lines.join("\n");
}

function whole(depth: number, pieces: readonly string[]): string {
  return (depth > 0 ? `${">".repeat(depth)} ` : "") + pieces.join("");
}
