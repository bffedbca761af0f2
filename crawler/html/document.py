"""One page, decoded and parsed once, with an index of what layouts and eras ask for.

Pages are hostile input: bytes that are no text, pictures under an article's address, a body nested
ten thousand deep. Each is read or refused by name.
"""

from __future__ import annotations

import codecs
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self
from urllib.parse import urljoin

from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.errors import UndecodableBody, UnrecognisedPage
from crawler.html.boilerplate import UNSEEN
from crawler.html.charsets import is_disguised_utf8, true_text
from crawler.html.markup import Element, Excessive, parse
from crawler.records import Snapshot

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes. The largest real pages have some 300 KB; the slowest way through this much markup takes seconds."""

MAX_ALIKE: Final = 3000
"""Elements of one kind that are handed out. A page has tens; code that looks at the surroundings of each stays fast."""

_BLOCKS: Final = ("div", "section", "article", "main")
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
_JSON: Final = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\["{\]])')
_TAG: Final = re.compile(rb"<[a-zA-Z!]")
# Python codecs that are no character sets: a page that declares one is read as UTF-8. The words are found faster.
_CODEC_WORDS: Final = (b"escape", b"idna", b"punycode", b"undefined")
_CODECS: Final = re.compile(rb"charset\s*=[\s\"']*(?:(?:raw_?-?)?unicode_?-?escape|idna|punycode|undefined)")
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"
_SAYS_UTF8: Final = re.compile(r";\s*charset\s*=\s*[\"']?utf-?8\b", re.IGNORECASE)
_REPLACEMENT: Final = "\ufffd"
_UNICODE: Final = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_HEAD: Final = 4096  # bytes in which w3lib looks for a meta tag
_SAMPLE: Final = 4096
_MAX_GARBAGE: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A page as a tree.

    `url`: where it was really fetched, after redirects; relative links hang on it.
    `edition`: name of the edition it was fetched for, ``harbour-en``.
    `fetched_at`: when; None for a tree that was not fetched. `first_seen_at`: when its address was first seen, None
    where that is not known to be earlier.
    `root`: the ``html`` element; a fragment of a page gets one too. Comments are not in it.
    `base_url`: the origin of a mirror or test server that stands for the edition's host, None for the host
    itself. Not the page's ``<base>``, which articles hardly ever have.
    `metas`: content of ``<meta>`` by lower-case ``property`` or ``name``, `links`: address of ``<link>`` by ``rel``; of
    several the first, stripped, never empty.
    `headings`: the ``h1`` elements, of very many the first `MAX_ALIKE`.
    """

    url: str
    edition: str
    root: Element = field(repr=False)
    base_url: str | None = None
    metas: Mapping[str, str] = field(default_factory=dict, repr=False)
    links: Mapping[str, str] = field(default_factory=dict, repr=False)
    headings: Sequence[Element] = field(default=(), repr=False)
    fetched_at: datetime | None = None
    first_seen_at: datetime | None = None
    _blocks: Sequence[Element] = field(default=(), repr=False)
    _places: Mapping[str, Sequence[Sequence[int]]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, snapshot: Snapshot, *, base_url: str | None = None, first_seen_at: datetime | None = None) -> Self:
        """Read a snapshot's body, in the encoding that its own headers, BOM or meta tag name.

        Raises UndecodableBody for bytes that are no text, UnrecognisedPage for what is no HTML (a picture, PDF,
        JSON, plain text, nothing). A body that is not whole (`Snapshot.damage`) is read as far as it goes: whether
        that is wanted is the caller's affair.
        """
        body = _utf8(snapshot)
        try:
            root = parse(body)
        except Excessive as error:
            raise _not_html(str(error), snapshot) from None
        if root is None:
            raise _not_html("an HTML page without any element", snapshot)
        if _is_garbage(body[:_SAMPLE]) and _is_garbage(_text(root).encode("utf-8", "replace")):
            raise _undecodable(snapshot)
        url, edition, fetched_at = snapshot.url, snapshot.edition, snapshot.fetched_at
        document = cls.from_root(root, url=url, edition=edition, base_url=base_url, fetched_at=fetched_at)
        return document if first_seen_at is None else replace(document, first_seen_at=first_seen_at)

    @classmethod
    def from_root(
        cls, root: Element, *, url: str, edition: str, base_url: str | None = None, fetched_at: datetime | None = None
    ) -> Self:
        """Index a tree that is parsed already. `of` is the usual way in."""
        blocks, headings = _indexed(root)
        head = root.find("head")
        head = root if head is None else head
        return cls(
            url=url,
            edition=edition,
            root=root,
            base_url=base_url,
            metas=_metas(head),
            links=_links(head),
            headings=headings,
            fetched_at=fetched_at,
            _blocks=blocks,
            _places=_places(blocks),
        )

    @property
    def sighted_at(self) -> datetime | None:
        """The moment near which a date without year lies; None for a tree that was not fetched."""
        return self.first_seen_at or self.fetched_at

    def with_class(self, *names: str) -> list[Element]:
        """Block elements (``div``, ``section``, ``article``, ``main``) that have one of the classes, in document order.

        Of very many the first `MAX_ALIKE`. Not for ``a``, ``span`` or ``img``: look for those below a block.
        """
        runs = [run for name in names for run in self._places.get(name, ())]
        places = runs[0] if len(runs) == 1 else sorted({place for run in runs for place in run})
        return [self._blocks[place] for place in places[:MAX_ALIKE]]

    def meta(self, name: str) -> str | None:
        """Content of the first ``<meta name=...>`` or ``<meta property=...>``; None if absent or empty."""
        return self.metas.get(name)

    def link(self, rel: str) -> str | None:
        """Address of the first ``<link rel=...>``, as printed; None when there is none."""
        return self.links.get(rel)

    def resolve(self, href: str) -> str | None:
        """An address on this page made absolute; None for one that cannot be (``http://[``)."""
        try:
            return urljoin(self.url, href.strip())
        except ValueError:
            return None

    def selector(self) -> Selector:
        """The page as a parsel selector, for the odd CSS query. It shares the tree: nothing is parsed again."""
        return Selector(root=self.root, type="html")


