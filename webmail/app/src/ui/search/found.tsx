/** What is below the search box while typing: chips, hints, people, labels, mail; and the keys that go through it. */
import { useEffect } from "preact/hooks";
import { app } from "../../app";
import { long, short } from "../../dates";
import { t } from "../../i18n";
import type { ThreadRow } from "../../jmap";
import { hueOf } from "../../model/mailboxes";
import { called as names, clean, face, hue, initials, nameOf } from "../../people";
import { markerOf } from "../../search/marking";
import { nameOfValue } from "../../search/words";
import { Icon } from "../icon";
import { titleOf } from "../titles";
import { Chips, Hints, intoBox } from "./chips";
import { Form } from "./form";
import { hits } from "./hits";
import { Marked } from "./marked";
import { options, typed, type Option } from "./options";
import { chips, everyone, parsed, said } from "./reading";
import { forget, recent } from "./recent";
import { active, close, draft, field, here, open, opened, search, searchHere, shown } from "./state";

const GROUPS: Record<Option["kind"], () => string> = {
  person: () => t("People"),
  label: () => t("Labels"),
  value: () => t("Go on with"),
  recent: () => t("Searched before"),
  mail: () => t("Mail"),
};
const EXAMPLES: readonly [string, () => string][] = [
  ["from:", () => t("who wrote it")],
  ["has:attachment", () => t("with a file")],
  ["newer_than:7d", () => t("of the last week")],
  ["is:unread", () => t("not read yet")],
];

export function Panel() {
  useEffect(() => void everyone(), []);
  return (
    <div class="finder-panel" onMouseDown={(event) => (event.target as Element).closest("input, select") || event.preventDefault()}>
      {opened.value === "form" ? <Form /> : <Found />}
    </div>
  );
}

function Found() {
  const all = options.value;
  const hints = said(parsed.value);
  const isAsked = chips.value.length > 0 && typed.value.value.length !== 1 && typed.value.value.length !== 2; // of one or two letters nothing is said yet
  return (
    <>
      {chips.value.length > 0 && <Chips query={draft.value} chips={chips.value} onQuery={intoBox} />}
      <Hints hints={hints} onQuery={intoBox} />
      <div id="found" role="listbox" aria-label={t("Found")}>
        {Object.keys(GROUPS).map((kind) => <Group key={kind} kind={kind as Option["kind"]} all={all} />)}
      </div>
      {!draft.value.trim() && <Start />}
      {isAsked && !all.some((one) => one.kind === "mail") && <p class="finder-none" role="status">{hits.value.isSure ? t("No mail found.") : t("Searching …")}</p>}
      <p class="vh" role="status">{hits.value.isSure && all.length > 0 && t("{count, plural, one {# suggestion} other {# suggestions}}", { count: all.length })}</p>
      {draft.value.trim() && <Keys />}
    </>
  );
}

function Group({ kind, all }: { kind: Option["kind"]; all: readonly Option[] }) {
  if (!all.some((one) => one.kind === kind)) return null;
  return (
    <div role="group" class={`found-${kind}`} aria-label={GROUPS[kind]()}>
      <p class="found-title" aria-hidden="true">{GROUPS[kind]()}{kind === "recent" && <button type="button" class="link" onClick={() => forget(app.jmap.accountId)}>{t("Forget all")}</button>}</p>
      {all.map((one, n) => one.kind === kind && (
        <div key={n} id={`found-${n}`} role="option" class="option" aria-selected={n === active.value} onClick={one.take} onMouseMove={() => (active.value = n)}><Offered one={one} /></div>
      ))}
    </div>
  );
}

function Offered({ one }: { one: Option }) {
  if (one.kind === "mail") return <Mail row={one.row} />;
  if (one.kind === "label") return <><span class={`dot ${hueOf(one.label.box)}`} /><bdi class="name">{clean(one.label.path)}</bdi></>;
  if (one.kind === "recent") return <><Icon name="search" /><bdi class="name">{clean(one.query)}</bdi></>;
  if (one.kind === "value") return <><code>{one.term}</code><span class="detail">{nameOfValue(one.value)}</span></>;
  const name = nameOf(one.person.name, one.person.email);
  return (
    <>
      <span class={`avatar ${hue(one.person.email)}`} aria-hidden="true">{initials(name)}</span>
      <span class="who"><bdi class="name">{name}</bdi> <bdi class="detail">{clean(one.person.email)}</bdi></span>
    </>
  );
}

