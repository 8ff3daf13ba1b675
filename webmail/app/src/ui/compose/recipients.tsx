/** A field of recipients: people as chips, and suggestions while one types (product.md 5.7). */
import { useSignal, type Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { app } from "../../app";
import { folded, formatted, isAddress, parseList, same } from "../../compose/address_list";
import { everyone, FIELDS, type Field, type Person } from "../../compose/letter";
import type { Suggested } from "../../compose/rank";
import { t } from "../../i18n";
import { clean, hue, initials, nameOf } from "../../people";
import { Icon } from "../icon";
import { forgetPerson, people, refreshPeople } from "./people";
import type { Writing } from "./writing";

const NAMES: Record<Field, () => string> = { to: () => t("To"), cc: () => t("Cc"), bcc: () => t("Bcc") };
const DRAGGED = "application/x-mailsuite-person";

/** Domains of the member's own addresses: who is elsewhere is an outsider beside those who are not. */
const ours = (): Set<string> => new Set(app.me.addresses.map((one) => one.slice(one.lastIndexOf("@") + 1)));
export const isOutside = (one: Person): boolean => !ours().has(one.email.slice(one.email.lastIndexOf("@") + 1).toLowerCase());

export function RecipientField({ writing, field }: { writing: Writing; field: Field }) {
  const letter = writing.letter.value;
  const input = useRef<HTMLInputElement>(null);
  const found = useSignal<readonly Suggested[]>([]);
  const at = useSignal(0);
  const id = `${letter.key}-${field}`;
  const all = everyone(letter);
  const mixed = all.some(isOutside) && !all.every(isOutside);
  const state: State = { writing, field, input: () => input.current!, found, at };
  return (
    <div class="recipients" data-field={field} onDragOver={(event) => event.dataTransfer?.types.includes(DRAGGED) && event.preventDefault()} onDrop={(event) => dropped(event, state)}>
      <label for={id}>{NAMES[field]()}</label>
      <div class="chips" onClick={(event) => event.target === event.currentTarget && input.current!.focus()}>
        {letter[field].map((one, n) => <Chip key={one.email} one={one} at={n} state={state} isOutside={mixed && isOutside(one)} />)}
        <input
          id={id} ref={input} type="text" role="combobox" autocomplete="off" autocapitalize="off" spellcheck={false} dir="auto" enterkeyhint="next"
          aria-expanded={found.value.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={found.value.length ? `${id}-${at.value}` : undefined}
          aria-label={t("{field}: add people", { field: NAMES[field]() })}
          onFocus={() => void refreshPeople().then(() => input.current?.value && typed(state))}
          onInput={() => typed(state)} onKeyDown={(event) => pressed(event, state)} onPaste={(event) => pasted(event, state)} onBlur={() => left(state)}
        />
      </div>
      {found.value.length > 0 && <List id={id} state={state} />}
    </div>
  );
}

interface State {
  writing: Writing;
  field: Field;
  input: () => HTMLInputElement;
  found: Signal<readonly Suggested[]>;
  at: Signal<number>;
}

const listOf = ({ writing, field }: State): Person[] => writing.letter.peek()[field];

export function add(writing: Writing, field: Field, more: readonly Person[]): void {
  const taken = new Set(everyone(writing.letter.peek()).map((one) => same(one.email)));
  const fresh = more.filter((one) => !taken.has(same(one.email)) && taken.add(same(one.email)));
  const named = fresh.map((one) => ({ name: clean(one.name || people.nameOf(one.email)), email: clean(one.email) }));
  if (named.length) writing.setPeople(field, [...writing.letter.peek()[field], ...named]);
  writing.say(null);
}

function typed(state: State): void {
  const text = state.input().value;
  const cut = Math.max(text.lastIndexOf(","), text.lastIndexOf(";"));
  const isWhole = cut >= 0 && (cut === text.length - 1 || parseList(text.slice(0, cut)).every((one) => isAddress(one.email)));
  if (isWhole) {
    take(state, text.slice(0, cut));
    state.input().value = text.slice(cut + 1).trimStart();
    return typed(state);
  }
  state.found.value = text.trim() ? people.find(text, everyone(state.writing.letter.peek())) : [];
  state.at.value = 0;
}

/** What is typed becomes people. A name that only one person has is that person. */
function take(state: State, text: string): void {
  const named = parseList(text).map((one) => (isAddress(one.email) ? one : (only(one.email) ?? one)));
  add(state.writing, state.field, named);
  state.input().value = "";
  state.found.value = [];
}

function only(text: string): Person | null {
  const found = people.find(text, []);
  return found.length === 1 && folded(found[0]!.name) === folded(text) ? found[0]! : null;
}

function choose(state: State, one: Suggested | undefined): void {
  if (!one) return;
  add(state.writing, state.field, [one]);
  state.input().value = "";
  state.found.value = [];
  state.input().focus();
}

function left(state: State): void {
  setTimeout(() => {
    if (state.input()?.closest("[data-field]")?.contains(document.activeElement)) return;
    if (state.input()?.value.trim()) take(state, state.input().value);
    state.found.value = [];
  }, 120); // a press on a suggestion takes the focus first
}

function pasted(event: ClipboardEvent, state: State): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const named = parseList(text);
  if (!named.some((one) => isAddress(one.email))) return;
  event.preventDefault();
  add(state.writing, state.field, named);
}

function pressed(event: KeyboardEvent, state: State): void {
  const { value, selectionStart, selectionEnd } = state.input();
  const open = state.found.value.length;
  const done = (): void => (event.preventDefault(), event.stopPropagation());
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) return (done(), focusField(state, event.key === "ArrowUp" ? -1 : 1));
  if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) return (done(), void (state.at.value = (state.at.value + (event.key === "ArrowDown" ? 1 : open - 1)) % open));
  if (open && event.key === "Escape") return (done(), void (state.found.value = []));
  if (event.key === "Delete" && event.shiftKey && open) return (done(), forget(state, state.found.value[state.at.value]));
  if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && value.trim())) return accept(event, state, value);
  if ((event.key === "Backspace" || event.key === "ArrowLeft") && !value.slice(0, selectionEnd ?? 0) && selectionStart === 0) {
    const last = listOf(state).length - 1;
    if (last >= 0) done(), chipAt(state, last)?.focus();
  }
}

