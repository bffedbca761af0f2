"""A listing that is JSON: its items, and in each of them the fields, by JMESPath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crawler.html.answer import Answer
from crawler.html.text import clean, paragraphs_of
from crawler.records import ListingPage
from crawler.sites.declared.entries import MAX_ENTRIES, Line, Reading, entries_of, unknown_of
from crawler.sites.declared.selectors import as_text, first_text
from crawler.sites.declared.sitefile import ListingRules

FRAME = "items"
_SHORT = 10_000  # characters of a text that may hold markup


def read_json(rules: ListingRules, reading: Reading, frame: str | None) -> ListingPage:
    """The entries of an answer. Raises UnrecognisedPage for JSON of another shape."""
    answer = reading.answer
    reading = replace(reading, base=f"{answer.edition.scheme}://{answer.edition.host}/")
    items = items_of(rules, answer)
    lines = [line for item in items if (line := _line(rules, item)) is not None]
    entries = entries_of(lines, reading, whole=rules.kind == "days")
    if items and not entries:
        raise answer.unrecognised(f"none of {len(items)} items leads to an article of {answer.edition.host}")
    if not items and frame is None:
        raise answer.unrecognised("no items, and no other answer of this listing is known that had any")
    return ListingPage(reading.page, "json", entries, unknown=unknown_of(lines, reading), frame=FRAME)


def items_of(rules: ListingRules, answer: Answer) -> Sequence[object]:
    """The list that the first of the rules for items finds."""
    for query in rules.items:
        found = query.of(answer.json)
        if isinstance(found, list):
            if len(found) > MAX_ENTRIES:
                raise answer.unrecognised(f"more than {MAX_ENTRIES} items")
            return found
    raise answer.unrecognised(f"JSON without a list at {' or '.join(query.text for query in rules.items)}")


def cursor_of(rules: ListingRules, answer: Answer) -> str | None:
    """Where the chain goes on; None where it ends."""
    return first_text(rules.queries.get("cursor", ()), answer.json)


def plain(text: str | None) -> str:
    """A text that may be HTML ("Rain &amp; wind", "<p>Rain") as one line."""
    if not text:
        return ""
    if "<" not in text and "&" not in text:
        return clean(text)
    return " ".join(paragraphs_of(text[:_SHORT])).replace("\n", " ")


def _line(rules: ListingRules, item: object) -> Line | None:
    queries = rules.queries
    address = first_text(queries["link"], item)
    if address is None:
        return None
    times = [text for query in queries.get("time", ()) if (text := as_text(query.of(item)))]
    return Line(
        address,
        plain(first_text(queries.get("headline", ()), item)),
        tuple(times[:1]),
        plain(first_text(queries.get("lead", ()), item)) or None,
        plain(first_text(queries.get("section", ()), item)) or None,
    )
