import assert from "node:assert/strict";
import test from "node:test";
import { formatted, isAddress, parseList } from "../src/compose/address_list";
import { forwardSubject, identityFor, ids, recipients, replySubject, sameSubject, wasBcc } from "../src/compose/answer";
import { asked, } from "../src/compose/emoji_asked";
import { attached, meant, nobodyReads, otherOfName } from "../src/compose/guards";
import { languageOf } from "../src/compose/language";
import { blank, emailOf, renamed, whole } from "../src/compose/letter";
import { parseMailto } from "../src/compose/mailto";
import { converted } from "../src/compose/markdown";
import { attribution, forwardQuote, ownWords, quotedText, replyQuote, splitText } from "../src/compose/quote";
import { People } from "../src/compose/rank";
import { choices, instant, readWall, wall, written } from "../src/compose/schedule";
import type { Email, EmailAddress, Identity, SuggestionGetResponse } from "../src/jmap";

const ana = { name: "Ana Silva", email: "ana@elsewhere.example" };
const bob = { name: "Bob Roe", email: "bob@elsewhere.example" };
const carol = { name: "Carol", email: "carol@elsewhere.example" };
const me = { name: "Alice", email: "alice@example.org" };
const ME = ["alice@example.org", "ali@example.org"];
const mail = (more: Partial<Email> & Record<string, unknown>): Email => ({ id: "M1", threadId: "T1", from: [ana], to: [me], cc: null, bcc: null, replyTo: null, messageId: ["m1@x"], references: null, inReplyTo: null, subject: "Roof", receivedAt: "2026-10-03T12:02:00Z", sentAt: null, ...more }) as unknown as Email;
const emails = (list: { email: string }[]): string[] => list.map((one) => one.email);

test("any list of addresses that is pasted becomes people", () => {
  const found = parseList('"Silva, Ana" <ana@elsewhere.example>; bob@elsewhere.example\nGarden: carol@elsewhere.example, nobody');
  assert.deepEqual(found, [{ name: "Silva, Ana", email: "ana@elsewhere.example" }, { name: "", email: "bob@elsewhere.example" }, { name: "", email: "carol@elsewhere.example" }, { name: "", email: "nobody" }]);
  assert.deepEqual(emails(parseList("a@x.example b@y.example")), ["a@x.example", "b@y.example"]);
  assert.deepEqual(parseList(formatted({ name: 'Ana "A." <x>, Silva', email: "a@x.example" })), [{ name: 'Ana "A." <x>, Silva', email: "a@x.example" }]);
  assert.equal(parseList("(".repeat(1_000_000)).length, 1);
});

test("addresses are told from what is none", () => {
  for (const fine of ["a@x", "a.b+c@x.example", '"a b"@x.example', "müller@bücher.example", "a@[192.0.2.1]"]) assert.ok(isAddress(fine), fine);
  for (const wrong of ["", "a", "@x.example", "a@", "a b@x.example", "a@@x.example", "a..b@x.example", ".a@x.example", "a@-x.example", "a@x..example"]) assert.ok(!isAddress(wrong), wrong);
});

test("an answer goes to its author, never to oneself, and honours Reply-To", () => {
  assert.deepEqual(emails(recipients(mail({}), ME, false).to), [ana.email]);
  const all = recipients(mail({ to: [me, bob], cc: [carol, { name: null, email: "ALI+x@example.org" }] }), ME, true);
  assert.deepEqual([emails(all.to), emails(all.cc)], [[ana.email], [bob.email, carol.email]]);
  const redirected = recipients(mail({ replyTo: [carol] }), ME, false);
  assert.deepEqual([emails(redirected.to), redirected.redirected], [[carol.email], true]);
  assert.equal(recipients(mail({ replyTo: [{ name: null, email: "Ana+x@elsewhere.example" }] }), ME, false).redirected, false);
});

test("an answer to one's own message goes to whom that went to; one to oneself stays", () => {
  assert.deepEqual(emails(recipients(mail({ from: [me], to: [bob] }), ME, false).to), [bob.email]);
  assert.deepEqual(emails(recipients(mail({ from: [me], to: [me] }), ME, false).to), [me.email]);
  const followup = mail({ "header:Mail-Followup-To:asAddresses": [carol], cc: [bob] });
  assert.deepEqual(recipients(followup, ME, true).to.map((one) => one.email), [carol.email]);
});

test("who was in Bcc is told so, who has it from a list is not", () => {
  assert.ok(wasBcc(mail({ to: [bob] }), ME));
  assert.ok(!wasBcc(mail({ to: [bob, me] }), ME));
  assert.ok(!wasBcc(mail({ to: [bob], "header:List-Id": "<garden.example>" }), ME));
});

