/* What a page gains with a script: it hears of new mail, acts without loading anew, knows keys, and fits frames to their mail.
   Nothing depends on it: every act below is a form or a link of the page. */
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const same = (html) => html;
  const policy = window.trustedTypes ? trustedTypes.createPolicy("page", { createHTML: same }) : { createHTML: same };
  const parsed = (html) => new DOMParser().parseFromString(policy.createHTML(html), "text/html");
  const body = document.body;
  let shown = Number(body.dataset.modseq);
  let at = null; // the thread whose row the keys act on
  document.documentElement.classList.add("js");

  // ---- what the server says now, put in place of what is shown; ticks, focus and scroll stay ----
  function adopt(page) {
    shown = Number(page.body.dataset.modseq) || shown;
    document.title = page.title;
    for (const part of ["#places .scroll", ".storage", "#list", ".toasts"]) {
      const old = $(part), fresh = $(part, page);
      if (!old || !fresh || (part === ".toasts" && !fresh.children.length)) continue;
      const ticked = new Set($$("[name=thread]:checked", old).map((box) => box.value));
      const focus = old.contains(document.activeElement) ? document.activeElement.closest("[data-thread]")?.dataset.thread : 0;
      old.replaceWith(fresh);
      $$("[name=thread]", fresh).forEach((box) => { box.checked ||= ticked.has(box.value); });
      if (focus) $(`[data-thread="${focus}"] .open`)?.focus();
    }
    if (at) mark(at);
    const count = Number($(".conversation", page)?.dataset.count), had = Number($(".conversation")?.dataset.count);
    if (count > had) toast(count - had === 1 ? "1 new message" : `${count - had} new messages`, "Show", () => location.reload());
  }

  function toast(text, verb, act) {
    const box = document.createElement("div");
    box.className = "toast";
    box.append(text);
    if (verb) {
      const button = document.createElement("button");
      button.textContent = verb;
      button.onclick = act;
      box.append(button);
    }
    $(".toasts").replaceChildren(box);
  }

  async function load(address, options) {
    const answer = await fetch(address, options);
    if (new URL(answer.url).pathname === "/sign-in") return location.reload();
    return answer.ok ? adopt(parsed(await answer.text())) : Promise.reject(answer.status);
  }

  // ---- news: one stream a browser, shared by its tabs ----
  let asking = false, again = false;
  async function hear(modseq) {
    if (Number(modseq) <= shown) return;
    if (asking) return void (again = modseq);
    asking = true;
    await load(location.href).catch(() => {});
    asking = false;
    if (again) { const next = again; again = false; hear(next); }
  }
  const bus = window.BroadcastChannel ? new BroadcastChannel("mail") : { postMessage() {} };
  bus.onmessage = (event) => hear(event.data);
  function listen() {
    new EventSource("/events").addEventListener("changed", (event) => { bus.postMessage(event.data); hear(event.data); });
    return new Promise(() => {});
  }
  if (navigator.locks) navigator.locks.request("mail-events", listen); else listen();

  // ---- acts on a list, without leaving it ----
  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (!("live" in form.dataset) || !$("#list") || (button && "plain" in button.dataset)) return;
    event.preventDefault();
    const data = new FormData(form);
    if (button?.name) data.append(button.name, button.value);
    load(form.getAttribute("action"), { method: "POST", body: data }).catch(() => toast("Couldn't reach the server. Nothing was changed."));
  });

  // ---- ticks ----
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.matches?.("[data-all]")) $$(".rows [name=thread]").forEach((one) => { one.checked = box.checked; });
    if (box.matches?.(".rows [name=thread]")) {
      const boxes = $$(".rows [name=thread]"), [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) boxes.slice(from, to).forEach((one) => { one.checked = box.checked; });
      last = box;
    }
    if (box.closest?.("[data-help]")) $("#help").showModal();
    $$(".menu[open]").forEach((menu) => { if (!menu.contains(box)) menu.open = false; });
  });

  // ---- frames as high as their mail ----
  function fit(frame) {
    const inside = frame.contentDocument?.documentElement;
    const height = Math.ceil(inside?.getBoundingClientRect().height || 0); // scrollHeight would never be less than the frame's own
    if (height) frame.style.blockSize = `${height + (inside.scrollWidth > inside.clientWidth ? 16 : 0)}px`;
  }
  const fitAll = () => $$("iframe.frame").forEach(fit);
  document.addEventListener("load", (event) => { if (event.target.matches?.("iframe.frame")) fit(event.target); }, true);
  document.addEventListener("toggle", fitAll, true);
  addEventListener("resize", fitAll);
  fitAll();

  // ---- keys ----
  function mark(thread) {
    $$(".row.focused").forEach((row) => row.classList.remove("focused"));
    const row = $(`[data-thread="${thread}"]`);
    row?.classList.add("focused");
    at = row ? thread : at;
    return row;
  }
  function move(step) {
    const items = $$(".row");
    if (!items.length) return;
    const now = items.findIndex((row) => row.dataset.thread === at);
    const row = items[Math.min(Math.max(now < 0 ? 0 : now + step, 0), items.length - 1)];
    mark(row.dataset.thread);
    $(".open", row).focus();
  }
  function act(name) {
    const row = $(`[data-thread="${at}"]`);
    if (!$(".rows :checked")) {
      if (!row) return;
      $("[name=thread]", row).checked = true;
      const rows = $$(".row"), next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
      if (next && !["star", "mark_read", "mark_unread"].includes(name)) at = next.dataset.thread;
    }
    $(`.selected-tools [value="${name}"]`)?.click();
  }
  const onList = {
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    o: () => $(".row.focused .open")?.click(), x: () => $(".row.focused [name=thread]")?.click(),
    e: () => act("archive"), "#": () => act("trash"), "!": () => act("report_spam"), I: () => act("mark_read"), U: () => act("mark_unread"),
    s: () => ($(".rows :checked") ? act("star") : $(".row.focused .star")?.click()),
  };
  const inConversation = { r: () => $("#answer")?.focus(), j: () => $("[rel=next]")?.click(), k: () => $("[rel=prev]")?.click() };
  const anywhere = {
    c: () => location.assign("/compose"), "/": () => $("#q").focus(), z: () => $("[data-undo] button")?.click(), "?": () => $("#help").showModal(),
  };
  const goTo = { i: "/", s: "/in/starred", t: "/in/sent", d: "/in/drafts", a: "/in/all", l: "/labels", "!": "/in/spam", "#": "/in/trash" };
  let going = 0;
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input:not([type=checkbox]), textarea, select")) {
      if (key === "Enter" && (event.ctrlKey || event.metaKey)) $("button[value=send]", target.form || document)?.click();
      return;
    }
    const act = going > Date.now() ? goTo[key] && (() => location.assign(goTo[key]))
      : ($("#list") ? onList[key] : $(".conversation") && inConversation[key]) || anywhere[key]
      || (/^\w|[!#]$/.test(key) && key.length === 1 && (() => $(`[data-key="${key}"]`)?.click()));
    going = key === "g" ? Date.now() + 1000 : 0;
    if (!act || $("dialog[open]")) return;
    event.preventDefault();
    act();
  });
})();
