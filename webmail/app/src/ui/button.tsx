/** A tool: an icon that does a command, with its name and its key. */
import { command, run } from "../commands/registry";
import { keyShown } from "../keys/shown";
import { Icon } from "./icon";

/** `id`: the command's. Nothing where the command makes no sense now. */
export function Tool({ id, icon, on = false }: { id: string; icon?: string; on?: boolean }) {
  const one = command(id);
  if (!one || (one.when && !one.when())) return null;
  const key = keyShown(id);
  return (
    <button class={`tool${on ? " on" : ""}`} type="button" data-command={id} title={key ? `${one.title()} (${key})` : one.title()} aria-label={one.title()} onClick={() => run(id)}>
      <Icon name={icon ?? one.icon ?? "more"} />
    </button>
  );
}
