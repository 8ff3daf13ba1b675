/** Whatever is open over the page. */
import { overlay } from "../overlay";
import { Destroy } from "./destroy";
import { LabelPicker } from "./label_picker";
import { Look } from "./look";
import { Menu } from "./menu";
import { SnoozePicker } from "./snooze_picker";

export function Overlays() {
  const open = overlay.value;
  if (!open) return null;
  if (open.kind === "menu") return <Menu key={`${open.x} ${open.y}`} {...open} />;
  if (open.kind === "look") return <Look />;
  if (open.kind === "destroy") return <Destroy />;
  if (open.kind === "snooze") return <SnoozePicker />;
  return <LabelPicker key={open.kind} purpose={open.kind} />;
}
