"""All ``<meta>`` of a page: what it says of itself in OpenGraph, Dublin Core and whatever else it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from crawler.html.markup import Element

MAX_METAS: Final = 3000
_DIVIDERS: Final = str.maketrans("", "", " \t\r\n:._-")
_NAMES: Final = ("property", "name", "itemprop", "http-equiv")


class Metas:
    """Contents by name, from head and body alike. Contents are stripped, never empty.

    Names are compared without case and without what divides their words: ``article:published_time`` is also found as
    ``article:published:time``.

    ``Document.meta`` knows the first of each name in the head; some sites repeat ``article:tag``, or print their metas
    below.
    """

    def __init__(self, contents: Mapping[str, Sequence[str]]) -> None:
        self._contents = contents

    @classmethod
    def of(cls, root: Element) -> Metas:
        contents: dict[str, list[str]] = {}
        for element in islice(root.iter("meta"), MAX_METAS):
            content = (element.get("content") or element.get("value") or "").strip()
            for name in {squeezed(value) for key in _NAMES if (value := element.get(key))} if content else ():
                contents.setdefault(name, []).append(content)
        return cls(contents)

    def all(self, name: str) -> list[str]:
        """Every content of that name, in the order of the page."""
        return list(self._contents.get(squeezed(name), ()))

    def first(self, *names: str) -> tuple[str, str] | None:
        """The first of these names that the page has, with its first content."""
        return next(((name, found[0]) for name in names if (found := self._contents.get(squeezed(name)))), None)


def squeezed(name: str) -> str:
    """A name as it is compared.

    >>> squeezed("article:published_time"), squeezed("Article.Published-Time")
    ('articlepublishedtime', 'articlepublishedtime')
    """
    return name.lower().translate(_DIVIDERS)
