/** When a snoozed conversation may come back: moments on the member's own clock (product.md 3.8). */

export interface Moment {
  id: "today" | "tomorrow" | "weekend" | "week";
  at: Date;
}

const EVENING = 18;
const MORNING = 8;

/** What is offered now; a moment that is nearer than an hour is not. Times are wall times: a night without an hour changes none. */
export function moments(now: Date): Moment[] {
  const weekend = (6 - now.getDay() + 7) % 7 || 7;
  const monday = (1 - now.getDay() + 7) % 7 || 7;
  const all: Moment[] = [
    { id: "today", at: on(now, 0, EVENING) },
    { id: "tomorrow", at: on(now, 1, MORNING) },
    { id: "weekend", at: on(now, weekend, MORNING + 1) },
    { id: "week", at: on(now, monday, MORNING) },
  ];
  return all.filter((one, n) => one.at.getTime() - now.getTime() > 3_600_000 && all.findIndex((other) => other.at.getTime() === one.at.getTime()) === n);
}

function on(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}
