"""A page of any site, with everything that its fields are read from, and a value with the rule that gave it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from crawler.html.jsonld import Node
from crawler.html.microdata import Item
from crawler.records import NOT_ON_PAGE
from crawler.sites.generic.facts import Facts
from crawler.sites.generic.structured import linked_articles, marked_article

Value = TypeVar("Value")


class Found(NamedTuple, Generic[Value]):
    """A value with its rule, such as ``ld:datePublished``; without a value the rule says why."""

    value: Value | None
    rule: str


def first(candidates: Iterable[tuple[Value | None, str]]) -> Found[Value]:
    """The first of the candidates that is a value, with its rule."""
    return next((Found(value, rule) for value, rule in candidates if value), Found(None, NOT_ON_PAGE))


class Page(Facts):
    """The facts of a page, and which of them are about the article that it is."""

    @cached_property
    def nodes(self) -> list[Node]:
        """The objects of the JSON-LD that describe the article, the best first."""
        return linked_articles(self)

    @cached_property
    def item(self) -> Item | None:
        """The item of the microdata that is the article."""
        return marked_article(self)
