/** A letter's window: docked, under its conversation, or all there is; its head, its text, its files, and what is asked. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { sameSubject } from "../../compose/answer";
import { FIELDS } from "../../compose/letter";
import { t } from "../../i18n";
import { clean } from "../../people";
import { Icon } from "../icon";
import { dark } from "../theme";
import { close, focus, latest, reveal } from "./desk";
import { Foot } from "./foot";
import { lazy } from "./lazy";
import { Notices } from "./notices";
import { RecipientField } from "./recipients";
import type { Writing } from "./writing";

const FileList = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.FileList));
const Conflict = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.Conflict));
const LinkForm = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.LinkForm));

/** `isTab`: it belongs under a conversation that is not shown, and waits as a tab. */
export function LetterWindow({ writing, isTab }: { writing: Writing; isTab: boolean }) {
  const letter = writing.letter.value;
  const place = writing.place.value;
  const folded = isTab || (place === "dock" && writing.isFolded.value);
  const over = useSignal(false);
  const section = useRef<HTMLElement>(null);
  useEffect(() => void (!folded && latest.peek() === writing && requestAnimationFrame(() => opened(writing, section.current))), [folded]);
  useEffect(() => {
    if (place !== "alone") return;
    document.documentElement.classList.add("alone");
    document.title = title(writing);
  });
  return (
    <section
      ref={section} class={`letter ${place}${folded ? " folded" : ""}${writing.isLarge.value ? " large" : ""}${over.value ? " over" : ""}${dark.value ? " night" : ""}`} data-letter={letter.key}
      role={place === "thread" ? "region" : "dialog"} aria-label={title(writing)}
      onFocusIn={() => (latest.value = writing)} onKeyDown={(event) => escaped(event, writing)}
      onDragOver={(event) => dragged(event) && (over.value = true)} onDragLeave={() => (over.value = false)} onDropCapture={() => (over.value = false)} onDrop={(event) => dropped(event, writing)}
    >
      <Bar writing={writing} isTab={isTab} />
      {!folded && <Inside writing={writing} />}
    </section>
  );
}

function opened(writing: Writing, section: HTMLElement | null): void {
  focus(writing);
  if (writing.place.peek() === "thread") section?.scrollIntoView({ block: "nearest" });
}

const title = (writing: Writing): string => clean(writing.letter.value.subject) || t("New message");

