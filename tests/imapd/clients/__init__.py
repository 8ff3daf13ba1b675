"""Mail programs that are not ours, each at its daily work: docs/clients.md is the table of what they did here."""

import pytest

pytest.register_assert_rewrite("tests.imapd.clients.scene", "tests.imapd.clients.laptop")
