"""Bytes -> tree, within limits: no page can exhaust the stack, because no tree is deep and nothing here recurses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml gives its element type no public name

MAX_DEPTH: Final = 200
"""Levels. libxml2 stops at 256 and drops the rest of the page, so deeper pages are flattened here."""

MAX_DEEP: Final = 100_000
"""Elements of a page that has to be flattened: more is an attack, and each of them costs."""


MAX_ATTRIBUTES: Final = 5000
"""Attributes of one tag. libxml2 compares each with all before it: 100,000 of them would take it a minute. What looks
like a tag in a script counts as well, so the limit is one that no script reaches between two ">"."""

_FEW: Final = 2 * MAX_ATTRIBUTES - 2  # bytes in which no tag has more of them
# Where a tag with many attributes may be: one with no end nearby, or one with an end that is none since it is quoted.
_SUSPECTS: Final = (
    re.compile(rb"<[a-zA-Z][^>]{%d}" % _FEW),
    re.compile(rb'=\s*+"[^">]*+>'),
    re.compile(rb"=\s*+'[^'>]*+>"),
)
# What a quoted end leaves of a page without all but these four. Most pages have none, which is seen so in no time.
_BUT_QUOTES: Final = bytes(set(range(256)) - set(b"=\"'>"))
_QUOTED_END: Final = re.compile(rb"""="[=']*+>|='[="]*+>""")
# One tag; the group is its attribute beyond the limit. Nothing is read twice: what was tried is part of the match.
_ATTRIBUTE: Final = rb"""(?:[\s/]*+[^\s>/][^\s>/=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
_TAG: Final = re.compile(rb"<[a-zA-Z][^\s>/]*+%b{0,%d}+(%b)?+" % (_ATTRIBUTE, MAX_ATTRIBUTES, _ATTRIBUTE))


_LOGGED: Final = 100  # errors of one page that libxml2 tells
_STRAY: Final = "Unexpected end tag : p"


class Excessive(ValueError):
    """A page whose markup costs more work than any page is worth: an attack."""


def parse(body: bytes) -> Element | None:
    """The ``html`` element of a page or fragment in UTF-8, without comments and at most 256 levels deep, which is
    libxml2's limit; None when there is no element and no text at all. Raises Excessive.
    """
    body = body.replace(b"\x00", b"")
    if _is_suspect(body) and any(tag[1] for tag in _TAG.finditer(body)):
        raise Excessive(f"a tag with more than {MAX_ATTRIBUTES:,} attributes")
    body = mended(body)
    root, has_strays = _tree(body)
    return _tree(with_empty_paragraphs(body))[0] if has_strays else root


def _tree(body: bytes) -> tuple[Element | None, bool]:
    """The tree of a page, and whether the page has a ``</p>`` without a start."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    root = None if not body or body.isspace() else etree.fromstring(body, parser)
    if _was_cut(parser):
        parser = etree.HTMLParser(target=_Flattened(), encoding="utf-8", huge_tree=True)
        root = etree.fromstring(body, parser)
    return root, _has_strays(parser)


def _has_strays(parser: etree.HTMLParser) -> bool:
    """Whether the parser ignored a ``</p>``, or may have: its log ends at `_LOGGED` entries."""
    log = parser.error_log
    return len(log) >= _LOGGED or any(entry.message == _STRAY for entry in log)


def _is_suspect(body: bytes) -> bool:
    if not _is_long_between_ends(body) and not _QUOTED_END.search(body.translate(None, _BUT_QUOTES)):
        return False
    return any(suspect.search(body) for suspect in _SUSPECTS)


def _is_long_between_ends(body: bytes) -> bool:
    """Whether there are `_FEW` bytes in a row without a ">". A look at one in so many finds the others between."""
    at = 0
    while at + _FEW <= len(body):
        end = body.rfind(b">", at, at + _FEW)
        if end < 0:
            return True
        at = end + 1
    return False


def _was_cut(parser: etree.HTMLParser) -> bool:
    """Whether libxml2 gave up in the middle of the page. It says so last: nothing is read after it."""
    error = parser.error_log.last_error
    return error is not None and error.level == etree.ErrorLevels.FATAL


# A tree that is built by hand takes fewer names and characters than the one that libxml2 builds of the same page.
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_STAND_IN: Final = "span"
_UNSTORABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


class _Flattened:
    """Parser target that builds a tree of limited depth: deeper elements become siblings, in their order.

    Every word and every element stays, only the nesting is lost, so a script ten thousand deep is still a
    script. Bounded: one pass, no recursion.
    """

    def __init__(self) -> None:
        self._builder = etree.TreeBuilder()
        self._open: list[str] = []
        self._overflow: str | None = None
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MAX_DEEP:
            raise Excessive(f"nested deeper than {MAX_DEPTH} levels with more than {MAX_DEEP:,} elements")
        tag = tag if _NAME.fullmatch(tag) else _STAND_IN
        if len(self._open) >= MAX_DEPTH:
            self._close_overflow()
            self._overflow = tag
        self._open.append(tag)
        self._builder.start(
            tag, {name: _storable(value) for name, value in attributes.items() if _NAME.fullmatch(name)}
        )

    def end(self, _: str) -> None:
        """The end of the element that was opened last: libxml2 names no other."""
        if not self._open:
            return
        tag = self._open.pop()
        if len(self._open) < MAX_DEPTH:
            self._close_overflow()
            self._builder.end(tag)
        elif self._overflow == tag:
            self._close_overflow()

    def data(self, text: str) -> None:
        if self._open:
            self._builder.data(_storable(text))

    def comment(self, text: str) -> None:
        """Comments are no part of a Document."""

    def close(self) -> Element | None:
        while self._open:
            self.end(self._open[-1])
        return self._builder.close() if self._count else None

    def _close_overflow(self) -> None:
        if self._overflow is not None:
            self._builder.end(self._overflow)
            self._overflow = None


# End tags that libxml2 reads otherwise than browsers do, rewritten so that both show the same text.
#
# By the HTML standard ``</br>`` is a line break, a ``</p>`` without a start is an empty paragraph, and what follows
# ``</body>`` or ``</html>`` is still part of the page. libxml2 ignores the first two, which glues sentences together,
# and since 2.14 it drops whatever follows the last two without a word.

# Text in which nothing is a tag, and start tags with their quoted attributes, are passed over as they are.
_MARKUP: Final = re.compile(
    rb"""(?P<kept><!--(?:-?>|.*?(?:--!?>|\Z))"""
    rb"""|<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>]).*?(?:</(?P=raw)(?=[\s/>])|\Z)"""
    rb"""|<[a-z](?:=\s*+(?:"[^"]*+"|'[^']*+')|[^>])*+(?:>|\Z))"""
    rb"""|</(?P<end>br|p|body|html)(?=[\s/>])[^>]*+(?:>|\Z)""",
    re.IGNORECASE | re.DOTALL,
)
_SUSPECT: Final = re.compile(rb"</(?:br|body|html)(?=[\s/>])", re.IGNORECASE)
# The proper end of a page. Scripts and comments may follow it: no reader sees them.
_PROPER_END: Final = re.compile(
    rb"(?:\s|</(?:body|html)\s*+>|<!--.*?-->|<script(?=[\s/>]).*?</script\s*+>)*+\Z", re.IGNORECASE | re.DOTALL
)
_ENDS: Final = {b"br": b"<br>", b"body": b"", b"html": b""}
_ALL_ENDS: Final = {**_ENDS, b"p": b"</p><p></p>"}


def mended(body: bytes) -> bytes:
    """The page with ``<br>`` for ``</br>``, and without an end of ``body`` or ``html`` that is not the end.

    A page that needs neither is returned as it is.
    """
    first = _SUSPECT.search(body)
    if first is None or _PROPER_END.match(body, first.start()):
        return body
    return _with_ends(body, _ENDS)


def with_empty_paragraphs(body: bytes) -> bytes:
    """The page with an empty paragraph behind every ``</p>``: where the tag has no start, that is what browsers make
    of it, and elsewhere it changes no text. For pages that have such tags; only a parser can tell which they are.
    """
    return _with_ends(body, _ALL_ENDS)


def _with_ends(body: bytes, written: dict[bytes, bytes]) -> bytes:
    def replaced(match: re.Match[bytes]) -> bytes:
        end = match["end"]
        return match[0] if end is None else written.get(end.lower(), match[0])

    return _MARKUP.sub(replaced, body)