/** Escape folds what is docked and leaves an answer where it is: nothing is ever lost by it. */
function escaped(event: KeyboardEvent, writing: Writing): void {
  if (event.key !== "Escape" || event.defaultPrevented || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  writing.saver.keep();
  const menu = (event.currentTarget as HTMLElement).querySelector<HTMLDetailsElement>("details[open]");
  if (menu) return void (menu.open = false);
  if (writing.link.peek()) return void (writing.link.value = null);
  if (writing.place.peek() === "dock") writing.fold();
  if (writing.place.peek() !== "alone") document.querySelector<HTMLElement>("#main")?.focus();
}

const dragged = (event: DragEvent): boolean => {
  if (!event.dataTransfer?.types.includes("Files")) return false;
  event.preventDefault();
  return true;
};

/** What is dropped on the text, its editor takes. */
function dropped(event: DragEvent, writing: Writing): void {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  writing.files.add(files, false);
}

function Bar({ writing, isTab }: { writing: Writing; isTab: boolean }) {
  const folded = writing.isFolded.value || isTab;
  const place = writing.place.value;
  const toggle = (): void => (folded ? reveal(writing) : void (place === "dock" && writing.fold()));
  return (
    <div class="letter-bar">
      <button type="button" class="letter-title" onClick={toggle} aria-expanded={place === "dock" ? !folded : undefined}><b><bdi>{title(writing)}</bdi></b></button>
      {!folded && <Status writing={writing} />}
      {place === "dock" && !isTab && <Small icon={folded ? "up" : "down"} label={folded ? t("Unfold") : t("Fold (Esc)")} act={toggle} />}
      {place === "dock" && !folded && <Small icon="expand" label={writing.isLarge.value ? t("Smaller window") : t("Larger window")} act={() => (writing.isLarge.value = !writing.isLarge.peek())} extra="only-desktop" />}
      {place !== "alone" && !folded && <Small icon="popout" label={t("In a window of its own")} act={() => void import("./later").then(({ popOut }) => popOut(writing))} extra="only-desktop" />}
      <Small icon="close" label={t("Close, and keep the draft")} act={() => void close(writing)} />
    </div>
  );
}

function Small({ icon, label, act, extra = "" }: { icon: string; label: string; act: () => void; extra?: string }) {
  return <button type="button" class={`tool small ${extra}`} title={label} aria-label={label} onClick={act}><Icon name={icon} small /></button>;
}

/** "saved 3 s ago · from ana@oakstreet" */
function Status({ writing }: { writing: Writing }) {
  const state = writing.saver.state.value;
  const now = useSignal(Date.now());
  useEffect(() => {
    now.value = Date.now();
    const timer = setInterval(() => (now.value = Date.now()), 5_000);
    return () => clearInterval(timer);
  }, [state]);
  const seconds = state.kind === "saved" ? Math.max(0, Math.round((now.value - state.at) / 5_000) * 5) : 0;
  const words = {
    new: "", dirty: "", saving: t("saving …"), offline: t("not saved: no connection"), failed: t("not saved"),
    saved: seconds < 60 ? (seconds ? t("saved {seconds} s ago", { seconds }) : t("saved")) : t("saved {minutes, plural, one {a minute} other {# minutes}} ago", { minutes: Math.round(seconds / 60) }),
  }[state.kind];
  const reason = state.kind === "failed" ? state.reason : "";
  return <span class={`letter-state${state.kind === "failed" || state.kind === "offline" ? " bad" : ""}`} title={reason}>{words}</span>;
}

function Inside({ writing }: { writing: Writing }) {
  const letter = writing.letter.value;
  const shown = writing.shown.value;
  const isAnswer = writing.place.value === "thread" && letter.parent?.kind === "reply" && !shown.has("head");
  return (
    <>
      <div class="letter-head">
        {(writing.identities.length > 1 || shown.has("head")) && <From writing={writing} />}
        <More writing={writing} />
        {FIELDS.filter((field) => field === "to" || shown.has(field)).map((field) => <RecipientField key={field} writing={writing} field={field} />)}
        {!isAnswer && <Subject writing={writing} />}
      </div>
      <Conflict writing={writing} />
      <Text writing={writing} />
      <FileList writing={writing} />
      <LinkForm writing={writing} />
      <Notices writing={writing} />
      <Foot writing={writing} />
    </>
  );
}

/** Before the fields, where Shift+Tab finds it: Tab goes from To to the subject. */
function More({ writing }: { writing: Writing }) {
  const shown = writing.shown.value;
  const show = (field: "cc" | "bcc") => () => {
    writing.show(field);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-letter="${writing.letter.peek().key}"] [data-field="${field}"] input`)?.focus());
  };
  return (
    <span class="letter-more">
      {!shown.has("cc") && <button type="button" onClick={show("cc")}>{t("Cc")}</button>}
      {!shown.has("bcc") && <button type="button" onClick={show("bcc")}>{t("Bcc")}</button>}
    </span>
  );
}

function From({ writing }: { writing: Writing }) {
  const letter = writing.letter.value;
  const isChanged = letter.parent !== null && letter.identityId !== writing.presetId;
  const id = `${letter.key}-from`;
  return (
    <div class="from-field">
      <label for={id}>{t("From")}</label>
      <select id={id} dir="auto" class={`from${isChanged ? " changed" : ""}`} value={letter.identityId} onChange={(event) => writing.setIdentity(event.currentTarget.value)}>
        {writing.identities.map((one) => <option key={one.id} value={one.id}>{one.name ? `${clean(one.name)} <${one.email}>` : one.email}</option>)}
      </select>
    </div>
  );
}

function Subject({ writing }: { writing: Writing }) {
  const letter = writing.letter.value;
  const id = `${letter.key}-subject`;
  const isNew = letter.parent?.kind === "reply" && !sameSubject(letter.subject, letter.parent.subject);
  const go = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    writing.editor.peek().focus();
  };
  return (
    <div class="subject">
      <label for={id}>{t("Subject")}</label>
      <input id={id} type="text" dir="auto" value={letter.subject} maxLength={900} autocomplete="off" enterkeyhint="next" spellcheck={writing.editor.value.root.spellcheck}
        onInput={(event) => writing.change({ subject: event.currentTarget.value })} onKeyDown={go} />
      {isNew && <p class="hint">{t("Starts a new conversation, linked")}</p>}
    </div>
  );
}

/** The editor's own element is put here, and taken along when the letter is shown elsewhere. */
function Text({ writing }: { writing: Writing }) {
  const holder = useRef<HTMLDivElement>(null);
  const editor = writing.editor.value;
  const { quote } = writing.letter.value;
  useLayoutEffect(() => {
    holder.current!.append(editor.root);
    editor.unpark();
  }, [editor]);
  const unfold = quote && (
    <button type="button" class="quote-toggle" title={t("Show the quotation, to answer line by line")} aria-label={t("Show the quotation")} onClick={() => writing.unfold()}>…</button>
  );
  return (
    <div class="letter-text" onClick={(event) => event.target === event.currentTarget && editor.focus(true)}>
      {quote?.isAbove && unfold}
      <div ref={holder} class="letter-holder" />
      {quote && !quote.isAbove && unfold}
    </div>
  );
}
