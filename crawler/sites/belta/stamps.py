"""When an article was published and when it was changed: which printed text says so, and what instant it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from crawler.dates import Times, parse_times
from crawler.records import FAILED, NOT_ON_PAGE
from crawler.sites.extraction.page import Mismatch, Page, Rule

LATER: Final = "; later than the visit"
"""How the source of a time ends that the page cannot have known."""

Event = Literal["published", "updated"]

_CLOCKS_DIFFER: Final = timedelta(minutes=10)
# Beginnings of the words that say what a time is of, in all languages at once: editions leave labels untranslated.
_LABEL: Final = re.compile(
    r"(?P<published>publish|posted|created|опубликов|размещ|создан|апублікав|размешч|створан|veröffentlicht|publiziert|"
    r"erstellt|erschienen|publicad|cread|opublikowan|dodan|utworzon|发布|发表|刊登|刊发)|"
    r"(?P<updated>updat|\bupd\b|modif|edited|corrected|changed|amended|revis|обновл|измен|дополн|исправл|редакт|\bред\b|"
    r"уточн|правк|абноўл|абнаўл|"
    r"змен|дапоўн|выпраўл|aktualis|geändert|änderung|bearbeitet|korrigiert|\bstand\b|actualiz|corregid|editad|"
    r"aktualiz|zmian|zmienion|zmodyfik|poprawion|更新|修改|编辑|修订)"
)
_ENCLOSED: Final = re.compile(r" ?[(\[（][^()\[\]（）]{1,60}[)\]）]")
_BARE_CLOCK: Final = re.compile(r"\d{1,2}[:.]\d{2}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """`at`: aware UTC, None when nothing on the page could be read as a time. `printed`: the text that it was read
    from, or the first that could not be read. `source`: the rule that gave it, or which absence it is.
    """

    at: datetime | None
    printed: str | None
    source: str


def read_stamp(rules: Iterable[Rule[str]], page: Page, event: Event = "published") -> Stamp:
    """The first printed time of the event. The header's date is the day of the crawl: no rule may look there."""
    failed: Stamp | None = None
    for source, rule in rules:
        try:
            printed = rule(page)
        except Mismatch as mismatch:
            failed = failed or Stamp(None, None, f"{FAILED}{mismatch}")
            continue
        if printed is None:
            continue
        times = parse_times(printed, language=page.edition.language, timezone=page.edition.timezone)
        at = _moment_of(times, event)
        if at is not None:
            return Stamp(at, printed, source + (LATER if _is_later(at, page) else ""))
        problem = "does not say when" if times.moments else "is no time"
        failed = failed or Stamp(None, printed, f"{FAILED}{source} {problem}")
    return failed or Stamp(None, None, NOT_ON_PAGE)


def read_change(rules: Iterable[Rule[str]], stamps: Iterable[Rule[str]], published: Stamp, page: Page) -> Stamp:
    """The time of the last change: what the head says, or else what the printed stamp calls an update."""
    told = read_stamp(rules, page)
    if told.at or not (published.printed and "updated" in _events(published.printed)):
        return told
    printed = read_stamp(stamps, page, "updated")
    return printed if printed.at else told


def says_updated(text: str) -> bool:
    """Whether a text calls its only time an update."""
    return _events(text) == {"updated"}


def _events(text: str) -> set[str | None]:
    return {label.lastgroup for label in _LABEL.finditer(text.lower())}


def _moment_of(times: Times, event: Event) -> datetime | None:
    """The one moment of the event. A time without a label is that of the publication, where none has its label."""
    labels = list(_labels(times))
    named = {moment for moment, label in zip(times.moments, labels, strict=True) if label == event}
    if not named and event == "published":
        named = {moment for moment, label in zip(times.moments, labels, strict=True) if label is None}
    return named.pop() if len(named) == 1 else None


def _labels(times: Times) -> Iterator[str | None]:
    """What each time is of: the label before it, or behind it where the first has none before and the last one has. One
    in brackets of its own is of the time before the brackets.
    """
    before = [_label_in(words) for words in times.words]
    behind = before[0] is None and before[-1] is not None
    labels = before[1:] if behind else before[:-1]
    for number, words in enumerate(times.words[1:]):
        if (enclosed := _ENCLOSED.match(words)) and (label := _label_in(enclosed[0])):
            yield label
        else:
            opening = _ENCLOSED.match(times.words[number]) if number else None
            yield _label_in(times.words[number][opening.end() :]) if opening and not behind else labels[number]


def _label_in(words: str) -> str | None:
    """The last label in the words between two times. One that a bare clock follows is that clock's."""
    clocks = [clock.end() for clock in _BARE_CLOCK.finditer(words)]
    labels = [label.lastgroup for label in _LABEL.finditer(words, max(clocks, default=0))]
    return labels[-1] if labels else None


def _is_later(at: datetime, page: Page) -> bool:
    visit = page.document.fetched_at
    return visit is not None and at > visit + _CLOCKS_DIFFER
