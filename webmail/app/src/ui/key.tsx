/** A key, or a sequence of keys, as it is printed. */
import { t } from "../i18n";

const isApple = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const NAMES: Record<string, () => string> = {
  Mod: () => (isApple ? "⌘" : t("Ctrl")),
  Shift: () => (isApple ? "⇧" : t("Shift")),
  Escape: () => t("Esc"),
  Enter: () => t("Enter"),
  Delete: () => t("Del"),
  Space: () => t("Space"),
  Home: () => t("Home"),
  End: () => t("End"),
  ArrowDown: () => "↓",
  ArrowUp: () => "↑",
  ArrowLeft: () => "←",
  ArrowRight: () => "→",
};

/** A capital letter is made with Shift, which is said; signs are what they print. */
function named(key: string): string {
  const parts = key === "+" || key.endsWith("++") ? [...key.slice(0, -1).split("+").filter(Boolean), "+"] : key.split("+");
  const last = parts.at(-1)!;
  const isCapital = last.length === 1 && last !== last.toLowerCase();
  const all = isCapital ? [...parts.slice(0, -1), "Shift", last] : parts;
  return all.map((part) => NAMES[part]?.() ?? (part.length === 1 ? part.toLowerCase() : part)).join(isApple ? "" : " ");
}

export function Key({ keys }: { keys: string }) {
  if (!keys) return null;
  return <span class="keys">{keys.split(" ").map((key) => <kbd key={key}>{named(key)}</kbd>)}</span>;
}
