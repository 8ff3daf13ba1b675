"""Messages built from trees: the scanner must find exactly the bytes that were put in."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from mailsuite.protocol.mime import part_bytes, scan, section, walk
from mailsuite.protocol.part import Part

LINES = st.lists(
    st.sampled_from([b"hello", b"", b"-- ", b"--", b"-", b"--x", b"From x", b"Subject: y", b"\xff\0", b" a"]), max_size=4
)


@dataclass
class Node:
    """A part to be built: its children, or its lines."""

    kind: bytes = b"text/plain"
    children: list[Node] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    closed: bool = True
    around: list[bytes] = field(default_factory=list)  # preamble and epilogue


LEAVES = st.builds(Node, kind=st.sampled_from([b"text/plain", b"text/html", b"image/png"]), lines=LINES)


def _inner(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    multiparts = st.builds(
        Node,
        kind=st.just(b"multipart/mixed"),
        children=st.lists(nodes, min_size=1, max_size=4),
        closed=st.booleans(),
        around=LINES,
    )
    messages = st.builds(Node, kind=st.just(b"message/rfc822"), children=st.lists(nodes, min_size=1, max_size=1))
    return st.one_of(multiparts, messages)


TREES = st.recursive(LEAVES, _inner, max_leaves=12)


def build(node: Node, end: bytes, depth: int = 1) -> bytes:
    """The part as bytes; boundaries are `b`, `bb`, `bbb`: each the beginning of the next."""
    boundary = b"b" * depth
    head = [b"Content-Type: " + node.kind + (b"; boundary=" + boundary if node.kind.startswith(b"multipart") else b""), b""]
    if node.kind == b"message/rfc822":
        return end.join([*head, build(node.children[0], end, depth + 1)])
    if not node.children:
        return end.join([*head, *(node.lines or [b""])])
    body = list(node.around)
    for child in node.children:
        body += [b"--" + boundary, build(child, end, depth + 1)]
    if node.closed:
        body += [b"--" + boundary + b"--", *node.around]
    return end.join([*head, *body])


def compare(node: Node, part: Part, content: bytes, end: bytes) -> None:
    assert part.mime_type.encode() == node.kind
    assert content[part.header_start : part.body_start].startswith(b"Content-Type: " + node.kind)
    assert len(part.children) == len(node.children)
    if not node.children:
        assert part_bytes(content, part) == end.join(node.lines or [b""])
    for child, found in zip(node.children, part.children, strict=True):
        compare(child, found, content, end)


@settings(max_examples=300, deadline=None)
@given(TREES, st.sampled_from([b"\r\n", b"\n"]))
def test_every_part_is_found_where_it_was_put(tree: Node, end: bytes) -> None:
    content = build(tree, end)
    root = scan(content)
    compare(tree, root, content, end)
    for part in walk(root):
        found = section(root, part.number)
        assert found is not None
        assert not part.number or content[slice(*found)] == part_bytes(content, part) or part.is_multipart
