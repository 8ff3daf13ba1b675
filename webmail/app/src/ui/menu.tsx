/** A menu of commands: by right click, by Shift+F10, by `.`; arrows and first letters move in it. */
import { command } from "../commands/registry";
import { t } from "../i18n";
import { keyShown } from "../keys/shown";
import { close } from "../overlay";
import { Dialog } from "./dialog";
import { Icon } from "./icon";

/** `commands`: ids in their order, "|" for a line. Those that make no sense now are left out. */
export function Menu({ x, y, commands }: { x: number; y: number; commands: readonly string[] }) {
  const fitting = commands.filter((id) => id === "|" || (command(id) && (command(id)!.when?.() ?? true)));
  const pick = (id: string): void => {
    const one = command(id)!;
    const still = one.opens; // what opens something else keeps what was pointed at
    if (still) one.run();
    else {
      one.run();
      close();
    }
  };
  return (
    <Dialog label={t("Actions")} kind="menu-over" onClose={close} at={{ x, y }}>
      <div role="menu" onKeyDown={move}>
        {fitting.map((id) => id === "|" ? <hr role="separator" /> : (
          <button key={id} type="button" role="menuitem" data-command={id} onClick={() => pick(id)}>
            <Icon name={command(id)!.icon ?? "more"} /><span>{command(id)!.title()}</span><kbd aria-hidden="true">{keyShown(id)}</kbd>
          </button>
        ))}
      </div>
    </Dialog>
  );
}

function move(event: KeyboardEvent): void {
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = event.key === "ArrowDown" ? at + 1 : event.key === "ArrowUp" ? at - 1 : event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : letter(items, at, event.key);
  if (to === null) return;
  event.preventDefault();
  items.at(to % items.length)?.focus();
}

function letter(items: HTMLElement[], at: number, key: string): number | null {
  if (key.length !== 1 || key === " ") return null;
  const found = [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) => item.textContent!.toLowerCase().startsWith(key.toLowerCase()));
  return found ? items.indexOf(found) : null;
}
