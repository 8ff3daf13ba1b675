/** A tool: an icon that does a command, with its name and its key. */
import { command, run } from "../commands/registry";
import { keyShown } from "../keys/shown";
import { Icon } from "./icon";

/** `id`: the command's; `more`: what there is to know before it is done. Nothing where the command makes no sense now. */
export function Tool({ id, icon, on = false, more }: { id: string; icon?: string; on?: boolean; more?: string | undefined }) {
  const one = command(id);
  if (!one || (one.when && !one.when())) return null;
  const key = keyShown(id);
  const says = more ?? one.title();
  return (
    <button class={`tool${on ? " on" : ""}`} type="button" data-command={id} title={key ? `${says} (${key})` : says} aria-label={one.title()} aria-description={more} onClick={() => run(id)}>
      <Icon name={icon ?? one.icon ?? "more"} />
    </button>
  );
}
