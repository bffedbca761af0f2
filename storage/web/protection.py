"""The gate: what every request must satisfy, and what every answer says to the browser.

A page on the internet can make a browser ask this server, and by a name that suddenly leads here (DNS rebinding) it
could read the answers. So a request must ask for this machine by address or by a name that was agreed to.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of every answer that brings none of its own: nothing inline, nothing from elsewhere."""

DEFAULTS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

# Pages of Datasette that serve its own upkeep: the reading room has no users, messages or permissions.
_OWN_UPKEEP = "actor|allow-debug|auth-token|databases|logout|messages|metadata|patterns|permissions|plugins|threads"
_CLOSED = re.compile(rf"/-/({_OWN_UPKEEP})\b")


class Protection:
    """ASGI middleware. `names` are the host names besides ``localhost`` under which the server may be asked."""

    def __init__(self, app: App, names: Collection[str] = ()) -> None:
        self.app = app
        self.names = frozenset(name.lower().rstrip(".") for name in names)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self.refusal(scope["method"], _host(scope["headers"]), scope["path"])
            if refusal:
                await _refuse(send, *refusal)
            else:
                await self.app(scope, receive, _dressed(send))

    def refusal(self, method: str, host: str, path: str) -> tuple[int, str] | None:
        """HTTP status and reason, None where the request may pass."""
        if not self.knows(host):
            return 421, (
                f"This server does not go by the name {host!r}.\n\nAsk for it by its address, as localhost, or start "
                "it with --name and the name by which it is to be reached.\n"
            )
        if method not in {"GET", "HEAD"}:
            return 405, "The reading room is for reading: GET and HEAD only.\n"
        if _CLOSED.match(path):
            return 404, "There is no such page in the reading room.\n"
        return None

    def knows(self, host: str) -> bool:
        """Whether the server goes by the name in a Host header. An address is no name, so nobody can move it here.

        >>> Protection(None, ["archive.example"]).knows("archive.example:8001")
        True
        >>> [Protection(None).knows(host) for host in ("127.0.0.1:8001", "[::1]", "localhost", "evil.example")]
        [True, True, True, False]
        """
        name = _name(host)
        return name == "localhost" or name in self.names or _is_address(name)


def _name(host: str) -> str:
    """A Host header without its port, brackets and final dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _host(headers: Collection[Header]) -> str:
    """The Host header; empty when there is none or more than one."""
    values = [value for name, value in headers if name.lower() == b"host"]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _dressed(send: Send) -> Send:
    """`send` that adds the headers of `DEFAULTS` which an answer does not bring."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Header] = list(message.get("headers", []))
            brought = {name.lower() for name, _ in headers}
            more = ((name.encode(), value.encode()) for name, value in DEFAULTS.items() if name.encode() not in brought)
            message = {**message, "headers": [*headers, *more]}
        await send(message)

    return dressed


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == 405:  # noqa: PLR2004 - HTTP's Method Not Allowed
        headers.append((b"allow", b"GET, HEAD"))
    dressed = _dressed(send)
    await dressed({"type": "http.response.start", "status": status, "headers": headers})
    await dressed({"type": "http.response.body", "body": reason.encode()})
