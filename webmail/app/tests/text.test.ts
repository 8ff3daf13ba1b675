import assert from "node:assert/strict";
import test from "node:test";
import attributions from "../src/data/attribution.json";
import { flowedBy, joined } from "../src/text/flowed";
import { linesOfHtml, said, show, type Inline, type Laid } from "../src/text/plain";
import { split } from "../src/text/quote";

const kinds = (text: string, forward = false) => split(text, forward).map((piece) => [piece.kind, piece.text]);
const inline = (content: Inline[]): string => content.map((one) => (typeof one === "string" ? one : `[${one.text}](${one.href})`)).join("");
const written = (laid: Laid): string =>
  laid.runs.map((run) => "|".repeat(run.depth) + run.paragraphs.map((one) => (one.isFixed ? `{${inline(one.content)}}` : inline(one.content))).join("\n")).join("~") + (laid.signature.length ? `§${inline(laid.signature)}` : "");
const seen = (text: string): string => written(show(text).text);

test("the quotation of an answer is found in every language that we write", () => {
  for (const [sentence, form] of Object.values(attributions.sentences) as [string, string][]) {
    const date = ([["%-d", "3"], ["%B", "October"], ["%d", "03"], ["%m", "10"], ["%Y", "2026"], ["%H", "14"], ["%M", "02"]] as const).reduce((before, [sign, value]) => before.replaceAll(sign, value), form);
    const quotation = `${sentence.replace("{date}", date).replace("{name}", "Bob")}\n\n> Hello\n>\n> Bob\n`;
    assert.deepEqual(kinds(`Yes.\n\n${quotation}`), [["visible", "Yes.\n\n"], ["quoted", quotation]], sentence);
  }
});

test("an introduction may be broken over lines", () => {
  for (const quotation of ["On Sat, Oct 3, 2026 at 2:02 PM\nBob Long Name <bob@example.org>\nwrote:\n\n> Hello\n", "On Sat, Oct 3, 2026 at 2:02 PM Bob Long Name\n<bob@example.org> wrote:\n> Hello\n"])
    assert.deepEqual(kinds(`Yes.\n\n${quotation}`)[1], ["quoted", quotation]);
});

test("signatures are found above and below the quotation", () => {
  assert.deepEqual(kinds("Yes.\n-- \nAlice\n\n> Hello\n"), [["visible", "Yes.\n"], ["signature", "-- \nAlice\n\n"], ["quoted", "> Hello\n"]]);
  assert.deepEqual(kinds("Yes.\n> Hello\n-- \nAlice\n"), [["visible", "Yes.\n"], ["quoted", "> Hello\n"], ["signature", "-- \nAlice\n"]]);
  const long = `Yes.\n-- \n${"line\n".repeat(30)}`;
  assert.deepEqual(kinds(long), [["visible", long]]);
});

test("answers between the lines stay as they are", () => {
  for (const text of ["> One?\nYes.\n> Two?\nNo.\n", "Hi\n> One?\nYes.\n> Two?\n", "> One?\nYes.\n"]) assert.deepEqual(kinds(text), [["visible", text]]);
});

test("what Outlook appends is quoted, and with nothing new above it is a forward", () => {
  const heads = [
    "-----Original Message-----\nFrom: Bob\n",
    "________________________________\nFrom: Bob <bob@example.org>\nSent: Saturday\nTo: Alice\nSubject: x\n",
    "Von: Bob <bob@example.org>\nGesendet: Samstag\nAn: Alice\nBetreff: x\n",
    "De : Bob\nEnvoyé : samedi\nÀ : Alice\nObjet : x\n",
    "发件人: Bob\n发送时间: 2026\n收件人: Alice\n主题: x\n",
    "-----Ursprüngliche Nachricht-----\nVon: Bob\n",
  ];
  for (const head of heads) {
    assert.deepEqual(kinds(`Yes.\n\n${head}\nHello\n`), [["visible", "Yes.\n\n"], ["quoted", `${head}\nHello\n`]]);
    assert.deepEqual(kinds(`${head}\nHello\n`), [["visible", `${head}\nHello\n`]]);
  }
});

test("a forward hides nothing", () => {
  const text = "Look:\n\n---------- Forwarded message ---------\nFrom: Bob\n\n> Hello\n";
  assert.deepEqual(kinds(text), [["visible", text]]);
  assert.equal(kinds("Look:\n\nVon: Bob\nGesendet: x\nAn: y\nBetreff: z\n\nHello", true).length, 1);
});