function Mail({ row }: { row: ThreadRow }) {
  const who = face(row.writers);
  const marker = markerOf(parsed.value.tree, ["text", "subject"]);
  const subject = clean(row.subject) || t("(no subject)");
  const name = nameOf(who?.name, who?.email ?? "");
  return (
    <>
      <span class={`avatar ${hue(who?.email ?? name)}`} aria-hidden="true">{initials(name)}</span>
      <span class={`mail${row.unread ? " unread" : ""}`}>
        <bdi class="from">{names(row.writers, row.writerCount).map((one) => one.name).join(", ")}{row.count > 1 && ` (${row.count})`}</bdi>
        <bdi><Marked text={subject} found={marker(subject)} /></bdi>
      </span>
      {row.marks.includes("attachment") && <span class="clip"><Icon name="clip" small /><span class="vh">{t("Attachment")}</span></span>}
      <time dateTime={row.at} title={long(new Date(row.at))}>{short(new Date(row.at))}</time>
    </>
  );
}

/** Before anything is typed: what can be asked. */
function Start() {
  return (
    <div class="finder-start">
      <p class="found-title">{recent(app.jmap.accountId).length ? t("Or begin with") : t("Begin with a word, or with")}</p>
      <ul>{EXAMPLES.map(([term, title]) => <li key={term}><button type="button" onClick={() => open(term.endsWith(":") ? term : `${term} `)}><code>{term}</code> <span class="detail">{title()}</span></button></li>)}</ul>
    </div>
  );
}

function Keys() {
  const place = here();
  const box = place && app.mailboxes.get(place.boxId);
  return (
    <p class="finder-keys">
      <button type="button" onClick={() => search(draft.value)}><kbd>Enter</kbd> {t("All results")}</button>
      {box && <button type="button" onClick={searchHere}><kbd>Ctrl Enter</kbd> <bdi>{t("Only in {place}", { place: clean(titleOf({ mailboxId: box.id }, box)) })}</bdi></button>}
      <span><kbd>Tab</kbd> {t("Accept")}</span>
    </p>
  );
}

/** Keys in the box: arrows go through what is offered, Tab accepts it, Enter takes it. */
export function pressed(event: KeyboardEvent): void {
  if (event.isComposing) return;
  const done = event.key === "Enter" ? enter(event) : event.key === "Escape" ? escape() : opened.value === "found" && move(event);
  if (done) event.preventDefault();
}

function enter(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return searchHere(), true;
  const chosen = options.value[active.value];
  if (chosen && opened.value === "found") chosen.take();
  else search(draft.value);
  return true;
}

/** First what is open is closed, then what was typed is put back, then the box is left. */
function escape(): boolean {
  if (opened.value) close();
  else if (draft.value !== shown.value) draft.value = shown.value;
  else field()?.blur();
  return true;
}

function move(event: KeyboardEvent): boolean {
  const count = options.value.length;
  if (event.key === "ArrowDown") active.value = active.value + 1 >= count ? -1 : active.value + 1;
  else if (event.key === "ArrowUp") active.value = active.value < 0 ? count - 1 : active.value - 1;
  else if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !event.altKey) return accept();
  else return false;
  document.getElementById(`found-${active.value}`)?.scrollIntoView({ block: "nearest" });
  return true;
}

/** The offer in focus, else the first that goes on with what is typed. Without any, Tab leaves the box as everywhere. */
function accept(): boolean {
  const chosen = options.value[active.value] ?? (draft.value.trim() ? options.value.find((one) => one.accepted) : undefined);
  if (!chosen?.accepted) return false;
  open(chosen.accepted);
  return true;
}
