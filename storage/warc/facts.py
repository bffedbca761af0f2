"""What must be known of a snapshot beside its body, as plain values: written into WARC files, and read back from them.

A file that is imported may come from anybody: nothing of it is taken to be of the right type before it was looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from crawler.dates import from_utc_text, utc_text
from crawler.records import Headers, Hop, Kind, Snapshot, Wire

Facts: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

_SHA256: Final = re.compile("[0-9a-f]{64}")
_LARGEST: Final = 2**63 - 1  # what a database takes


class BadFacts(ValueError):
    """Facts that cannot be those of a snapshot. `str()` names the one that is wrong."""


def facts_of(snapshot: Snapshot) -> dict[str, Any]:
    """Everything of a snapshot but its body, as JSON takes it. `body_sha256` is None where there is no body."""
    wire = snapshot.wire
    return {
        "edition": snapshot.edition,
        "kind": snapshot.kind,
        "key": snapshot.key,
        "page": snapshot.page,
        "requested_url": snapshot.requested_url,
        "redirects": [{"url": hop.url, "status": hop.status} for hop in snapshot.redirects],
        "url": snapshot.url,
        "fetched_at": utc_text(snapshot.fetched_at),
        "status": snapshot.status,
        "headers": [list(header) for header in wire.headers],
        "request_headers": [list(header) for header in snapshot.request_headers],
        "body_sha256": snapshot.sha256 if snapshot.body else None,
        "body_size": len(snapshot.body),
        "wire_sha256": wire.sha256,
        "wire_size": wire.size,
        "content_encoding": wire.content_encoding,
        "ip_address": wire.ip_address,
        "protocol": wire.protocol,
        "damage": snapshot.damage,
    }


def identity(facts: Facts, ordinal: int = 0) -> UUID:
    """A name that only this visit has. `ordinal` counts visits that are equal in everything (twice in one second)."""
    told = json.dumps([ordinal, facts], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return uuid5(NAMESPACE_URL, f"dateline:{told}")


def snapshot_of(facts: Facts, body: bytes) -> Snapshot:
    """The snapshot of these facts. Raises BadFacts when they are none, or not those of `body`."""
    kind = next((kind for kind in get_args(Kind) if kind == _one(facts, "kind", str)), None)
    if kind is None:
        raise BadFacts(f"kind is none of {', '.join(get_args(Kind))}")
    snapshot = Snapshot(
        edition=_one(facts, "edition", str),
        kind=kind,
        requested_url=_one(facts, "requested_url", str),
        url=_one(facts, "url", str),
        fetched_at=moment_of(facts, "fetched_at"),
        status=_number(facts, "status"),
        wire=_wire(facts),
        body=body,
        redirects=tuple(_hop(hop) for hop in _one(facts, "redirects", list)),
        request_headers=_headers(facts, "request_headers"),
        damage=_maybe(facts, "damage", str),
        key=_maybe(facts, "key", str),
        page=None if facts.get("page") is None else _number(facts, "page"),
    )
    if facts_of(snapshot)["body_sha256"] != facts.get("body_sha256"):
        raise BadFacts("the body does not have the digest body_sha256")
    return snapshot


def moment_of(facts: Facts, name: str) -> datetime:
    """A time among the facts. Raises BadFacts."""
    text = _one(facts, name, str)
    try:
        return from_utc_text(text)
    except ValueError as error:
        raise BadFacts(f"{name} is no UTC time ({error})") from error


def text_of(facts: Facts, name: str) -> str:
    """A text among the facts. Raises BadFacts."""
    return _one(facts, name, str)


def maybe_text_of(facts: Facts, name: str) -> str | None:
    """A text that may be missing. Raises BadFacts for anything else than text or None."""
    return _maybe(facts, name, str)


def _wire(facts: Facts) -> Wire:
    sha256 = _one(facts, "wire_sha256", str)
    if not _SHA256.fullmatch(sha256):
        raise BadFacts("wire_sha256 is no SHA-256 in hex")
    return Wire(
        size=_number(facts, "wire_size"),
        sha256=sha256,
        content_encoding=_maybe(facts, "content_encoding", str),
        headers=_headers(facts, "headers"),
        ip_address=_maybe(facts, "ip_address", str),
        protocol=_maybe(facts, "protocol", str),
    )


def _headers(facts: Facts, name: str) -> Headers:
    headers = []
    for header in _one(facts, name, list):
        match header:
            case [str(key), str(value)]:
                headers.append((key, value))
            case _:
                raise BadFacts(f"{name} is no list of pairs of text")
    return tuple(headers)


def _hop(hop: object) -> Hop:
    match hop:
        case {"url": str(url), "status": int(status)}:
            return Hop(url, status)
    raise BadFacts("redirects is no list of url and status")


def _number(facts: Facts, name: str) -> int:
    number = _one(facts, name, int)
    if not 0 <= number <= _LARGEST:
        raise BadFacts(f"{name} is out of range")
    return number


def _one(facts: Facts, name: str, kind: type[T]) -> T:
    value = facts.get(name)
    if type(value) is not kind:  # a bool is no number here
        raise BadFacts(f"{name} is no {kind.__name__}")
    return value


def _maybe(facts: Facts, name: str, kind: type[T]) -> T | None:
    return None if facts.get(name) is None else _one(facts, name, kind)
