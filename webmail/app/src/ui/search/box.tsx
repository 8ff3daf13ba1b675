/** The search box. What opens below it, and the reading of queries, are fetched when it is first used. */
import { useEffect, useRef } from "preact/hooks";
import { run } from "../../commands/registry";
import { t } from "../../i18n";
import { where } from "../../navigation";
import { Icon } from "../icon";
import { searching } from "./part";
import { active, caret, close, draft, open, opened, search, searchHere, shown } from "./state";

export function SearchBox() {
  const root = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const part = searching.part.value;
  const isOpen = opened.value !== "";
  useEffect(() => {
    draft.value = shown.value;
  }, [shown.value]);
  useEffect(() => {
    if (input.current && input.current.value !== draft.value) input.current.value = draft.value;
  }, [draft.value]);
  useEffect(() => addEventListener("popstate", close), []);
  const look = (): void => {
    searching.want();
    draft.value = input.current!.value;
    caret.value = input.current!.selectionStart ?? draft.value.length;
  };
  const typed = (): void => {
    look();
    active.value = -1;
    opened.value = "found";
  };
  const left = (event: FocusEvent): void => {
    if (!root.current!.contains(event.relatedTarget as Node | null) && document.hasFocus()) close();
  };
  const classes = ["finder", isOpen && "is-open", where.value.at === "search" && "at-search"].filter(Boolean).join(" ");
  return (
    <>
      <button type="button" class="tool only-phone search-open" aria-label={t("Search mail")} onClick={() => run("search")}><Icon name="search" /></button>
      <div class={classes} role="search" ref={root} onFocusOut={left}>
        <form class="search" onSubmit={(event) => (event.preventDefault(), search(input.current!.value))}>
          <label class="vh" for="q">{t("Search mail")}</label>
          <button class="tool go" aria-label={isOpen ? t("All results") : t("Search")}><Icon name="search" /></button>
          <button type="button" class="tool back only-phone" aria-label={t("Close search")} onClick={() => (close(), input.current!.blur())}><Icon name="back" /></button>
          <input
            ref={input} type="text" id="q" name="q" defaultValue={draft.peek()} placeholder={t("Search mail")} autocomplete="off" spellcheck={false} maxLength={1024} enterkeyhint="search"
            role="combobox" list={undefined} aria-autocomplete="list" aria-haspopup="listbox" aria-expanded={opened.value === "found"} aria-controls="found" aria-activedescendant={active.value >= 0 ? `found-${active.value}` : undefined}
            onFocus={() => (look(), opened.value || (opened.value = "found"))} onInput={typed} onSelect={look} onKeyDown={(event) => (part ? part.pressed(event) : early(event))}
            onPointerDown={() => opened.value === "" && (opened.value = "found")}
          />
          <span class="ends">
            {draft.value && <button type="button" class="tool" aria-label={t("Clear")} onClick={() => open("")}><Icon name="close" /></button>}
            <kbd aria-hidden="true">/</kbd>
            <button type="button" class="tool" aria-label={t("Search by field")} title={t("Search by field")} aria-expanded={opened.value === "form"} onClick={() => (searching.want(), opened.value = opened.value === "form" ? "found" : "form")}><Icon name="settings" /></button>
          </span>
        </form>
        {isOpen && part && <part.Panel />}
      </div>
    </>
  );
}

/** Keys that are pressed before the rest is there. */
function early(event: KeyboardEvent): void {
  if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Escape") close();
  else if (event.ctrlKey || event.metaKey) searchHere();
  else search(draft.value);
}
