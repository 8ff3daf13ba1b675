"""Routes: the mailbox, the domain's hosts, the smart host, and what leads nowhere."""

from __future__ import annotations

import pytest

from mailsuite.delivery.route import Local, Nowhere, Remote, letters, next_hop
from tests.queued import account, queued

pytestmark = pytest.mark.django_db


def test_an_account_is_a_local_hop_and_another_domain_a_remote_one() -> None:
    alice = account()
    [local] = queued("alice@example.org", account=alice)
    [remote] = queued("carol@Elsewhere.Example")
    assert next_hop(local) == Local(alice.pk)
    assert next_hop(remote) == Remote("elsewhere.example")


def test_with_a_smart_host_all_other_domains_are_one_hop(settings: object) -> None:
    settings.SMARTHOST = ("smart.example", 587)
    one, two = queued("carol@elsewhere.example", "dan@third.example")
    assert next_hop(one) == next_hop(two) == Remote("", ("smart.example", 587))


def test_a_domain_that_became_ours_is_never_called_over_the_network() -> None:
    known, unknown = queued("alice@example.org", "nobody@example.org")
    alice = account()
    assert next_hop(known) == Local(alice.pk)
    hop = next_hop(unknown)
    assert isinstance(hop, Nowhere)
    assert hop.reply.enhanced == "5.1.1"


def test_recipients_of_one_envelope_travel_together() -> None:
    rows = queued("a@x.example", "b@x.example", trace=b"Received: here\r\n") + queued("c@x.example")
    first, second = letters(rows)
    assert [row.address for row in first.recipients] == ["a@x.example", "b@x.example"]
    assert first.prefix == b"Received: here\r\n"
    assert (second.envelope, second.prefix) == (rows[2].envelope, b"")


def test_a_copy_that_an_alias_sends_out_says_which_alias() -> None:
    rows = queued("a@x.example", "b@x.example", trace=b"Received: here\r\n")
    rows[1].original = "garden@example.org"
    first, second = letters(rows)
    assert first.prefix == b"Received: here\r\n"
    assert second.prefix == b"Delivered-To: garden@example.org\r\nReceived: here\r\n"
