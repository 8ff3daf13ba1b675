/** Everything the member can do, each once: toolbars, menus, keys and the palette all come from here. */

/**
 * `title`: as menus say it. `icon`: of the sprite. `when`: whether it makes sense now (default: always).
 * `context`: where its keys work; "row" needs something to act on, in a list or a conversation.
 */
export interface Command {
  id: string;
  title: () => string;
  icon?: string;
  context: "everywhere" | "list" | "conversation" | "row";
  when?: () => boolean;
  /** It opens something that goes on with what was pointed at. */
  opens?: boolean;
  run: () => void;
}

const commands = new Map<string, Command>();

export function define(...ones: Command[]): void {
  for (const one of ones) commands.set(one.id, one);
}

export const command = (id: string): Command | undefined => commands.get(id);
export const all = (): Command[] => [...commands.values()];

/** True where it was there to be done. */
export function run(id: string): boolean {
  const one = commands.get(id);
  if (!one || (one.when && !one.when())) return false;
  one.run();
  return true;
}
