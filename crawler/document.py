"""One page, decoded and parsed once, with an index of what layouts and eras ask for.

Pages are hostile input: bytes that are no text, pictures under an article's address, a body nested
ten thousand deep. Each is read or refused by name; none can exhaust the stack, because the tree never
grows deeper than `MAX_DEPTH` and nothing here recurses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self, TypeAlias
from urllib.parse import urljoin

from lxml import etree
from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.errors import UndecodableBody, UnrecognisedPage
from crawler.records import Snapshot

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml gives its element type no public name

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes. A page of BelTA has tens of kilobytes; the slowest way through this much markup takes seconds."""

MAX_DEPTH: Final = 200
"""Levels. libxml2 stops at 256 and drops the rest of the page, so deeper pages are flattened here."""

_INDEXED: Final = ("div", "section", "article", "main", "h1")
_NOT_HTML: Final = re.compile(
    r"\s*(?:image/|audio/|video/|font/|application/(?:pdf|json|zip|octet-stream))", re.IGNORECASE
)
_MAGIC: Final = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a WebP image or a RIFF file"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "gzip data that was not decoded"),
)
_JSON: Final = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\["{\]])')
_TAG: Final = re.compile(r"<[a-zA-Z!]")
# Names of Python codecs that are no character sets: a page that declares one is read as UTF-8.
_CODECS: Final = re.compile(
    rb"charset\s*=\s*[\"']?\s*(?:(?:raw_?-?)?unicode_?-?escape|idna|punycode|undefined)", re.IGNORECASE
)
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"
_SAMPLE: Final = 65_536
_MAX_GARBAGE: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A page as a tree.

    `url`: where it was really fetched, after redirects; relative links hang on it.
    `edition`: name of the edition it was fetched for, ``belta-eng``.
    `root`: the ``html`` element; a fragment of a page gets one too. Comments are not in it.
    `base_url`: the origin of a mirror or test server that stands for the edition's host, None for the host
    itself. Not the page's ``<base>``, which no page of BelTA has.
    `classes`: block elements and ``h1`` by class, in document order. Not every element of the page: look
    for ``a``, ``span`` or ``img`` below a block.
    """

    url: str
    edition: str
    root: Element = field(repr=False)
    base_url: str | None = None
    classes: Mapping[str, Sequence[Element]] = field(default_factory=dict, repr=False)
    headings: Sequence[Element] = field(default=(), repr=False)
    metas: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, snapshot: Snapshot, *, base_url: str | None = None) -> Self:
        """Read a snapshot's body, in the encoding that its own headers, BOM or meta tag name.

        Raises UndecodableBody for bytes that are no text, UnrecognisedPage for what is no HTML (a picture, PDF,
        JSON, plain text, nothing). A body that is not whole (`Snapshot.damage`) is read as far as it goes: whether
        that is wanted is the caller's affair.
        """
        root = parse(_decode(snapshot))
        if root is None:
            raise _not_html("an HTML page without any element", snapshot)
        return cls.from_root(root, url=snapshot.url, edition=snapshot.edition, base_url=base_url)

    @classmethod
    def from_root(cls, root: Element, *, url: str, edition: str, base_url: str | None = None) -> Self:
        """Index a tree that is parsed already. `of` is the usual way in."""
        classes: dict[str, list[Element]] = {}
        headings: list[Element] = []
        for element in root.iter(*_INDEXED):
            if element.tag == "h1":
                headings.append(element)
            if names := element.get("class"):
                for name in names.split():
                    classes.setdefault(name, []).append(element)
        frozen = MappingProxyType(classes)
        return cls(url, edition, root, base_url, frozen, headings, _metas(root))

    def with_class(self, *names: str) -> list[Element]:
        """Block elements that have one of the classes: those of the first name, then of the next."""
        return [element for name in names for element in self.classes.get(name, ())]

    def meta(self, name: str) -> str | None:
        """Content of the first ``<meta name=...>`` or ``<meta property=...>``, stripped; None if absent or empty."""
        return self.metas.get(name)

    def link(self, rel: str) -> str | None:
        """Address in the first ``<link rel=...>``, as printed; None when there is none."""
        for element in self.root.iter("link"):
            if element.get("rel") == rel:
                return (element.get("href") or "").strip() or None
        return None

    def resolve(self, href: str) -> str | None:
        """An address on this page made absolute; None for one that cannot be (``http://[``)."""
        try:
            return urljoin(self.url, href.strip())
        except ValueError:
            return None

    def selector(self) -> Selector:
        """The page as a parsel selector, for the odd CSS query. It shares the tree: nothing is parsed again."""
        return Selector(root=self.root, type="html")


def _decode(snapshot: Snapshot) -> str:
    body, content_type = snapshot.body, snapshot.header("Content-Type")
    _refuse_what_is_no_text(snapshot, content_type)
    try:
        if _CODECS.search(body[:4096]) or _CODECS.search((content_type or "").encode("utf-8", "replace")):
            text = body.decode("utf-8", "replace")
        else:
            text = html_to_unicode(content_type, body)[1]
    except (LookupError, UnicodeError):  # charset=hex and the like: codecs of Python that decode no text
        text = body.decode("utf-8", "replace")
    _refuse_garbage(text, snapshot)
    return text


def _refuse_what_is_no_text(snapshot: Snapshot, content_type: str | None) -> None:
    body = snapshot.body
    if len(body) > MAX_BODY:
        raise _not_html(f"a body of {len(body):,} bytes, more than the {MAX_BODY:,} that are read", snapshot)
    if not body.strip():
        raise _not_html("an empty body", snapshot)
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise _not_html(f"{name}, not HTML", snapshot)
    if content_type and _NOT_HTML.match(content_type):
        raise _not_html(f"{content_type.strip()}, not HTML", snapshot)


def _refuse_garbage(text: str, snapshot: Snapshot) -> None:
    sample = snapshot.body[:_SAMPLE]
    if b"\x00" in sample:  # UTF-16, or no text at all
        sample = text[:_SAMPLE].encode("utf-8", "replace")
    garbage = len(sample) - len(sample.translate(None, _CONTROLS)) + text.count("\ufffd", 0, _SAMPLE)
    if garbage > _MAX_GARBAGE * len(sample):
        raise UndecodableBody(f"{snapshot.edition}: the body is no text in any known encoding ({snapshot.url})")
    if _JSON.match(text):
        raise _not_html("JSON, not HTML", snapshot)
    if not _TAG.search(text):
        raise _not_html("plain text, not HTML", snapshot)


def _not_html(message: str, snapshot: Snapshot) -> UnrecognisedPage:
    return UnrecognisedPage(message, url=snapshot.url, site=snapshot.edition)


def parse(html: str) -> Element | None:
    """The ``html`` element of a page or fragment, without comments and never deeper than `MAX_DEPTH` or a little more
    than libxml2's own 256 levels; None when there is no element and no text at all.
    """
    body = html.replace("\x00", "").encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    root = etree.fromstring(body, parser) if body.strip() else None
    if _was_cut(parser):
        flattening = etree.HTMLParser(target=_Flattened(), encoding="utf-8", huge_tree=True)
        root = etree.fromstring(body, flattening)
    return root


def _was_cut(parser: etree.HTMLParser) -> bool:
    """Whether libxml2 gave up in the middle of the page. It says so last: nothing is read after it."""
    error = parser.error_log.last_error
    return error is not None and error.level == etree.ErrorLevels.FATAL


class _Flattened:
    """Parser target that builds a tree of limited depth: deeper elements become siblings, in their order.

    Every word and every element stays, only the nesting is lost, so a script ten thousand deep is still a
    script. Bounded: one pass, no recursion.
    """

    def __init__(self) -> None:
        self._builder = etree.TreeBuilder()
        self._open: list[str] = []
        self._overflow: str | None = None
        self._root: Element | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._close_overflow()
            self._overflow = tag
        self._open.append(tag)
        self._builder.start(tag, dict(attributes))

    def end(self, tag: str) -> None:
        if not self._open:
            return
        self._open.pop()
        if len(self._open) < MAX_DEPTH:
            self._close_overflow()
            self._builder.end(tag)
        elif self._overflow == tag:
            self._close_overflow()

    def data(self, text: str) -> None:
        if self._open:
            self._builder.data(text)

    def comment(self, text: str) -> None:
        """Comments are no part of a Document."""

    def close(self) -> Element | None:
        while self._open:
            self.end(self._open[-1])
        return self._builder.close()

    def _close_overflow(self) -> None:
        if self._overflow is not None:
            self._builder.end(self._overflow)
            self._overflow = None


def _metas(root: Element) -> Mapping[str, str]:
    metas: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name")
        content = (element.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas
