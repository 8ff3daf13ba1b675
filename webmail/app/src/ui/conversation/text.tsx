/** A text laid out: nodes of text and links, never HTML. */
import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import type { Inline, Laid, Run } from "../../text/plain";

const BARS = ["hue-blue", "hue-green", "hue-orange", "hue-purple"];

export function LaidText({ laid, isFixed = false }: { laid: Laid; isFixed?: boolean }) {
  return (
    <div class={`text${isFixed ? " all-fixed" : ""}`} dir="auto">
      {laid.runs.map((run) => <Quoted run={run} />)}
      {laid.signature.length > 0 && <>{"\n"}<span class="signature">{laid.signature.map(piece)}</span></>}
      {!laid.runs.length && !laid.signature.length && <span class="muted">{t("(empty)")}</span>}
    </div>
  );
}

function Quoted({ run }: { run: Run }) {
  let inside: ComponentChildren = run.paragraphs.map((one, n) => [n > 0 && "\n", one.isFixed ? <span class="fixed">{one.content.map(piece)}</span> : one.content.map(piece)]);
  for (let level = run.depth - 1; level >= 0; level--) inside = <span class={`cite ${BARS[level % BARS.length]}`}>{inside}</span>;
  return <>{inside}</>;
}

function piece(one: Inline): ComponentChildren {
  if (typeof one === "string") return one;
  if (one.kind === "mail") return <a href={`/compose?to=${encodeURIComponent(one.href)}`}>{one.text}</a>;
  if (one.kind === "phone") return <a href={one.href}>{one.text}</a>;
  return <a href={one.href} target="_blank" rel="noopener noreferrer nofollow">{one.text}</a>;
}
