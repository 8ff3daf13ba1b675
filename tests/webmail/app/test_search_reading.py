"""The browser reads queries as the server does, and never answers one differently."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Mailbox
from mailsuite.mailstore.search.find import find
from tests.mailstore.search.corpus import CASES, write
from tests.webmail.app.node import packages, run
from webmail.jmap import ids, query_parse, thread_row
from webmail.jmap.context import Context

PIECES = [
    "from:", "to:", "is:", "has:", "label:", "in:", "after:", "date:", "size:", "newer_than:", "category:", "msgid:", "via:",
    "(", ")", "{", "}", '"', "-", "+", "OR", "AND", "NOT", "AROUND", "AROUND 3", "AROUND(4)", "|", "*", ":", "..", "<", ">",
    " ", " ", " ", " ", "\n", "\u00a0", "\u3000", "roof", "Tiles", "or", "me", "ana", "unread", "unraed", "pdf", "pfd", "inbox",
    "snoozed", "forums", "2026", "2026-04", "16.4.2026", "31/12/2025", "today", "friday", "1760000000", "٢٠٢٦", "10M", "500k",
    "7d", "3W", "7", "天気", "予報です", "ไทย", "Ärger", "straße", "ΟΔΟΣ", "ﬁn", "é", "e\u0301", "\u0301", "\u200d", "İ", "😀",
    "form:", "lables:", "https://x.example/", "10:30", "\x00", "\t", "a_b", "x" * 70, ")" * 3, "(" * 22,
]  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Have the browser's code answer; keywords as tests/answers.ts wants them."""
    packages()
    folder = tmp_path_factory.mktemp("search")
    program, question = folder / "answers.mjs", folder / "asked.json"
    bundle = ("npx", "esbuild", "tests/answers.ts", "--bundle", "--format=esm", "--platform=node", "--log-level=error")
    run(*bundle, f"--outfile={program}")

    def answers(queries: list[str], **more: Any) -> list[dict[str, Any]]:
        asked = {"queries": queries, "now": CASES["now"], "zone": CASES["zone"], "labels": {}, "rows": []} | more
        question.write_text(json.dumps(asked))
        return json.loads(run("node", str(program), str(question)), parse_int=float)

    return answers


def _queries(seed: int, count: int) -> list[str]:
    dice = random.Random(seed)
    made = ["".join(dice.choices(PIECES, k=dice.randint(1, 14))) for _ in range(count)]
    return [*made, "roof " * 300, "(" * 1_000, '"' * 999, "from:" * 204 + "x", "😀" * 1_030]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_thousand_random_queries_are_read_alike_on_both_sides(ask: Any, seed: int) -> None:
    context = Context(Account.objects.create(login=CASES["me"]))
    account_id, queries = ids.name("A", context.account.pk), _queries(seed, 1_000)
    for query, theirs in zip(queries, ask(queries), strict=True):
        ours = query_parse.parse(context, {"accountId": account_id, "query": query})
        said = [hint for hint in ours["hints"] if hint["code"] != "no_label"]  # the browser looks up labels apart
        wanted = json.loads(json.dumps({"tree": ours["tree"], "chips": ours["chips"], "hints": said}), parse_int=float)
        assert {name: theirs[name] for name in wanted} == wanted, query


@pytest.mark.django_db
def test_what_the_browser_answers_from_rows_alone_is_what_the_store_finds(ask: Any) -> None:
    account = Account.objects.create(login=CASES["me"])
    threads, _ = write(account, CASES["corpus"])
    queries = [case["query"] for case in CASES["find"]]
    rows = _candidates(account)
    labels = {ids.name("F", box.pk): box.name for box in Mailbox.objects.filter(account=account, role="")}
    decided = {"yes": 0, "no": 0, "unknown": 0}
    for query, answer in zip(queries, ask(queries, rows=rows, labels=labels), strict=True):
        page = find(account.pk, query, now=datetime.fromisoformat(CASES["now"]), zone=ZoneInfo(CASES["zone"]))
        found = {ids.name("T", pk) for pk in page.thread_ids}
        for candidate, said in zip(rows, answer["matches"], strict=True):
            decided[said] += 1
            assert said == "unknown" or (said == "yes") == (candidate["row"]["id"] in found), (query, candidate)
    assert decided["yes"] > 150
    assert decided["no"] > 300
    assert {row["row"]["id"] for row in rows} == {ids.name("T", pk) for pk in threads.values()}


def _candidates(account: Account) -> list[dict[str, Any]]:
    """Every row of every list as a browser would hold it, with the places that the conversation was seen in."""
    context, account_id, seen, rows = Context(account), ids.name("A", account.pk), {}, []
    for box in Mailbox.objects.filter(account=account).order_by("pk"):
        page = thread_row.query(context, {"accountId": account_id, "mailboxId": ids.name("F", box.pk)})
        for row in page["list"]:
            seen.setdefault(row["id"], set()).add(box.role or "label")
            rows.append({"row": row, "isWhole": box.role == Mailbox.Role.ALL})
    return [one | {"roles": sorted(seen[one["row"]["id"]])} for one in rows]
