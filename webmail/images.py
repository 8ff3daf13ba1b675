"""`/img/`: images of the web for whoever reads the mail that refers to them.

It runs in the event loop itself: a host that takes ten seconds to answer holds none of the threads that pages are made in.
"""

from __future__ import annotations

from mailsuite.bridge import in_db
from mailsuite.images.proxy import Busy, Proxy
from webmail.events import cookies_of, identify, refuse
from webmail.image_address import read
from webmail.request_body import Receive, Scope
from webmail.wsgi_bridge import Send

# Whatever a browser could take the bytes for, it may do nothing with them; and they are never another site's to embed.
HEADERS = [
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
]
KEEP = (b"cache-control", b"private, max-age=2592000, immutable")
AGAIN = (b"cache-control", b"private, no-store")


class Images:
    """The ASGI application at `/img/`."""

    def __init__(self) -> None:
        self._proxy = Proxy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await refuse(send, 405)
        cookies = cookies_of(scope)
        who = await in_db(identify, cookies) if cookies else None
        if who is None:
            return await refuse(send, 401, [AGAIN])
        url = read(scope["path"], who[0])
        try:
            found = await self._proxy.image(who[0], url) if url else None
        except Busy:
            return await refuse(send, 429, [AGAIN])
        if found is None:
            return await refuse(send, 404, [AGAIN])
        kind, image = found
        length = (b"content-length", str(len(image)).encode())
        headers = [(b"content-type", kind.encode()), length, KEEP, *HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": image})

    async def close(self) -> None:
        await self._proxy.close()
