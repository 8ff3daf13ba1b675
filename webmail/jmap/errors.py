"""What can be wrong: with a request, with one of its method calls, with one object of a set (RFC 8620 §3.6, §5.3)."""

from __future__ import annotations

from typing import Any

URN = "urn:ietf:params:jmap:error:"
Json = dict[str, Any]


class RequestError(Exception):
    """The whole request is refused, as problem details (RFC 7807); `limit` names the limit that was passed."""

    def __init__(self, kind: str, detail: str, *, status: int = 400, limit: str = "") -> None:
        super().__init__(detail)
        self.kind, self.detail, self.status, self.limit = kind, detail, status, limit

    def problem(self) -> Json:
        """The body of the response."""
        named = {"limit": self.limit} if self.limit else {}
        return {"type": URN + self.kind if self.kind else "about:blank", "status": self.status, "detail": self.detail, **named}


class MethodError(Exception):
    """One method call fails, and those beside it go on."""

    def __init__(self, kind: str, description: str = "", **more: Any) -> None:
        super().__init__(f"{kind}: {description}")
        self.arguments: Json = {"type": kind, **({"description": description} if description else {}), **more}


class SetError(Exception):
    """One object of a /set or /import cannot be made, changed or destroyed, and those beside it can."""

    def __init__(self, kind: str, description: str = "", **more: Any) -> None:
        super().__init__(f"{kind}: {description}")
        self.arguments: Json = {"type": kind, **({"description": description} if description else {}), **more}


def invalid(description: str) -> MethodError:
    """An argument is of the wrong type, missing, or makes no sense."""
    return MethodError("invalidArguments", description)
