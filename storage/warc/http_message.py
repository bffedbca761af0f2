"""HTTP messages as WARC records hold them: a head and a payload, as bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from crawler.records import Headers

_HEAD: Final = 2**20  # bytes; servers send some hundreds
_INTERIM: Final = 8  # answers such as 100 Continue that may stand before the final one
_BEFORE: Final = frozenset({HTTPStatus.CONTINUE, HTTPStatus.PROCESSING, HTTPStatus.EARLY_HINTS})
_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(r"(HTTP/[0-9](?:\.[0-9])?) +([0-9]{3})(?: |$)")
_SIZE: Final = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """A message taken apart. `first` is its first line; `headers` are in order with repeats, folded lines joined."""

    first: str
    headers: Headers = field(repr=False)
    payload: bytes = field(repr=False)

    @property
    def status(self) -> tuple[str, int] | None:
        """Protocol and status of a response; None when the first line is no status line."""
        match = _STATUS.match(self.first)
        return None if match is None else (match[1], int(match[2]))

    def values(self, name: str) -> list[str]:
        """The comma-separated parts of all its headers of a name, in lower case."""
        return values_of(self.headers, name)


def values_of(headers: Headers, name: str) -> list[str]:
    """The comma-separated parts of all headers of a name, in lower case."""
    return [part.strip().lower() for key, value in headers if key.lower() == name.lower() for part in value.split(",")]


def message(block: bytes) -> HttpMessage | None:
    """The message in a block; None when it has no head, or one that is no HTTP."""
    end = _END.search(block, 0, _HEAD)
    if end is not None:
        return _message(block[: end.start()], block[end.end() :])
    # Some programs leave out the blank line where nothing follows it, as in revisits.
    return _message(block, b"") if block.startswith(b"HTTP/") and len(block) <= _HEAD else None


def final_message(block: bytes) -> HttpMessage | None:
    """The same for an answer: what the server said in the end, after `100 Continue` and the like."""
    answer = message(block)
    for _ in range(_INTERIM):
        if answer is None or answer.status is None or not answer.payload.startswith(b"HTTP/"):
            break
        if answer.status[1] not in _BEFORE:
            break
        answer = message(answer.payload)
    return answer


def _message(head: bytes, payload: bytes) -> HttpMessage:
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    fields: list[tuple[str, list[str]]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and fields:
            fields[-1][1].append(line.strip())
        elif colon:
            fields.append((name.strip(), [value.strip()]))
    return HttpMessage(first.strip(), tuple((name, " ".join(values)) for name, values in fields), payload)


def unchunked(payload: bytes) -> tuple[bytes, bool] | None:
    r"""A payload in chunked coding without it, and whether it is whole; None when it is not in that coding.

    Most tools that write WARC files have undone the coding and left the header, so None is the usual answer.

    >>> unchunked(b"3\r\nabc\r\n0\r\n\r\n"), unchunked(b"3\r\nab"), unchunked(b"<html>")
    ((b'abc', True), (b'ab', False), None)
    """
    parts: list[bytes] = []
    at = 0
    while size := _SIZE.match(payload, at):
        start, length = size.end(), int(size[1], 16)
        if length == 0:
            return b"".join(parts), True
        parts.append(payload[start : start + length])
        at = start + length + 2
        if payload[start + length : at] != b"\r\n":
            return (b"".join(parts), False) if start + length >= len(payload) else None
    return (b"".join(parts), False) if parts and at >= len(payload) else None
