/** "Why is this here?": what was found out about a message when it came, in sentences (product.md 4.9). */
import { t } from "../../i18n";
import type { Email, Why, WhyReason } from "../../jmap";
import { keyOf } from "../../model/letters";
import { clean } from "../../people";
import type { Reading } from "../../reading";
import { Icon } from "../icon";

/** What is known of who wrote it; empty where nobody looked. */
export function proof(why: Why): string {
  const domain = clean(why.domain);
  if (why.dmarc === "pass") return t("Confirmed: really from {domain}", { domain });
  if (why.dmarc === "fail") return t("Not confirmed: this may not be from {domain}", { domain });
  return why.dmarc || why.spf || why.dkim ? t("{domain} says nothing about who may write in its name", { domain }) : "";
}

export function WhyPanel({ email, reading }: { email: Email; reading: Reading }) {
  const { why } = email;
  const key = keyOf(email.id);
  if (!why || !reading.looks.value.get(key)?.why) return null;
  const checks = (["spf", "dkim", "dmarc"] as const).filter((name) => why[name]).map((name) => `${name.toUpperCase()} ${clean(why[name])}`);
  const place = { mail: t("All mail"), spam: t("Spam"), trash: t("Trash") }[reading.place.value];
  return (
    <section class="why-panel" aria-label={t("Why is this here?")}>
      <h3>{t("Why is this here?")}<button type="button" class="tool" aria-label={t("Close")} title={t("Close")} onClick={() => reading.show(key, { why: false })}><Icon name="close" small /></button></h3>
      <dl>
        <dt>{t("Place")}</dt><dd>{place}</dd>
        {proof(why) && <><dt>{t("Sender")}</dt><dd><bdi>{proof(why)}</bdi></dd></>}
        {checks.length > 0 && <><dt>{t("Checks")}</dt><dd>{checks.join(", ")}</dd></>}
        {why.reasons.length > 0 && <><dt>{t("Because")}</dt><dd>{why.reasons.slice(0, 20).map((one) => <span><bdi>{clean(one.text)}</bdi>{weight(one)}</span>)}</dd></>}
      </dl>
    </section>
  );
}

const weight = (one: WhyReason): string => (one.weight ? ` (${one.weight > 0 ? "+" : "−"}${Math.abs(one.weight)})` : "");
