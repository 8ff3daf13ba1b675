/** Swiping a row on a touch screen: to either side, short or long, whatever the member chose for it (F20). */
import { useRef } from "preact/hooks";
import { app } from "../../app";
import { act } from "../../commands/mail";
import { command } from "../../commands/registry";
import type { Act, Preferences, ThreadRow } from "../../jmap";
import { pointedAt, show } from "../../overlay";

const BEGIN = 12; // pixels until it is a swipe, and no tap or scroll
const SHORT = 72;
const LONG = 0.55; // of the row's width

type Swipe = Preferences["swipeLeftShort"];
export type Way = "right" | "left";

/** What a swipe so far does. Pure: `part` is the distance as a share of the row's width. */
export function meant(way: Way, distance: number, part: number, chosen: Pick<Preferences, "swipeRightShort" | "swipeRightLong" | "swipeLeftShort" | "swipeLeftLong">): Swipe {
  if (distance < SHORT) return "none";
  const [short, long] = way === "right" ? [chosen.swipeRightShort, chosen.swipeRightLong] : [chosen.swipeLeftShort, chosen.swipeLeftLong];
  return part >= LONG && long !== "none" ? long : short;
}

interface Touch {
  x: number;
  y: number;
  row: HTMLElement;
  isSwipe: boolean;
}

/** Handlers for the row. While it moves, the row's `--swipe` is its distance and `data-swipe` what letting go would do. */
export function useSwipe(row: ThreadRow) {
  const touch = useRef<Touch | null>(null);
  const begin = (event: TouchEvent): void => {
    const [first] = event.touches;
    touch.current = event.touches.length === 1 && first ? { x: first.clientX, y: first.clientY, row: event.currentTarget as HTMLElement, isSwipe: false } : null;
  };
  const move = (event: TouchEvent): void => {
    const one = touch.current;
    const first = event.touches[0];
    if (!one || !first) return;
    const [dx, dy] = [first.clientX - one.x, first.clientY - one.y];
    if (!one.isSwipe && Math.abs(dy) > BEGIN) return void (touch.current = null);
    if (!one.isSwipe && Math.abs(dx) < BEGIN) return;
    one.isSwipe = true;
    if (event.cancelable) event.preventDefault(); // else the browser takes it for the begin of a scroll, and swallows the tap after it
    one.row.style.setProperty("--swipe", `${dx}px`);
    one.row.dataset["swipe"] = known(meantBy(one, dx)) ?? "none";
    one.row.dataset["way"] = wayOf(dx);
  };
  const end = (event: TouchEvent): void => {
    const one = letGo();
    if (!one?.isSwipe) return;
    if (event.cancelable) event.preventDefault(); // no click of it
    doSwipe(meantBy(one, event.changedTouches[0]!.clientX - one.x), row);
  };
  const letGo = (): Touch | null => {
    const one = touch.current;
    touch.current = null;
    one?.row.style.removeProperty("--swipe");
    delete one?.row.dataset["swipe"];
    return one;
  };
  return { onTouchStart: begin, onTouchMove: move, onTouchEnd: end, onTouchCancel: () => void letGo() }; // the device took the finger away: nothing was meant
}

/** To the end of the line is "right", whichever way the page is written. */
const wayOf = (dx: number): Way => (dx > 0 === (document.dir !== "rtl") ? "right" : "left");
const meantBy = (one: Touch, dx: number): Swipe => meant(wayOf(dx), Math.abs(dx), Math.abs(dx) / one.row.offsetWidth, app.preferences.all.peek());
const known = (name: Swipe): Swipe | null => (name === "snooze" && !command("snooze") ? null : name);

function doSwipe(name: Swipe, row: ThreadRow): void {
  if (name === "none" || !known(name)) return;
  if (name === "snooze" || name === "label" || name === "move") return show({ kind: name }, [row.id]);
  const toggled: Partial<Record<Swipe, Act>> = { read: row.unread ? "read" : "unread", star: row.marks.includes("starred") ? "unstar" : "star" };
  pointedAt.value = [row.id];
  act(toggled[name] ?? name, {}, false);
  pointedAt.value = null;
}
