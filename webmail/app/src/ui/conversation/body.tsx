/** The body of a message: plain text as text, HTML in a frame of its own in which nothing can run (product.md 4.1). */
import { useRef } from "preact/hooks";
import { app } from "../../app";
import { t } from "../../i18n";
import type { Email } from "../../jmap";

export function Body({ email, title }: { email: Email; title: string }) {
  if (!("textBody" in email)) return <p class="loading">{t("Loading …")}</p>; // of a long conversation the bodies come later
  const html = email.htmlBody.some((part) => part.type === "text/html");
  return html ? <Frame email={email} title={title} /> : <Text email={email} />;
}

function Text({ email }: { email: Email }) {
  const values = email.textBody.flatMap((part) => (part.partId ? (email.bodyValues[part.partId] ?? []) : []));
  return <div class="text" dir="auto">{values.map((one) => one.value).join("\n") || t("(empty)")}</div>;
}

function Frame({ email, title }: { email: Email; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const theme = app.preferences.get("theme");
  const fit = (): void => {
    const inside = frame.current?.contentDocument?.documentElement;
    if (inside) frame.current!.style.blockSize = `${Math.ceil(inside.getBoundingClientRect().height) + (inside.scrollWidth > inside.clientWidth ? 16 : 0)}px`;
  };
  const loaded = (): void => {
    fit();
    const inside = frame.current?.contentDocument?.documentElement;
    if (inside) new ResizeObserver(fit).observe(inside);
  };
  return <iframe ref={frame} class="frame" src={`/m/${key(email.id)}/body${theme === "system" ? "" : `?theme=${theme}`}`} sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" title={title} referrerpolicy="no-referrer" onLoad={loaded} />;
}

/** The message's number, as addresses of pages have it: an Email id is it with a letter before, and a mark of its moves behind. */
export const key = (id: string): string => /\d+/.exec(id)![0];
