"""What a network or a domain did before bears on what it may do now, with Valkey and without."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.screening import rate, stages, tally
from mailsuite.screening.rate import is_known, is_slowed, put_off
from mailsuite.screening.stages import Screen
from mailsuite.screening.tally import Deed, Deeds, Seen, Tally
from mailsuite.screening.verdict import Action, Verdict
from tests.dns_server import DnsServer
from tests.valkey import Valkey

LETTER = b"From: Carol <carol@elsewhere.example>\r\nTo: alice@example.org\r\nSubject: Hello\r\n\r\nHello, Alice.\r\n"
CLIENT, NEIGHBOUR, STRANGER = "192.0.2.7", "192.0.2.200", "203.0.113.9"
HISTORY = Deeds(good=100, junked=10)
LISTING = "7.2.0.192.bl.example.net"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    settings.TARPIT_SECONDS = 0


@pytest.mark.parametrize(
    ("seen", "slowed", "later"),
    [
        (Seen(), False, ""),
        (Seen(Deeds(unknown=9)), False, ""),
        (Seen(Deeds(unknown=10)), True, ""),
        (Seen(Deeds(unknown=4, junked=3, refused=3)), True, ""),
        (Seen(Deeds(good=10, unknown=10)), False, ""),
        (Seen(Deeds(junked=50)), True, rate.UNWANTED),
        (Seen(Deeds(junked=50, good=50)), False, ""),
        (Seen(Deeds(junked=50), HISTORY), False, ""),
        (Seen(Deeds(junked=100), HISTORY), True, ""),
        (Seen(Deeds(junked=500), HISTORY), True, rate.UNWANTED),
        (Seen(Deeds(junked=50), Deeds(good=100, junked=11)), True, rate.UNWANTED),
        (Seen(Deeds(good=999)), False, ""),
        (Seen(Deeds(good=1_000)), False, rate.TOO_MUCH),
        (Seen(Deeds(good=9_999), HISTORY), False, ""),
        (Seen(Deeds(good=10_000), HISTORY), False, rate.TOO_MUCH),
    ],
)
def test_harm_slows_and_puts_off_and_a_good_history_hardly(seen: Seen, slowed: bool, later: str) -> None:
    assert (is_slowed(seen), put_off(seen)) == (slowed, later)


def test_no_limit_is_no_limit(settings: Any) -> None:
    settings.NETWORK_MESSAGES = 0
    assert put_off(Seen(Deeds(good=10**9))) == ""


async def test_deeds_are_forgotten_little_by_little() -> None:
    clock = Clock()
    counted = Tally(clock=clock)
    for _ in range(10):
        await counted.count("network:x", Deed.JUNKED)
    assert (await counted.seen("network:x")).lately.junked == 10
    clock.now += tally.HOUR * 1.5
    assert (await counted.seen("network:x")).lately.junked == pytest.approx(5)
    clock.now += tally.HOUR * 0.5
    assert await counted.seen("network:x") == Seen(long=Deeds(junked=10))
    clock.now += 2 * tally.MONTH
    assert await counted.seen("network:x") == Seen()


async def test_who_never_got_a_message_in_is_forgotten_soon() -> None:
    counted = Tally()
    await counted.count("network:x", Deed.UNKNOWN)
    await counted.count("network:x", Deed.REFUSED)
    assert (await counted.seen("network:x")).long == Deeds()


async def test_a_million_networks_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_KEPT", 10)
    counted = Tally()
    for number in range(100):
        await counted.count(f"network:{number}", Deed.UNKNOWN)
    assert len(counted._own) == 10
    assert (await counted.seen("network:99")).lately.unknown == 1


async def test_processes_count_together_and_each_alone_without_valkey(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "PATIENCE", 20)
    monkeypatch.setattr(tally, "SILENCE", 0)
    clock = Clock()
    one, other = Tally(clock=clock), Tally(clock=clock)
    for counted in (one, other, other):
        await counted.count("domain:elsewhere.example", Deed.GOOD)
    assert (await one.seen("domain:elsewhere.example")).lately.good == 3
    valkey.kill()
    await one.count("domain:elsewhere.example", Deed.GOOD)
    assert [(await counted.seen("domain:elsewhere.example")).long.good for counted in (one, other)] == [2, 2]
    await one.close()
    await other.close()


async def screened(*, ip: str = CLIENT, content: bytes = LETTER) -> Verdict:
    screen = Screen(authserv_id="mx.example.org")
    await screen.at_connect(ip)
    verdict = await screen.at_mail("mail.elsewhere.example", "carol@elsewhere.example")
    return await screen.at_data(content) if verdict.welcome else verdict


async def did(source: str, **deeds: int) -> None:
    for deed, times in deeds.items():
        for _ in range(times):
            await stages.get_tally().count(source, Deed(deed))


@pytest.fixture
def elsewhere(nameserver: DnsServer) -> DnsServer:
    nameserver.add("elsewhere.example", "TXT", f"v=spf1 ip4:{CLIENT} ip4:{NEIGHBOUR} -all")
    nameserver.add("_dmarc.elsewhere.example", "TXT", "v=DMARC1; p=reject")
    return nameserver


async def test_what_becomes_of_messages_is_remembered_of_network_and_domain(elsewhere: DnsServer) -> None:
    assert (await screened()).action is Action.ACCEPT
    assert (await screened(ip=STRANGER)).action is Action.REFUSE
    counted = stages.get_tally()
    assert (await counted.seen("network:192.0.2.0/24")).lately == Deeds(good=1)
    assert (await counted.seen("domain:elsewhere.example")).lately == Deeds(good=1)  # a forgery is not its deed
    assert (await counted.seen("network:203.0.113.0/24")).lately == Deeds(refused=1)


async def test_a_network_that_asks_for_many_who_do_not_exist_is_put_off_and_others_are_not(elsewhere: DnsServer) -> None:
    screen = Screen()
    await screen.at_connect(CLIENT)
    for _ in range(50):
        await screen.at_unknown()
    verdict = await screened(ip=NEIGHBOUR)
    assert verdict.action is Action.DEFER
    assert verdict.reply is not None
    assert verdict.reply.code == 450
    assert "192.0.2.0/24" in verdict.reason
    assert (await screened(ip=STRANGER)).action is Action.REFUSE
    assert (await screened(ip="127.0.0.1")).action is Action.REFUSE  # this machine is not counted


async def test_the_same_of_a_network_of_ipv6(elsewhere: DnsServer) -> None:
    await did("network:2001:db8:1::/48", junked=50)
    assert (await screened(ip="2001:db8:1:ffff::7")).action is Action.DEFER
    assert (await screened(ip="2001:db8:2::7")).action is Action.REFUSE


async def test_a_domain_that_proves_itself_is_put_off_for_its_deeds_wherever_it_comes_from(elsewhere: DnsServer) -> None:
    await did("domain:elsewhere.example", junked=50)
    assert (await screened()).action is Action.DEFER
    await did("domain:elsewhere.example", good=50)
    assert (await screened()).action is Action.ACCEPT


@pytest.mark.parametrize(
    ("answer", "how", "action"),
    [
        ("127.0.0.2", "junk", Action.JUNK),
        ("127.0.0.2", "defer", Action.DEFER),
        ("127.0.0.1", "junk", Action.ACCEPT),
        ("127.255.255.254", "junk", Action.ACCEPT),
        ("127.255.255.255", "defer", Action.ACCEPT),
        ("192.0.2.80", "junk", Action.ACCEPT),
    ],
)
async def test_a_stranger_on_a_blocklist_is_distrusted_and_never_refused(
    elsewhere: DnsServer, settings: Any, answer: str, how: str, action: Action
) -> None:
    settings.BLOCKLISTS, settings.BLOCKLISTED = ("other.example.net", "bl.example.net"), how
    elsewhere.add(LISTING, "A", answer)
    verdict = await screened()
    assert verdict.action is action
    assert verdict.results.get("blocklist") == (None if action is Action.ACCEPT else "bl.example.net")
    assert ("bl.example.net" in verdict.reason) == (action is not Action.ACCEPT)


@pytest.mark.parametrize("how", ["SERVFAIL", "REFUSED", "GARBAGE"])
async def test_a_blocklist_in_trouble_says_nothing(elsewhere: DnsServer, settings: Any, how: str) -> None:
    settings.BLOCKLISTS = ("bl.example.net",)
    elsewhere.fail("bl.example.net", how)
    assert (await screened()).action is Action.ACCEPT


@pytest.mark.parametrize("source", ["network:192.0.2.0/24", "domain:elsewhere.example"])
async def test_blocklists_are_not_asked_about_those_who_are_known(elsewhere: DnsServer, settings: Any, source: str) -> None:
    settings.BLOCKLISTS = ("bl.example.net",)
    elsewhere.add(LISTING, "A", "127.0.0.2")
    await did(source, good=20, junked=2)
    assert is_known(await stages.get_tally().seen(source))
    assert (await screened()).action is Action.ACCEPT
    assert (LISTING, "A") not in elsewhere.queries


async def test_blocklists_are_not_asked_about_what_is_decided(elsewhere: DnsServer, settings: Any) -> None:
    settings.BLOCKLISTS = ("bl.example.net",)
    assert (await screened(ip=STRANGER)).action is Action.REFUSE
    assert not [name for name, _ in elsewhere.queries if name.endswith("bl.example.net")]


async def test_an_address_of_ipv6_is_asked_for_by_its_nibbles(elsewhere: DnsServer, settings: Any) -> None:
    settings.BLOCKLISTS = ("bl.example.net",)
    elsewhere.remove("_dmarc.elsewhere.example")
    elsewhere.add("7" + ".0" * 23 + ".8.b.d.0.1.0.0.2.bl.example.net", "A", "127.0.0.4")
    assert (await screened(ip="2001:db8::7")).action is Action.JUNK
