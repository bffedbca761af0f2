"""Near-identical articles: re-sent flashes, rewrites of one story. Linked, never merged.

A link is a function of the current revisions of two articles of an edition (crawler/matching/near_duplicates.py) and of
when these say that they were published, so links do not depend on the order in which a crawl met them. A family is
what they connect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import BindParameter, Connection, bindparam, delete, literal_column, or_, select, tuple_

from crawler.dates import from_utc_text, utc_text
from crawler.matching.near_duplicates import NEAR, SignatureIndex, signature, similarity
from storage.db.schema import articles, kin, revisions, signatures
from storage.db.statements import Prepared, insert_row
from storage.write.articles.signature_cache import nearby, shifted

TOLD: Final = ("headline", "body", "published_at")
"""The columns of a revision that links follow from."""

_BATCH: Final = 1000
_ROOM: Final = 4000  # articles after which those that are too old to be near are put away

_THIS: BindParameter[int] = bindparam("this")
_STANDING = Prepared(select(signatures.c.published_at, signatures.c.minhash).where(signatures.c.article_id == _THIS))
_FORGET = Prepared(delete(signatures).where(signatures.c.article_id == _THIS))
_LINKED = Prepared(select(kin.c.other_id).where(kin.c.article_id == _THIS).limit(1))
_UNLINK = Prepared(delete(kin).where(or_(kin.c.article_id == _THIS, kin.c.other_id == _THIS)))
_SIGN = Prepared(insert_row(signatures, "article_id", "edition", "published_at", "minhash"))
_LINK = Prepared(insert_row(kin, "article_id", "other_id", "likeness"))

Link: TypeAlias = tuple[int, int, int]
"""Two article_ids, and how many percent they are alike."""


@dataclass(frozen=True, slots=True)
class SignedArticle:
    """An article with the signature of its current revision; `minhash` is None where it has none: no body, no date."""

    article_id: int
    edition: str
    published_at: str | None
    minhash: bytes | None = field(repr=False)


def relate(connection: Connection, one: SignedArticle) -> None:
    """Brings the links of an article up to date with what it shows now, in the transaction that shows it."""
    this = {"this": one.article_id}
    before = _STANDING.one(connection, **this)
    if before == (one.published_at, one.minhash):
        return
    near = nearby(connection, one.edition)
    if before is not None:
        _FORGET.run(connection, **this)
        near.drop(before[0], one.article_id)
        if _LINKED.one(connection, **this):
            _UNLINK.run(connection, **this)
    if one.minhash is None or one.published_at is None:
        return
    earliest, latest = _window(one.published_at)
    near.reach(connection, earliest, latest)
    for other_id, percent in near.like(one.minhash, earliest, latest):
        _LINK.each(connection, _links(one.article_id, other_id, percent))
    _SIGN.run(connection, **_row(one))
    near.put(one.published_at, one.article_id, one.minhash)


def rebuild(connection: Connection) -> None:
    """Makes all signatures and links anew (some minutes for a million articles)."""
    connection.execute(delete(kin))
    connection.execute(delete(signatures))
    for one in shown(connection):
        if one.minhash is not None:
            _SIGN.run(connection, **_row(one))
    for article_id, other_id, alike in pairs(signed(connection)):
        _LINK.each(connection, _links(article_id, other_id, alike))


def shown(connection: Connection) -> Iterator[SignedArticle]:
    """The archived articles by number, each with the signature of what it shows, computed anew."""
    above = 0
    while rows := _SHOWN.all(connection, above=above):
        yield from (signed_of(*row) for row in rows)
        above = rows[-1][0]


def signed(connection: Connection) -> Iterator[SignedArticle]:
    """The signatures that are stored, by edition and time."""
    place = ("", "", 0)
    while rows := _SIGNED.all(connection, **dict(zip(("edition", "time", "number"), place, strict=True))):
        for number, edition, published_at, minhash in rows:
            yield SignedArticle(number, edition, published_at, minhash)
            place = (edition, published_at, number)


def pairs(ordered: Iterable[SignedArticle]) -> Iterator[Link]:
    """Which of them are near-identical, and by how many percent. They come by edition and time."""
    near: list[tuple[tuple[str, str], int, bytes]] = []
    lookalikes, room = SignatureIndex(), _ROOM
    for one in ordered:
        if one.minhash is None or one.published_at is None:
            continue
        earliest = one.edition, utc_text(_window(one.published_at)[0])
        if len(near) == room:
            near, lookalikes = [other for other in near if other[0] >= earliest], SignatureIndex()
            for number, (_, _, minhash) in enumerate(near):
                lookalikes.meet(number, minhash)
            room = 2 * len(near) + _ROOM
        for number in lookalikes.meet(len(near), one.minhash):
            place, article_id, minhash = near[number]
            if place >= earliest and (alike := similarity(one.minhash, minhash)):
                yield one.article_id, article_id, alike
        near.append(((one.edition, one.published_at), one.article_id, one.minhash))


def signed_of(article_id: int, edition: str, headline: str, body: str, published_at: str | None) -> SignedArticle:
    """An article with the signature of what a revision of it says; without one if its time is none (a damaged file)."""
    return SignedArticle(
        article_id, edition, published_at, signature(headline, body) if _is_time(published_at) else None
    )


def _is_time(text: str | None) -> bool:
    try:
        return text is not None and from_utc_text(text) is not None
    except (TypeError, ValueError):
        return False


def _row(one: SignedArticle) -> dict[str, Any]:
    return {name: getattr(one, name) for name in SignedArticle.__slots__}


def both(one: int, other: int, alike: int) -> tuple[Link, Link]:
    """A pair as it is stored: in both directions."""
    return (one, other, alike), (other, one, alike)


def _links(one: int, other: int, alike: int) -> Iterator[dict[str, int]]:
    return (dict(zip(("article_id", "other_id", "likeness"), link, strict=True)) for link in both(one, other, alike))


def _window(published_at: str) -> tuple[datetime, datetime]:
    moment = from_utc_text(published_at)
    return shifted(moment, -NEAR), shifted(moment, NEAR)


_SHOWN = Prepared(
    select(articles.c.article_id, articles.c.edition, *(revisions.c[name] for name in TOLD))
    .join(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(articles.c.article_id > bindparam("above"))
    .order_by(articles.c.article_id)
    .limit(literal_column(str(_BATCH)))
)
_SIGNED = Prepared(
    select(signatures.c.article_id, signatures.c.edition, signatures.c.published_at, signatures.c.minhash)
    .where(
        tuple_(signatures.c.edition, signatures.c.published_at, signatures.c.article_id)
        > tuple_(bindparam("edition"), bindparam("time"), bindparam("number"))
    )
    .order_by(signatures.c.edition, signatures.c.published_at, signatures.c.article_id)
    .limit(literal_column(str(_BATCH)))
)
