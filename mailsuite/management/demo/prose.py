"""Believable prose in nine languages, made of common words and of rarer ones that nobody has read before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

RARE = 3_000  # words of a language that its syllables make
SENTENCES = 1_500  # of a language; texts are put together from them


@dataclass(frozen=True, slots=True)
class Language:
    """What a sentence is made of. `reply` and `said` are what mail programs of its speakers write."""

    common: str
    syllables: str
    reply: str = "Re"
    said: str = "On {date}, {name} wrote:"
    space: str = " "
    stop: str = "."


LANGUAGES = {
    "en": Language(
        "the and to of a in that we for is on you it with be at have this are will not from can but our if they there about when "
        "would please house garden meeting roof key invoice water window morning letter answer money bread river market ticket",
        "ba ber cal den dor el fen gar hol in ker lam mar nor ol pel quin ras sen tor ul ver wal yar",
    ),
    "de": Language(
        "der die und das in zu den ist von mit nicht für auf wir ich es eine auch dem sich aber wenn noch haben wird bei nach "
        "Haus Garten Sitzung Dach Schlüssel Rechnung Wasser Fenster morgen Brief Antwort Geld Brot Straße Größe könnte",
        "an be der ei fahr ge heim kel lauf mau ner ober pfle rich schaf tel un ver wei zug",
        "AW",
        "Am {date} schrieb {name}:",
    ),
    "fr": Language(
        "le la les de et un une que pour dans nous vous est pas avec sur ce il elle mais si plus très maison jardin réunion toit "
        "clé facture eau fenêtre matin lettre réponse argent pain rivière marché billet été même déjà",
        "beau cher dé é fla gra lle man nou o par que ré sou ti u vre yeux",
        "Re",
        "Le {date}, {name} a écrit :",
    ),
    "es": Language(
        "el la los de y un una que para en nos es no con por lo pero si más muy casa jardín reunión techo llave factura agua "
        "ventana mañana carta respuesta dinero pan río mercado billete año también",
        "al be ca do es fa gue ha is jo lla ma ño or pe que ra si to ur vi za",
        "Re",
        "El {date}, {name} escribió:",
    ),
    "tr": Language(
        "ve bir bu için de çok ama ne gibi daha kadar var yok değil biz siz ev bahçe toplantı çatı anahtar fatura su pencere "
        "sabah mektup cevap para ekmek ırmak pazar bilet yarın",
        "ak bal cı dağ er fın gü hız ır kar lik mur nış öz pın rak sü tan uş yaz",
        "Ynt",
        "{name}, {date} tarihinde şunu yazdı:",
    ),
    "uk": Language(
        "і в не на що з це ми ви до та але якщо дуже дім сад зустріч дах ключ рахунок вода вікно ранок лист відповідь гроші хліб "
        "річка ринок квиток завтра",
        "ба ве гар до жи зе ї ка лі мо ні об пра ро сві ту ха че ша ю",
        "Re",
        "{date} {name} пише:",
    ),
    "ar": Language(
        "في من على إلى هذا أن مع لا ما نحن كان بيت حديقة اجتماع سقف مفتاح "
        "فاتورة ماء نافذة صباح رسالة جواب مال خبز نهر سوق تذكرة غدا",
        "با تا جم حر دا را سل شم صب طر عل فر قم كت لم مد نه وص يد",
        "رد",
        "كتب {name} في {date}:",
    ),
    "ja": Language(
        "私 たち は の を に 家 庭 会議 屋根 鍵 請求書 水 窓 朝 手紙 返事 お金 パン 川 市場 切符 明日 です ます でした と が",
        "会 社 新 聞 電 車 山 田 花 火 海 空 音 楽 時 間 店 道 町 村",
        "Re",
        "{date} {name}:",
        "",
        "。",
    ),
    "zh": Language(
        "我们 的 了 在 是 不 和 就 也 都 房子 花园 会议 屋顶 钥匙 发票 水 窗户 早上 信 回答 钱 面包 河 市场 票 明天 请 谢谢",
        "春 夏 秋 冬 东 西 南 北 风 雨 山 水 天 地 人 心 手 口 书 笔",
        "回复",
        "{name} 于 {date} 写道：",
        "",
        "。",
    ),
}


@cache
def words(code: str) -> tuple[list[str], list[float]]:
    """The vocabulary of a language, the common words first, and weights after Zipf, summed up for `Random.choices`."""
    language, chance = LANGUAGES[code], Random(f"words {code}")
    syllables = language.syllables.split()
    rare = {"".join(chance.choices(syllables, k=chance.randint(2, 4))): None for _ in range(RARE)}
    known = list(dict.fromkeys([*language.common.split(), *rare]))
    return known, list(accumulate(1 / (rank + 3) for rank in range(len(known))))


@cache
def sentences(code: str) -> list[str]:
    """The sentences of a language."""
    language, chance = LANGUAGES[code], Random(f"sentences {code}")
    known, weights = words(code)
    made = []
    for _ in range(SENTENCES):
        text = language.space.join(chance.choices(known, cum_weights=weights, k=chance.randint(4, 16)))
        made.append(text[:1].upper() + text[1:] + language.stop)
    return made


def subject(code: str, chance: Random) -> str:
    """Two to six words."""
    known, weights = words(code)
    text = LANGUAGES[code].space.join(chance.choices(known, cum_weights=weights, k=chance.randint(2, 6)))
    return text[:1].upper() + text[1:]


def paragraph(code: str, chance: Random, most: int = 6) -> str:
    """One line of up to so many sentences, with a word in it that hardly any other text has."""
    known = chance.choices(sentences(code), k=chance.randint(1, most))
    known.insert(chance.randrange(len(known) + 1), f"({chance.choice(words(code)[0])}{chance.randrange(10_000)})")
    return (LANGUAGES[code].space or "").join(known)
