"""WARC records as programs write them, byte by byte, around pages of the demo agency."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from tests.offline_crawl import START, small_history

HOST = "https://demo.example"
NOON = START + timedelta(hours=20)
HTML = "Content-Type: text/html; charset=utf-8"

Lines = Sequence[tuple[str, str]]


@lru_cache
def paths() -> tuple[str, ...]:
    """Addresses of stories, newest first."""
    newsroom = Newspaper(small_history(3), calm=True).newsroom.at(NOON)
    return tuple(story.path for story in newsroom.listed(0, 20))


@lru_cache
def page(path: str) -> bytes:
    """The page at an address."""
    return respond(Newspaper(small_history(3), calm=True), path, {}, NOON).body


def at(minute: int) -> str:
    """A WARC-Date."""
    return (NOON + timedelta(minutes=minute)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def name(label: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, label)}>"


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def head(*lines: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "".join(f"{line}\r\n" for line in (status, *lines, "")).encode("latin-1")


def record(  # noqa: PLR0913 - what programs do differently
    kind: str,
    url: str,
    block: bytes,
    *more: tuple[str, str],
    date: str | None = None,
    label: str | None = None,
    version: str = "WARC/1.0",
    end: str = "\r\n",
) -> bytes:
    """A record. `label` is what its ID is made of, `end` ends the lines of its head."""
    lines = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", name(label or f"{kind} {url} {date}")),
        ("WARC-Date", date or at(0)),
        ("WARC-Target-URI", url),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    named = {key.lower() for key, _ in more}
    lines = [*(line for line in lines if line[0].lower() not in named), *more, ("Content-Length", str(len(block)))]
    return (
        f"{version}{end}{''.join(f'{key}: {value}{end}' for key, value in lines)}{end}".encode() + block + b"\r\n" * 2
    )


def response(path: str, *more: tuple[str, str], minute: int = 0, label: str | None = None) -> bytes:
    """A page under its address."""
    block = head(HTML) + page(path)
    return record("response", HOST + path, block, *more, date=at(minute), label=label or f"page {path}")


def revisit(path: str, *more: tuple[str, str], minute: int = 1, label: str | None = None, block: bytes = b"") -> bytes:
    """A later visit to an address."""
    profile = ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest")
    lines = [] if any(key == "WARC-Profile" for key, _ in more) else [profile]
    return record("revisit", HOST + path, block, *lines, *more, date=at(minute), label=label)
