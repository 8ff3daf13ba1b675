/** Dates as a list and a conversation write them, in the member's time zone and language. */
import { locale, t } from "./i18n";

let zone: string | undefined;
const made = new Map<string, Intl.DateTimeFormat>();

export function setZone(name: string): void {
  zone = name || undefined;
  made.clear();
}

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name}-${locale()}`;
  let found = made.get(key);
  if (!found) made.set(key, (found = new Intl.DateTimeFormat(locale() === "en" ? "en-GB" : locale(), { ...options, ...(zone && { timeZone: zone }) })));
  return found;
}

/** The member's time zone, as Intl names it. */
export const zoneName = (): string => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

const time = (at: Date): string => format("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
const day = (at: Date): string => format("day", { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

/** Days from one date of the calendar to the other, in the member's zone: clocks may change between them. */
function daysBetween(from: Date, to: Date): number {
  const number = (at: Date): number => {
    const part = Object.fromEntries(format("day", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at).map((one) => [one.type, Number(one.value)]));
    return Date.UTC(part["year"]!, part["month"]! - 1, part["day"]!) / 86_400_000;
  };
  return number(to) - number(from);
}

/** For a list: 14:02 today, Fri within the last six days, 3 Oct this year, else 3 Oct 2025. */
export function short(at: Date, now = new Date()): string {
  if (day(at) === day(now)) return time(at);
  const days = daysBetween(at, now);
  if (days > 0 && days < 7) return format("weekday", { weekday: "short" }).format(at);
  return sameYear(at, now) ? format("date", { day: "numeric", month: "short" }).format(at) : format("year", { day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** For a message: as `short`, and the time of day too unless the year is another. */
export function middle(at: Date, now = new Date()): string {
  return day(at) === day(now) || !sameYear(at, now) ? short(at, now) : t("{date}, {time}", { date: short(at, now), time: time(at) });
}

/** Of what is still to come, as `middle`, and with the day of the week within the next six days: Mon 08:00. */
export function coming(at: Date, now = new Date()): string {
  const days = daysBetween(now, at);
  if (days === 0) return time(at);
  if (days > 0 && days < 7) return `${format("weekday", { weekday: "short" }).format(at)} ${time(at)}`;
  return sameYear(at, now) ? `${short(at, now)}, ${time(at)}` : short(at, now);
}

/** In full: Saturday 3 October 2026, 14:02. */
export function long(at: Date): string {
  return format("long", { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

function sameYear(at: Date, now: Date): boolean {
  return format("y", { year: "numeric" }).format(at) === format("y", { year: "numeric" }).format(now);
}

/** "deleted in 12 days" of what lies in Trash or Spam. */
export function daysLeft(purgedAt: string, now = new Date()): string {
  const days = Math.floor((Date.parse(purgedAt) - now.getTime()) / 86_400_000);
  return days < 1 ? t("deleted today") : t("deleted in {days, plural, one {# day} other {# days}}", { days });
}
