"""The pages that revisits repeat: found by record ID, digest, or address and time, in this import or in the archive.

Programs differ in what they write: `WARC-Refers-To` is a record ID, `WARC-Payload-Digest` a digest of the payload (with
or without chunks and content codings), `WARC-Refers-To-Target-URI` and `-Date` the visit. Any of them will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from crawler.dates import utc_text
from crawler.records import Snapshot
from storage.db.rows import storable
from storage.db.schema import articles, snapshots
from storage.warc.foreign_pages import AddressRole, ForeignPage, NoOriginal, place_of
from storage.warc.import_state import ImportState
from storage.warc.warc_reader import Record, bare, digest_named, digest_of, moment_of
from storage.write.archive import Archive
from storage.write.evidence.bodies import DamagedBody

_USUAL: Final = ("md5", "sha1", "sha256")  # of every page that is met, since its record may give none or another
_BATCH: Final = 500

_COLUMN: Final = snapshots.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a revisit says of its original. `places` are its own and the one that it names, where they are ours;
    `second` is the UTC text of the time that it names.
    """

    digest: str | None
    record: str | None
    address: str
    second: str | None
    places: tuple[AddressRole, ...]

    @property
    def names(self) -> list[str]:
        """The names under which the original may come, best first."""
        return [name for name in (self.digest, self.record, self.visit) if name is not None]

    @property
    def visit(self) -> str | None:
        """The visit that it names, as `_visit` writes it."""
        place = place_of(self.address)
        if place is None or self.second is None:
            return None
        return _visit(place.edition.name, place.key, self.address, self.second)


class RevisitResolver:
    """Finds originals for one import, which tells it of every page that it met."""

    def __init__(self, archive: Archive, scratch: ImportState) -> None:
        self._archive = archive
        self._scratch = scratch

    def met(self, record: Record, page: ForeignPage, snapshot_id: int) -> None:
        """Notes a page that is in the archive now. A 304 has none."""
        if page.snapshot.status == HTTPStatus.NOT_MODIFIED:
            return
        claimed = digest_named(record.header("WARC-Payload-Digest"))
        names = [digest_of(algorithm, form) for form in page.forms if form for algorithm in _USUAL]
        snapshot = page.snapshot
        visit = _visit(snapshot.edition, snapshot.key, snapshot.url, utc_text(snapshot.fetched_at))
        more = (None if _is_of_nothing(claimed) else claimed, _record(record.name), visit)
        names.extend(name for name in more if name is not None)
        self._scratch.know(dict.fromkeys(names), snapshot_id, claimed)

    def of(self, revisit: Record) -> Snapshot:
        """The visit whose page a revisit repeats. Raises NoOriginal, and DamagedBody for one that is lost."""
        wanted = wanted_by(revisit)
        found = self._met(wanted) or self._by_digest(wanted) or self._by_time(wanted)
        if found is None:
            raise NoOriginal
        return self._archive.snapshot(found)

    def _met(self, wanted: Wanted) -> int | None:
        """The page in this import. One whose record gave another digest of the same kind is not it."""
        for name in wanted.names:
            known = self._scratch.known(name)
            if known is not None and (name == wanted.digest or not _differ(wanted.digest, known[1])):
                return known[0]
        return None

    def _by_digest(self, wanted: Wanted) -> int | None:
        if wanted.digest is None:
            return None
        algorithm, _, value = wanted.digest.partition(":")
        if algorithm == "sha256" and (found := self._first(_COLUMN.body_sha256 == value)):
            return found
        for place in wanted.places:
            self._digest_all(place, algorithm)
        known = self._scratch.known(wanted.digest)
        return None if known is None else known[0]

    def _by_time(self, wanted: Wanted) -> int | None:
        """The visit of that second. `http` and `https` are one address, as are all addresses of an article."""
        place = place_of(wanted.address)
        if place is None or wanted.visit is None or self._scratch.known(wanted.visit):  # met, and not it
            return None
        edition = place.edition.name
        if self._is_first(f"visits {edition} {place.key or 'listing'}"):
            columns = _COLUMN.snapshot_id, _COLUMN.url, _COLUMN.fetched_at
            for snapshot_id, url, second in self._rows(place, columns, _COLUMN.status != HTTPStatus.NOT_MODIFIED.value):
                self._scratch.know([_visit(edition, place.key, url, second)], snapshot_id)
        known = self._scratch.known(wanted.visit)
        return None if known is None else known[0]

    def _first(self, *conditions: ColumnElement[bool]) -> int | None:
        query = select(_COLUMN.snapshot_id).where(*conditions).order_by(_COLUMN.snapshot_id).limit(1)
        with self._archive.connection() as connection:
            return connection.execute(query).scalar()

    def _digest_all(self, place: AddressRole, algorithm: str) -> None:
        """Notes, once, the digests of what the archive has of an article, or of an edition's listing.

        What came over the wire is kept as its SHA-256 alone; any other digest is that of the decoded body.
        """
        if not self._is_first(f"digested {algorithm} {place.edition.name} {place.key or 'listing'}"):
            return
        columns = _COLUMN.snapshot_id, _COLUMN.body_sha256, _COLUMN.wire_sha256
        for snapshot_id, body, wire in self._rows(place, columns, _COLUMN.body_sha256.is_not(None)):
            if algorithm == "sha256":
                self._scratch.know([f"sha256:{wire}"], snapshot_id)
            elif self._is_first(f"digested {algorithm} {body}"):
                with suppress(DamagedBody):  # `dateline verify` names it
                    self._scratch.know([digest_of(algorithm, self._archive.body(body))], snapshot_id)

    def _is_first(self, step: str) -> bool:
        """Whether a step is taken for the first time in this import."""
        first = self._scratch.known(step) is None
        self._scratch.know([step], 0)
        return first

    def _rows(
        self, place: AddressRole, columns: Sequence[ColumnElement[Any]], condition: ColumnElement[bool]
    ) -> Iterator[tuple[Any, ...]]:
        """Columns of the visits to an article or to an edition's listing, in bounded memory."""
        query = select(*columns).where(_of(place), condition).execution_options(yield_per=_BATCH)
        with self._archive.connection() as connection:
            yield from map(tuple, connection.execute(query))


