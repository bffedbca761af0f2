"""From what a listing prints to `ListingEntry`: whose address it is, when it was, whether it stands in the order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from crawler.html.answer import Answer
from crawler.instants import Place, parse_instant
from crawler.records import ListingEntry, UnknownEntry

MAX_ENTRIES: Final = 2000
"""Entries of one answer, sitemaps aside. A page has 10 to 100; more is no listing."""


class Named(NamedTuple):
    """An article, as an address names it: its key, its canonical address and the section in that."""

    key: str
    url: str
    section: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the listing prints it.

    `address` as printed, possibly relative. `times` are the texts that may say when, the best first; `printed` is the
    one that a reader sees. `in_order`: False where the markup says that it is none of the order.
    """

    address: str
    headline: str = ""
    times: tuple[str, ...] = ()
    lead: str | None = None
    section: str | None = None
    in_order: bool = True

    @property
    def printed(self) -> str | None:
        """What a reader sees of the time: the last of the texts."""
        return self.times[-1] if self.times else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the lines of one answer are read with. `named` tells the article of an absolute address, if it is one;
    `day` is the local day that a listing by days gives to its entries. `base`: what relative addresses hang on where
    it is not the answer: those of an API belong to the site.
    """

    answer: Answer
    named: Callable[[str], Named | None]
    page: int = 1
    day: date | None = None
    base: str | None = None

    def absolute(self, address: str) -> str | None:
        """An address on the answer made absolute; that of a mirror is put under the host that it stands for."""
        try:
            url = urljoin(self.base or self.answer.url, address.strip())
            parts = urlsplit(url)
        except ValueError:  # http://[
            return None
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            return None
        origin = f"{parts.scheme}://{parts.netloc}"
        hosts = [host for host, base in self.answer.base_urls.items() if base.rstrip("/") == origin]
        if not hosts:
            return url
        own = self.answer.edition.host
        return url.replace(origin, f"https://{own if own in hosts else hosts[0]}", 1)

    def article_at(self, address: str) -> Named | None:
        """The article that an address on the answer leads to; None for anything else."""
        url = self.absolute(address)
        return None if url is None else self.named(url)

    @property
    def place(self) -> Place:
        """How times on the answer are to be understood."""
        edition = self.answer.edition
        return Place(edition.language, edition.timezone, self.answer.fetched_at, self.day)


def entries_of(
    lines: Sequence[Line], reading: Reading, *, whole: bool = False, most: int = MAX_ENTRIES
) -> tuple[ListingEntry, ...]:
    """The entries that lead to articles, each article once, in the order of the listing.

    `whole`: the answer is all that there is of its place, so that one with the oldest first can be turned round.
    Raises UnrecognisedPage for more than `most` lines.
    """
    if len(lines) > most:
        raise reading.answer.unrecognised(f"more than {most} entries")
    if not any(line.in_order for line in lines):  # a site whose news stand in an aside
        lines = [replace(line, in_order=True) for line in lines]
    chosen: dict[str, ListingEntry] = {}
    for line in lines:
        named = reading.article_at(line.address)
        if named is None:
            continue
        entry = _entry(line, named, reading, len(chosen))
        known = chosen.get(entry.key)
        if known is None:
            chosen[entry.key] = entry
        elif entry.in_order and not known.in_order:
            chosen[entry.key] = replace(entry, position=known.position)
    entries = list(chosen.values())
    return tuple(_ordered(_newest_first(entries) if whole else entries))


def unknown_of(lines: Iterable[Line], reading: Reading) -> tuple[UnknownEntry, ...]:
    """The entries on the edition's own hosts whose address has no known form: a story, perhaps, that nobody fetches."""
    unknown: dict[str, UnknownEntry] = {}
    lines = list(lines)
    timed = any(line.times for line in lines)  # then one without a time is an advertisement
    for line in lines:
        url = reading.absolute(line.address)
        if not url or not line.headline or (timed and not line.times) or reading.named(url) is not None:
            continue
        parts = urlsplit(url)
        if parts.netloc.lower() in reading.answer.edition.hosts and parts.path not in {"", "/"}:
            unknown.setdefault(url, UnknownEntry(url, line.headline, line.printed, reading.day))
    return tuple(unknown.values())


def _entry(line: Line, named: Named, reading: Reading, position: int) -> ListingEntry:
    at, day = _when(line.times, reading)
    return ListingEntry(
        key=named.key,
        url=named.url,
        headline=line.headline,
        page=reading.page,
        position=position,
        printed_time=line.printed,
        day=day,
        lead=line.lead,
        rubric=line.section or named.section,
        in_order=line.in_order,
        at=at,
    )


def _when(times: Sequence[str], reading: Reading) -> tuple[datetime | None, date | None]:
    """The instant, where date and clock are printed, and the local day. "2 hours ago" is a day, no instant."""
    zone = reading.answer.edition.timezone
    day = reading.day
    for text in times:
        found = parse_instant(text, reading.place._replace(day=day))
        if found is None:
            continue
        day = found.at.astimezone(zone).date()
        if found.precision in {"offset", "zone"}:
            return found.at, day
    return None, day


def _ordered(entries: list[ListingEntry]) -> list[ListingEntry]:
    """The entries with those marked that do not stand in the listing's order: an old story that was bumped or pinned.

    The order is the longest run of entries in which no day is later than the one above it. Where the entries print
    their times, one without is promoted.
    """
    dated = [place for place, entry in enumerate(entries) if entry.in_order and entry.day is not None]
    astray = set(dated) - {dated[place] for place in _longest_descent([_day_of(entries[place]) for place in dated])}
    timed = any(entry.printed_time for entry in entries if entry.in_order)
    return [
        replace(entry, in_order=False) if place in astray or (timed and not entry.printed_time) else entry
        for place, entry in enumerate(entries)
    ]


def _day_of(entry: ListingEntry) -> date:
    return entry.day or date.min


def _longest_descent(days: Sequence[date]) -> list[int]:
    """The places of the longest run of days, not all next to each other, of which none is later than the one before.

    Of several as long as each other, the one that ends latest.

    >>> _longest_descent([date(2026, 1, 2), date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 4)])
    [1, 2, 3]
    """
    tails: list[int] = []  # negated ordinals: the best end of a run of each length ...
    places: list[int] = []  # ... where it stands ...
    before: list[int] = []  # ... and, for each place, the place before it in its run
    for place, day in enumerate(days):
        length = bisect_right(tails, -day.toordinal())
        before.append(places[length - 1] if length else -1)
        tails[length : length + 1] = [-day.toordinal()]
        places[length : length + 1] = [place]
    run: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]


def _newest_first(entries: list[ListingEntry]) -> list[ListingEntry]:
    times = [entry.at for entry in entries if entry.at is not None and entry.in_order]
    rising = sum(one < two for one, two in pairwise(times))
    if rising <= sum(one > two for one, two in pairwise(times)):
        return entries
    return [replace(entry, position=place) for place, entry in enumerate(reversed(entries))]
