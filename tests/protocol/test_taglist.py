"""Lists of tag=value; as RFC 6376 writes them."""

from __future__ import annotations

import pytest

from mailsuite.protocol import taglist


def test_tags_keep_their_order_and_lose_the_white_space_around_them() -> None:
    assert list(taglist.parse(" v=1;\r\n\ta = rsa ; b=\r\n x y = z;").items()) == [("v", "1"), ("a", "rsa"), ("b", "x y = z")]


@pytest.mark.parametrize("text", ["a", "a=1; ;b=2", "=1", "1a=1", "a b=1", "a=1; a=2", ";".join(f"a{n}=1" for n in range(101))])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tag"):
        taglist.parse(text)