function accept(event: KeyboardEvent, state: State, text: string): void {
  event.preventDefault();
  event.stopPropagation();
  const chosen = state.found.value[state.at.value];
  if (chosen && !isAddress(text.trim())) choose(state, chosen);
  else if (text.trim()) take(state, text);
  else focusField(state, 1);
}

function chipAt(state: State, n: number): HTMLElement | undefined {
  return state.input().closest("[data-field]")!.querySelectorAll<HTMLElement>(".person")[n];
}

/** To the field above or below, which is shown then; below the last, the subject. */
function focusField(state: State, by: number): void {
  const next = FIELDS[FIELDS.indexOf(state.field) + by];
  const window = state.input().closest<HTMLElement>("[data-letter]")!;
  if (next && by) state.writing.show(next);
  requestAnimationFrame(() => (window.querySelector<HTMLElement>(next ? `[data-field="${next}"] input` : ".subject input") ?? window.querySelector<HTMLElement>("[role=textbox], textarea"))?.focus());
}

function forget(state: State, one: Suggested | undefined): void {
  if (!one) return;
  forgetPerson(one.email);
  state.found.value = state.found.value.filter((other) => other !== one);
  state.at.value = 0;
  state.input().focus();
}

function List({ id, state }: { id: string; state: State }) {
  return (
    <ul class="suggestions" id={`${id}-list`} role="listbox" aria-label={t("Suggestions")}>
      {state.found.value.map((one, n) => (
        <li key={one.email} id={`${id}-${n}`} role="option" aria-selected={n === state.at.value} onPointerDown={(event) => event.preventDefault()} onClick={() => choose(state, one)}>
          <span class={`avatar ${hue(one.email)}`} aria-hidden="true">{initials(nameOf(one.name, one.email))}</span>
          <span class="who"><b><bdi>{nameOf(one.name, one.email)}</bdi></b> <bdi class="muted">{clean(one.email)}</bdi></span>
          {one.isOften && <span class="muted often">{t("often")}</span>}
          <span class="tool forget" title={t("Suggest no more (Shift+Delete)")} onClick={(event) => (event.stopPropagation(), forget(state, one))}><Icon name="close" small /></span>
        </li>
      ))}
    </ul>
  );
}

