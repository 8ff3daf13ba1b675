"""DomainKeys Identified Mail: the signature over a message (RFC 6376, 8301, 8463)."""

from __future__ import annotations

from mailsuite.protocol.dkim_keys import dns_value, new_key

__all__ = ["dns_value", "new_key"]
