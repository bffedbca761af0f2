"""The columns of what is handed out: their types and what they hold, for data dictionaries and data packages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Table as SchemaTable

from storage.db.data_dictionary import NEWS, described
from storage.db.schema import photos, revisions
from storage.db.views import NEWS_COLUMNS

Type = Literal["integer", "string", "datetime", "array"]
"""As Frictionless names them: `datetime` is ISO 8601 UTC, `array` a JSON array of text."""

_MAY_LACK = {
    "published_at", "rubric", "lead", "photo_url", "photo_caption", "changed_at", "gone_at", "duplicate_of",
    "published_day", "absent_since", "gone_reason",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `required`: it is never null."""

    name: str
    type: Type
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export."""

    name: str
    description: str
    fields: tuple[Field, ...]
    key: str

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


def _type(name: str, *, number: bool) -> Type:
    if number:
        return "integer"
    if name.endswith(("_at", "_since")):
        return "datetime"
    return "array" if name == "tags" else "string"


def _news() -> Iterable[Field]:
    for name in NEWS_COLUMNS:
        number = name.endswith(("_id", "_count", "_of"))
        yield Field(name, _type(name, number=number), NEWS[name], name not in _MAY_LACK)


def _fields(table: SchemaTable, *left_out: str) -> Iterable[Field]:
    for column in table.columns:
        if column.name not in left_out:
            number = str(column.type) == "INTEGER"
            yield Field(column.name, _type(column.name, number=number), described(column), not column.nullable)


_EVIDENCE = (
    Field("shown", "integer", "1 where this is the revision that `news` shows, else 0", required=True),
    Field("fetched_at", "datetime", "UTC time of the visit that is its evidence", required=True),
    Field("fetched_url", "string", "address that answered, after redirects", required=True),
    Field("body_sha256", "string", "hex SHA-256 of the page's bytes, which the archive keeps", required=False),
)

NEWS_TABLE: Final = Table(
    "news", "One row an article, with the revision that is current in the archive.", tuple(_news()), "article_id"
)
REVISIONS_TABLE: Final = Table(
    "revisions",
    "What these articles said, each time they said something new, with the evidence.",
    (*_fields(revisions), *_EVIDENCE),
    "revision_id",
)
PHOTOS_TABLE: Final = Table(
    "photos", "Pictures of these revisions with their captions.", tuple(_fields(photos)), "photo_id"
)
