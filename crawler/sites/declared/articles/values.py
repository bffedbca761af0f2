"""What the rules of a site file find on a page: texts, times, names, and the elements that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple

from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import clean, line
from crawler.instants import Instant, Place, parse_instant
from crawler.records import FAILED, NOT_ON_PAGE, Edition
from crawler.sites.declared.selectors import Css, Named, Rule
from crawler.sites.generic.page import Page as Facts
from crawler.sites.generic.people import names_in
from crawler.sites.generic.structured import linked_articles

AHEAD: Final = timedelta(days=1)
"""How far ahead of its fetching a page may be dated: the clocks of sites are wrong, and a day has 24 hours of zones."""

_DAY_ONLY: Final = "day only"  # what `sources` says of a time that was printed as a bare date ...
_RELATIVE: Final = "counted from the first sighting"  # ... and of "2 hours ago"
_MOST: Final = 100
_LONGEST_BYLINE: Final = 200  # characters
_SEPARATOR: Final = re.compile(r"[,;،、，|]")


@dataclass(frozen=True)
class Subject:
    """The page that is read, with what it says of itself; parsed when a rule asks for it."""

    document: Document
    edition: Edition
    _used: set[Element] = field(default_factory=set, repr=False)

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.document)

    @cached_property
    def place(self) -> Place:
        """How times on the page are to be understood."""
        moment = self.document.sighted_at
        if moment is None:  # a tree that was not fetched: nothing tells a year that is missing
            moment = datetime.min.replace(tzinfo=self.edition.timezone) + 2 * AHEAD
        return Place(self.edition.language, self.edition.timezone, moment)

    @property
    def used(self) -> frozenset[Element]:
        """The elements whose texts are fields, and so no part of the body."""
        return frozenset(self._used)

    def use(self, element: Element | None) -> None:
        """Note that the text of an element is a field."""
        if element is not None:
            self._used.add(element)

    def found(self, rule: Rule) -> list[tuple[str, Element | None]]:
        """Every text that a rule finds, in the order of the page, with the element whose text it is."""
        if not isinstance(rule, Css):
            return [(text, None) for text in self._named(rule)]
        if rule.gives_text:
            return [(text, None) for text in rule.texts(self.document.root)[:_MOST]]
        elements = rule.elements(self.document.root)[:_MOST]
        return [(text, element) for element in elements if (text := line(element))]

    def stamps(self, rule: Rule) -> Iterator[tuple[str, Element | None]]:
        """The texts of a rule that may say when: what is for machines before what is for readers."""
        if not isinstance(rule, Css) or rule.gives_text:
            yield from self.found(rule)
            return
        for element in rule.elements(self.document.root)[:_MOST]:
            yield from ((value, element) for name in ("datetime", "content") if (value := element.get(name)))
            if text := line(element):
                yield text, element

    def _named(self, rule: Named) -> list[str]:
        if rule.vocabulary == "meta":
            return [text for value in self.facts.metas.all(rule.name) if (text := clean(value))][:_MOST]
        nodes = linked_articles(self.facts)
        values = (text for node in nodes for text in self.facts.linked.texts(node, rule.name))
        return [text for value in islice(values, _MOST) if (text := clean(value))]


class Value(NamedTuple):
    """A text and the rule that gave it; without a text `source` says which absence it is."""

    text: str | None
    source: str


class Moment(NamedTuple):
    """A time, aware UTC, the text that it was read from, and its rule."""

    at: datetime | None
    printed: str | None
    source: str


def first_value(rules: Sequence[Rule], subject: Subject) -> Value:
    """The first text that a rule gives."""
    for rule in rules:
        for text, element in subject.found(rule)[:1]:
            subject.use(element)
            return Value(text, rule.text)
    return Value(None, NOT_ON_PAGE)


def first_moment(rules: Sequence[Rule], subject: Subject) -> Moment:
    """The first time that a rule gives and that the page can know: one after its fetching is a lie or a slip."""
    failed: Moment | None = None
    for rule in rules:
        for printed, element in subject.stamps(rule):
            found = parse_instant(printed, subject.place)
            problem = "is no time" if found is None else "is later than the visit" if _is_ahead(found, subject) else ""
            if found is not None and not problem:
                subject.use(element)
                return Moment(found.at, clean(printed), rule.text + _note(found))
            failed = failed or Moment(None, clean(printed), f"{FAILED}{rule.text} {problem}")
    return failed or Moment(None, None, NOT_ON_PAGE)


def names_of(rules: Sequence[Rule], subject: Subject) -> tuple[tuple[str, ...], str]:
    """The authors that the first rule with a text gives, one each, and the rule."""
    for rule in rules:
        found = subject.found(rule)
        for text, element in found:
            subject.use(element if len(text) <= _LONGEST_BYLINE else None)
        if names := [name for text, _ in found for name in (names_in(text) or [text])]:
            return tuple(dict.fromkeys(names)), rule.text
    return (), NOT_ON_PAGE


def tags_of(rules: Sequence[Rule], subject: Subject) -> tuple[tuple[str, ...], str]:
    """The tags that the first rule with a text gives. One text of a page's data may hold several."""
    for rule in rules:
        texts = [text for text, _ in subject.found(rule)]
        if not isinstance(rule, Css):
            texts = [part for text in texts for part in map(clean, _SEPARATOR.split(text)) if part]
        if texts:
            return tuple(dict.fromkeys(texts)), rule.text
    return (), NOT_ON_PAGE


def _is_ahead(found: Instant, subject: Subject) -> bool:
    visit = subject.document.fetched_at
    return visit is not None and found.at > visit + AHEAD


def _note(found: Instant) -> str:
    """What `sources` adds to the rule of a time."""
    return {"day": f", {_DAY_ONLY}", "relative": f", {_RELATIVE}"}.get(found.precision, "")
