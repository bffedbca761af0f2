"""A value and the rule that gave it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from crawler.records import NOT_ON_PAGE
from crawler.sites.generic.page import Page

Value = TypeVar("Value")


class Found(NamedTuple, Generic[Value]):
    """A value with its rule, such as ``ld:datePublished``; without a value the rule says why."""

    value: Value | None
    rule: str


Candidates: TypeAlias = Callable[[Page], Iterable[tuple[Value | None, str]]]


def first(candidates: Iterable[tuple[Value | None, str]]) -> Found[Value]:
    """The first of the candidates that is a value, with its rule."""
    return next((Found(value, rule) for value, rule in candidates if value), Found(None, NOT_ON_PAGE))
