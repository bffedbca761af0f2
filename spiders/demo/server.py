"""The newspaper over loopback: a real HTTP/1.1 server, in a thread of its own or as a process.

It speaks just enough HTTP for a crawler and a browser: GET and HEAD, keep-alive, pipelining. It breaks
connections when an answer says so. Not a server for anything but trying things out.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from spiders.demo.newspaper import Newspaper, Reply, RequestHeaders
from spiders.demo.respond import respond
from spiders.demo.steady import steady

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from spiders.clock import Clock

Now = Callable[[], datetime]

_MAX_HEAD = 65_536
_LONGEST_LOG = 1_000_000
_NO_LINGER = struct.pack("ii", 1, 0)


def wall_clock() -> datetime:
    """The time of this machine, aware."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Service:
    """A newspaper being served.

    `log` holds the paths asked for, with their queries, in order; of a very long time only the last ones. `printed`
    are answers that are ready, by path and whether they are compressed, see `prerender`.
    """

    paper: Newspaper
    clock: Now = wall_clock
    base_url: str = ""
    log: list[str] = field(default_factory=list)
    printed: dict[tuple[str, bool], Reply] = field(default_factory=dict, repr=False)
    _visits: int = 0
    _open: set[_Connection] = field(default_factory=set)

    def answer(self, path: str, headers: RequestHeaders) -> Reply:
        """The answer to the next request."""
        self._visits += 1
        self.log.append(path)
        if len(self.log) > _LONGEST_LOG:
            del self.log[: _LONGEST_LOG // 2]
        ready = self.printed.get((path, "gzip" in headers.get("accept-encoding", "")))
        return respond(self.paper, path, headers, self.clock(), self._visits) if ready is None else ready

    def prerender(self) -> None:
        """Print all listing pages and listed stories ahead, compressed, so that a benchmark does not wait for us.

        Only right for a calm paper and a clock that stands still.
        """
        now, size = self.clock(), self.paper.page_size
        front = self.paper.newsroom.at(now)
        pages = [f"/all_news/page/{page}/" for page in range(2, len(front) // size + 2)]
        for path in ("/all_news/", *pages, *(story.path for story in front.listed(0, len(front)))):
            self.printed[path, True] = respond(self.paper, path, {"accept-encoding": "gzip"}, now)

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Begin to serve; `base_url` is then known. Raises OSError for an address that is taken."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self, loop, self._open), host, port)
        self.base_url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
        return server

    async def close(self, server: asyncio.Server) -> None:
        """Stop serving and drop what is still open."""
        server.close()
        while self._open:
            for connection in tuple(self._open):
                connection.abort()
            await asyncio.sleep(0)
        await server.wait_closed()


class _Connection(asyncio.Protocol):
    """One client. Answers go out in the order of the requests, each after its delay."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop, others: set[_Connection]) -> None:
        self.service, self.loop, self.others = service, loop, others
        self.buffer = b""
        self.waiting: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.others.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the same for every reason
        self.others.discard(self)
        if self.waiting:
            self.waiting.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._next()

    def abort(self) -> None:
        """Drop the connection without another word."""
        self.transport.abort()

    def _next(self) -> None:
        while self.waiting is None and not self.transport.is_closing():
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                if len(self.buffer) > _MAX_HEAD:
                    self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            self.buffer = rest
            self._request(head.decode("latin-1"))

    def _request(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        match first.split(" "):
            case ["GET" | "HEAD" as method, target, "HTTP/1.1" | "HTTP/1.0" as version]:
                keep = headers.get("connection", "").lower() != "close" and version == "HTTP/1.1"
                self._answer(target, headers, method, keep=keep)
            case [_, _, _]:
                self._refuse(HTTPStatus.METHOD_NOT_ALLOWED)
            case _:
                self._refuse(HTTPStatus.BAD_REQUEST)

    def _refuse(self, status: HTTPStatus) -> None:
        first = f"HTTP/1.1 {status.value} {status.phrase}"
        self.transport.write(f"{first}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self.transport.close()

    def _answer(self, target: str, headers: dict[str, str], method: str, *, keep: bool) -> None:
        answer = self.service.answer(target, headers)
        if not answer.delay:
            self._send(answer, method, keep=keep)
            return

        def later() -> None:
            self.waiting = None
            self._send(answer, method, keep=keep)
            self._next()

        self.waiting = self.loop.call_later(answer.delay, later)

    def _send(self, answer: Reply, method: str, *, keep: bool) -> None:
        if answer.broken:
            self._reset()
            return
        keep = keep and answer.sent is None
        body = b"" if method == "HEAD" else answer.body[: answer.sent]
        self.transport.write(_head(answer, keep=keep) + body)
        if not keep:
            self.transport.close()

    def _reset(self) -> None:
        """Close with a reset instead of a goodbye."""
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()


def _head(answer: Reply, *, keep: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@contextmanager
def serve(paper: Newspaper, clock: Now = wall_clock, host: str = "127.0.0.1", port: int = 0) -> Iterator[Service]:
    """Serve a newspaper from a thread while the block runs.

    >>> from spiders.demo.steady import steady
    >>> with serve(Newspaper(steady())) as service:
    ...     service.base_url.startswith("http://127.0.0.1:")
    True

    `port` 0 takes a free one. `clock` is asked once a request, in that thread. Raises OSError for a port that is
    taken.
    """
    service = Service(paper, clock)
    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(service.listen(host, port))
        thread = threading.Thread(target=loop.run_forever, name="demo newspaper", daemon=True)
        thread.start()
        try:
            yield service
        finally:
            # In its own thread: the caller may be inside a running loop of its own.
            asyncio.run_coroutine_threadsafe(service.close(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
    finally:
        loop.close()


# The miniature agency for `scrapy crawl news -a edition=demo`: served over loopback while the run lasts.


@contextmanager
def launch(settings: BaseSettings, clock: Clock) -> Iterator[str]:
    """Serve the agency of DEMO_SEED with DEMO_SIZE stories; yields its address. It goes by the run's own clock."""
    newsroom = steady(seed=settings.getint("DEMO_SEED"), size=settings.getint("DEMO_SIZE"))
    paper = Newspaper(newsroom, furniture=settings.getint("DEMO_FURNITURE"))
    with serve(paper, clock.now) as service:
        yield service.base_url
