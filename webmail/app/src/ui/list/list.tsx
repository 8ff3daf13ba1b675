/** The list of a place, a label or a search: only the rows that can be seen are in the page, whatever its length. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { app } from "../../app";
import { reveal } from "../../commands/moving";
import { t } from "../../i18n";
import type { List } from "../../model/lists";
import { href, where } from "../../navigation";
import { foresee, foreseeFrom } from "../conversation/prefetch";
import { ResultsFoot, ResultsHead } from "../search/slots";
import { Pull, usePull } from "./pull";
import { Row } from "./row";
import { AllBanner, Toolbar } from "./toolbar";

const OVERSCAN = 8; // rows above and below what is seen
const PREFETCHED = 3;
const scrolled = new Map<string, number>(); // where each list was left

export function ListPane({ list }: { list: List }) {
  const box = "mailboxId" in list.source ? app.mailboxes.get(list.source.mailboxId) : null;
  return (
    <section class="list-pane" aria-label={t("Conversations")}>
      <Toolbar list={list} box={box} />
      <AllBanner list={list} box={box} />
      {"query" in list.source && <ResultsHead list={list} />}
      <Pull />
      <Rows key={list.key} list={list} />
    </section>
  );
}

function Rows({ list }: { list: List }) {
  const scroller = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const height = useSignal(44);
  const top = useSignal(scrolled.get(list.key) ?? 0);
  const room = useSignal(innerHeight);
  const rows = list.rows.value;
  const there = where.value;
  const origin = there.at === "conversation" ? there.origin : href(there);
  const hiddenLabel = "mailboxId" in list.source ? list.source.mailboxId : "";

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = (): void => {
      height.value = probe.current!.offsetHeight || 44;
      room.value = element.clientHeight || innerHeight;
    };
    measure();
    element.scrollTop = scrolled.get(list.key) ?? 0;
    const watch = new ResizeObserver(measure);
    watch.observe(probe.current!);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  usePull(scroller);
  useEffect(() => reveal.subscribe((id) => {
    const index = id ? list.rows.peek().findIndex((row) => row.id === id) : -1;
    if (index >= 0 && scroller.current) showRow(scroller.current, index * height.peek(), height.peek(), id!);
  }), []);

  useEffect(() => {
    for (const row of rows.slice(0, PREFETCHED)) void foresee(row);
  }, [list.key, rows.length > 0]);
  useEffect(() => app.focused.subscribe(foreseeFrom), []);
  const isShort = app.lists.isShort(list, Math.ceil((top.value + 2 * room.value) / height.value)); // a screenful below what is shown
  useEffect(() => {
    if (isShort) void app.lists.more(list);
  });

  const first = Math.max(0, Math.floor(top.value / height.value) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((top.value + room.value) / height.value) + OVERSCAN);
  const onScroll = (): void => {
    if (!scroller.current) return; // it scrolled just before it went
    top.value = scroller.current.scrollTop;
    scrolled.set(list.key, top.peek());
    if (last > list.rows.peek().length - 40) void app.lists.more(list);
  };
  const focusable = rows.some((row) => row.id === app.focused.value) ? app.focused.value : rows[0]?.id;
  return (
    <div class="rows" role={rows.length ? "grid" : undefined} aria-label={rows.length ? t("Conversations") : undefined} aria-rowcount={rows.length ? (list.base.value?.cursor ? -1 : rows.length) : undefined} aria-multiselectable={rows.length ? "true" : undefined} aria-busy={list.loading.value} ref={scroller} onScroll={onScroll} tabIndex={-1}>
      <div class="row-probe" ref={probe} aria-hidden="true" />
      <div role="presentation" style={{ blockSize: `${first * height.value}px` }} />
      {rows.slice(first, last).map((row, n) => (
        <Row key={row.id} row={row} index={first + n} isFocused={row.id === app.focused.value} isTabStop={row.id === focusable} isSelected={app.selected.value.has(row.id)} origin={origin} hiddenLabel={hiddenLabel} />
      ))}
      <div role="presentation" style={{ blockSize: `${(rows.length - last) * height.value}px` }} />
      <Foot list={list} />
    </div>
  );
}

/** Bring a row into view and give it the focus. */
function showRow(scroller: HTMLElement, at: number, height: number, id: string): void {
  if (at < scroller.scrollTop) scroller.scrollTop = at;
  else if (at + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = at + height - scroller.clientHeight;
  const focus = (): boolean => {
    const link = scroller.querySelector<HTMLElement>(`[data-thread="${id}"] .open`);
    link?.focus({ preventScroll: true });
    return link !== null;
  };
  if (where.peek().at !== "conversation" && !focus()) requestAnimationFrame(focus); // it is drawn only now
}

/** What stands below the rows: that more is coming, that there is nothing, or why nothing could be shown. */
function Foot({ list }: { list: List }) {
  const base = list.base.value;
  if (list.trouble.value) {
    return (
      <div class="empty" role="alert">
        <p>{list.trouble.value === "Unreachable" ? t("The server can't be reached just now.") : t("This list could not be loaded.")}</p>
        <button type="button" class="button" onClick={() => void app.lists.load(list)}>{t("Try again")}</button>
      </div>
    );
  }
  if (!base) return list.loading.value ? <p class="loading">{t("Loading …")}</p> : null;
  if ("query" in list.source && !base.cursor) return <ResultsFoot list={list} />;
  if (!list.rows.value.length && !base.cursor) return <div class="empty"><p>{t("Nothing here. Nice.")}</p></div>;
  return base.cursor ? <p class="loading">{t("Loading …")}</p> : null;
}
