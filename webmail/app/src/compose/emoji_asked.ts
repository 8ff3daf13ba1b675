/** Does what is typed ask for an emoji? */

/** What follows a colon before the cursor: ":thu" asks for "thu", ":thumbsup:" is the sign itself. */
export function asked(line: string): { typed: string; isWhole: boolean } | null {
  const found = /(?:^|\s):([a-z]{2,20})(:?)$/i.exec(line.slice(-30));
  return found && { typed: found[1]!, isWhole: found[2] === ":" };
}