test("References are the parent's and the parent, at most twenty, the first kept", () => {
  assert.deepEqual(ids(mail({ references: ["a@x", "b@x"] })), { inReplyTo: ["m1@x"], references: ["a@x", "b@x", "m1@x"] });
  assert.deepEqual(ids(mail({ inReplyTo: ["a@x"] })).references, ["a@x", "m1@x"]);
  const long = ids(mail({ references: Array.from({ length: 40 }, (_, n) => `${n}@x`) })).references;
  assert.deepEqual([long.length, long[0], long.at(-1)], [20, "0@x", "m1@x"]);
});

test("one Re:, one Fwd:, tags of lists stay", () => {
  assert.equal(replySubject("AW: Re[2]: RE: Roof"), "Re: Roof");
  assert.equal(replySubject("Re: [garden] Sv: Compost"), "Re: [garden] Compost");
  assert.equal(replySubject("Fwd: Roof"), "Re: Fwd: Roof");
  assert.equal(replySubject("[garden]"), "Re: [garden]");
  assert.equal(forwardSubject("Fw: Re: Roof"), "Fwd: Roof");
  assert.ok(sameSubject("Re: Roof", "roof") && !sameSubject("Re: Roof repair", "Roof"));
  assert.ok(replySubject("Re: ".repeat(100_000)).length <= 1_004);
});

test("an answer is written as the address that the mail came to, also with a tag", () => {
  const identities = [{ id: "I1", email: "alice@example.org" }, { id: "I2", email: "ali@example.org" }] as Identity[];
  assert.equal(identityFor(mail({ to: [{ name: null, email: "Ali@example.org" }] }), identities)?.id, "I2");
  assert.equal(identityFor(mail({ to: [{ name: null, email: "ali+shop@example.org" }] }), identities)?.id, "I2");
  assert.equal(identityFor(mail({ to: [bob] }), identities)?.id, "I1");
});

test("the attribution is in the language of the mail and in the member's time", () => {
  const at = new Date("2026-10-03T12:02:00Z");
  assert.equal(attribution("en", "Ana Silva", at, "Europe/Berlin"), "On 3 October 2026 at 14:02, Ana Silva wrote:");
  assert.equal(attribution("de", "Ana $& Silva", at, "Europe/Berlin"), "Am 03.10.2026 um 14:02 schrieb Ana $& Silva:");
  const german = replyQuote({ email: mail({}), text: "Das Dach ist nicht dicht, ich rufe an.", html: "" }, "UTC");
  assert.match(german.text, /^Am 03\.10\.2026 um 12:02 schrieb Ana Silva:\n> Das Dach/);
});

test("languages are told by their words and scripts", () => {
  for (const [text, language] of [["I will be there on Monday, thanks for the cake.", "en"], ["Ich komme am Montag, danke für den Kuchen, und bis bald", "de"], ["Je serai là lundi, merci pour le gâteau et à bientôt", "fr"], ["El lunes estaré en la casa, gracias por el pastel", "es"], ["Привет, до завтра", "ru"], ["こんにちは、ありがとう", "ja"], ["ok", ""]] as const) assert.equal(languageOf(text), language, text);
});

test("text is quoted line by line without its signature, a selection alone", () => {
  assert.equal(quotedText("Hello\n\n> older\nBye\n-- \nAna"), "> Hello\n>\n>> older\n> Bye");
  assert.match(replyQuote({ email: mail({}), text: "One.\nTwo.", html: "<p>One.</p>" }, "UTC", true, "Two.").text, /:\n> Two\.$/);
});

test("what is passed on says who, when, what and to whom, and its HTML is not touched", () => {
  const quote = forwardQuote({ email: mail({ cc: [bob] }), text: "Hi", html: "<p class=x>Hi</p>" }, "Saturday");
  assert.match(quote.text, /^-{10} Forwarded message -{10}\nFrom: Ana Silva <ana@elsewhere.example>\nDate: Saturday\nSubject: Roof\nTo: Alice <alice@example.org>\nCc: /);
  assert.ok(quote.html.endsWith("<p class=x>Hi</p>") && quote.html.includes("&lt;ana@elsewhere.example&gt;"));
});

