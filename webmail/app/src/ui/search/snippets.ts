/** The text around what was found, for results that do not show it by themselves. */
import { app } from "../../app";
import type { Id, ThreadRow } from "../../jmap";
import { clean } from "../../people";
import { piecesOf } from "../../search/snippet";
import { conjuncts, type Node, type Term } from "../../search/tree";
import { markers, snippets } from "./state";

const MOST = 100; // messages of a request
const FIELDS = new Set(["text", "subject", "body", "from", "to"]);

let query = "";
let asked = new Set<Id>();

/** Ask for the rows that show none of the words; those of another query are forgotten. */
export function fetchSnippets(shown: string, tree: Node, rows: readonly ThreadRow[]): void {
  if (shown !== query) [query, asked, snippets.value] = [shown, new Set(), new Map()];
  const filter = filterOf(tree);
  const lacking = filter.length ? rows.filter((row) => !asked.has(row.id) && !showsHit(row)) : [];
  if (!lacking.length) return;
  for (const row of lacking) asked.add(row.id);
  const newest = Math.max(...lacking.map((row) => Date.parse(row.at))) + 1_000;
  const before = { before: new Date(newest).toISOString().replace(/\.\d+Z$/, "Z") };
  void ask(shown, { operator: "AND", conditions: [...filter, before] }, new Set(lacking.map((row) => row.id))).catch(() => {});
}

function showsHit(row: ThreadRow): boolean {
  const found = markers.peek();
  return !found || found.subject(clean(row.subject)).length > 0 || found.text(clean(row.preview)).length > 0;
}

/** The words of the query as JMAP asks for them (RFC 8621 §4.4.1); the rest is left to what was found already. */
function filterOf(tree: Node): Record<string, string>[] {
  const asked = conjuncts(tree).filter((node) => node.kind === "term" && FIELDS.has(node.operator));
  const words = asked.flatMap((node) => (node.kind === "term" && String(node.value).toLowerCase() !== "me" ? [{ [node.operator]: phrase(node) }] : []));
  return words.some((one) => "text" in one || "body" in one) ? words : [];
}

const phrase = ({ value, prefix }: Term): string => `"${String(value).replace(/["\\]/g, " ")}${prefix ? "*" : ""}"`;

async function ask(of: string, filter: object, wanted: ReadonlySet<Id>): Promise<void> {
  const ids = (id: string) => ({ resultOf: id, name: "Email/query", path: "/ids" });
  const sort = [{ property: "receivedAt", isAscending: false }];
  const [, { list: emails }, { list: found }] = await Promise.all([
    app.jmap.call("Email/query", { filter, sort, limit: MOST }, "hits"),
    app.jmap.call("Email/get", { "#ids": ids("hits"), properties: ["id", "threadId"] }, "hit-threads"),
    app.jmap.call("SearchSnippet/get", { filter, "#emailIds": ids("hits") } as never, "hit-snippets"),
  ]);
  if (of !== query) return;
  const threads = new Map(emails.map((email) => [email.id, email.threadId]));
  const added = new Map(snippets.peek());
  for (const { emailId, preview } of found) {
    const row = wanted.has(emailId) ? emailId : threads.get(emailId); // a row is of a message, or of a conversation
    if (row && preview && wanted.has(row) && !added.has(row)) added.set(row, piecesOf(preview));
  }
  snippets.value = added;
}
