/** Around the list of results: how the query was read, what may have been meant, and what else there is. */
import { useEffect } from "preact/hooks";
import { app } from "../../app";
import { t } from "../../i18n";
import type { List } from "../../model/lists";
import { go } from "../../navigation";
import { clean } from "../../people";
import { chipsOf, quoted, withTerm, without } from "../../search/chips";
import { markerOf } from "../../search/marking";
import { conjuncts } from "../../search/tree";
import { Chips, Hints } from "./chips";
import { everyone, parsedShown, said } from "./reading";
import { fetchSnippets } from "./snippets";
import { markers, resultsHref, search } from "./state";

const TIMES: readonly [string, () => string][] = [
  ["", () => t("Any time")], ["newer_than:1d", () => t("Last day")], ["newer_than:7d", () => t("Last week")], ["newer_than:1m", () => t("Last month")],
  ["newer_than:1y", () => t("Last year")], ["older_than:1y", () => t("Older than a year")],
];
const OF_TIME = ["newer_than", "older_than", "after", "before", "date"];

export function Head({ list }: { list: List }) {
  const parsed = parsedShown.value;
  useEffect(() => void everyone(), []);
  useEffect(() => {
    markers.value = { subject: markerOf(parsed.tree, ["text", "subject"]), text: markerOf(parsed.tree, ["text", "body"]) };
    return () => (markers.value = null);
  }, [parsed]);
  const rows = list.rows.value;
  useEffect(() => fetchSnippets(parsed.text, parsed.tree, rows), [parsed, rows]);
  return (
    <div class="results-head">
      <div class="results-read">
        <Chips query={parsed.text} chips={chipsOf(parsed)} onQuery={searchOrLeave} />
        <Narrow />
      </div>
      <Hints hints={said(parsed)} onQuery={search} />
    </div>
  );
}

const searchOrLeave = (query: string): void => (query ? search(query) : go({ at: "place", slug: "inbox" }));

/** Any time, any label: one term of its kind, in place of the one there is. */
function Narrow() {
  const labels = app.mailboxes.labels.value.map(({ path }): [string, () => string] => [`label:${quoted(path)}`, () => clean(path)]);
  return (
    <span class="narrow">
      <Menu title={t("Time")} operators={OF_TIME} choices={TIMES} />
      {labels.length > 0 && <Menu title={t("Label")} operators={["label"]} choices={[["", () => t("Any label")], ...labels]} />}
    </span>
  );
}

function Menu({ title, operators, choices }: { title: string; operators: readonly string[]; choices: readonly [string, () => string][] }) {
  const { text, tree } = parsedShown.value;
  const node = conjuncts(tree).find((one) => one.kind === "term" && operators.includes(one.operator));
  const current = node ? text.slice(...node.span).trim() : "";
  const known = choices.some(([term]) => term === current) ? choices : [...choices, [current, () => current] as const];
  const choose = (term: string): void => searchOrLeave(withTerm(node ? without(text, node.span) : text, term));
  return (
    <select class={node ? "on" : ""} aria-label={title} value={current} onChange={(event) => choose(event.currentTarget.value)}>
      {known.map(([term, said]) => <option key={term} value={term}>{said()}</option>)}
    </select>
  );
}

/** Below the rows: what would be found without one of the terms, or what else is in Spam and Trash. */
export function Foot({ list }: { list: List }) {
  const base = list.base.value;
  if (!base || base.cursor) return null;
  const isEmpty = !list.rows.value.length;
  return (
    <div class={isEmpty ? "empty" : "results-foot"}>
      {isEmpty && <p>{t("Nothing found.")}</p>}
      {isEmpty && base.offers.length > 0 && (
        <ul class="offers" aria-label={t("What would be found")}>
          {base.offers.map(({ without, query, total, isTotalExact }) => <li key={query}><a href={resultsHref(query)}><Offer what={clean(without)} count={total} isExact={isTotalExact} /></a></li>)}
        </ul>
      )}
      {base.asideTotal > 0 && <p><a href={resultsHref(withTerm(parsedShown.value.text, "in:anywhere"))}>{aside(base.asideTotal)}</a></p>}
    </div>
  );
}

function Offer({ what, count, isExact }: { what: string; count: number; isExact: boolean }) {
  return <bdi>{isExact ? t("Without {what}: {count}", { what, count }) : t("Without {what}: about {count}", { what, count })}</bdi>;
}

/** Beyond 500 they are not counted. */
function aside(count: number): string {
  return count > 500 ? t("More than 500 more in Spam and Trash") : t("{count, plural, one {# more in Spam and Trash} other {# more in Spam and Trash}}", { count });
}
