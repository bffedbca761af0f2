"""The rules of a site file: where on a page, or in a page's data, a field stands.

A rule is CSS (with parsel's ``::text`` and ``::attr(name)``), ``ld:`` and the name of a JSON-LD property, or ``meta:``
and the name of a meta tag. In a listing of JSON it is JMESPath. Each is compiled when the file is read, so that a wrong
one is found then, and not on the first page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import jmespath
from cssselect import SelectorError
from jmespath.exceptions import JMESPathError
from lxml import etree
from parsel.csstranslator import HTMLTranslator

from crawler.html.markup import Element
from crawler.html.text import clean, line

MAX_RULE: Final = 500  # characters
MAX_MATCHES: Final = 3000
"""Matches of one rule on one page that are looked at. A page has tens."""

MAX_TEXT: Final = 100_000  # characters of a value

_LINKED_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_:-]{0,60}")
_META_NAME: Final = re.compile(r"[^\s\"'<>]{1,100}")
_PSEUDO: Final = re.compile(r"::(?:text|attr\([^)]*\))\s*\Z")


class RuleError(ValueError):
    """A rule that is none. `str()` says why."""


@dataclass(frozen=True, slots=True)
class Css:
    """A compiled selector. `gives_text`: it ends in ``::text`` or ``::attr(...)``, so its matches are no elements."""

    text: str
    gives_text: bool
    _find: etree.XPath = field(repr=False, compare=False)

    def elements(self, scope: Element) -> list[Element]:
        """The elements that match in a scope, itself included, in document order; none for a rule that gives text."""
        return [] if self.gives_text else list(islice(self._find(scope), MAX_MATCHES))

    def texts(self, scope: Element) -> list[str]:
        """What the matches say, each on one line, none empty."""
        found = islice(self._find(scope), MAX_MATCHES)
        texts = (clean(str(one)[:MAX_TEXT]) if self.gives_text else line(one) for one in found)
        return [text for text in texts if text]


@dataclass(frozen=True, slots=True)
class Named:
    """A value that the page's data has under a name: `vocabulary` is ``ld`` or ``meta``."""

    vocabulary: str
    name: str

    @property
    def text(self) -> str:
        """The rule as written."""
        return f"{self.vocabulary}:{self.name}"


Rule = Css | Named


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled JMESPath expression."""

    text: str
    _expression: Any = field(repr=False, compare=False)

    def of(self, data: object) -> object:
        """What it finds; None where it finds nothing or fails on these data (a sum of texts)."""
        try:
            found: object = self._expression.search(data)
        except (JMESPathError, RecursionError, TypeError, ValueError, ArithmeticError):
            return None
        return found

    def text_of(self, data: object) -> str | None:
        """The same as text on one line: of a number its digits, of a list its first; None for all else."""
        return as_text(self.of(data))


def as_text(value: object) -> str | None:
    """A JSON value as one line of text; None for an object, a truth value, and nothing.

    >>> as_text(77), as_text(["", "goat"]), as_text({"a": 1})
    ('77', 'goat', None)
    """
    if isinstance(value, list):
        return next((text for one in value[:MAX_MATCHES] if (text := as_text(one))), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean(str(value)[:MAX_TEXT]) or None


def compile_rule(text: str) -> Rule:
    """A rule for a field of an article. Raises RuleError."""
    vocabulary, colon, name = text.partition(":")
    if colon and vocabulary in {"ld", "meta"} and not name.startswith(":"):
        form = _LINKED_NAME if vocabulary == "ld" else _META_NAME
        if form.fullmatch(name) is None:
            example = "ld:datePublished" if vocabulary == "ld" else "meta:article:published_time"
            raise RuleError(f"{text!r} names nothing; write it as {example}")
        return Named(vocabulary, name)
    return compile_css(text)


def compile_css(text: str) -> Css:
    """A CSS selector. Raises RuleError."""
    _refuse_length(text)
    try:
        expression = HTMLTranslator().css_to_xpath(text)
        find = etree.XPath(expression)
    except (SelectorError, etree.XPathError) as error:
        raise RuleError(f"{text!r} is no CSS selector: {_first_line(error)}") from None
    except RecursionError:
        raise RuleError(f"{text[:40]!r}... is no CSS selector: it is nested too deep") from None
    return Css(text, _PSEUDO.search(text) is not None, find)


def compile_query(text: str) -> Query:
    """A JMESPath expression. Raises RuleError."""
    _refuse_length(text)
    try:
        return Query(text, jmespath.compile(text))
    except JMESPathError as error:
        raise RuleError(f"{text!r} is no JMESPath: {_first_line(error)}") from None
    except RecursionError:
        raise RuleError(f"{text[:40]!r}... is no JMESPath: it is nested too deep") from None


def first_text(queries: Sequence[Query], data: object) -> str | None:
    """What the first query that gives a text gives."""
    return next((text for query in queries if (text := query.text_of(data))), None)


def _refuse_length(text: str) -> None:
    if not text.strip():
        raise RuleError("an empty rule")
    if len(text) > MAX_RULE:
        raise RuleError(f"a rule of {len(text)} characters; at most {MAX_RULE} are taken")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