def text_of(snapshot: Snapshot) -> str:
    """The body as text, whatever it is a text of: in the encoding that its own headers, BOM or meta tag name.

    For people who want to see the source. Raises UndecodableBody for bytes that are no text.
    """
    text = _decoded(snapshot.body, snapshot.header("Content-Type") or "")
    if _is_garbage(text[:_SAMPLE].encode("utf-8", "replace")):
        raise _undecodable(snapshot)
    return text


def _utf8(snapshot: Snapshot) -> bytes:
    """The body's text as UTF-8, which for most pages are the bytes as they came. Refuses what is no HTML."""
    _refuse_other_media(snapshot)
    content_type = snapshot.header("Content-Type") or ""
    if _SAYS_UTF8.search(content_type) and _is_utf8(snapshot.body):
        body = snapshot.body
    else:
        body = _decoded(snapshot.body, content_type).encode("utf-8", "replace")
    _refuse_other_text(body, snapshot)
    return body


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not body.startswith(BOM_UTF8)


def _decoded(body: bytes, content_type: str) -> str:
    """The text, in the encoding of the header, BOM or meta tag, else UTF-8; in another one where the bytes show that
    this is not it. What cannot be decoded becomes U+FFFD.
    """
    encoding, text = _as_told(body, content_type)
    if encoding not in _UNICODE and is_disguised_utf8(body):
        return body.decode("utf-8")
    if encoding == "utf-8" and _REPLACEMENT not in text:
        return text
    broken = text.count(_REPLACEMENT)
    return true_text(body, text) if encoding != "utf-8" or broken * 2 > _beyond_ascii(text) else text


