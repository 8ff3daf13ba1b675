"""A stranger's transaction is screened from the first word to the last byte, against a real DNS server."""

from __future__ import annotations

import asyncio
import json

import pytest

from mailsuite.protocol import authres, dkim
from mailsuite.screening import stages
from mailsuite.screening.stages import Screen
from mailsuite.screening.verdict import Action, Verdict
from tests.dns_server import SILENT, DnsServer

LETTER = b"From: Carol <carol@elsewhere.example>\r\nTo: alice@example.org\r\nSubject: Hello\r\n\r\nHello, Alice.\r\n"
PRIVATE, PUBLIC = dkim.new_key()
CLIENT = "192.0.2.7"


@pytest.fixture
def elsewhere(nameserver: DnsServer) -> DnsServer:
    nameserver.add("elsewhere.example", "TXT", f"v=spf1 ip4:{CLIENT} -all")
    nameserver.add("_dmarc.elsewhere.example", "TXT", "v=DMARC1; p=reject")
    nameserver.add("s1._domainkey.elsewhere.example", "TXT", dkim.dns_value(PUBLIC))
    return nameserver


def signed(content: bytes = LETTER, domain: str = "elsewhere.example") -> bytes:
    return dkim.sign(content, domain, "s1", PRIVATE, signed_at=1_795_000_000) + content


async def screened(content: object = LETTER, *, ip: str = CLIENT, reverse_path: str = "carol@elsewhere.example") -> Verdict:
    screen = Screen(authserv_id="mx.example.org")
    await screen.at_connect(ip)
    await screen.at_mail("mail.elsewhere.example", reverse_path)
    return await screen.at_data(content)  # type: ignore[arg-type]


async def test_a_genuine_letter_is_welcome_and_the_trace_says_why(elsewhere: DnsServer) -> None:
    verdict = await screened(signed())
    assert (verdict.action, verdict.reply) == (Action.ACCEPT, None)
    assert verdict.trace.endswith(b"\r\n")
    found = authres.trusted(verdict.trace, "mx.example.org")
    assert found is not None
    assert [(one.method, one.result) for one in found.results] == [
        ("spf", "pass"), ("iprev", "permerror"), ("dkim", "pass"), ("dmarc", "pass"),
    ]  # fmt: skip
    assert found.results[0].properties == {"smtp.mailfrom": "carol@elsewhere.example"}
    assert found.results[2].properties["header.d"] == "elsewhere.example"
    assert found.results[3].properties == {"header.from": "elsewhere.example", "policy.dmarc": "none"}


@pytest.mark.parametrize("proof", ["spf", "dkim"])
async def test_one_proof_of_the_author_is_enough(elsewhere: DnsServer, proof: str) -> None:
    content, ip = (LETTER, CLIENT) if proof == "spf" else (signed(), "203.0.113.9")
    assert (await screened(content, ip=ip)).action is Action.ACCEPT


async def test_a_forgery_of_a_domain_with_p_reject_is_refused_by_its_name(elsewhere: DnsServer) -> None:
    verdict = await screened(ip="203.0.113.9")
    assert verdict.action is Action.REFUSE
    assert verdict.reply is not None
    assert (verdict.reply.code, verdict.reply.enhanced) == (550, "5.7.1")
    assert "elsewhere.example" in verdict.reply.text
    assert verdict.results["dmarc"]["result"] == "fail"


async def test_the_proof_of_another_domain_is_no_proof(elsewhere: DnsServer) -> None:
    elsewhere.add("mallory.example", "TXT", "v=spf1 +all")
    elsewhere.add("s1._domainkey.mallory.example", "TXT", dkim.dns_value(PUBLIC))
    verdict = await screened(signed(domain="mallory.example"), ip="203.0.113.9", reverse_path="x@mallory.example")
    assert verdict.results["spf"]["result"] == verdict.results["dkim"][0]["result"] == "pass"
    assert verdict.action is Action.REFUSE


async def test_a_forgery_of_a_domain_with_p_quarantine_goes_to_junk(elsewhere: DnsServer) -> None:
    elsewhere.remove("_dmarc.elsewhere.example")
    elsewhere.add("_dmarc.elsewhere.example", "TXT", "v=DMARC1; p=quarantine; pct=0")
    verdict = await screened(ip="203.0.113.9")
    assert (verdict.action, verdict.reply, verdict.welcome) == (Action.JUNK, None, True)
    assert verdict.as_json()["junk"] is True
    assert "elsewhere.example" in verdict.reason


