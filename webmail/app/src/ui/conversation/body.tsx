/** The body of a message: plain text as text, HTML in a frame of its own; what it quotes is folded where it repeats. */
import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Email, EmailBodyPart } from "../../jmap";
import { hasBody, keyOf } from "../../model/letters";
import type { Reading } from "../../reading";
import { flowedBy, joined } from "../../text/flowed";
import { linesOfHtml, said, show } from "../../text/plain";
import { Icon } from "../icon";
import { watchLinks } from "./destination";
import { Frame } from "./frame";
import { LaidText } from "./text";

const FORWARD = /^\s*(?:fwd?|wg|tr|i|enc|rv|vs|pd|doorst|转发|転送)\s*[:：]/i;

export function Body({ email, title, reading }: { email: Email; title: string; reading: Reading }) {
  const key = keyOf(email.id);
  const look = useComputed(() => reading.looks.value.get(key) ?? {}).value;
  if (!hasBody(email)) return <p class="muted" role="status">{reading.conversation.trouble.value ? t("This message could not be loaded.") : t("Loading …")}</p>;
  if (!isHtml(email)) return <Text email={email} reading={reading} isFixed={look.isFixed ?? false} isWhole={look.quotes ?? false} />;
  return (
    <>
      <Frame email={email} look={look} title={title} onQuotes={() => reading.show(key, { quotes: true })} />
      {look.quotes && <button type="button" class="more-text" aria-expanded="true" aria-label={t("Hide quoted text")} title={t("Hide quoted text")} onClick={() => reading.show(key, { quotes: false })}><Icon name="more" small /></button>}
    </>
  );
}

/** Shown in a frame, as HTML or because it is too long a text to come along. */
export const isHtml = (email: Email): boolean =>
  email.htmlBody.some((part) => part.type === "text/html") || Object.values(email.bodyValues).some((value) => value.isTruncated);

function Text({ email, reading, isFixed, isWhole }: { email: Email; reading: Reading; isFixed: boolean; isWhole: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => watchLinks(box.current!), []);
  const shown = useMemo(() => show(textOf(email), earlier(email, reading), FORWARD.test(email.subject ?? "")), [email.bodyValues]);
  const toggle = (): void => reading.show(keyOf(email.id), { quotes: !isWhole });
  const name = isWhole ? t("Hide quoted text") : t("Show quoted text");
  return (
    <div ref={box}>
      <LaidText laid={shown.text} isFixed={isFixed} />
      {shown.quote && <button type="button" class="more-text" aria-expanded={isWhole} aria-label={name} title={name} onClick={toggle}><Icon name="more" small /></button>}
      {shown.quote && isWhole && <LaidText laid={shown.quote} isFixed={isFixed} />}
    </div>
  );
}

const headerOf = (part: EmailBodyPart): string => String((part as unknown as Record<string, unknown>)["header:Content-Type"] ?? "");

/** Its text parts, flowed lines joined. */
function textOf(email: Email): string {
  const texts = email.textBody.flatMap((part) => {
    const value = part.partId ? email.bodyValues[part.partId]?.value : undefined;
    const { isFlowed, delsp } = flowedBy(headerOf(part));
    return value === undefined || !part.type.startsWith("text/") ? [] : [isFlowed ? joined(value.replace(/\r\n?/g, "\n"), delsp) : value];
  });
  return texts.map((text) => text.replace(/^\n+|\n+$/g, "")).filter((text) => text).join("\n\n");
}

/** The lines that the conversation said before this message, as far as they are at hand. */
function earlier(email: Email, reading: Reading): Set<string> {
  const before = (reading.here.peek() ?? []).filter((one) => one.id !== email.id && one.receivedAt <= email.receivedAt && !one.keywords["$draft"] && hasBody(one));
  return new Set(before.slice(-20).flatMap((one) => [...linesOf(one)]));
}

const lines = new WeakMap<Email["bodyValues"], Set<string>>();

function linesOf(email: Email): Set<string> {
  const known = lines.get(email.bodyValues);
  if (known) return known;
  const isMarkup = email.textBody.some((part) => part.type === "text/html");
  const found = said(isMarkup ? Object.values(email.bodyValues).map((one) => linesOfHtml(one.value)).join("\n") : textOf(email));
  lines.set(email.bodyValues, found);
  return found;
}
