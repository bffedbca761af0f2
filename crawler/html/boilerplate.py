"""What is printed among an article's words and is none of them: which elements a reader of the article skips."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from crawler.html.markup import Element
from crawler.html.visibility import is_hidden

# fmt: off
UNSEEN: Final = frozenset(
    {
        "script", "style", "iframe", "noscript", "template", "head", "title", "textarea", "select", "datalist",
        "button", "svg", "math", "object", "audio", "video", "canvas", "noembed", "noframes", "meter", "progress", "rp",
    }
)
# fmt: on
"""Elements whose text no reader of the article sees."""

_SENTENCE: Final = 20  # characters: "Share this story." is none of the story
_ENDING: Final = 4  # characters
_MOST_WITHIN: Final = 1000  # elements of a box that are looked at: nested boxes may hold the whole page, each
SENTENCE_END: Final = re.compile(r"[.!?…。！？][\"'“”’»)\]]{0,3}\Z")


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """What a site prints among an article's words that is none of them.

    `classes` are whole class names, `prefixes` beginnings of class names, `tags` element names beside `UNSEEN`,
    `titles` beginnings of a link's ``title``. `boxes` are element names that are noise where most of their words are
    links, `signatures` those that are noise where they hold no sentences, outside of a quotation whose author they
    name. `rels` are values of a link's ``rel`` that make it noise where no other words stand on its line. `ends` are
    elements of this page that are left out together with the text behind them.
    """

    classes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    boxes: frozenset[str] = frozenset()
    signatures: frozenset[str] = frozenset()
    rels: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    ends: frozenset[Element] = frozenset()
    names: frozenset[str] = field(init=False, repr=False, compare=False)  # that may be noise without any attribute

    def __post_init__(self) -> None:
        names = UNSEEN | self.tags | self.boxes | self.signatures | {"dialog"}
        object.__setattr__(self, "names", names)

    def covers(self, element: Element) -> bool:
        """Whether an element and all below it is noise, or unseen."""
        tag = element.tag
        if tag in UNSEEN or tag in self.tags or is_hidden(element):
            return True
        if names := element.get("class"):
            for name in names.split():
                if name in self.classes or name.startswith(self.prefixes):
                    return True
        if tag == "a" and self.titles:
            return (element.get("title") or "").strip().startswith(self.titles)
        if tag in self.boxes:
            return _is_list_of_links(element)
        if tag in self.signatures and not _is_in_quotation(element):
            return not _is_of_sentences(element)
        return element in self.ends

    def promotes(self, element: Element) -> bool:
        """Whether an element is a link that is noise where it stands alone."""
        rel = element.get("rel") if self.rels and element.tag == "a" else None
        return rel is not None and not self.rels.isdisjoint(rel.lower().split())


def _is_list_of_links(box: Element) -> bool:
    """Whether a third of a box's letters and more are links: such a box leads to other stories."""
    letters = linked = 0
    for node in islice(box.iterdescendants("*"), _MOST_WITHIN):
        letters += _size(node.tail) + (0 if node.tag in UNSEEN else _size(node.text))
        linked += sum(map(_size, islice(node.itertext(), _MOST_WITHIN))) if node.tag == "a" else 0
    return linked > 0 and linked * 3 >= letters + _size(box.text)


def _is_of_sentences(element: Element) -> bool:
    """Whether an element holds sentences and not labels or links: words of the story, whatever its name is."""
    text = "".join(islice(element.itertext(), _MOST_WITHIN)).strip()
    if len(text) < _SENTENCE or text[0] == "©" or not SENTENCE_END.search(text[-_ENDING:]):
        return False
    return not _is_list_of_links(element)


def _size(text: str | None) -> int:
    return len(text.strip()) if text else 0


def _is_in_quotation(element: Element) -> bool:
    return any(node.tag in {"blockquote", "q"} for node in element.iterancestors())


QUIET: Final = Boilerplate()
"""No noise but `UNSEEN`: what a fragment is read with when no site is known."""
