"""A listing that is HTML: entries by CSS, or every link that leads to an article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from crawler.html.boilerplate import QUIET
from crawler.html.markup import Element
from crawler.html.text import clean, line
from crawler.html.visibility import is_hidden
from crawler.records import ListingPage
from crawler.sites.declared.entries import MAX_ENTRIES, Line, Reading, entries_of, unknown_of
from crawler.sites.declared.frames import frame_of, shows
from crawler.sites.declared.selectors import Css
from crawler.sites.declared.sitefile import ListingRules

_BESIDE: Final = frozenset({"header", "footer", "nav", "aside"})
_MAX_LINKS: Final = 5000
_MAX_TIMES: Final = 5
_NO_ADDRESS: Final = ("#", "javascript:", "mailto:", "tel:")


def read_html(rules: ListingRules, reading: Reading, frame: str | None) -> ListingPage:
    """The entries of a page. Raises UnrecognisedPage where it has none and is not known to be an empty one."""
    root = reading.answer.document.root
    blocks = blocks_of(rules, root, reading)
    lines = [read_block(block, rules.fields, reading) for block in blocks]
    printed = [line for line in lines if line is not None]
    entries = entries_of(printed, reading, whole=rules.kind == "days")
    if entries:
        unknown = unknown_of(printed, reading) if rules.entry else ()
        return ListingPage(
            reading.page, "html", entries, older_of(rules, reading), unknown, frame=frame_of(root, blocks)
        )
    if blocks and rules.entry:
        raise reading.answer.unrecognised(
            f"none of {len(blocks)} entries leads to an article of {reading.answer.edition.host}"
        )
    if frame is None:
        raise reading.answer.unrecognised("no entry, and no other answer of this listing is known that had any")
    if not shows(root, frame, lambda link: reading.article_at(link.get("href") or "") is not None):
        raise reading.answer.unrecognised("no entry, and not the frame of this listing either")
    return ListingPage(reading.page, "html", (), older_of(rules, reading), frame=frame)


def blocks_of(rules: ListingRules, root: Element, reading: Reading) -> list[Element]:
    """The elements of the entries: those of the first rule that finds any, without those that hold others.

    Without a rule the links to articles; of several links to one article the one with words.
    """
    for rule in rules.entry:
        if blocks := [block for block in rule.elements(root) if not is_hidden(block)]:
            if len(blocks) > MAX_ENTRIES:
                raise reading.answer.unrecognised(f"more than {MAX_ENTRIES} entries")
            return _innermost(blocks)
    return [] if rules.entry else _links(root, reading)


def read_block(block: Element, fields: Mapping[str, Sequence[Css]], reading: Reading) -> Line | None:
    """What an entry says; None for one without a link."""
    link = _link(block, fields.get("link", ()), reading)
    if link is None:
        return None
    address, element = link
    headline = _text(fields.get("headline", ()), block)
    if not headline and element is not None:
        headline = _words(element)
    return Line(
        address,
        headline,
        tuple(_times(block, fields.get("time", ()))),
        _text(fields.get("lead", ()), block) or None,
        _text(fields.get("section", ()), block) or None,
        in_order=not any(node.tag in _BESIDE for node in block.iterancestors()),
    )


def older_of(rules: ListingRules, reading: Reading) -> str | None:
    """Where the page says that older entries are, as an address of the site; None where it says nothing."""
    answer = reading.answer
    for rule in rules.older:
        for printed in addresses_of(rule, answer.document.root):
            url = reading.absolute(printed)
            if (
                url is not None
                and url != reading.absolute(answer.requested_url)
                and url != reading.absolute(answer.url)
            ):
                return url
    return None


def addresses_of(rule: Css, root: Element) -> Iterator[str]:
    """The addresses that a rule finds: texts, the ``href`` of elements, or that of a link in one."""
    if rule.gives_text:
        yield from rule.texts(root)
        return
    for element in rule.elements(root):
        link = element if element.get("href") else next(element.iter("a"), None)
        address = "" if link is None else (link.get("href") or "").strip()
        if address and not address.lower().startswith(_NO_ADDRESS):
            yield address


def _link(block: Element, rules: Sequence[Css], reading: Reading) -> tuple[str, Element | None] | None:
    """The link of an entry: by its rules, else the first to an article that has words, else the first to one."""
    for rule in rules:
        if rule.gives_text:
            if texts := rule.texts(block):
                return texts[0], None
            continue
        for element in rule.elements(block):
            link = element if element.get("href") else next(element.iter("a"), None)
            if link is not None and (address := (link.get("href") or "").strip()):
                return address, link
    if rules:
        return None
    links = [link for link in islice(block.iter("a"), _MAX_LINKS) if link.get("href")]
    articles = [link for link in links if reading.article_at(link.get("href") or "") is not None]
    best = next((link for link in articles if _words(link)), next(iter(articles or links), None))
    return None if best is None else (best.get("href") or "", best)


def _words(link: Element) -> str:
    """What a link says: its words, its title, or what its picture is called."""
    pictures = (clean(image.get("alt") or "") for image in link.iter("img"))
    return line(link) or clean(link.get("title") or "") or next((text for text in pictures if text), "")


def _text(rules: Sequence[Css], block: Element) -> str:
    return next((text for rule in rules for text in rule.texts(block)), "")


def _times(block: Element, rules: Sequence[Css]) -> Iterator[str]:
    """The texts that may say when: what is for machines first, what is for readers last."""
    for rule in rules:
        if rule.gives_text:
            found = rule.texts(block)[:_MAX_TIMES]
        else:
            elements = rule.elements(block)[:_MAX_TIMES]
            machine = [
                value for element in elements for name in ("datetime", "content") if (value := element.get(name))
            ]
            found = [*machine, *(text for element in elements if (text := line(element)))]
        if found:
            yield from found
            return


def _innermost(blocks: list[Element]) -> list[Element]:
    marked = set(blocks)
    wrappers = {node for block in blocks for node in block.iterancestors() if node in marked}
    return [block for block in blocks if block not in wrappers]


def _links(root: Element, reading: Reading) -> list[Element]:
    chosen: dict[str, Element] = {}
    for link in islice(root.iter("a"), _MAX_LINKS):
        named = reading.article_at(link.get("href") or "") if link.get("href") and not QUIET.covers(link) else None
        if named is None:
            continue
        known = chosen.get(named.key)
        if known is None or (not _words(known) and _words(link)):
            chosen[named.key] = link
    return list(chosen.values())


def on_page(page: ListingPage, number: int) -> ListingPage:
    """A listing page with another number."""
    return replace(page, page=number)
