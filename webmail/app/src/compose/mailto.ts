/** mailto: addresses (RFC 6068): whom to write to, and what about. */

/** What a new letter begins with. */
export interface Fill {
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  body?: string;
}

const LONGEST = 100_000; // characters of a body
const NAMES = ["to", "cc", "bcc", "subject", "body"] as const;

/** Null where it is no such address. Other fields that it names are not believed: nobody sees them before they are sent. */
export function parseMailto(href: string): Fill | null {
  if (!/^mailto:/i.test(href)) return null;
  const [people = "", asked = ""] = href.slice(7).split(/\?(.*)/s);
  const found: Fill = {};
  if (people) found.to = decoded(people);
  for (const pair of asked.split("&")) {
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const known = NAMES.find((one) => one === decoded(name).toLowerCase());
    if (known) found[known] = joined(known, found[known], decoded(value));
  }
  return found;
}

function joined(name: (typeof NAMES)[number], before: string | undefined, value: string): string {
  if (name === "body") return value.replace(/\r\n?/g, "\n").slice(0, LONGEST);
  const line = value.replace(/\s+/g, " ").trim().slice(0, LONGEST);
  return before && name !== "subject" ? `${before}, ${line}` : line;
}

/** A plus is a plus here, not a blank. What is no UTF-8 stays as it is written. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
