"""What it is about: keywords, as the page gives them for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from crawler.dates import fold
from crawler.html.markup import Element
from crawler.html.microdata import value_of
from crawler.html.text import clean, line
from crawler.sites.generic.class_names import words_of_names
from crawler.sites.generic.page import Page
from crawler.sites.generic.surroundings import Surroundings
from crawler.sites.generic.words import distinct, key_of

_MAX_TAG: Final = 100  # characters
_MOST: Final = 100
_MOST_WORDS: Final = 6  # of a tag that is a link
_LEVELS: Final = 3
_SEPARATOR: Final = re.compile(r"[,;،、，|\n]")
_UNPARTED: Final = 3  # words of a keyword; more without anything between them are several that nobody can tell apart
_MACHINE: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{20,}|\d{5,}|_.*|.*[<>{}=_].*|https?:.*|[a-z]+(?:[A-Z][a-z]+){2,}", re.ASCII
)
_CODE: Final = re.compile(r"[A-Z]{2,8}[0-9]{0,3}|[A-Z][A-Z0-9]{1,7}")
_PATHED: Final = re.compile(r"(?:[a-z-]+/)+(?P<tag>[^/]+)")
_LABELLED: Final = re.compile(r"(?P<label>[A-Za-z][\w .-]{0,30}):\s*(?P<tag>\S.*)")
_LABELS: Final = frozenset({"subject", "category", "topic", "tag", "keyword"})
_METAS: Final = (
    "news_keywords", "keywords", "article:tag", "parsely-tags", "sailthru.tags", "cxenseparse:keywords", "dc.subject",
    "og:article:tag", "tags",
)  # fmt: skip
_NAMES: Final = frozenset(
    {
        "etiket", "etiketler", "etiquetas", "hashtags", "keyword", "keywords", "labels", "schlagworte", "sujets", "tag",
        "taglist", "tags", "temas", "thema", "themen", "topic", "topics",
    }
)  # fmt: skip
_WHOLE: Final = frozenset({"article", "main", "body"})
_HIGH: Final = 8
_LONG: Final = 2000  # characters of an address
_DEEP: Final = 2  # segments of a path
_WRITTEN_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_BELOW: Final = etree.XPath("following::a[position() <= 100]")
_TOPIC_PATH: Final = re.compile(
    r"/(?:tags?|topics?|themen?|temas?|sujets?|keywords?|hashtags?|etiketa?|etiquetas?|schlagworte?|dossiers?)/",
    re.IGNORECASE,
)


def tags(page: Page, around: Surroundings, people: Sequence[str]) -> Iterator[tuple[tuple[str, ...] | None, str]]:
    """What may be the tags, the surest first."""
    others = _names_of_others(page, people)
    for texts, rule in _told(page, around):
        found = [tag for tag in keywords(texts) if key_of(tag) not in others]
        yield tuple(found) or None, rule


def _told(page: Page, around: Surroundings) -> Iterator[tuple[Iterable[str], str]]:
    linked = _parted(page.linked.texts(page.nodes[0], "keywords") if page.nodes else ())
    for name in _METAS[:2]:  # where the data hold more than the metas, it is for machines
        chosen, held = keywords(_parted(page.metas.all(name))), keywords(linked)
        if len(held) > len(chosen) >= len(held) / 2 and set(map(key_of, chosen)) <= set(map(key_of, held)):
            yield chosen, f"meta:{name}"
    yield linked, "ld:keywords"
    for name in _METAS:
        yield _parted(page.metas.all(name)), f"meta:{name}"
    if page.item is not None:
        yield map(value_of, page.item.properties.get("keywords", ())), "microdata:keywords"
    yield _listed(around), "links of topics"
    for node in page.nodes:
        yield page.linked.texts(node, "about"), "ld:about"


def _parted(texts: Sequence[str]) -> Sequence[str]:
    """The texts, unless they are one whose words nothing divides, or the codes of some system."""
    if len(texts) == 1 and not _SEPARATOR.search(texts[0]) and len(texts[0].split()) > _UNPARTED:
        return ()
    found = keywords(texts)
    codes = sum(1 for tag in found if _CODE.fullmatch(tag))
    return () if len(found) >= _UNPARTED and codes * 2 > len(found) else texts


def _listed(around: Surroundings) -> list[str]:
    """The links of the first box below the story, or else above it, that holds the topics of the story.

    Such links are short, and stand in a box that is called so, or lead to the page of a topic.
    """
    below = () if around.block is None else _BELOW(around.block)
    above = [one for one in around.above if one.tag == "a"]
    for links in (below, above[-_MOST:]):
        boxes: dict[Element, list[str]] = {}
        for link in islice(links, _MOST):
            text = line(link)
            if 0 < len(text.split()) <= _MOST_WORDS and (box := _box_of_topics(link, text)) is not None:
                boxes.setdefault(box, []).append(text)
        if boxes:
            return next((texts for texts in boxes.values() if len(texts) > 1), next(iter(boxes.values())))
    return []


def _box_of_topics(link: Element, text: str) -> Element | None:
    """The box in which a link to a topic stands; None for any other link."""
    address = link.get("href") or ""
    above = list(islice(link.iterancestors(), _HIGH))
    around = list(takewhile(lambda box: box.tag not in _WHOLE, above))
    in_article = len(around) < len(above) and above[len(around)].tag == "article"
    if address.startswith("#") or not around or (not in_article and any(map(_is_border, around))):
        return None
    is_named = "tag" in (link.get("rel") or "").lower().split() or any(
        not _NAMES.isdisjoint(words_of_names(box)) for box in (link, *around[:_LEVELS])
    )
    if not is_named and _TOPIC_PATH.search(address) is None and not _is_named_so(address, text):
        return None
    return next((box for box in around if box.tag != "p" and len(list(islice(box.iter("a"), 2))) > 1), around[-1])


def _is_border(element: Element) -> bool:
    """Whether an element is the footer of the page, or a menu."""
    return element.tag in {"footer", "nav"} or "footer" in words_of_names(element)


def _is_named_so(address: str, topic: str) -> bool:
    """Whether the address of a page below another says the topic: ``/politik/gruene/`` for Grüne."""
    segments = [part for part in urlsplit(address).path.split("/") if part] if len(address) < _LONG else []
    if len(segments) < _DEEP:
        return False
    said = key_of(segments[-1].replace("-", " "))
    return said in {fold(key_of(topic)), fold(key_of(topic).translate(_WRITTEN_OUT))}


def _names_of_others(page: Page, people: Sequence[str]) -> frozenset[str]:
    """What is no topic: the names of the site and of the authors."""
    names = [text for name in ("og:site_name", "application-name") for text in page.metas.all(name)]
    names += [text for node in page.nodes for text in page.linked.texts(node, "publisher")]
    host = (urlsplit(page.document.url).hostname or "").removeprefix("www.")
    return frozenset(map(key_of, (*names, *people, host, *host.split("."))))


def keywords(texts: Iterable[str]) -> tuple[str, ...]:
    """The keywords in texts that may each hold several."""
    found = (tag for text in islice(texts, _MOST) for part in _SEPARATOR.split(text) if (tag := _tag(part)))
    return distinct(islice(found, _MOST))


def _tag(text: str) -> str | None:
    text = clean(text).strip("#\"' ")
    if (label := _LABELLED.fullmatch(text)) is not None:
        text = label["tag"] if label["label"].lower() in _LABELS else ""
    elif (path := _PATHED.fullmatch(text)) is not None:
        text = path["tag"]
    return text if 1 < len(text) <= _MAX_TAG and not _MACHINE.fullmatch(text) else None
