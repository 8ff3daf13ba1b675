/** The search box. */
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { go, where } from "../../navigation";
import { Icon } from "../icon";

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const there = where.value;
  const query = there.at === "search" ? there.query : "";
  useEffect(() => {
    if (input.current) input.current.value = query;
  }, [query]);
  const search = (event: Event): void => {
    event.preventDefault();
    const typed = input.current!.value.trim();
    if (typed) go({ at: "search", query: typed });
    input.current!.blur();
  };
  return (
    <form class="search" role="search" onSubmit={search}>
      <label class="vh" for="q">{t("Search mail")}</label>
      <button class="tool" aria-label={t("Search")}><Icon name="search" /></button>
      <input ref={input} type="search" id="q" name="q" defaultValue={query} placeholder={t("Search mail")} autocomplete="off" spellcheck={false} maxLength={1024} />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
