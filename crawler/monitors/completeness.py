"""Fields that were told and suddenly are not: how a new layout shows first, when pages are still recognised.

Every field of every era is compared with its own past share. An era without a past is compared with what the edition
told before, whoever read it, but only where it took the others' place: then the site changed its pages, and another
recogniser took them. One that comes beside the others is another kind of record, such as a video, which may never have
had those fields. What stays empty for hundreds of articles becomes the past in the end: by then somebody was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from crawler.monitors.health import EditionFacts, FieldsRead, Finding, State
from crawler.rules.binomial import at_most

FIELDS: Final = (
    "headline", "published_at", "lead", "body", "rubric_label", "tags", "author", "dateline", "photos", "photo_caption",
)  # fmt: skip

RECENT: Final = 40
"""Articles of an era that are compared with those before them."""

_LATEST: Final = (10, 20, RECENT)  # a change is seen among the latest ten; a rare field needs more to be missed
_PAST: Final = 60  # articles that make a past
_CHANCE: Final = 1e-6  # some twenty shares are looked at after every run of every five minutes
_DOUBT: Final = 1e-3
_PLACE: Final = 2 / 3  # of the articles since its first: such an era took the place of the others
_HALF: Final = 0.5  # of the past share: a field that is given less often is not empty


def fields(vitals: EditionFacts) -> list[Finding]:
    """Fields suddenly empty, a finding each; a single one where all are as full as before."""
    found = list(_compared(vitals.told))
    if any(finding.state == "trouble" for finding in found):
        return found
    eras = sorted({told.era for told in vitals.told})
    if len(vitals.told) < RECENT + _PAST:
        measured = f"{len(vitals.told)} recent articles are known"
        return [*found, Finding("fields", "well", measured, f"judged from {_PAST} articles and some new ones on")]
    measured = f"{len(FIELDS)} fields of {', '.join(eras)} are as full as before"
    return [*found, Finding("fields", "well", measured, "the share of the articles before")]


def _compared(told: Sequence[FieldsRead]) -> Iterator[Finding]:
    for era in dict.fromkeys(page.era for page in told):
        own = [page for page in told if page.era == era]
        newcomer = len(own) < RECENT + _PAST
        if newcomer and not _took_over(era, told):
            continue
        for name in FIELDS:
            recent = [name in page.filled for page in own[:RECENT] if _says(page, name)]
            past = [name in page.filled for page in own[RECENT:] if _says(page, name)]
            if newcomer:
                # Of a newcomer all pages are recent, and the past is everybody else's.
                past = [name in page.filled for page in told if page.era != era and _says(page, name)]
            finding = _judged(era, name, recent, past)
            if finding is not None:
                yield finding


def _took_over(era: str, told: Sequence[FieldsRead]) -> bool:
    """Whether an era came in the place of others: not beside them, and it did not go again."""
    if all(page.era != era for page in told[:RECENT]):
        return False
    since = len(told) - next(place for place, page in enumerate(reversed(told)) if page.era == era)
    return sum(page.era == era for page in told) >= _PLACE * since


def _says(page: FieldsRead, name: str) -> bool:
    return name in page.filled or name in page.empty


def _judged(era: str, name: str, recent: Sequence[bool], past: Sequence[bool]) -> Finding | None:
    """None for a field that is as full as it was."""
    if len(past) < _PAST or not recent:
        return None
    before = sum(past) / (len(past) + 2)
    chance, latest = min((at_most(sum(recent[:number]), len(recent[:number]), before), number) for number in _LATEST)
    given = recent[:latest]
    share = sum(given) / len(given)
    if share >= before * _HALF or chance >= _DOUBT:
        return None
    state: State = "trouble" if chance < _CHANCE else "doubtful"
    return Finding(
        "fields",
        state,
        f"{name} of {era}: {sum(given)} of the last {len(given)} articles give it",
        f"{before:.0%} of the articles before",
        "the site may have changed its pages: compare one with its snapshot (`dateline show ARTICLE`, `dateline html "
        "ARTICLE`), teach the era where the field stands now (CONTRIBUTING.md), then `dateline reparse`",
        subject=f"{era} {name}",
        value=round(share, 4),
        limit=round(before * _HALF, 4),
    )
