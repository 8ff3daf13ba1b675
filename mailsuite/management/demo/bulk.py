"""What else fills an inbox: newsletters, receipts, notices, and spam."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailsuite.management.demo.cast import CAST, Person
from mailsuite.management.demo.letters import Letter

KITCHEN = Person("kitchen", "The Slow Kitchen", "letters@slowkitchen.example")
RAIL = Person("rail", "Night Rail", "news@nightrail.example")
CODE = Person("code", "Weekly Python Notes", "notes@pythonweekly.example")
SHOP = Person("shop", "Paper & Ink", "orders@paperandink.example")
LIBRARY = Person("library", "Town library", "noreply@library.example")
PARCEL = Person("parcel", "Parcel service", "noreply@parcels.example")

RECIPES = [
    "Leeks in butter",
    "Bread for lazy people",
    "Beans, three ways",
    "The last tomatoes",
    "Quince and patience",
    "A soup for rain",
    "Plum cake",
]
ROUTES = [
    "To the sea by night",
    "A bed to Vienna",
    "Winter timetable",
    "Breakfast on the bridge",
    "Two countries, one pillow",
    "The long way home",
]
NOTES = [
    "Dictionaries keep order",
    "A quieter traceback",
    "Typing without tears",
    "Nine small tools",
    "What the GIL was",
    "Tests as sentences",
]
BOOKS = ["The Diary of a Gardener", "Rivers and Their Names", "A Short Book on Lighthouses", "How Houses Learn", "Bread"]

SPAM = [
    (
        "Your parcel could not be delivered",
        "Dear customer, a fee of 1.99 is missing. Pay within 24 hours: http://parcels-pay.example/x?id=88213",
    ),
    (
        "You are the winner of our draw!!!",
        "Congratulations!!! You were chosen to receive 1,000,000. Send us your name and bank account to claim.",
    ),
    ("Cheap watches, best quality", "Replica watches, shipped today. Every brand. Click: http://watch-outlet.example"),
    ("Investment opportunity of the year", "Our robot made 340 percent last month. No risk. Join the group of insiders now."),
    ("Your mailbox is almost full", "Confirm your password to keep receiving mail: http://mailbox-verify.example/login"),
    ("Re: invoice overdue", "Open the attached document and enable macros to view the invoice."),
    ("Lonely? Meet people near you", "37 people near you want to chat tonight. Free registration."),
    (
        "SEO offer for example.org",
        "Hi, I found 14 errors on your website. We bring you to page one of every search engine, guaranteed.",
    ),
    ("Final notice: domain renewal", "Your domain listing expires. Transfer 289 today to avoid loss of visibility."),
    ("Lose 12 kg in 10 days", "The method doctors do not want you to know. Without sport, without diet."),
    ("Loan approved", "Your loan over 50,000 at 1 percent was approved. Answer with a copy of your passport."),
    ("Crypto wallet suspended", "Your wallet was suspended for unusual activity. Enter your twelve words to restore it."),
]

PAGE = """<!doctype html><html><head><style>
body {{ margin: 0; background: #f3efe8; }} h1 {{ font-size: 24px; }} a {{ color: {colour}; }}
@media (max-width: 480px) {{ .column {{ width: 100% !important; }} }}
</style></head><body bgcolor="#f3efe8"><table width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table class="column" width="560" cellpadding="24" cellspacing="0" bgcolor="#ffffff"
style="margin:24px 0;font-family:Georgia,serif">
<tr><td bgcolor="{colour}" style="color:#ffffff;font-size:13px;letter-spacing:2px">{name}</td></tr>
<tr><td><h1>{title}</h1><p>{text}</p><img src="https://images.{domain}/{number}.jpg" width="512" height="240" alt="{title}">
<p><a href="https://www.{domain}/read/{number}?utm_source=letter">Read on</a></p></td></tr>
<tr><td style="font-size:12px;color:#777777">You get this because you asked for it. <a href="https://www.{domain}/leave">Leave</a>
<img src="https://track.{domain}/open?u=8f14e45fceea167a5a36dedd4bea2543&amp;n={number}" width="1" height="1" alt=""></td></tr>
</table></td></tr></table></body></html>
"""


def bulk(now: datetime) -> Iterator[Letter]:
    """All of it, for alice, and some for the others."""
    yield from _series(
        KITCHEN, RECIPES, "#8a4b2a", now, first=2, every=7, count=22, text="This week we cook slowly and talk little."
    )
    yield from _series(
        RAIL, ROUTES, "#1d3b6f", now, first=4, every=14, count=11, text="New beds, new trains, and one old locomotive."
    )
    yield from _series(CODE, NOTES, "#2b5b84", now, first=1, every=7, count=20, text="Six things we learned since last Thursday.")
    yield from _notices(now)
    yield from _spam(now)


def _series(
    sender: Person, titles: list[str], colour: str, now: datetime, *, first: int, every: int, count: int, text: str
) -> Iterator[Letter]:
    domain = sender.address.partition("@")[2]
    for number in range(count):
        title = titles[number % len(titles)]
        html = PAGE.format(name=sender.name.upper(), title=title, text=text, domain=domain, number=count - number, colour=colour)
        yield Letter(
            subject=f"{title} (No. {count - number})",
            author=sender,
            recipients=[CAST["alice"]],
            at=_at(now, first + every * number, 6),
            text=f"{title}\n\n{text}\n\nRead on: https://www.{domain}/read/{count - number}\n",
            html=html,
            headers={
                "List-Unsubscribe": f"<https://www.{domain}/leave>, <mailto:leave@{domain}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "List-Id": f"{sender.name} <letter.{domain}>",
                "Precedence": "bulk",
            },
            unread=number == 0,
        )


def _notices(now: datetime) -> Iterator[Letter]:
    for number, title in enumerate(BOOKS):
        order = f"PI-{20_410 + number * 37}"
        yield _notice(
            SHOP,
            f"Your order {order}",
            f"Thank you. We sent “{title}” today.\n\nTotal: {14 + number * 3},90\n",
            now,
            20 + 25 * number,
        )
        yield _notice(
            PARCEL,
            f"Parcel {order} arrives tomorrow",
            "Between 10 and 14 o'clock. No need to be at home.\n",
            now,
            19 + 25 * number,
        )
        yield _notice(
            LIBRARY,
            f"“{title}” is due soon",
            "Please bring it back within three days, or extend it online.\n",
            now,
            6 + 28 * number,
        )


def _notice(sender: Person, subject: str, text: str, now: datetime, days: int) -> Letter:
    headers = {"Auto-Submitted": "auto-generated"}
    return Letter(subject, sender, [CAST["alice"]], _at(now, days, 9), text, headers=headers)


def _spam(now: datetime) -> Iterator[Letter]:
    for number, (subject, text) in enumerate(SPAM):
        sender = Person("spam", "Customer Service", f"info{number}@offers-{number}.example")
        for key in ("alice", "bob"):
            yield Letter(subject, sender, [CAST[key]], _at(now, 1 + 2 * number, 3), text + "\n", junk=True, unread=True)


def _at(now: datetime, days: int, hour: int) -> datetime:
    return (now - timedelta(days=days)).replace(hour=hour, minute=(days * 7) % 60, second=0, microsecond=0)