test("a plain draft's quotation is told from its own words", () => {
  assert.deepEqual(splitText("Hi.\n\nOn Monday, Ana wrote:\n> Roof?\n>\n> Ana\n"), { own: "Hi.", quote: "On Monday, Ana wrote:\n> Roof?\n>\n> Ana" });
  assert.deepEqual(splitText("Hi.\n> Roof?\nYes."), { own: "Hi.\n> Roof?\nYes.", quote: "" });
  assert.equal(ownWords("Mine\n> attached\n---------- Forwarded message ----------\nattached"), "Mine");
});

test("a word for an attachment is found in fourteen languages, in one's own text", () => {
  for (const text of ["See attached.", "Anbei das Angebot", "en pièce jointe", "Adjunto la oferta", "W załączeniu oferta", "添付します"]) assert.ok(attached(text), text);
  for (const text of ["unattachedly", "the detached house", ""]) assert.equal(attached(text), "", text);
});

test("mistyped domains are corrected, known ones and our own are left", () => {
  assert.equal(meant("gmial.com"), "gmail.com");
  assert.equal(meant("example.rog", ["example.org"]), "example.org");
  assert.equal(meant("gmail.com"), "");
  assert.equal(meant("elsewhere.example"), "");
  assert.equal(meant("x".repeat(200)), "");
});

test("guards know machines and namesakes", () => {
  assert.ok(nobodyReads("No-Reply+x@shop.example") && nobodyReads("do_not_reply@x") && !nobodyReads("norbert@x.example"));
  const known = [{ ...ana, weight: 40 }, { name: "Ana Silva", email: "ana@other.example", weight: 1 }];
  assert.equal(otherOfName({ name: "ANA SILVA", email: "ana@other.example" }, known)?.email, ana.email);
  assert.equal(otherOfName(ana, known), null);
});

const REFERENCE = "2026-01-01T00:00:00Z";
const answer = (more: Partial<SuggestionGetResponse>): SuggestionGetResponse => ({ accountId: "A1", state: "1", isComplete: true, reference: REFERENCE, halfLife: 60 * 86_400, people: [], removed: [], circles: [], members: [], ...more });
const now = Date.parse(REFERENCE);

test("people are ranked by one's own writing, and found by any part of their names without accents", () => {
  const people = new People();
  people.take(answer({ people: [[1, "ana.roth@x.example", "Ana Roth", 10, 0], [2, "andrea@y.example", "Andréa Kim", 2, 9], [3, "zoe@ana.example", "Zoe", 0.5, 0]], members: [{ name: "Anatol", email: "anatol@example.org" }] }));
  assert.deepEqual(emails(people.find("an", [], now)), ["ana.roth@x.example", "andrea@y.example", "anatol@example.org", "zoe@ana.example"]);
  assert.deepEqual(emails(people.find("kim andrea", [], now)), ["andrea@y.example"]);
  assert.deepEqual(emails(people.find("an", [{ name: "", email: "ANA.ROTH+x@x.example" }], now))[0], "andrea@y.example");
  people.forget("andrea@y.example");
  assert.deepEqual(people.find("kim", [], now), []);
});

test("who is written to together is suggested together", () => {
  const people = new People();
  people.take(answer({ people: [[1, "ana@x.example", "Ana", 5, 0], [2, "bob@x.example", "Bob", 5, 0], [3, "bo@x.example", "Bo", 6, 0]], circles: [[[1, 2], 5]] }));
  assert.equal(people.find("bo", [], now)[0]?.email, "bo@x.example");
  assert.equal(people.find("bo", [{ name: "", email: "ana@x.example" }], now)[0]?.email, "bob@x.example");
});

test("news of people are put over what is known", () => {
  const people = new People();
  people.take(answer({ people: [[1, "ana@x.example", "Ana", 5, 0], [2, "bob@x.example", "Bob", 1, 0]] }));
  people.take(answer({ isComplete: false, people: [[2, "bob@x.example", "Bobby", 9, 0]], removed: [1], circles: null, members: null, state: "2" }));
  assert.deepEqual(people.known(now).map((one) => one.name), ["Bobby"]);
});

test("ten thousand people are searched for a key in far less than a blink", () => {
  const people = new People();
  people.take(answer({ people: Array.from({ length: 10_000 }, (_, n) => [n, `person${n}@host${n % 97}.example`, `First${n} Last${n % 991}`, n % 50, 0]) }));
  assert.equal(people.find("last99 first", [], now).length, 8);
});