function Chip({ one, at, state, isOutside: outside }: { one: Person; at: number; state: State; isOutside: boolean }) {
  const isBad = !isAddress(one.email);
  const name = clean(one.name) || clean(one.email);
  const remove = (): void => state.writing.setPeople(state.field, listOf(state).filter((_, n) => n !== at));
  const said = [name, isBad ? t("no address") : outside ? t("outside") : ""].filter(Boolean).join(", ");
  return (
    <span class={`chip person${isBad ? " bad" : ""}${outside ? " outside" : ""}`} tabIndex={-1} role="group" draggable title={formatted(one)} aria-label={said}
      onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, JSON.stringify({ from: state.field, one }))}
      onDblClick={() => edit(state, at)} onKeyDown={(event) => chipPressed(event, state, at, remove)} onCopy={(event) => copied(event, one)}>
      <span><bdi>{name}</bdi></span>
      <button type="button" tabIndex={-1} aria-label={t("Remove {name}", { name })} onClick={() => (remove(), state.input().focus())}><Icon name="close" small /></button>
    </span>
  );
}

function edit(state: State, at: number): void {
  const one = listOf(state)[at]!;
  state.writing.setPeople(state.field, listOf(state).filter((_, n) => n !== at));
  state.input().value = formatted(one);
  state.input().focus();
}

function copied(event: ClipboardEvent, one: Person): void {
  event.preventDefault();
  event.clipboardData?.setData("text/plain", formatted(one));
}

/** Left and right go along the chips; Alt with up and down moves one between To, Cc and Bcc. */
function chipPressed(event: KeyboardEvent, state: State, at: number, remove: () => void): void {
  const done = (): void => (event.preventDefault(), event.stopPropagation());
  const focus = (n: number): void => void requestAnimationFrame(() => (chipAt(state, n) ?? state.input()).focus());
  if ((event.ctrlKey || event.metaKey) && event.key === "c") return void navigator.clipboard?.writeText(formatted(listOf(state)[at]!)).catch(() => {});
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) return (done(), move(state, at, event.key === "ArrowUp" ? -1 : 1));
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowLeft") done(), at && focus(at - 1);
  else if (event.key === "ArrowRight") done(), focus(at + 1);
  else if (event.key === "Backspace") done(), remove(), focus(at ? at - 1 : Infinity);
  else if (event.key === "Delete") done(), remove(), focus(at);
  else if (event.key === "Enter" || event.key === "F2") done(), edit(state, at);
  else if (event.key.length === 1) state.input().focus();
}

function move(state: State, at: number, by: number): void {
  const to = FIELDS[FIELDS.indexOf(state.field) + by];
  if (!to) return;
  const one = listOf(state)[at]!;
  transfer(state.writing, state.field, to, one);
  const window = state.input().closest<HTMLElement>("[data-letter]")!;
  requestAnimationFrame(() => [...window.querySelectorAll<HTMLElement>(`[data-field="${to}"] .person`)].at(-1)?.focus());
}

function transfer(writing: Writing, from: Field, to: Field, one: Person): void {
  const letter = writing.letter.peek();
  writing.show(to);
  writing.change({ [from]: letter[from].filter((other) => other.email !== one.email), [to]: [...letter[to].filter((other) => other.email !== one.email), one] });
}

function dropped(event: DragEvent, state: State): void {
  const data = event.dataTransfer?.getData(DRAGGED);
  if (!data) return;
  event.preventDefault();
  event.stopPropagation();
  const { from, one } = JSON.parse(data) as { from: Field; one: Person };
  if (from !== state.field && FIELDS.includes(from)) transfer(state.writing, from, state.field, one);
}
