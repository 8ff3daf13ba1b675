/** Letters of a page that was lost, put back where they can be seen. */
import { effect } from "@preact/signals";
import { app } from "../../app";
import * as device from "../../compose/keep";
import { t } from "../../i18n";
import { latest, writings, type Tools } from "./desk";
import { Writing } from "./writing";

export async function rescue(tools: () => Promise<Tools>): Promise<void> {
  const kept = await device.orphans(app.jmap.accountId);
  if (!kept.length) return;
  const { own, rich } = await tools();
  for (const one of kept) {
    const writing = new Writing(one.letter, "dock", own, rich, "resumed");
    writing.isFolded.value = true;
    writing.change({}, true);
    writing.files.resume(one.files);
    writings.value = [...writings.peek(), writing];
  }
  const said = { text: t("{count, plural, one {A letter that was not saved is open again.} other {# letters that were not saved are open again.}}", { count: kept.length }) };
  app.say(said);
  effect(() => void (latest.value && app.toast.peek() === said && (app.toast.value = null))); // not over the one that is open
}
