"""Each file of transcripts/ is a conversation in the RFCs' own notation, held with a real server.

`C: ` is sent, `S: ` is awaited; `C2: ` and `S2: ` are a second connection. In an S line `...` stands for anything;
`=~` before a pattern makes the whole line a regular expression. `# letters: 3` fills INBOX first. Everything is said a second
time with each octet in a write of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from tests.imapd.conftest import Client, Connect, deliver, letter

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
LINE = re.compile(r"([CS])(\d?): ?(.*)")


@pytest.mark.parametrize("step", [0, 1], ids=["at once", "octet by octet"])
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path, step: int, alice: Account, connect: Connect) -> None:
    text = path.read_text()
    if letters := re.search(r"^# letters: (\d+)$", text, re.M):
        deliver(alice, *(letter(n) for n in range(1, int(letters[1]) + 1)))
    clients: dict[str, Client] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := LINE.fullmatch(line):
            who, whose, said = match.groups()
            if whose not in clients:
                clients[whose] = connect()
                clients[whose].step = step
            if who == "C":
                clients[whose].send(said.encode() + b"\r\n")
            else:
                heard = clients[whose].read().decode("utf-8", "replace")
                assert pattern(said).fullmatch(heard), f"{path.name}:{number}: awaited {said!r}, heard {heard!r}"


def pattern(awaited: str) -> re.Pattern[str]:
    if awaited.startswith("=~"):
        return re.compile(awaited[2:].strip())
    return re.compile(".*".join(map(re.escape, awaited.split("..."))))
