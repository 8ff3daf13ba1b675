/** The frame around everything: top bar, places and labels, and in the middle the list and the conversation. */
import { useEffect } from "preact/hooks";
import { app } from "../app";
import { run } from "../commands/registry";
import { desk } from "../compose/desk";
import { t } from "../i18n";
import { where } from "../navigation";
import { clean } from "../people";
import { ConversationPane } from "./conversation/conversation";
import { pane } from "../look";
import { show } from "../overlay";
import { Drop } from "./drop";
import { Icon } from "./icon";
import { Arrivals } from "./arrivals";
import { ListPane } from "./list/list";
import { SearchBox } from "./search/box";
import { OnDemand } from "./on_demand";
import { Overlays } from "./overlays";
import { Sidebar } from "./sidebar";
import { titleOf } from "./titles";
import { OfflineBar, Toasts } from "./toast";

export function Shell() {
  const there = where.value;
  const list = app.list.value;
  const isReading = there.at === "conversation";
  useEffect(() => {
    const box = list && "mailboxId" in list.source ? app.mailboxes.get(list.source.mailboxId) : null;
    const unread = box?.role === "inbox" && box.unreadThreads ? ` (${box.unreadThreads})` : "";
    if (list && !isReading) document.title = `${titleOf(list.source, box)}${unread} · Mailsuite`;
  });
  return (
    <>
      <a class="skip" href="#main">{t("Skip to content")}</a>
      <div class={`shell app${isReading ? " reading" : ""}`}>
        <Top />
        <Sidebar />
        <main id="main" tabIndex={-1} class={`pane-${pane.value}`}>
          <OfflineBar />
          {(!isReading || pane.value !== "none") && (list ? <ListPane list={list} /> : <p class="empty">{t("There is no such place.")}</p>)}
          {!isReading && pane.value !== "none" && <p class="reading-pane nothing">{t("Choose a conversation to read it here.")}</p>}
          {isReading && <ConversationPane key={`${there.id} ${there.email ?? ""}`} id={there.id} only={there.email} />}
        </main>
      </div>
      <button type="button" class="fab" aria-label={t("Compose")} onClick={() => run("compose")}><Icon name="compose" /></button>
      <Overlays />
      {desk.value && <desk.value.Dock />}
      <OnDemand />
      <Toasts />
      <Arrivals />
    </>
  );
}

function Top() {
  return (
    <header class="top">
      <button class="tool menu-button" type="button" popovertarget="places" aria-label={t("Places and labels")}><Icon name="menu" /></button>
      <a class="brand only-wide" href="/"><span class="mark"><Icon name="mail" /></span><b>Mailsuite</b></a>
      <PhoneTitle />
      <SearchBox />
      <span class="space" />
      <button class="tool look-button" type="button" title={t("Look")} aria-label={t("Look")} onClick={() => show({ kind: "look" })}><Icon name="look" /></button>
      <AccountMenu />
    </header>
  );
}

/** What the list's own bar says where there is room for it. */
function PhoneTitle() {
  const list = app.list.value;
  if (!list) return null;
  const box = "mailboxId" in list.source ? app.mailboxes.get(list.source.mailboxId) : null;
  return (
    <span class="phone-title" aria-hidden="true">
      <bdi class="name">{clean(titleOf(list.source, box))}</bdi>
      {box && box.unreadThreads > 0 && <span class="count">{box.unreadThreads}</span>}
    </span>
  );
}

function AccountMenu() {
  const me = app.me;
  return (
    <Drop class="end account" label="" face={<><span class="vh">{t("Account: {name}", { name: me.name })}</span><span class={`avatar ${me.hue}`} aria-hidden="true">{me.initials}</span></>}>
      <p><span><b>{me.name}</b><br />{me.login}</span></p>
      <hr />
      <a href="/settings"><Icon name="settings" /> {t("Settings")}</a>
      <button type="button" onClick={() => show({ kind: "look" })}><Icon name="look" /> {t("Look")}</button>
      <button type="button" onClick={() => run("help")}><Icon name="info" /> {t("Keyboard shortcuts")}</button>
      <form method="post" action="/view">
        <input type="hidden" name="csrfmiddlewaretoken" value={app.csrf} />
        <button name="view" value="simple"><Icon name="all" /> {t("Simple view")}</button>
      </form>
      <form method="post" action="/sign-out">
        <input type="hidden" name="csrfmiddlewaretoken" value={app.csrf} />
        <button><Icon name="leave" /> {t("Sign out")}</button>
      </form>
    </Drop>
  );
}