@pytest.mark.parametrize(
    "second", [b"From: mallory@nowhere.example\r\n", b"From: mallory@nowhere.example, x@nowhere.example\r\n"]
)
async def test_a_second_author_is_no_way_around_a_policy(elsewhere: DnsServer, second: bytes) -> None:
    assert (await screened(second + LETTER, ip="203.0.113.9")).action is Action.REFUSE
    assert (
        await screened(LETTER.replace(b"\r\nTo:", b",\r\n\tm@nowhere.example\r\nTo:"), ip="203.0.113.9")
    ).action is Action.REFUSE


@pytest.mark.parametrize(
    "author",
    [
        b"<carol@elsewhere.example> <m@nowhere.example>",
        b"carol@elsewhere.example:;",
        b"x <carol@elsewhere.example> m@nowhere.example",
    ],
)
async def test_an_author_that_only_others_can_read_is_no_way_around_a_policy(elsewhere: DnsServer, author: bytes) -> None:
    assert (await screened(b"From: " + author + b"\r\n\r\nx\r\n", ip="203.0.113.9")).action is Action.REFUSE


@pytest.mark.parametrize(
    "head",
    [
        b"From: =?utf-8?q?carol=40elsewhere=2Eexample?=",
        b'From: "carol@elsewhere.example"',
        b"Fr\0om: carol@elsewhere.example\r\nFrom: m@n.example",
    ],
)
async def test_what_only_looks_like_an_author_goes_to_junk(elsewhere: DnsServer, head: bytes) -> None:
    verdict = await screened(head + b"\r\n\r\nx\r\n", ip="203.0.113.9")
    assert (verdict.action, bool(verdict.reason)) == (Action.JUNK, True)


async def test_a_crowd_of_authors_goes_to_junk(elsewhere: DnsServer) -> None:
    crowd = b", ".join(b"m@d%d.example" % number for number in range(9))
    verdict = await screened(b"From: " + crowd + b"\r\n\r\nhello\r\n")
    assert (verdict.action, verdict.results["dmarc"]["result"]) == (Action.JUNK, "permerror")


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"no header\r\n", b"Subject: x\r\n\r\n", b"From: nobody\r\n\r\n", b"From: <@>\r\n\r\n"]
)
async def test_a_message_without_author_is_accepted_as_unknown(elsewhere: DnsServer, content: bytes) -> None:
    verdict = await screened(content)
    assert (verdict.action, verdict.results["dmarc"]["result"]) == (Action.ACCEPT, "none")


async def test_dns_away_is_no_reason_to_refuse(elsewhere: DnsServer) -> None:
    elsewhere.fail("", "SERVFAIL")
    verdict = await screened(signed(), ip="203.0.113.9")
    assert verdict.action is Action.ACCEPT
    found = verdict.results
    assert {found["spf"]["result"], found["dkim"][0]["result"], found["dmarc"]["result"]} == {"temperror"}


async def test_a_key_that_cannot_be_had_now_leaves_the_author_undecided(elsewhere: DnsServer) -> None:
    elsewhere.fail("s1._domainkey.elsewhere.example", "SERVFAIL")
    verdict = await screened(signed(), ip="203.0.113.9")
    assert (verdict.action, verdict.results["dmarc"]["result"]) == (Action.ACCEPT, "temperror")


async def test_the_null_reverse_path_is_checked_by_the_name_of_the_host(elsewhere: DnsServer) -> None:
    elsewhere.add("mail.elsewhere.example", "TXT", f"v=spf1 ip4:{CLIENT} -all")
    verdict = await screened(reverse_path="")
    assert verdict.results["spf"] == {
        "result": "pass", "domain": "mail.elsewhere.example", "reason": f"ip4:{CLIENT}", "explanation": "",
    }  # fmt: skip
    assert b"smtp.helo=mail.elsewhere.example" in verdict.trace
    assert verdict.results["dmarc"]["result"] == "pass"


async def test_content_may_come_in_chunks_of_any_size(elsewhere: DnsServer) -> None:
    content = signed(LETTER + b"A line of text  \t and more \r\n" * 5000 + b"\r\n \r\n")
    for size in (1, 7, 4096, len(content)):
        chunks = (content[at : at + size] for at in range(0, len(content), size))
        assert (await screened(chunks)).results["dkim"][0]["result"] == "pass"


async def test_a_verdict_can_be_kept_as_json(elsewhere: DnsServer) -> None:
    kept = (await screened(signed())).as_json()
    assert json.loads(json.dumps(kept)) == kept


async def test_a_verdict_holds_nothing_that_a_row_cannot(elsewhere: DnsServer) -> None:
    evil = LETTER.replace(b"carol@", b"\x00carol@\x00")
    content = signed(evil).replace(b"d=elsewhere", b"i=\x00\xc2\x85@elsewhere.example; d=elsewhere")
    screen = Screen(authserv_id="mx.example.org")
    await screen.at_connect(CLIENT)
    await screen.at_mail("\x00\udc80.example", "")
    kept = json.dumps((await screen.at_data(content)).as_json())
    assert "\\u0000" not in kept
    assert "\\ud" not in kept


