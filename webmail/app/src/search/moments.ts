/** Moments that relative and written days mean in the member's time zone (mailstore/search/values.py). */
import { WEEKDAYS } from "./operators";

const DAY = 86_400_000; // milliseconds

/** The moment at which a day that `readDay` gave begins. */
export function startOf(day: string, now: Date, zone: string): Date {
  if (day.startsWith("@")) return new Date(Number(day.slice(1)) * 1_000);
  return midnight(dateOf(day, now, zone), zone);
}

/** The moment at which the next day begins. */
export function endOf(day: string, now: Date, zone: string): Date {
  return midnight(new Date(dateOf(day, now, zone).getTime() + DAY), zone);
}

/** The day as a date of UTC. */
function dateOf(day: string, now: Date, zone: string): Date {
  const today = new Date(now.getTime() + offset(now, zone));
  today.setUTCHours(0, 0, 0, 0);
  if (day === "today") return today;
  if (day === "yesterday") return new Date(today.getTime() - DAY);
  const weekday = WEEKDAYS.indexOf(day); // the last one that was; today's own name is today
  if (weekday >= 0) return new Date(today.getTime() - (((today.getUTCDay() + 6 - weekday) % 7) * DAY));
  return new Date(`${day}T00:00:00Z`);
}

/** How far the zone's clocks are ahead of UTC at a moment, in milliseconds. */
function offset(at: Date, zone: string): number {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const shown = Date.UTC(part["year"]!, part["month"]! - 1, part["day"], part["hour"], part["minute"], part["second"]);
  return shown - Math.floor(at.getTime() / 1_000) * 1_000;
}

/** Where that clock shows midnight of the date; asked twice, as the clocks may be set between. */
function midnight(date: Date, zone: string): Date {
  const guess = new Date(date.getTime() - offset(date, zone));
  return new Date(date.getTime() - offset(guess, zone));
}

/** The moment that lies so long before now; months and years by the calendar. */
export function ago(age: string, now: Date): Date {
  const [number, unit] = [Number(age.slice(0, -1)), age.at(-1)!];
  if (unit === "m" || unit === "y") return monthsBefore(now, number * (unit === "y" ? 12 : 1));
  return new Date(now.getTime() - number * { h: DAY / 24, d: DAY, w: 7 * DAY }[unit as "h" | "d" | "w"]);
}

function monthsBefore(now: Date, months: number): Date {
  const whole = now.getUTCFullYear() * 12 + now.getUTCMonth() - months;
  const [year, month] = [Math.floor(whole / 12), ((whole % 12) + 12) % 12];
  if (year < 2) return new Date(Date.UTC(1, 0, 1));
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const then = new Date(now);
  then.setUTCFullYear(year, month, Math.min(now.getUTCDate(), last));
  return then;
}
