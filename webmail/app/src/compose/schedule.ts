/** Times to send at, as a clock on the wall shows them: they stay what they say when the clocks change. */

/** `month` counts from 1. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

export interface Choice {
  name: "today" | "tomorrow" | "monday";
  at: Date;
}

/** What the clock shows in a zone. */
export function wall(at: Date, zone: string): Wall {
  const options = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", options).formatToParts(at).map((one) => [one.type, Number(one.value)]));
  return { year: parts["year"]!, month: parts["month"]!, day: parts["day"]!, hour: parts["hour"]!, minute: parts["minute"]! };
}

/** When the clock of a zone shows this. An hour that is skipped is the one after it; of one that comes twice the first. */
export function instant(shown: Wall, zone: string): Date {
  const wanted = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
  const offset = (at: number): number => utc(wall(new Date(at), zone)) - at;
  const day = 86_400_000;
  const tries = [wanted - offset(wanted - day), wanted - offset(wanted + day)].sort((a, b) => a - b);
  const fitting = tries.find((at) => utc(wall(new Date(at), zone)) === wanted);
  return new Date(fitting ?? tries[1]!);
}

const utc = (one: Wall): number => Date.UTC(one.year, one.month - 1, one.day, one.hour, one.minute);

/** Later today 17:00, tomorrow 08:00, Monday 08:00: those that are still to come, each day once. */
export function choices(now: Date, zone: string): Choice[] {
  const today = wall(now, zone);
  const on = (days: number, hour: number): Date => {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + days));
    return instant({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour, minute: 0 }, zone);
  };
  const weekday = new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay();
  const monday = (8 - weekday) % 7 || 7;
  const found: Choice[] = [{ name: "today", at: on(0, 17) }, { name: "tomorrow", at: on(1, 8) }, { name: "monday", at: on(monday, 8) }];
  const soon = now.getTime() + 30 * 60_000;
  return found.filter((one) => one.at.getTime() > soon && (one.name !== "monday" || monday > 1));
}

/** For <input type="datetime-local">. */
export function written(shown: Wall): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${shown.year}-${two(shown.month)}-${two(shown.day)}T${two(shown.hour)}:${two(shown.minute)}`;
}

export function readWall(text: string): Wall | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  return { year, month, day, hour, minute };
}
