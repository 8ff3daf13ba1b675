/** Starts the application over the page that the server drew. Every part that is loaded later imports it, so that what parts share is one file. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { open } from "./app";
import { readBoot } from "./boot";
import { defineCompose, startComposing } from "./commands/compose";
import { defineMail } from "./commands/mail";
import { defineMoving } from "./commands/moving";
import { defineDeleting } from "./commands/deleting";
import { defineReading } from "./commands/reading";
import { defineSearch } from "./commands/search";
import { setZone } from "./dates";
import { speak } from "./i18n";
import { attach, Dispatcher } from "./keys/dispatcher";
import { follow } from "./look";
import { ownKeys } from "./keys/shown";
import { teach } from "./lesson";
import { read, take, where } from "./navigation";
import { isComing } from "./ui/on_demand";
import { Shell } from "./ui/shell";

export async function start(): Promise<void> {
  const boot = readBoot(document);
  const there = read(location.href);
  if (!boot || !there) return; // a page of another kind: the server's own is all there is
  await speak(boot.language, boot.catalogues);
  setZone(boot.timeZone);
  where.value = there;
  const app = open(boot);
  defineMail();
  defineCompose();
  defineMoving();
  defineReading();
  defineSearch();
  defineDeleting();
  take();
  attach(new Dispatcher(() => app.preferences.get("keys") !== "off", ownKeys), isComing);
  teach();
  const root = document.createElement("div");
  root.id = "app";
  render(<Shell />, root);
  document.documentElement.classList.add("js");
  document.body.className = "";
  document.body.replaceChildren(root);
  follow();
  effect(() => void (root.dataset["waiting"] = String(app.operations.waiting.value)));
  app.start(boot.accountId);
  startComposing();
}


