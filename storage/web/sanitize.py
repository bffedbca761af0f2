"""An archived page as one that can only be looked at.

The page is hostile, and so is whatever a filter would leave of it. So nothing is filtered: the page is written anew
from its tree, in a handful of elements that can do nothing (storage/web/allowlist.py), with all text escaped. Neither
how this or that browser reads broken markup nor what it will learn to run one day matters to what comes out.

What it does not do: lay the page out as it was. Style sheets and pictures are no part of an archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final
from urllib.parse import urljoin

from lxml import etree

from crawler.html.document import Document
from crawler.html.markup import Element
from storage.web.allowlist import EMBEDDED, EMPTY, FIELDS, PICTURES, RENAMED, UNSEEN, VOID, WRITTEN, attributes, style

MAX_ELEMENTS: Final = 20_000
"""Elements that are written. The largest real pages have some 3,000; a browser takes seconds for a million."""

LONGEST: Final = 300  # characters of an address: one with data in it has millions

_CONTROLS: Final = dict.fromkeys([*range(9), 11, *range(14, 32), *range(127, 160)])
_SHORT: Final = 40  # characters of an address that a box still takes whole
_INVISIBLE: Final = {"0", "1", "0px", "1px"}  # pictures of this size count visitors
_UNSEEN_FIELDS: Final = {"hidden", "checkbox", "radio", "image", "file", "password"}


@dataclass(frozen=True, slots=True)
class SanitizedPage:
    """A page that can only be looked at. `markup` goes into a body, `title` is text that is not escaped yet, `language`
    is what the page names as its language, and may be anything.

    `taken`: what was taken out or made inert, with how often: ``{"script": 3, "link": 120}``. `whole` is False for a
    page of which only the first `MAX_ELEMENTS` elements are shown.
    """

    title: str
    language: str
    markup: str = field(repr=False)
    taken: Mapping[str, int]
    whole: bool


def sanitize(document: Document, *, addresses: bool = False) -> SanitizedPage:
    """The page of a document. `addresses`: they stand whole behind links and in the place of pictures, instead of in a
    tooltip.
    """
    writer = _Writer(_base(document), addresses)
    walk = etree.iterwalk(document.root, events=("start", "end"))
    whole = True
    for event, element in walk:
        if event == "end":
            writer.end(element)
        elif writer.count >= MAX_ELEMENTS:
            whole = False
            break
        elif not writer.begin(element):
            walk.skip_subtree()
    title = next((element.text for element in document.root.iter("title") if element.text), "")
    language = document.root.get("lang") or ""
    return SanitizedPage(_plain(title).strip(), language, writer.finish(), dict(writer.taken.most_common()), whole)


@dataclass(slots=True)
class _Writer:
    """Takes the beginnings and ends of elements in document order. `closing` holds a text for each that is open."""

    base: str
    addresses: bool
    count: int = 0
    parts: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)

    def begin(self, element: Element) -> bool:
        """Write the beginning of an element; False: nothing below it is to be written."""
        self.count += 1
        name = _name(element)
        self._count_attributes(name, element)
        opening, closing, enter = self._tags(name, element)
        self.parts.append(opening)
        self.closing.append(closing)
        if enter:
            self._text(element.text)
        return enter

    def end(self, element: Element) -> None:
        self.parts.append(self.closing.pop())
        self._text(element.tail)

    def finish(self) -> str:
        """What was written, with every element closed."""
        self.parts.extend(reversed(self.closing))
        return "".join(self.parts)

    def _tags(self, name: str, element: Element) -> tuple[str, str, bool]:
        if name in UNSEEN:
            self._take(UNSEEN[name] or _special(name, element))
            return "", "", name in VOID
        if name in PICTURES or name in EMBEDDED or name in FIELDS:
            return self._stand_in(name, element), "", name in VOID
        if name in {"a", "area"}:
            return self._link(element)
        tag = RENAMED.get(name, name)
        if tag in EMPTY:
            return f"<{tag}>", "", True
        if tag not in WRITTEN:
            return "", "", True
        kept = "".join(f' {key}="{escape(_plain(value))}"' for key, value in attributes(tag, element))
        return f"<{tag}{kept}>", f"</{tag}>", True

    def _stand_in(self, name: str, element: Element) -> str:
        """What is written in the place of an element that would load something or take something in."""
        if name in PICTURES:
            return self._picture(element)
        return self._embedded(name, element) if name in EMBEDDED else self._field(name, element)

    def _link(self, element: Element) -> tuple[str, str, bool]:
        printed = (_linked(element) or "").strip()
        if not printed:
            return "<a>", "</a>", True
        self._take("link")
        address = escape(self._address(printed))
        behind = f'</a> <small class="address">{address}</small> ' if self.addresses and printed != "#" else "</a>"
        return f'<a title="{address}">', behind, True

    def _picture(self, element: Element) -> str:
        if {element.get("width"), element.get("height")} & _INVISIBLE:
            self._take("invisible picture")
            return ""
        self._take("picture")
        sources = (element.get("src"), element.get("data-src"), _linked(element), element.get("srcset"))
        address = self._address(next(filter(None, sources), ""))
        return self._box("Picture", element.get("alt") or element.get("title") or "", address)

    def _embedded(self, name: str, element: Element) -> str:
        self._take("embedded page")
        inner = next(element.iter("source"), element)
        sources = (element.get("src"), element.get("data"), inner.get("src"), element.get("data-videoid"))
        address = self._address(next(filter(None, sources), ""))
        return self._box(f"Embedded {name}", "", address)

    def _box(self, what: str, said: str, address: str) -> str:
        """A box that says what stood there, with its address or, where that is in the tooltip, its last part."""
        shown = (
            address
            if self.addresses or len(address) <= _SHORT
            else f"…{address.rstrip('/')[-_SHORT:].rpartition('/')[2]}"
        )
        parts = (escape(_plain(text)) for text in (address, what, said.strip(), shown))
        return ' <span class="picture" title="{}"><b>{}</b> {} <small>{}</small></span> '.format(*parts)

    def _field(self, name: str, element: Element) -> str:
        self._take("form field")
        kind = (element.get("type") or "").lower()
        if kind in _UNSEEN_FIELDS:
            return ""
        shown = _chosen(element) if name == "select" else element.get("value") or element.get("placeholder")
        text = "".join(element.itertext()) if name == "textarea" else shown
        return f' <span class="field">{escape(_plain(text or ""))}</span> '

    def _count_attributes(self, name: str, element: Element) -> None:
        handlers = sum(key.startswith("on") for key in element.keys())  # noqa: SIM118 - see `attributes`
        self._take("event handler", handlers)
        styles = element.get("style") or ""
        if name not in UNSEEN and style(styles).count(":") < styles.count(":"):
            self._take("style")
        if name == "form":
            self._take("form")

    def _take(self, what: str, times: int = 1) -> None:
        if what and times:
            self.taken[what] += times

    def _text(self, text: str | None) -> None:
        if text:
            self.parts.append(escape(_plain(text), quote=False))

    def _address(self, printed: str) -> str:
        """Where it led, absolute if it was on the web; as printed if it led nowhere or into a script."""
        printed = _plain(printed).strip()
        if not printed:
            return ""
        if len(printed) > LONGEST:
            return f"{printed[:LONGEST]}… ({len(printed):,} characters)"
        try:
            return urljoin(self.base, printed)
        except ValueError:
            return printed


def _name(element: Element) -> str:
    """The name of an element without the prefix that somebody put before it: ``svg:script`` is a script."""
    return str(element.tag).rpartition(":")[2].rpartition("}")[2].lower()


def _linked(element: Element) -> str | None:
    printed: str | None = element.get("href") or element.get("xlink:href")
    return printed


def _special(name: str, element: Element) -> str:
    """How an element is counted that is of interest only sometimes."""
    if name == "link" and "stylesheet" in (element.get("rel") or "").lower():
        return "style sheet"
    if name == "meta" and (element.get("http-equiv") or "").strip().lower() == "refresh":
        return "redirection"
    return ""


def _chosen(select: Element) -> str:
    options = list(select.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None] or options
    return "".join(chosen[0].itertext()) if chosen else ""


def _base(document: Document) -> str:
    """What relative addresses hang on: the page's own base, or its address."""
    base = next(document.root.iter("base"), None)
    printed = None if base is None else base.get("href")
    return (document.resolve(printed) if printed else None) or document.url


def _plain(text: str) -> str:
    return text.translate(_CONTROLS)
