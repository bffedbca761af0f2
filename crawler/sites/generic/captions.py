"""What is printed under a picture: its caption, and the credit where that is printed apart.

Most pages use ``figure`` and ``figcaption``. Others name the caption by a class, or put picture and caption into a box
of their own, and only the box tells that the words belong to the picture: nothing else stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from crawler.html.boilerplate import Boilerplate
from crawler.html.images import addresses_of
from crawler.html.markup import Element
from crawler.html.text import line, passages
from crawler.sites.generic.class_names import words_of_names
from crawler.sites.generic.words import distinct

_LEVELS: Final = 8  # of boxes around a picture
_NEAR: Final = 4
_MOST: Final = 300  # elements of a box
_MAX_BOX: Final = 1000  # characters
_MAX_UNNAMED: Final = 250
_MAX_CREDIT: Final = 120
_LEAST: Final = 3  # words of a caption that nobody calls so
_LINK: Final = 4  # words of a link that leads to another story
_LARGE: Final = frozenset({"body", "article", "main", "html"})
_WITHIN: Final = frozenset({"picture", "source"})  # libxml2 puts each ``source`` into the one before
_NO_CAPTION: Final = ("h1", "time", "video", "audio", "iframe")
_IMAGE_FILE: Final = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:[?#!:]|\Z)|^#|^javascript:|^$", re.IGNORECASE)
# fmt: off
_CAPTIONS: Final = frozenset(
    {
        "bijschrift", "bildetekst", "bildtext", "bildunterschrift", "billedtekst", "caption", "captions", "cutline",
        "description", "didascalia", "figcaption", "imgdesc", "imgtext", "kuvateksti", "legend", "legenda", "legende",
        "photodesc", "pie", "piedefoto", "piefoto", "popisek", "thumbcaption",
    }
)
_CREDITS: Final = frozenset(
    {
        "agency", "bildautor", "copyright", "credit", "creditline", "credits", "fotograf", "photocredit",
        "photographer", "quelle", "rights", "source",
    }
)
# fmt: on
_CREDIT_PROPERTIES: Final = frozenset({"author", "copyrightHolder", "creator", "creditText"})
_IS_CREDIT: Final = re.compile(
    r"[\[(]?\s{0,3}(?:©|\(c\)|(?:photo(?:graph(?:y|s)?)?s?|foto(?:s|grafie)?|bild(?:quelle)?|image|picture|credits?|"
    r"quelle|source|fuente|illustration|copyright|фото|usage|kuva|zdj[eę]cie|fot)\b\.?"
    r"\s{0,3}(?:by|von|courtesy|di|de|:|/|\||–|-|\.))",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(r"[^\W\d_]{2}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SILENT: Final = Boilerplate(tags=frozenset({"nav"}))


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The elements that are a picture's together with its words, and the one of them that has the words."""

    words: Element
    elements: tuple[Element, ...]

    @property
    def text(self) -> str:
        """All that it says."""
        return line(self.words, _SILENT)


class Caption(NamedTuple):
    """What a box says, without the credit where that is printed apart; None where it says nothing."""

    text: str | None = None
    credit: str | None = None


def box_of(picture: Element, block: Element | None) -> Box | None:
    """The box of a picture that has words; None where it has none, or where these lead to another page.

    `block`: the block of the story, which is larger than any box.
    """
    figure = (
        picture if picture.tag == "figure" else next((one for one in _around(picture) if one.tag == "figure"), None)
    )
    if figure is not None and not _is_large(figure):
        named = _named(figure)
        if named is not None and named.tag == "figcaption":
            return None if _is_linked(figure) else Box(named, (figure,))
    unnamed: Element | None = None
    linked = False
    for level, outer in enumerate(_around(picture)):
        if outer is block or outer.tag in _LARGE or _is_large(outer) or _holds_others(outer, picture):
            break
        linked = linked or (outer.tag == "a" and _leads_away(outer))
        if linked and outer.tag == "a" and line(outer, _SILENT):
            return None
        if (box := _named_box(outer)) is not None:
            return box
        if unnamed is None and (outer.tag == "figure" or line(outer, _SILENT)):
            unnamed = outer
            if outer.tag != "figure" and level > _NEAR:
                break
    return None if unnamed is None or linked or not _may_be_caption(unnamed) else Box(unnamed, (unnamed,))