test("a quotation of what was said is folded, an answer inside it and a new quotation are not", () => {
  const earlier = said("Which tiles?\nAnd when does he come?");
  const trailing = show("On Tuesday.\n\nOn 3 October 2026 at 14:02, Ana wrote:\n> Which  tiles?\n> And when does he come?\n", earlier);
  assert.equal(written(trailing.text), "On Tuesday.");
  assert.equal(written(trailing.quote!), "On 3 October 2026 at 14:02, Ana wrote:~|Which  tiles?\nAnd when does he come?");
  assert.equal(show("> Which tiles?\nThe red ones.\n> And when does he come?\nOn Tuesday.", earlier).quote, null);
  assert.equal(show("Yes.\n\n> Nobody said this.\n> Nor this.\n", earlier).quote, null);
  assert.equal(show("Yes.\n\n> Which tiles?\n").quote, null, "in the first message nothing is folded");
});

test("what HTML mail said is known again when it is quoted as text", () => {
  const earlier = said(linesOfHtml("<div>Hello <b>Bob</b>,</div><p>2 &lt; 3 &amp; more</p>"));
  assert.ok(show("Yes.\n\n> Hello Bob,\n> 2 < 3 & more\n", earlier).quote);
});

test("text stays text and only addresses become links", () => {
  assert.equal(
    seen("<script>alert(1)</script> see https://roofs.example/a?b=1&c=(2). javascript:alert(2) or write bob@example.org, www.x.example!"),
    "<script>alert(1)</script> see [https://roofs.example/a?b=1&c=(2)](https://roofs.example/a?b=1&c=(2)). javascript:alert(2) or write [bob@example.org](bob@example.org), [www.x.example](http://www.x.example)!",
  );
  assert.equal(seen("(https://a.example/x) and call +49 30 1234567, not +1."), "([https://a.example/x](https://a.example/x)) and call [+49 30 1234567](tel:+49301234567), not +1.");
  assert.equal(seen("https://a.example/\u202emoc.knab"), "[https://a.example/moc.knab](https://a.example/moc.knab)", "no bidi control in what is shown of an address");
});

test("quotations stand behind bars by their depth, without the blank lines around them", () => {
  assert.equal(seen("Hi\n\n> One\n>> Two\n\nYes"), "Hi~|One~||Two~Yes");
  assert.equal(seen("> > > > > > deep"), "||||deep");
});

test("three aligned lines keep their pitch, two do not", () => {
  assert.equal(seen("a    b\nc    d\ne    f\nplain"), "{a    b\nc    d\ne    f}\nplain");
  assert.equal(seen("a    b\nc    d\nplain"), "a    b\nc    d\nplain");
});

test("a signature is told apart", () => {
  assert.equal(seen("Hi\n-- \nAlice https://a.example"), "Hi§-- \nAlice [https://a.example](https://a.example)");
});

test("flowed paragraphs are joined as their sender meant them", () => {
  assert.deepEqual(flowedBy('text/plain; charset=utf-8; Format="Flowed"; delsp=yes'), { isFlowed: true, delsp: true });
  assert.deepEqual(flowedBy("text/plain"), { isFlowed: false, delsp: false });
  assert.equal(joined("One \ntwo \nthree\n four\n>> a \n>> b\n> c \nd\n-- \nAlice"), "One two three\nfour\n>> a b\n> c \nd\n-- \nAlice");
  assert.equal(joined("Zusammen \ngesetzt", true), "Zusammengesetzt");
});

test("long and hostile texts take linear time, and none is lost", () => {
  const texts = ["\n".repeat(200_000), "> x\n".repeat(50_000), `${"On 1 ".repeat(100_000)}wrote:\n> x`, "-- \n".repeat(50_000), "From: a\n".repeat(19_000), "\n\n> ".repeat(9_000), "(".repeat(1_000_000), "a@".repeat(200_000), "https://".repeat(50_000), "+1".repeat(200_000), `${"a.".repeat(200_000)}@`, "|".repeat(200_000), "<".repeat(300_000)];
  for (const text of texts) {
    assert.equal(split(text).map((piece) => piece.text).join(""), text);
    show(text, said(linesOfHtml(text)));
    joined(text);
  }
});
