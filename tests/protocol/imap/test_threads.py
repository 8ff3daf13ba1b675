"""THREAD's two algorithms, against a model that does what RFC 5256 §3 says step by step, without a care for time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailsuite.protocol.imap import links, threads
from mailsuite.protocol.imap.base_subject import base_subject, collated
from mailsuite.protocol.imap.search import And, BadCharset, Key
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem
from mailsuite.protocol.imap.threads import Threaded


def told(messages: list[tuple], algorithm: str = "references") -> str:
    """messages: (sent, subject, id, references), in order of sequence numbers."""
    columns = [list(column) for column in zip(*messages, strict=True)] or [[], [], [], []]
    forest = getattr(threads, algorithm)(Threaded(*columns))
    return "".join(threads.told(forest, range(1, len(messages) + 1)))


# --- by hand ---


def test_replies_hang_below_what_they_answer() -> None:
    messages = [(1, "x", "a", []), (2, "y", "b", ["a"]), (3, "z", "c", ["a", "b"]), (4, "w", "d", ["a"]), (5, "v", "e", [])]
    assert told(messages) == "(1 (2 3)(4))(5)"


def test_the_example_of_the_standard_is_told_as_it_stands_there() -> None:
    """RFC 5256 §4: (2)(3 6 (4 23)(44 7 96))."""
    links = {2: None, 3: None, 6: 3, 4: 6, 23: 4, 44: 6, 7: 44, 96: 7}
    numbers = sorted(links)
    order = [2, 3, 6, 4, 23, 44, 7, 96]
    rows = [(order.index(n), f"s{n}", f"{n}", [f"{links[n]}"] if links[n] else []) for n in numbers]
    forest = threads.references(Threaded(*(list(column) for column in zip(*rows, strict=True))))
    assert "".join(threads.told(forest, numbers)) == "(2)(3 6 (4 23)(44 7 96))"


def test_siblings_whose_parent_is_missing_stand_side_by_side() -> None:
    """RFC 5256 §4: ((3)(5))."""
    assert told([(1, "x", "a", ["gone"]), (2, "y", "b", ["gone"])]) == "((1)(2))"
    assert told([(1, "x", "a", ["gone"])]) == "(1)"
    assert told([(1, "x", "a", ["root", "gone"]), (2, "y", "b", ["root", "lost"])]) == "((1)(2))"
    assert told([(1, "x", "a", []), (2, "y", "b", ["a", "gone", "lost"])]) == "(1 2)"


def test_threads_with_the_same_subject_are_one() -> None:
    assert told([(1, "Lunch", "a", []), (2, "Re: lunch", "b", [])]) == "(1 2)"
    assert told([(1, "Re: Lunch", "a", []), (2, "lunch", "b", [])]) == "(2 1)"
    assert told([(1, "Lunch", "a", []), (2, "Lunch", "b", [])]) == "((1)(2))"
    assert told([(1, "", "a", []), (2, "Re:", "b", [])]) == "(1)(2)"
    assert told([(1, "Lunch", "a", ["g"]), (2, "Lunch", "b", ["g"]), (3, "Re: Lunch", "c", [])]) == "((1)(2)(3))"


def test_of_messages_with_the_same_id_the_first_is_meant() -> None:
    assert told([(1, "x", "a", []), (2, "y", "a", []), (3, "z", "b", ["a"])]) == "(1 3)(2)"
    assert told([(1, "x", "", []), (2, "y", "", [])]) == "(1)(2)"


def test_rings_are_not_closed() -> None:
    assert told([(1, "x", "a", ["b"]), (2, "y", "b", ["a"])]) == "(2 1)"
    assert told([(1, "x", "a", ["a"])]) == "(1)"
    assert told([(1, "x", "a", ["b", "c", "b"]), (2, "y", "b", []), (3, "z", "c", [])]) in ("(2 (1)(3))", "(2 3 1)", "(2 1)(3)")


def test_ordered_subject_makes_one_level() -> None:
    messages = [(5, "b", "", []), (1, "Re: a", "", []), (2, "a", "", []), (3, "[x] A (fwd)", "", []), (4, "B", "", [])]
    assert told(messages, "ordered_subject") == "(2 (3)(4))(5 1)"
    assert told([], "ordered_subject") == told([]) == ""


# --- the model ---


class Node:
    def __init__(self, index: int | None = None) -> None:
        self.index, self.parent, self.children = index, None, []

    def above(self, other: Node) -> bool:
        return self is other or (other.parent is not None and self.above(other.parent))

    def put(self, child: Node) -> None:
        if child.parent:
            child.parent.children.remove(child)
        child.parent = self
        self.children.append(child)


def model(messages: list[tuple]) -> str:
    root, table, nodes = Node(), {}, []
    for index, (_, _, name, _) in enumerate(messages):
        nodes.append(Node(index))
        if name and name not in table:
            table[name] = nodes[-1]
    for node, (_, _, _, references) in zip(nodes, messages, strict=True):
        chain = [table.setdefault(name, Node()) for name in references]
        for parent, child in pairwise(chain):
            if not child.parent and not child.above(parent):
                parent.put(child)
        if node.parent:
            node.parent.children.remove(node)
            node.parent = None
        if chain and not node.above(chain[-1]):
            chain[-1].put(node)
    for node in {id(one): one for one in (*nodes, *table.values())}.values():
        if not node.parent:
            root.put(node)
    _prune(root, root)

    def place(node: Node) -> tuple:
        return place(node.children[0]) if node.index is None else (messages[node.index][0], node.index)

    def sort(node: Node) -> None:
        for child in node.children:
            sort(child)
        node.children.sort(key=place)

    for child in root.children:
        if child.index is None:
            child.children.sort(key=place)
    root.children.sort(key=place)
    _merge(root, messages)
    sort(root)
    return "".join(f"({_told(child)})" for child in root.children)


def _prune(node: Node, root: Node) -> None:
    for child in list(node.children):
        _prune(child, root)
        if child.index is None and (not child.children or node is not root or len(child.children) == 1):
            node.children.remove(child)
            child.parent = None
            for one in list(child.children):
                node.put(one)


def _merge(root: Node, messages: list[tuple]) -> None:
    def subject(node: Node) -> tuple[str, bool]:
        base, replied = base_subject(messages[(node if node.index is not None else node.children[0]).index][1])
        return collated(base), replied and node.index is not None

    seen = {id(child): subject(child) for child in root.children}
    table: dict[str, Node] = {}
    for child in root.children:
        base, replied = seen[id(child)]
        known = table.get(base)
        if base and (not known or (known.index is not None and (child.index is None or (seen[id(known)][1] and not replied)))):
            table[base] = child
    for child in list(root.children):
        base, replied = seen[id(child)]
        known = table.get(base, child)
        if known is child:
            continue
        if known.index is None:
            for one in list(child.children) if child.index is None else [child]:
                known.put(one)
            if child.index is None:
                root.children.remove(child)
        elif replied and not seen[id(known)][1]:
            known.put(child)
        else:
            table[base] = dummy = Node()
            root.put(dummy)
            dummy.put(known)
            dummy.put(child)


def _told(node: Node) -> str:
    own = [] if node.index is None else [str(node.index + 1)]
    below = [_told(child) for child in node.children]
    if len(below) == 1 and own:
        return " ".join(own + below)
    return " ".join([*own, "".join(f"({one})" for one in below)] if below else own)


NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", ""])
MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["x", "Re: x", "y", "Re: Y", "", "Re:", "[l] z", "Fwd: z"]),
        NAMES,
        st.lists(NAMES.filter(bool), max_size=4),
    ),
    max_size=9,
)


@given(MESSAGES)
@settings(max_examples=600, deadline=None)
@example([(1, "x", "a", ["b"]), (1, "x", "b", ["c"]), (1, "x", "c", ["a"])])
def test_references_make_the_trees_of_the_standard(messages: list[tuple]) -> None:
    assert told(messages) == model(messages)


@given(MESSAGES)
def test_every_message_is_told_once_by_either_algorithm(messages: list[tuple]) -> None:
    for algorithm in ("references", "ordered_subject"):
        text = told(messages, algorithm)
        assert sorted(map(int, text.replace("(", " ").replace(")", " ").split())) == list(range(1, len(messages) + 1))
        assert text.count("(") == text.count(")")


# --- many ---

LONG = 50_000


@pytest.mark.parametrize("order", ["in order", "backwards", "the even ones first"])
@pytest.mark.parametrize("nearest", [1, 20])
def test_a_chain_of_fifty_thousand_replies_is_one_thread(order: str, nearest: int) -> None:
    places = list(range(LONG))
    if order == "backwards":
        places.reverse()
    elif order == "the even ones first":
        places = places[::2] + places[1::2]
    messages = [(n, "x", f"{n}", [f"{up}" for up in range(max(n - nearest, 0), n)]) for n in places]
    found = told(messages).strip("()").split()
    assert [places[int(one) - 1] for one in found] == list(range(LONG))


@pytest.mark.parametrize("kind", ["ring", "comb", "cuts"])
def test_mail_that_was_made_to_be_threaded_slowly_is_threaded_all_the_same(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    count = 4_000
    chain = [(n, "x", f"{n}", [f"{n - 1}"] if n else []) for n in range(count)]
    hostile = {
        "ring": [(count + n, "x", f"r{n}", [f"{count - 1}", f"g{n}", "0"]) for n in range(count)],
        "comb": [(count + n, "x", f"{n}", [f"{count - 1 - n}", f"{n}"]) for n in range(count)],
        "cuts": [(count + n, "x", f"c{n}", [f"c{n - 1}", f"c{n}", f"c{n + 1}", "0"]) for n in range(count)],
    }[kind]
    walk = links.Links._is_above

    def counted(self: links.Links, ancestor: int, index: int) -> bool:
        nonlocal steps
        before = self._room
        found = walk(self, ancestor, index)
        steps += before - self._room
        return found

    monkeypatch.setattr(links.Links, "_is_above", counted)
    text = told(chain + hostile)
    assert len(text.replace("(", " ").replace(")", " ").split()) == 2 * count
    assert steps <= links.STEPS * 6 * count


# --- the arguments ---


def test_thread_takes_an_algorithm_a_charset_and_a_search() -> None:
    assert threads.parse(Parser([b"references UTF-8 SEEN"])) == threads.Thread("REFERENCES", And((Key("SEEN"),)))
    for wrong in (b"REFS UTF-8 ALL", b"REFERENCES UTF-8", b"REFERENCES", b"", b"RETURN (ALL) REFERENCES UTF-8 ALL"):
        with pytest.raises(SyntaxProblem):
            threads.parse(Parser([wrong]))
    with pytest.raises(BadCharset):
        threads.parse(Parser([b"ORDEREDSUBJECT KLINGON ALL"]))
