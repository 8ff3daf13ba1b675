/** Sizes of files for people, as the server writes them: 340 B, 21 KB, 4.2 MB. */
import { locale, t } from "./i18n";

const UNITS: readonly ((size: string) => string)[] = [
  (size) => t("{size} B", { size }), (size) => t("{size} KB", { size }), (size) => t("{size} MB", { size }), (size) => t("{size} GB", { size }), (size) => t("{size} TB", { size }),
];

export function bytes(count: number): string {
  let [value, step] = [count, 0];
  while (value >= 999.5 && step < UNITS.length - 1) [value, step] = [value / 1000, step + 1];
  const digits = step > 1 && value < 9.95 ? 1 : 0;
  return UNITS[step]!(value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }));
}
