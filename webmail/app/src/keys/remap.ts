/** A keyboard of the member's own: what stands in the way of a key, and the keyboard with it given. Pure. */
import { NOTHING } from "./dispatcher";
import { BINDINGS } from "./table";

/** By key, the command it does; what is not here does as usual. */
export type Keyboard = Readonly<Record<string, string>>;

/** A key may do one thing in a conversation and another in a list. */
const USUAL = new Map<string, readonly string[]>();
for (const { keys, command } of BINDINGS) for (const key of keys) USUAL.set(key, [...(USUAL.get(key) ?? []), command]);

export interface Bound {
  key: string;
  command: string;
}

/** Every key that does something, with what it does. */
export function whole(own: Keyboard): Bound[] {
  const usual = [...USUAL].filter(([key]) => own[key] === undefined).flatMap(([key, commands]) => commands.map((command) => ({ key, command })));
  const made = Object.entries(own).map(([key, command]) => ({ key, command }));
  return [...usual, ...made.filter((one) => one.command !== NOTHING)];
}

/** Keys that do something else and could not any more: the same one, one that it begins with, those that begin with it. */
export function inTheWay(own: Keyboard, key: string, command: string): Bound[] {
  const clashes = (one: string): boolean => one === key || one.startsWith(`${key} `) || key.startsWith(`${one} `);
  const all = whole(own);
  const isItsOwn = (one: string): boolean => all.some((bound) => bound.key === one && bound.command === command);
  return all.filter((one) => one.command !== command && clashes(one.key) && !isItsOwn(one.key));
}

/** The command has this key and no other; what was in its way does nothing. */
export function given(own: Keyboard, key: string, command: string): Keyboard {
  const next = taken(own, command);
  for (const lost of inTheWay(next, key, command)) free(next, lost);
  const isUsual = next[key] !== undefined && USUAL.get(key)?.includes(command) && whole(reset(next, command)).some((one) => one.key === key && one.command === command);
  return isUsual ? only(reset(next, command), key, command) : { ...next, [key]: command };
}

/** Of its usual keys, this one alone. */
function only(own: Keyboard, key: string, command: string): Keyboard {
  const next = { ...own };
  for (const one of whole(own)) if (one.command === command && one.key !== key) free(next, one);
  return next;
}

/** The command has no key. */
export function taken(own: Keyboard, command: string): Record<string, string> {
  const next = { ...own };
  for (const one of whole(own)) if (one.command === command) free(next, one);
  return next;
}

/** The command has its usual keys, but for those that were given to others. */
export function reset(own: Keyboard, command: string): Keyboard {
  const isFreed = (key: string, does: string): boolean => (USUAL.get(key)?.includes(command) ?? false) && (does === NOTHING || USUAL.get(key)!.includes(does));
  return Object.fromEntries(Object.entries(own).filter(([key, does]) => does !== command && !isFreed(key, does)));
}

/** The key does not do this any more; what else it does usually it goes on doing. */
function free(own: Record<string, string>, { key, command }: Bound): void {
  const usual = USUAL.get(key);
  const others = own[key] === undefined ? (usual ?? []).filter((one) => one !== command) : [];
  if (usual) own[key] = others[0] ?? NOTHING;
  else delete own[key];
}