def caption_of(box: Box) -> Caption:
    """Caption and credit of a box."""
    texts = distinct(passage.text.replace("\n", " ") for passage in passages(box.words, _WITHOUT_CREDITS, parted=True))
    sources = [text for text in texts if len(text) <= _MAX_CREDIT and _IS_CREDIT.match(text)]
    text = " ".join(text for text in texts if text not in sources)
    marked = (one for part in (box.words, *box.elements) for one in islice(part.iter("*"), _MOST) if _is_credit(one))
    said = next((credit for one in marked if (credit := line(one, _SILENT, parted=True))), None)
    return Caption(text if _SAYS.search(text) else None, said or " ".join(sources) or None)


def _around(picture: Element) -> Iterator[Element]:
    """The boxes around a picture, the innermost first."""
    return islice((one for one in picture.iterancestors() if one.tag not in _WITHIN), _LEVELS)


def _named_box(outer: Element) -> Box | None:
    """The box whose words the page calls a caption, in an element or right behind it."""
    if (named := _named(outer)) is not None:
        return Box(named, (outer,))
    behind = outer.getnext()
    if behind is not None and _is_caption(behind) and not _is_large(behind) and line(behind, _SILENT):
        return Box(behind, (outer, behind))
    return None


def _named(box: Element) -> Element | None:
    """The element of a box that is called a caption: the first that has words."""
    captions = [one for one in islice(box.iter("figcaption"), _NEAR) if line(one, _SILENT)]
    if captions:
        return captions[0]
    named = (one for one in islice(box.iterdescendants("*"), _MOST) if _is_caption(one) and not _is_credit(one))
    return next((one for one in named if line(one, _SILENT)), None)


def _may_be_caption(box: Element) -> bool:
    """Whether the words of a box that nobody calls a caption may be one."""
    text = line(box, _SILENT)
    if len(text.split()) < _LEAST or len(text) > _MAX_UNNAMED or next(box.iter(*_NO_CAPTION), None) is not None:
        return False
    links = [line(link, _SILENT) for link in islice(box.iter("a"), _MOST) if _leads_away(link)]
    return sum(map(len, links)) * 2 <= len(text) and not any(len(link.split()) >= _LINK for link in links)


def _is_large(box: Element) -> bool:
    """Whether a box holds more text, or more of anything, than any picture has."""
    if len(list(islice(box.iter(), _MOST))) == _MOST:
        return True
    letters = 0
    for text in islice(box.itertext(), _MOST):
        letters += len(text.strip())
        if letters > _MAX_BOX:
            return True
    return False


def _is_linked(box: Element) -> bool:
    """Whether a box stands in a link to another page."""
    return any(one.tag == "a" and _leads_away(one) for one in islice(box.iterancestors(), _NEAR))


def _leads_away(link: Element) -> bool:
    return not _IMAGE_FILE.search(link.get("href") or "")


def _holds_others(box: Element, picture: Element) -> bool:
    """Whether a box holds pictures besides this one: then its words are not this one's alone."""
    own = set(addresses_of(picture))
    others = (addresses_of(other) for other in islice(box.iter("img", "amp-img"), _LEVELS) if other is not picture)
    return any(other and own.isdisjoint(other) for other in others)


def _is_caption(element: Element) -> bool:
    return element.tag == "figcaption" or not _CAPTIONS.isdisjoint(words_of_names(element))


def _is_credit(element: Element) -> bool:
    if element.tag == "cite" or element.get("itemprop") in _CREDIT_PROPERTIES:
        return True
    return not _CREDITS.isdisjoint(words_of_names(element))


@dataclass(frozen=True, slots=True)
class _WithoutCredits(Boilerplate):
    """What is none of a caption: the elements that name the source of the picture."""

    def covers(self, element: Element) -> bool:
        return _is_credit(element) or Boilerplate.covers(self, element)


_WITHOUT_CREDITS: Final = _WithoutCredits(tags=_SILENT.tags | {"cite"})
