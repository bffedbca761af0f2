"""What a page or a revision tells, as columns and photos: what tellings are compared by. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from crawler.matching.appearance import as_seen, picture_seen

PhotoFacts: TypeAlias = tuple[str | int | None, ...]
"""A photo: url, caption and credit, and what else is compared of it (alt, width and height)."""

FIELDS: Final = (
    "headline", "published_at", "published_printed", "modified_at", "rubric", "rubric_label", "lead", "body",
    "dateline", "credit", "author", "language", "tags",
)  # fmt: skip
"""The columns of a revision that say something. Which parser said so, and by which rules, is no reason to correct."""

Fields: TypeAlias = Mapping[str, tuple[Any, Any]]
"""Field -> what it was and what it is; photos as lists of `PhotoFacts`."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a page tells: the columns of a revision but for its place, and its photos."""

    columns: Mapping[str, Any] = field(repr=False)
    photos: tuple[PhotoFacts, ...] = ()

    @property
    def content_hash(self) -> str:
        """Equal content, equal hash."""
        return str(self.columns["content_hash"])


def differences(before: Content | None, after: Content) -> Fields:
    """The fields in which two tellings differ.

    >>> old, new = Content({"headline": "Ferry"}), Content({"headline": "Ferry sails", "lead": None})
    >>> differences(old, new)
    {'headline': ('Ferry', 'Ferry sails')}
    """
    was: Mapping[str, Any] = before.columns if before else {}
    found = {
        name: (was.get(name), after.columns.get(name)) for name in FIELDS if was.get(name) != after.columns.get(name)
    }
    shown = before.photos if before else ()
    return found | ({"photos": (list(shown), list(after.photos))} if shown != after.photos else {})


def visible(fields: Fields) -> Fields:
    """Those of the fields whose two values a reader can tell apart.

    >>> visible({"headline": ("Ferry", "Fe\u00adrry"), "lead": (None, "It sails.")})
    {'lead': (None, 'It sails.')}
    """
    return {name: (was, now) for name, (was, now) in fields.items() if _seen(name, was) != _seen(name, now)}


def _seen(name: str, value: Any) -> Any:  # noqa: ANN401 - the value of any field
    if name == "photos":
        return [(picture_seen(url), as_seen(caption or "")) for url, caption, *_ in value]  # which holds the credit
    if name == "tags" and value:
        return sorted({as_seen(tag) for tag in json.loads(value)})
    return [as_seen(paragraph) for paragraph in (value or "").split("\n\n")]
