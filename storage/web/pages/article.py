"""The article page, as one would read it in a newspaper, with its evidence; and two revisions laid side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from crawler.errors import ArgumentError
from crawler.matching.diff import FieldDiff, Piece, lines
from storage.read.articles import neighbours
from storage.read.articles.details import ArticleDetails, article_details
from storage.read.articles.versions import Comparison, Version, compared, readings
from storage.read.reader import Reader, Row
from storage.web.request import NotHere, PageRequest, Response

FIELDS: Final = {
    "headline": "Headline",
    "published_at": "Time of publication (UTC)",
    "published_printed": "Date as printed",
    "modified_at": "Time of change that the page gives (UTC)",
    "rubric": "Rubric",
    "rubric_label": "Rubric as printed",
    "lead": "Lead",
    "body": "Text",
    "dateline": "Dateline",
    "credit": "Credit",
    "author": "Author",
    "language": "Language",
    "tags": "Tags",
    "photos": "Pictures and captions",
}


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article with its evidence, and what stood beside it on the wire."""

    details: ArticleDetails
    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class FieldPage:
    """What became of a field: paragraphs that changed as pieces, a number for those between them that did not.

    `noun` is what they are.
    """

    label: str
    noun: str
    parts: tuple[int | tuple[Piece, ...], ...] = field(repr=False)


async def article_page(visit: PageRequest) -> Response:
    """One article, as it stood in the revision that is asked for."""
    edition, key, revision = visit.part("edition"), visit.part("key"), _number(visit.argument("revision"))
    found = await visit.ask(lambda reader: _found(reader, edition, key, revision))
    told = found.details
    return await visit.show(
        "article.html",
        article=told.article,
        revision=told.revision,
        paragraphs=_paragraphs(told.revision),
        lead=_lead(told.revision),
        told=told,
        zone=told.zone,
        visit=told.snapshot,
        redirects=[] if told.snapshot is None else json.loads(told.snapshot["redirects"]),
        revisions=_numbered(told.revisions),
        listed=told.sightings[-1] if told.sightings else None,
        found=found,
    )


async def compare_page(visit: PageRequest) -> Response:
    """Two revisions of an article word by word: ``?before=1&after=3``, the last two when nothing is asked for."""
    edition, key = visit.part("edition"), visit.part("key")
    one, other = visit.argument("before"), visit.argument("after")

    def question(reader: Reader) -> tuple[Comparison, tuple[Version, ...]]:
        article_id = _article_id(reader, edition, key)
        return compared(reader, article_id, f"{one}..{other}" if one or other else ""), readings(reader, article_id)

    comparison, known = await visit.ask(question)
    return await visit.show(
        "compare.html",
        edition=edition,
        key=key,
        before=comparison.before,
        after=comparison.after,
        fields=[_field_page(one) for one in comparison.fields],
        versions=known,
    )


def _found(reader: Reader, edition: str, key: str, revision: int | None) -> ArticlePage:
    told = article_details(reader, _article_id(reader, edition, key), revision)
    published = told.revision["published_at"] if told.revision else None
    if published is None:
        return ArticlePage(told, None, None)
    return ArticlePage(
        told, neighbours.before(reader, told.article, published), neighbours.after(reader, told.article, published)
    )


def _article_id(reader: Reader, edition: str, key: str) -> int:
    sql = "SELECT article_id FROM articles WHERE edition = :edition AND key = :key"
    row = reader.row(sql, edition=edition, key=key)
    if row is None:
        raise NotHere(f"There is no article {edition}/{key} in this archive")
    return int(row["article_id"])


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 - digits of a number that SQL takes
        raise ArgumentError(f"{text!r} is no number of a revision: they are counted 1, 2, ...")
    return int(text)


def _paragraphs(revision: Row | None) -> list[str]:
    return [] if revision is None else [text for text in revision["body"].split("\n\n") if text]


def _lead(revision: Row | None) -> str | None:
    """The lead, where it is not just the beginning of the text: nobody reads it twice."""
    if revision is None or not revision["lead"] or revision["body"].startswith(revision["lead"]):
        return None
    return str(revision["lead"])


def _numbered(revisions: tuple[Row, ...]) -> list[dict[str, Any]]:
    """The revisions, each with the `name` that people call it by."""
    return [
        {**row, "name": f"{row['number']}" + (f".{row['correction']}" if row["correction"] else "")}
        for row in revisions
    ]


def _field_page(diff: FieldDiff) -> FieldPage:
    noun = {"tags": "tag", "photos": "picture"}.get(diff.field, "paragraph")
    return FieldPage(FIELDS.get(diff.field, diff.field), noun, tuple(_parts(diff)))


def _parts(diff: FieldDiff) -> Iterator[int | tuple[Piece, ...]]:
    same = 0
    for line in lines(diff.pieces):
        if all(piece.kind == "=" for piece in line):
            same += 1
            continue
        if same:
            yield same
            same = 0
        yield line
    if same:
        yield same


ROUTES = (
    (r"/article/(?P<edition>[^/]+)/(?P<key>[^/]+)$", article_page),
    (r"/article/(?P<edition>[^/]+)/(?P<key>[^/]+)/compare$", compare_page),
)