test("times of day are those of the wall, also where clocks change", () => {
  const berlin = "Europe/Berlin";
  assert.equal(instant({ year: 2026, month: 10, day: 26, hour: 8, minute: 0 }, berlin).toISOString(), "2026-10-26T07:00:00.000Z");
  assert.equal(instant({ year: 2026, month: 3, day: 29, hour: 2, minute: 30 }, berlin).toISOString(), "2026-03-29T01:30:00.000Z");
  assert.equal(instant({ year: 2026, month: 10, day: 25, hour: 2, minute: 30 }, berlin).toISOString(), "2026-10-25T00:30:00.000Z");
  const friday = new Date("2026-10-23T10:00:00Z");
  assert.deepEqual(choices(friday, berlin).map((one) => [one.name, one.at.toISOString()]), [["today", "2026-10-23T15:00:00.000Z"], ["tomorrow", "2026-10-24T06:00:00.000Z"], ["monday", "2026-10-26T07:00:00.000Z"]]);
  assert.deepEqual(choices(new Date("2026-10-25T18:00:00Z"), berlin).map((one) => one.name), ["tomorrow"]);
  assert.deepEqual(readWall(written(wall(friday, berlin))), wall(friday, berlin));
  assert.equal(readWall("soon"), null);
});

test("Markdown is what it looks like, and nothing else is", () => {
  assert.deepEqual(converted("see **this**"), { kind: "inline", format: "bold", length: 8, marks: 2 });
  assert.deepEqual(converted("`code`"), { kind: "inline", format: "code", length: 6, marks: 1 });
  assert.deepEqual(converted("- "), { kind: "block", format: "bullets", length: 2 });
  assert.deepEqual(converted("1. "), { kind: "block", format: "numbers", length: 3 });
  assert.deepEqual(converted("---"), { kind: "rule", length: 3 });
  for (const text of ["2 * 3 * 4 *", "snake_case_name_", "a**", "**", "5 - ", "** bold **"]) assert.equal(converted(text), null, text);
  assert.equal(converted("*".repeat(100_000)), null);
  assert.deepEqual(asked("hello :smile:"), { typed: "smile", isWhole: true });
  assert.equal(asked("at 10:30:"), null);
});

test("mailto: addresses fill what one sees, and nothing that one does not", () => {
  assert.deepEqual(parseMailto("mailto:ana@x.example,bob@y.example?subject=Roof%20%2B1&body=Hi%0D%0ABob&cc=c@z.example&in-reply-to=x&attach=/etc/passwd"), { to: "ana@x.example,bob@y.example", subject: "Roof +1", body: "Hi\nBob", cc: "c@z.example" });
  assert.equal(parseMailto("https://x.example"), null);
  assert.deepEqual(parseMailto("mailto:a+b@x.example?subject=%E0%A4%A"), { to: "a+b@x.example", subject: "%E0%A4%A" });
});

test("a letter is plain where nothing but text was used, and both where its quotation is HTML", () => {
  const letter = { ...blank("k"), body: "<div>Hi</div>" };
  assert.deepEqual(whole(letter, { text: "Hi", html: "" }, () => "<div>Hi</div>"), { text: "Hi", html: "" });
  const quote = { text: "> x", html: "<blockquote>x</blockquote>", isHtml: true, isAbove: false };
  const both = whole({ ...letter, quote }, { text: "Hi", html: "" }, () => "<div>Hi</div>");
  assert.equal(both.text, "Hi\n\n> x");
  assert.ok(both.html.includes("<div>Hi</div><div><br></div><blockquote>x</blockquote>"));
  assert.equal(whole({ ...letter, isRich: false, quote }, { text: "Hi", html: "" }, () => "").html, "");
});

test("what is saved names uploaded files alone, pictures inside only where the text shows them", () => {
  const file = (key: string, blobId: string, cid = "") => ({ key, name: key, type: "image/png", size: 1, blobId, cid });
  const letter = { ...blank("k"), to: [ana] as { name: string; email: string }[], files: [file("a", "U1", "a@x"), file("b", "U2", "b@x"), file("c", "")] };
  const email = emailOf(letter, undefined, { text: "Hi", html: '<img src="cid:a@x">' });
  assert.deepEqual((email.attachments as unknown as Record<string, string>[]).map((one) => [one["blobId"], one["disposition"], one["cid"]]), [["U1", "inline", "a@x"], ["U2", "attachment", undefined]]);
  const after = renamed(letter.files, letter.files.slice(0, 2), [{ blobId: "R2", name: "b", type: "", size: 1, disposition: null, cid: "b@x" }, { blobId: "R1", name: "a", type: "", size: 1, disposition: null, cid: "a@x" }]);
  assert.deepEqual(after.map((one) => one.blobId), ["R1", "R2", ""]);
  const people: EmailAddress[] | null | undefined = email.to;
  assert.deepEqual(people, [ana]);
});