async def test_nothing_a_stranger_says_can_forge_the_trace(elsewhere: DnsServer) -> None:
    evil = 'x"; dmarc=pass header.from=bank.example (\\'
    screen = Screen(authserv_id="mx.example.org")
    await screen.at_connect(CLIENT)
    await screen.at_mail(f"[{evil}]\r\nX: y", f'"{evil}\r\n"@elsewhere.example')
    trace = (await screen.at_data(LETTER)).trace
    assert trace.count(b"\r\n") == 5
    assert all(line.startswith(b"\t") for line in trace.split(b"\r\n")[1:-1])
    found = authres.trusted(trace, "mx.example.org")
    assert found is not None
    assert [one.result for one in found.results if one.method == "dmarc"] == ["pass"]
    assert b"from=bank" not in b"".join(str(one.properties.get("header.from")).encode() for one in found.results)


async def test_spf_runs_while_the_client_talks_and_stops_with_the_transaction(elsewhere: DnsServer) -> None:
    elsewhere.fail("elsewhere.example", SILENT)
    screen = Screen()
    await screen.at_connect(CLIENT)
    await screen.at_mail("mail.elsewhere.example", "carol@elsewhere.example")
    running = screen._spf
    screen.reset()
    assert running is not None
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_name_of_a_host_is_asked_for_once_a_session(elsewhere: DnsServer) -> None:
    elsewhere.add("7.2.0.192.in-addr.arpa", "PTR", "mail.elsewhere.example.")
    elsewhere.add("mail.elsewhere.example", "A", CLIENT)
    screen = Screen(authserv_id="mx.example.org")
    await screen.at_connect(CLIENT)
    for _ in range(2):
        await screen.at_mail("mail.elsewhere.example", "carol@elsewhere.example")
        verdict = await screen.at_data(LETTER)
        assert verdict.results["iprev"] == {
            "result": "pass",
            "name": "mail.elsewhere.example",
            "reason": "mail.elsewhere.example",
        }
        assert b"\tiprev=pass (mail.elsewhere.example) policy.iprev=192.0.2.7;" in verdict.trace
    assert elsewhere.queries.count(("7.2.0.192.in-addr.arpa", "PTR")) == 1


@pytest.mark.parametrize("how", ["SERVFAIL", "GARBAGE"])
async def test_an_address_whose_name_cannot_be_had_now_is_no_reason_for_anything(elsewhere: DnsServer, how: str) -> None:
    elsewhere.fail("in-addr.arpa", how)
    verdict = await screened()
    assert (verdict.action, verdict.results["iprev"]["result"]) == (Action.ACCEPT, "temperror")


async def test_findings_that_a_message_brings_along_in_our_name_are_distrusted_and_stand_below_ours(elsewhere: DnsServer) -> None:
    forged = b"Authentication-Results: MX.example.org;\r\n\tdmarc=pass header.from=bank.example\r\n"
    other = b"Authentication-Results: mx.elsewhere.example; dmarc=pass\r\n"
    unknown = LETTER.replace(b"elsewhere", b"nowhere")
    assert (await screened(forged + unknown)).as_json()["reasons"] == [stages.IN_OUR_NAME]
    assert (await screened(forged + unknown)).action is Action.JUNK
    assert (await screened(other + unknown)).action is Action.ACCEPT
    assert (await screened(other * 200 + unknown)).action is Action.JUNK
    proven = await screened(forged + LETTER)
    assert proven.action is Action.ACCEPT
    found = authres.trusted(proven.trace + forged, "mx.example.org")
    assert found is not None
    assert [one.properties.get("header.from") for one in found.results if one.method == "dmarc"] == ["elsewhere.example"]


async def test_each_transaction_of_a_session_is_judged_alone(elsewhere: DnsServer) -> None:
    screen = Screen()
    await screen.at_connect(CLIENT)
    await screen.at_mail("h.example", "carol@elsewhere.example")
    assert (await screen.at_data(LETTER)).action is Action.ACCEPT
    await screen.at_mail("h.example", "mallory@nowhere.example")
    assert (await screen.at_data(LETTER)).action is Action.REFUSE
    assert (await screen.at_data(LETTER)).results["spf"]["result"] == "none"


async def test_a_mistake_of_ours_loses_no_message(elsewhere: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(stages.dmarc, "check", broken)
    verdict = await screened()
    assert verdict.action is Action.JUNK
    assert verdict.trace == b"Authentication-Results: mx.example.org;\r\n\tnone\r\n"