def wanted_by(revisit: Record) -> Wanted:
    """What a revisit says of its original."""
    address = bare(revisit.header("WARC-Refers-To-Target-URI")) or revisit.target
    moment = moment_of(revisit.header("WARC-Refers-To-Date"))
    digest = digest_named(revisit.header("WARC-Payload-Digest"))
    places = (place for place in (place_of(revisit.target), place_of(address)) if place is not None)
    return Wanted(
        digest=None if _is_of_nothing(digest) else digest,
        record=_record(revisit.header("WARC-Refers-To")),
        address=address,
        second=None if moment is None else utc_text(moment),
        places=tuple(dict.fromkeys(places)),
    )


def _is_of_nothing(digest: str | None) -> bool:
    """Whether a digest is that of no bytes: some programs write that of the revisit's own empty block."""
    return digest is not None and digest == digest_of(digest.partition(":")[0], b"")


def _differ(digest: str | None, other: str | None) -> bool:
    if digest is None or other is None or digest.partition(":")[0] != other.partition(":")[0]:
        return False
    return digest != other


def _record(name: str | None) -> str | None:
    named = bare(name).lower()
    return f"record {named}" if named else None


def _visit(edition: str, key: str | None, url: str, second: str) -> str:
    """A visit by its address and second; an article's by its key, whatever the address."""
    return storable(f"visit {edition} {key or _plain(url)} {second}")


def _plain(url: str) -> str:
    """An address without what differs between programs: scheme, `www.`, usual port, fragment."""
    host, _, rest = url.partition("://")[2].partition("/")
    host = host.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")
    return f"{host}/{rest.partition('#')[0]}"


def _of(place: AddressRole) -> ColumnElement[bool]:
    if place.key is None:
        return (_COLUMN.edition == place.edition.name) & (_COLUMN.kind == "listing")
    article = select(articles.c.article_id).where(articles.c.edition == place.edition.name, articles.c.key == place.key)
    return _COLUMN.article_id.in_(article)
