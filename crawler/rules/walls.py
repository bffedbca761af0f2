"""Walls: a site that does not show its articles although they are there: a bad deployment, or it dislikes this crawler.

A wall is told from deletions by how many go at once. Since some moment so many of the articles asked for were absent
(crawler/rules/absences.py) that the edition's own past does not account for it. Articles count, not visits: one that is
asked for again and again is one. New stories and archived articles are judged apart, since that all new ones are
absent says nothing of archived ones that are found; so is each kind of answer, and all absences together.

What happens to all articles at once is the site's doing. While a wall stands nothing is called gone or given up, until
a longer patience has passed for each article (`crawler.rules.decide.LONG_PATIENCE`): a mass deletion is believed in
the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crawler.rules.binomial import at_least

FEWEST: Final = 3  # absent articles: two stories are taken down together now and then
MOST: Final = 500  # answers of each sort that are looked at
_FLOOR, _CEILING = 0.05, 0.5  # share of absences that is normal at least; most of a site is never normally absent
_CHANCE: Final = 1e-3
_EVERY: Final = 30  # of the moments at which a wall may have begun, so many are looked at one by one


@dataclass(frozen=True, slots=True)
class VisitResult:
    """What the site answered of one article: it was found `at` the latest, or absent from `at` on for a `reason`.

    `archived`: whether it was in the archive by then. `decided`: it was called gone or given up for it.
    """

    at: datetime
    archived: bool
    reason: str | None = None
    decided: bool = False

    @property
    def kind(self) -> str | None:
        """What sort of answer it was, None where the article was found.

        >>> from datetime import UTC
        >>> VisitResult(datetime(2026, 3, 2, tzinfo=UTC), archived=True, reason="redirected to https://a.example/").kind
        'redirected'
        """
        if self.reason is None or self.reason.startswith("HTTP "):
            return self.reason
        return self.reason.split(maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Wall:
    """`absent` of `asked` articles that were asked for `since` then are not there; `reason` is what most of them
    answer, `usual` the share of such answers before. `archived`: whether these are archived articles, or new ones.
    """

    archived: bool
    absent: int
    asked: int
    since: datetime
    reason: str
    usual: float

    def __str__(self) -> str:
        what, consequence = ("archived", "marked as gone") if self.archived else ("new", "given up")
        return (
            f"{self.absent} of {self.asked} {what} articles asked for are not there, {self.reason}: that is the site's "
            f"doing, none is {consequence} for it"
        )


@dataclass(frozen=True, slots=True)
class VisitResults:
    """The latest answers of an edition. Those of found articles are complete from `covered` on, by `archived`; None:
    all that there are.
    """

    answers: tuple[VisitResult, ...] = ()
    covered: tuple[datetime | None, datetime | None] = (None, None)


def walls(known: VisitResults) -> tuple[Wall, ...]:
    """The walls that stand: at most one for new stories, and one for archived articles."""
    found = (_wall(known, archived=archived) for archived in (False, True))
    return tuple(wall for wall in found if wall is not None)


def _wall(known: VisitResults, *, archived: bool) -> Wall | None:
    """The least likely of what stands out, None where nothing does."""
    ours = sorted((one for one in known.answers if one.archived == archived), key=lambda one: one.at)
    absent = [one for one in ours if one.kind is not None and not one.decided]
    if len(absent) < FEWEST:
        return None
    judged = [
        (at_least(wall.absent, wall.asked, wall.usual), -wall.asked, wall)
        for wall in _suspects(ours, known.covered[archived])
    ]
    chance, _, wall = min(judged, key=lambda one: one[:2], default=(1.0, 0, None))
    return wall if chance < _CHANCE else None


def _suspects(ours: Sequence[VisitResult], covered: datetime | None) -> Iterator[Wall]:
    """What would be a wall if it stood out: for every moment at which it may have begun, and each kind of answer."""
    recent = [one for one in ours if covered is None or one.at >= covered]
    moments = sorted({one.at for one in recent if one.kind is not None and not one.decided}, reverse=True)
    for since in _thinned(moments):
        asked = [one for one in recent if one.at >= since and not one.decided][-2 * MOST :]
        before = [one for one in ours if one.at < since and (one.kind is None or one.decided)]
        kinds = Counter(one.kind for one in asked if one.kind is not None)
        for kind in [None, *kinds] if len(kinds) > 1 else [None]:
            yield _suspect(asked, before, kind, since)


def _suspect(asked: Sequence[VisitResult], before: Sequence[VisitResult], kind: str | None, since: datetime) -> Wall:
    """`kind`: None for all absences together."""
    absent = [one for one in asked if one.kind is not None and kind in {None, one.kind}]
    earlier = sum(one.kind is not None and kind in {None, one.kind} for one in before)
    usual = min(max((earlier + 1) / (len(before) + 1 / _FLOOR), _FLOOR), _CEILING)
    return Wall(asked[0].archived, len(absent), len(asked), since, _commonest(absent), usual)


def _commonest(absent: Iterable[VisitResult]) -> str:
    reasons = Counter(one.reason or "" for one in absent)
    most = reasons.most_common(1)[0][0]
    return most if len(reasons) == 1 else f"most often {most}"


def _thinned(moments: Sequence[datetime]) -> Iterator[datetime]:
    """The latest of them all, then ever fewer, and the earliest: where a long wall begins need not be known exactly."""
    at = 0
    while at < len(moments) - 1:
        yield moments[at]
        at += max(1, at // 4 if at > _EVERY else 1)
    yield from moments[-1:]
