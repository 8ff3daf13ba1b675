/** Which language a text is in, by its script and its commonest words: enough for an attribution and for spelling. */

const SCRIPTS: readonly [RegExp, string][] = [
  [/[\u3040-\u30ff]/g, "ja"], [/[\uac00-\ud7af]/g, "ko"], [/[\u4e00-\u9fff]/g, "zh"], [/[\u0590-\u05ff]/g, "he"],
  [/[\u0e00-\u0e7f]/g, "th"], [/[\u0370-\u03ff]/g, "el"], [/[پچژگ]/g, "fa"], [/[\u0600-\u06ff]/g, "ar"], [/[іїєґ]/gi, "uk"], [/[\u0400-\u04ff]/g, "ru"],
];
const WORDS: Record<string, string> = {
  en: "the and you that for with have this not are was will from your please thanks we it on at",
  de: "und der die das nicht ich ist mit sie wir ein eine für auf bitte danke auch den dem von zu",
  fr: "le la les et vous est pas pour que une dans avec nous merci je sur des bonjour du au",
  es: "el la los que por para con una está gracias como pero nos hola del más usted muy es",
  pt: "o que não para com uma obrigado você está como mas nos olá do da em é os ao",
  it: "il che non per con una grazie sono come ma della ciao di questo anche gli ho è del",
  nl: "de het een en niet met voor dat van ik wij zijn bedankt maar ook naar op je is groeten",
  sv: "och det att som inte med för jag är på den en tack vi har av till hej om",
  da: "og det at ikke med for jeg er på den en tak vi har af til hej som",
  nb: "og det å ikke med for jeg er på den en takk vi har av til hei som fra",
  fi: "ja on ei että se kun niin mutta kiitos hei olen ovat myös tai jos kuin",
  pl: "i nie się na że jest do z dziękuję to jak ale od dla czy proszę mam",
  cs: "a se na je že to s do děkuji jak ale pro jsem nebo prosím by",
  tr: "ve bir bu için ile de da ne çok teşekkürler değil var olarak gibi ama",
  hu: "a az és nem hogy is egy köszönöm de van meg ez csak kérem",
  ro: "și nu de la în pe cu este că mulțumesc pentru o un sunt",
};
const sets = Object.entries(WORDS).map(([language, words]) => [language, new Set(words.split(" "))] as const);

/** Its code; "" where too little is said to know. */
export function languageOf(text: string): string {
  const sample = text.slice(0, 4_000);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  for (const [script, language] of SCRIPTS) if ((sample.match(script)?.length ?? 0) > letters / 8 && letters > 3) return language;
  const words = sample.toLowerCase().match(/\p{L}+/gu) ?? [];
  const votes = sets.map(([language, set]) => [words.filter((word) => set.has(word)).length, language] as const);
  const [most, language] = votes.reduce((best, one) => (one[0] > best[0] ? one : best));
  return most >= 2 ? language : "";
}
