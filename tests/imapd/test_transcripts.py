"""Each file of transcripts/ is a conversation in the RFCs' own notation, held with a real server.

`C: ` is sent, `S: ` is awaited; `C2: ` and `S2: ` are a second connection. In an S line `...` stands for anything;
`=~` before a pattern makes the whole line a regular expression. `<<name>>` in an S line keeps the word that stands there, and
in a later line it stands for that word. `# letters: 3` fills INBOX first. Everything is said a second
time with each octet in a write of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from tests.imapd.conftest import Client, Connect, deliver, letter

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
WORD = re.compile(r"<<(\w+)>>")
LINE = re.compile(r"([CS])(\d?): ?(.*)")


@pytest.mark.parametrize("step", [0, 1], ids=["at once", "octet by octet"])
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path, step: int, alice: Account, connect: Connect) -> None:
    text = path.read_text()
    if letters := re.search(r"^# letters: (\d+)$", text, re.M):
        deliver(alice, *(letter(n) for n in range(1, int(letters[1]) + 1)))
    clients: dict[str, Client] = {}
    words: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := LINE.fullmatch(line):
            who, whose, said = match.groups()
            said = with_words(said, words)
            if whose not in clients:
                clients[whose] = connect()
                clients[whose].step = step
            if who == "C":
                clients[whose].send(said.encode() + b"\r\n")
            else:
                heard = clients[whose].read().decode("utf-8", "replace")
                found = pattern(said).fullmatch(heard)
                assert found, f"{path.name}:{number}: awaited {said!r}, heard {heard!r}"
                words |= found.groupdict()


def with_words(said: str, words: dict[str, str]) -> str:
    return WORD.sub(lambda word: words.get(word[1], word[0]), said)


def pattern(awaited: str) -> re.Pattern[str]:
    if awaited.startswith("=~"):
        return re.compile(awaited[2:].strip())
    parts = [f"(?P<{part}>[^ )\\]]+)" if n % 2 else re.escape(part) for n, part in enumerate(WORD.split(awaited))]
    return re.compile("".join(parts).replace(r"\.\.\.", ".*"))
