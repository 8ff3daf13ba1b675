"""The arguments of MAIL and RCPT."""

from __future__ import annotations

import time

import pytest

from mailsuite.protocol.esmtp import BadArgument, MailCommand, parse_mail, parse_rcpt


def _mail(argument: str) -> MailCommand:
    return parse_mail(argument, extended=True)


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ("FROM:<>", ""),
        ("from:<carol@Elsewhere.Example>", "carol@elsewhere.example"),
        ("FROM: <carol@elsewhere.example>", "carol@elsewhere.example"),
        ("FROM:carol@elsewhere.example", "carol@elsewhere.example"),
        ("FROM:<@a.example,@b.example:carol@elsewhere.example>", "carol@elsewhere.example"),
        ('FROM:<"carol > smith"@elsewhere.example>', '"carol > smith"@elsewhere.example'),
        ("FROM:<carol@[192.0.2.1]>", "carol@[192.0.2.1]"),
    ],
)
def test_a_reverse_path_is_read(argument: str, path: str) -> None:
    assert _mail(argument).reverse_path == path
    assert _mail(argument + " SIZE=7") == MailCommand(path, size=7)


def test_parameters_keep_their_letter_case() -> None:
    command = _mail("FROM:<a@b.example> size=99 Body=8BitMime SMTPUTF8 ret=full ENVID=aB+3Dc AUTH=<>")
    assert command == MailCommand("a@b.example", 99, True, True, "FULL", "aB+3Dc")


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("", "501 5.5.4"),
        ("TO:<a@b.example>", "501 5.5.4"),
        ("FROM:", "501 5.1.7"),
        ("FROM:<a@b.example", "553 5.1.7"),
        ("FROM:<a b@c.example>", "553 5.1.7"),
        ("FROM:<a@b.example>SIZE=1", "553 5.1.7"),
        ("FROM:<a@b.example> SIZE", "501 5.5.4"),
        ("FROM:<a@b.example> SIZE=-1", "501 5.5.4"),
        ("FROM:<a@b.example> SIZE=" + "9" * 21, "501 5.5.4"),
        ("FROM:<a@b.example> SIZE=1 SIZE=2", "501 5.5.4"),
        ("FROM:<a@b.example> BODY=BINARYMIME", "501 5.5.4"),
        ("FROM:<a@b.example> SMTPUTF8=yes", "501 5.5.4"),
        ("FROM:<a@b.example> RET=ALL", "501 5.5.4"),
        ("FROM:<a@b.example> ENVID=" + "x" * 101, "501 5.5.4"),
        ("FROM:<a@b.example> ENVID=a+b", "501 5.5.4"),
        ("FROM:<a@b.example> FOO=1", "555 5.5.4"),
        ("FROM:<ä@b.example>", "553 5.6.7"),
        ("FROM:<\udcff@b.example> SMTPUTF8", "553 5.1.7"),
        ("FROM:<" + "x" * 65 + "@b.example>", "553 5.1.7"),
    ],
)
def test_what_is_wrong_has_its_reply(argument: str, reply: str) -> None:
    with pytest.raises(BadArgument) as refused:
        _mail(argument)
    assert str(refused.value.reply).startswith(reply)


def test_parameters_need_ehlo() -> None:
    with pytest.raises(BadArgument):
        parse_mail("FROM:<a@b.example> SIZE=1", extended=False)


def test_a_recipient_with_dsn_wishes_is_read() -> None:
    argument = "TO:<alice@example.org> NOTIFY=delay,Failure ORCPT=rfc822;Al+2Bice@Example.org"
    command = parse_rcpt(argument, extended=True, smtputf8=False, hostname="mx.example.org")
    assert str(command.path) == "alice@example.org"
    assert (command.notify, command.orcpt) == ("DELAY,FAILURE", "rfc822;Al+2Bice@Example.org")


@pytest.mark.parametrize(
    "parameters",
    ["NOTIFY=", "NOTIFY=NEVER,DELAY", "NOTIFY=DELAY,DELAY", "NOTIFY=OFTEN", "ORCPT=alice", "ORCPT=rfc822;a+b", "FOO"],
)
def test_wrong_wishes_are_refused(parameters: str) -> None:
    with pytest.raises(BadArgument):
        parse_rcpt(f"TO:<a@b.example> {parameters}", extended=True, smtputf8=False, hostname="x")


@pytest.mark.parametrize(
    "hostile", ['FROM:<"' + '\\"' * 6_000, "FROM:<" + '""' * 6_000, "FROM:<" + "@a," * 4_000 + ":", "FROM:" + " " * 12_000]
)
def test_hostile_arguments_cost_no_time(hostile: str) -> None:
    began = time.process_time()
    with pytest.raises(BadArgument):
        _mail(hostile)
    assert time.process_time() - began < 1
