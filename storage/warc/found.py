"""Captures in WARC files: a response with the request and the metadata that belong to it, in the order of the file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final

from crawler.dates import utc_text
from crawler.errors import ArchiveError
from storage.warc.facts import Facts
from storage.warc.warc_reader import Record, records
from storage.warc.warc_writer import FORMAT, URN

OURS: Final = "dateline/"
"""Begins the `software` of files that our export wrote."""

_PAGES: Final = frozenset({"response", "revisit"})
# Programs write much else under these types: logs, screenshots, what they extracted, under addresses of their own.
_AT_WEB_ADDRESSES: Final = frozenset({"resource", "conversion", "continuation"})
_WEB: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture in a file. `told` is what our own metadata record says of it, None in files of other programs;
    `info` what the file says of itself. `name` of the file is for people.
    """

    name: str
    record: Record
    info: Mapping[str, str] = field(repr=False)
    request: Record | None = field(default=None, repr=False)
    metadata: Record | None = field(default=None, repr=False)

    @property
    def ours(self) -> bool:
        """Whether our export wrote it: then what its metadata record does not tell is not guessed."""
        return self.metadata is not None or self.info.get("software", "").startswith(OURS)

    @property
    def when(self) -> str:
        """Its time as UTC text, empty where it has none."""
        moment = self.record.moment
        return "" if moment is None else utc_text(moment)

    @property
    def order(self) -> str:
        """Sorts captures by their time, to the fraction of a second, in whatever way files write it."""
        moment = self.record.moment
        return "" if moment is None else moment.isoformat(timespec="microseconds")

    @property
    def wrong(self) -> list[Record]:
        """Its records that do not have the digest that they claim."""
        return [record for record in (self.record, self.request, self.metadata) if record and record.wrong]


def found_in(name: str, stream: IO[bytes]) -> Iterator[FoundCapture]:
    """The captures of a WARC stream. Raises ArchiveError where the file cannot be read on, after those before it."""
    gathering, broken, empty = _Gathering(name), None, True
    try:
        for record in records(name, stream):
            empty = False
            if (whole := gathering.take(record)) is not None:
                yield whole
    except ArchiveError as error:
        broken = error
    if gathering.current is not None:
        yield gathering.current
    if broken is not None:
        raise broken
    if empty:
        raise ArchiveError(f"{name}: it is empty: there is no WARC record in it")


@dataclass(slots=True)
class _Gathering:
    """Records on their way to being captures. Programs write a request before its response, or after it."""

    name: str
    info: Mapping[str, str] = field(default_factory=dict)
    current: FoundCapture | None = None
    request: Record | None = None

    def take(self, record: Record) -> FoundCapture | None:
        """Takes the next record; returns the capture that ends with it."""
        if record.type in _PAGES or (record.type in _AT_WEB_ADDRESSES and record.target.startswith(_WEB)):
            before, self.current = self.current, self._begin(record)
            return before
        if record.type == "warcinfo":
            self.info = _fields(record)
        elif record.type == "request":
            self._ask(record)
        elif record.type == "metadata" and self.current is not None and _is_told(self.current, record):
            self.current = replace(self.current, metadata=record)
        return None

    def _begin(self, record: Record) -> FoundCapture:
        request, self.request = self.request, None
        return FoundCapture(self.name, record, self.info, request if _belong(request, record) else None)

    def _ask(self, record: Record) -> None:
        if self.current is not None and self.current.request is None and _belong(record, self.current.record):
            self.current = replace(self.current, request=record)
        else:
            self.request = record


def told(metadata: Record) -> Facts:
    """What one of our metadata records says. Raises ValueError when it is none."""
    try:
        value: Any = json.loads(metadata.block or b"")
    except RecursionError as error:
        raise ValueError("its JSON is nested without end") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    return value


def _belong(one: Record | None, other: Record) -> bool:
    if one is None or not one.name or not other.name:
        return False
    return one.header("WARC-Concurrent-To") == other.name or other.header("WARC-Concurrent-To") == one.name


def _is_told(current: FoundCapture, record: Record) -> bool:
    return record.target.startswith(URN) and _belong(record, current.record)


def _fields(record: Record) -> Mapping[str, str]:
    lines = (record.block or b"").decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines if not line.startswith((" ", "\t")))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