def _as_told(body: bytes, content_type: str) -> tuple[str, str]:
    """The encoding that a page tells, as Python calls it, and the text in it."""
    if not _names_codec(body[:_HEAD].lower()) and not _names_codec(content_type.lower().encode()):
        with suppress(LookupError, UnicodeError):  # charset=hex and the like: codecs that are no character sets
            encoding, text = html_to_unicode(content_type or None, body)
            return codecs.lookup(encoding).name, text
    return "utf-8", body.decode("utf-8", "replace")


def _beyond_ascii(text: str) -> int:
    return sum(not sign.isascii() for sign in text)


def _names_codec(head: bytes) -> bool:
    return any(name in head for name in _CODEC_WORDS) and _CODECS.search(head) is not None


def _refuse_other_media(snapshot: Snapshot) -> None:
    body, content_type = snapshot.body, snapshot.header("Content-Type")
    if len(body) > MAX_BODY:
        raise _not_html(f"a body of {len(body):,} bytes, more than the {MAX_BODY:,} that are read", snapshot)
    if not body or body.isspace():
        raise _not_html("an empty body", snapshot)
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise _not_html(f"{name}, not HTML", snapshot)
    if content_type and _NOT_HTML.match(content_type):
        raise _not_html(f"{content_type.strip()}, not HTML", snapshot)


def _is_garbage(sample: bytes) -> bool:
    garbage = len(sample) - len(sample.translate(None, _CONTROLS)) + sample.count(_REPLACEMENT.encode())
    return garbage > _MAX_GARBAGE * len(sample)


def _text(root: Element) -> str:
    """The text of a page without scripts and the like."""
    return "".join((node.text or "") * (node.tag not in UNSEEN) + (node.tail or "") for node in root.iter("*"))


def _undecodable(snapshot: Snapshot) -> UndecodableBody:
    return UndecodableBody(f"{snapshot.edition}: the body is no text in any known encoding ({snapshot.url})")


def _refuse_other_text(body: bytes, snapshot: Snapshot) -> None:
    if _JSON.match(body):
        raise _not_html("JSON, not HTML", snapshot)
    if not _TAG.search(body):
        raise _undecodable(snapshot) if _is_garbage(body[:_SAMPLE]) else _not_html("plain text, not HTML", snapshot)


def _not_html(message: str, snapshot: Snapshot) -> UnrecognisedPage:
    return UnrecognisedPage(message, url=snapshot.url, site=snapshot.edition)


def _indexed(root: Element) -> tuple[list[Element], list[Element]]:
    """All block elements and the first headings, in one walk: walking is what takes the time."""
    blocks: list[Element] = []
    headings: list[Element] = []
    for element in root.iter("h1", *_BLOCKS):
        if element.tag != "h1":
            blocks.append(element)
        elif len(headings) < MAX_ALIKE:
            headings.append(element)
    return blocks, headings


def _places(blocks: Sequence[Element]) -> Mapping[str, Sequence[Sequence[int]]]:
    """Where blocks of each class stand among all. Most share one class attribute with many, so each is split once."""
    runs: dict[str, list[int]] = {}
    for place, printed in enumerate([block.get("class") for block in blocks]):
        if printed:
            runs.setdefault(printed, []).append(place)
    places: dict[str, list[Sequence[int]]] = {}
    for printed, run in runs.items():
        for name in printed.split():
            places.setdefault(name, []).append(run)
    return places


def _metas(head: Element) -> Mapping[str, str]:
    metas: dict[str, str] = {}
    for element in head.iter("meta"):
        name = element.get("property") or element.get("name")
        content = (element.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _links(head: Element) -> Mapping[str, str]:
    links: dict[str, str] = {}
    for element in head.iter("link"):
        rel, address = element.get("rel"), (element.get("href") or "").strip()
        if rel and address:
            links.setdefault(rel.strip().lower(), address)
    return links
