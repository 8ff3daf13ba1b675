"""What comes in masses and is written by machines: newsletters, receipts and spam."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

from mailsuite.management.demo import prose
from mailsuite.management.demo.bulk import PAGE, SPAM
from mailsuite.management.demo.cast import CAST, Person
from mailsuite.management.demo.letters import Letter

COLOURS = ("#8a4b2a", "#1d3b6f", "#2b5b84", "#2f6b4f", "#6f2b5b", "#444444")
FIRST = "Slow Night Weekly Paper Little North Open Good Green Blue Quiet Urban".split()
SECOND = "Kitchen Rail Notes Ink Letters Coast Garden Reader Market Walks".split()
SERVICES = ("orders", "parcels", "library", "bank", "rail", "energy", "clinic", "calendar")
STORY = """<h2>{title}</h2><table cellpadding="0" cellspacing="0"><tr><td width="160"><img src="https://images.{domain}/{number}-{n}.jpg"
width="140" height="100" alt="{title}"></td><td style="font-family:Georgia,serif;font-size:15px;line-height:22px">{text}
<a href="https://www.{domain}/read/{number}/{n}?utm_source=letter&amp;utm_campaign={number}">Read on</a></td></tr></table>
"""


def newsletter(chance: Random, at: datetime) -> Letter:
    """One number of one of 120 series, with several stories."""
    series = int(chance.paretovariate(0.7)) % 120
    name = f"{FIRST[series % 12]} {SECOND[series // 12]}"
    domain, language = f"{name.replace(' ', '').lower()}.example", ("en", "en", "en", "de", "fr", "es", "ja")[series % 7]
    number, title = chance.randrange(10_000), prose.subject(language, chance)
    stories = [(prose.subject(language, chance), prose.paragraph(language, chance)) for _ in range(chance.randint(2, 9))]
    body = "".join(
        STORY.format(title=head, text=text, domain=domain, number=number, n=n) for n, (head, text) in enumerate(stories)
    )
    html = PAGE.format(name=name.upper(), title=title, text=body, domain=domain, number=number, colour=COLOURS[series % 6])
    return Letter(
        subject=f"{title} (No. {number})",
        author=Person("", name, f"letter@{domain}"),
        recipients=[CAST["alice"]],
        at=at,
        text="\n\n".join(f"{head}\n{text}" for head, text in stories) + "\n",
        html=html,
        headers={
            "List-Unsubscribe": f"<https://www.{domain}/leave>, <mailto:leave@{domain}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"{name} <letter.{domain}>",
            "Precedence": "bulk",
        },
        message_id=f"{chance.getrandbits(64):x}@{domain}",
    )


def notice(chance: Random, at: datetime, files: Sequence[str]) -> Letter:
    """A receipt, a reminder, a parcel on its way; one in six with a file."""
    service = SERVICES[int(chance.paretovariate(0.8)) % len(SERVICES)]
    number, amount = chance.randrange(10**6), chance.randrange(400, 40_000)
    text = f"{prose.paragraph('en', chance, 3)}\n\nNumber: {service[:2].upper()}-{number}\nTotal: {amount / 100:.2f} EUR\n"
    return Letter(
        subject=f"Your {service} {('confirmation', 'receipt', 'reminder')[number % 3]} {service[:2].upper()}-{number}",
        author=Person("", f"{service.title()} service", f"noreply@{service}.example"),
        recipients=[CAST["alice"]],
        at=at,
        text=text,
        html="" if number % 2 else f"<html><body><p>{text.replace(chr(10), '<br>')}</p></body></html>",
        attachments=[chance.choice([name for name in files if name.endswith(".pdf")])] if number % 6 == 0 else [],
        headers={"Auto-Submitted": "auto-generated"},
        message_id=f"{chance.getrandbits(64):x}@{service}.example",
    )


def spam(chance: Random, at: datetime) -> Letter:
    subject, text = chance.choice(SPAM)
    number = chance.randrange(10_000)
    return Letter(
        subject,
        Person("", "Customer Service", f"info{number}@offers-{number}.example"),
        [CAST["alice"]],
        at,
        f"{text}\n\n{prose.paragraph('en', chance)}\n",
        junk=True,
        message_id=f"{chance.getrandbits(64):x}@offers-{number}.example",
    )
