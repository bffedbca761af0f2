"""The small door for programs: what is read from an archive as records.

`from storage import Archive` gives the archive itself, whose methods these are:

>>> from storage import Archive
>>> with Archive.open("archive.db", readonly=True) as archive:
...     for article in archive.news("harvest", since="2026-03"):
...         print(article.name, article.headline, f"{article.published_at:%d %B}", sep="; ")
belta-eng/1001-2026; Wheat harvest begins near Brest; 10 March

Records go into pandas as they are: `pandas.DataFrame(archive.news())`.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from crawler.errors import ArgumentError
from crawler.records import Photo
from storage.read.as_of import article_as_of
from storage.read.coverage.calendar import coverage, editions_named
from storage.read.locate import NotInArchive, locate
from storage.read.query.search import Filters, Sort, parsed, search, select
from storage.read.reader import Reader, Row, reader_of
from storage.read.records import Day, Match, News, Revision, Status
from storage.read.scope import check_edition, doubt_of_rubric
from storage.read.zones import Zones, days_of, zones_of
from storage.terminal.moments import moment, stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.place import Place

Time = str | date | datetime
"""A time as `dateline` takes it (``2022-08-24``, ``2022-08``, ``2022``: by the clock of the edition), or a date or
datetime; a naive one is the edition's own time.
"""


class Choice(TypedDict, total=False):
    """Which articles: the filters of `dateline search`. `until` counts a day, month or year as a whole."""

    edition: str
    rubric: str
    since: Time
    until: Time
    status: Status
    changed: bool
    as_of: Time


class Readable(ABC):
    """What is read from an archive. Part of `Archive`; not for writing."""

    place: Place

    @abstractmethod
    def connection(self) -> AbstractContextManager[Connection]:
        """A connection for reading, which sees one state of the archive for as long as it lasts."""

    def news(self, query: str = "", **choice: Unpack[Choice]) -> Iterator[News]:
        """All articles that a query and filters find, one after the other, in the order of article_id.

        One article at a time is in memory. Raises ArgumentError for a query that cannot be honoured and for what
        nobody can mean, such as an edition that is not in the archive.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     [article.key for article in archive.news(edition="belta-eng", status="gone")]
        ['1002-2026']
        """
        return self._each(query, self._wanted(query, choice))

    def _each(self, query: str, wanted: Filters) -> Iterator[News]:
        with self._reader() as reader:
            found = select(reader, query, wanted)
            _doubt(reader, wanted, found.total)
            sql = f"SELECT n.* {found.source} ORDER BY n.article_id"
            for row in reader.rows(sql, **found.values):
                yield News.of(row)

    def search(self, query: str, *, limit: int = 20, sort: Sort = "relevance", **choice: Unpack[Choice]) -> list[Match]:
        """The best (or, with ``sort="time"``, the newest) articles that a query finds, with the passage that shows why.

        The query is as on the command line. Where a part of it may have been meant otherwise, a warning says so.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     best, *others = archive.search('"great stone" OR harvest')
        >>> best.article.headline, best.snippet.text[:24], best.snippet.hits
        ('Wheat harvest begins near Brest', 'BREST, 10 March (BelTA) ', ((36, 43),))
        """
        if sort not in _SORTS or not _is_count(limit):
            raise ArgumentError(f"sort is one of {', '.join(_SORTS)} and limit at least 1, not {sort!r} and {limit!r}")
        wanted = self._wanted(query, choice)
        with self._reader() as reader:
            found = search(reader, query, wanted, sort=sort, limit=limit)
            _doubt(reader, wanted, found.total)
            return [Match(_news(reader, hit.article["article_id"], wanted.as_of), hit.snippet) for hit in found.hits]

    def count(self, query: str = "", **choice: Unpack[Choice]) -> int:
        """How many articles a query and filters find.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     archive.count(), archive.count("park", until="2026-03-10")
        (5, 2)
        """
        wanted = self._wanted(query, choice)
        with self._reader() as reader:
            found = select(reader, query, wanted)
            _doubt(reader, wanted, found.total)
            return found.total

    def coverage(self, edition: str | None = None, since: Time | None = None, until: Time | None = None) -> list[Day]:
        """What can be said of each day of an edition, or of all: whole, or that something is missing or lost.

        Read it before you count anything. Raises ArgumentError for a date that is none and an unknown edition.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     [(str(day.day), day.state, day.expected) for day in archive.coverage("belta-eng", since="2026-03-10")]
        [('2026-03-10', 'whole', 4)]
        """
        first = None if since is None else moment(_text(since))
        last = None if until is None else moment(_text(until))
        with self._reader() as reader:
            return [
                Day(name, day.date, day.state, day.articles, day.missing, day.expected)
                for name in editions_named(reader, edition)
                for day in coverage(reader, name, *days_of(zones_of(reader, name), first, last))
            ]

    def article(self, name: str | int) -> News:
        """One archived article by its number, its key, ``edition/key`` or an address.

        Raises NotInArchive, and ArgumentError for a key that several editions use.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     archive.article("belta-eng/1002-2026").gone_at
        datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.timezone.utc)
        """
        with self._reader() as reader:
            return _news(reader, locate(reader, name))

    def revisions(self, name: str | int) -> list[Revision]:
        """What an article said, each time it said something new, in order, with photos and evidence.

        Raises like `article`; an article that was only seen on a listing has none.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     for revision in archive.revisions("belta-eng/1001-2026"):
        ...         print(revision.number, revision.headline, len(archive.body(revision.body_sha256)), "bytes")
        1 Harvest begins near Brest 2846 bytes
        2 Wheat harvest begins near Brest 2852 bytes
        """
        with self._reader() as reader:
            rows = list(reader.rows(_REVISIONS, id=locate(reader, name)))
            return [Revision.of(row, _photos(reader, row["revision_id"])) for row in rows]

    def rows(self, sql: str, **values: object) -> Iterator[Row]:
        """The rows of any query with named parameters, as mappings; the columns are those of the data dictionary.

        >>> with Archive.open("archive.db", readonly=True) as archive:
        ...     list(archive.rows("SELECT COUNT(*) AS visits FROM snapshots WHERE status = :status", status=404))
        [{'visits': 1}]
        """
        with self._reader() as reader:
            yield from reader.rows(sql, **values)

    def _wanted(self, query: str, choice: Choice) -> Filters:
        """What is asked for, looked at before anything is searched. Raises ArgumentError."""
        _refuse_other_kinds({"query": query, **choice})
        expression = parsed(query)
        with self._reader() as reader:
            wanted = _filters(choice, zones_of(reader, choice.get("edition")))
            check_edition(reader, wanted.edition)
        if expression is not None and expression.hint is not None:
            warnings.warn(expression.hint, stacklevel=3)
        return wanted

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        with self.connection() as connection:
            yield reader_of(self, connection)


_STATUSES = (None, "live", "gone")
_TIME = (str, date)  # a datetime is a date
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "query": str,
    "edition": str,
    "rubric": str,
    "since": _TIME,
    "until": _TIME,
    "status": str,
    "changed": bool,
    "as_of": _TIME,
}
_SAID: Mapping[type | tuple[type, ...], str] = {str: "a text", bool: "True or False", _TIME: "a date, a time or a text"}
_SORTS = ("relevance", "time")
_REVISIONS = """
SELECT r.*, s.fetched_at, s.url AS fetched_url, s.body_sha256
FROM revisions r JOIN snapshots s ON s.snapshot_id = r.snapshot_id
WHERE r.article_id = :id ORDER BY r.number, r.correction"""
_PHOTOS = "SELECT url, caption, credit, alt, width, height FROM photos WHERE revision_id = :id ORDER BY position"


def _news(reader: Reader, article_id: int, as_of: str | None = None) -> News:
    row = (
        reader.row("SELECT * FROM news WHERE article_id = :id", id=article_id)
        if as_of is None
        else article_as_of(reader, article_id, as_of)
    )
    if row is None:
        raise NotInArchive(f"article {article_id} in {reader.name} is only known from listings: it is not archived yet")
    return News.of(row)


def _photos(reader: Reader, revision_id: int) -> Iterator[Photo]:
    return (Photo(**row) for row in reader.rows(_PHOTOS, id=revision_id))


def _refuse_other_kinds(given: Mapping[str, object]) -> None:
    """Raises TypeError for a filter that is none, ArgumentError for a value of another kind."""
    for name, value in given.items():
        if name not in _KINDS:
            raise TypeError(f"there is no filter {name!r}: there are {', '.join(list(_KINDS)[1:])}")
        wanted = _KINDS[name]
        if not isinstance(value, wanted) and (value is not None or name == "query"):
            raise ArgumentError(f"{name} is {_SAID[wanted]}, not {value!r}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value > 0


def _filters(choice: Choice, zones: Zones) -> Filters:
    """The filters; raises ArgumentError for a value that is none and TypeError for a filter that is none."""
    given: dict[str, Any] = dict(choice)
    names = ("since", "until", "as_of")
    since, until, as_of = (moment(_text(given[name])) if given.get(name) is not None else None for name in names)
    bounds = zones.bounds(since, until)
    times = {"since": bounds.since, "until": bounds.until, "as_of": zones.end(as_of) if as_of else None}
    wanted = Filters(**{**given, **times}, own=bounds.own)
    if wanted.status not in _STATUSES:
        raise ArgumentError(f"status is live or gone, not {wanted.status!r}")
    return wanted


def _text(time: Time) -> str:
    if isinstance(time, datetime):
        return stamp(time) if time.tzinfo else f"{time:%Y-%m-%dT%H:%M:%S}"
    return time.isoformat() if isinstance(time, date) else time


def _doubt(reader: Reader, wanted: Filters, total: int) -> None:
    """Warns of a rubric that may be mistyped, where nothing was found."""
    doubt = None if total else doubt_of_rubric(reader, wanted.rubric)
    if doubt is not None:
        warnings.warn(doubt, stacklevel=3)
