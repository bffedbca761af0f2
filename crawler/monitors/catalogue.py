"""The monitors of an edition and of the archive: each compares one thing with what was normal for this edition.

To add one: a function from the facts to findings, its line in `MONITORS`, its section in docs/monitoring.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from statistics import median
from typing import Final

from crawler.monitors.completeness import fields
from crawler.monitors.health import Disk, EditionFacts, Finding, graded, lasting
from crawler.monitors.rhythm import silence
from crawler.rules.decide import LONG_PATIENCE
from crawler.rules.walls import FEWEST

DAY: Final = timedelta(days=1)

UNREADABLE: Final = frozenset({"unrecognised", "unreadable", "soft-404"})
READ: Final = frozenset({"article", "unchanged"})
LATEST: Final = 100  # article pages whose share of failures is judged, against up to 900 before them
_FEWEST: Final = 20
_SHARE: Final = 0.1  # a site always has some broken pages
_TIMES: Final = 3  # times what was normal is too much

RIDDLES_BACK: Final = timedelta(days=29)
_RIDDLES: Final = 3  # in a day; one odd page is listed by `dateline status`, and no incident

_WAITING: Final = 20  # articles; a hiccup of the site leaves a few
_SETTLED: Final = timedelta(hours=6)  # the queue of the last hours is not the norm to compare it with

_AWAY_RUNS: Final = 3
_AWAY: Final = timedelta(hours=1)
_KILLED: Final = 3
KILLED_OF: Final = 10  # crawls
_STEP: Final = timedelta(minutes=2)  # a clock that is set right by as much is in order

_OPEN_RUNS: Final = 5
_OPEN: Final = timedelta(days=2)

LOST: Final = "lost"
"""The monitor whose trouble nobody can mend: it is told, and is over with the next crawl."""

WALL: Final = "wall"

DRESS_FOR: Final = timedelta(days=3)
"""How long a change of the template is told."""

_DISK_FLOOR: Final = 64 * 2**20  # bytes: below, SQLite and the system itself get into trouble
_DISK_DAYS: Final = 14


def examine(vitals: EditionFacts) -> list[Finding]:
    """Everything that the monitors find in an edition."""
    return [finding for monitor in MONITORS for finding in monitor(vitals)]


def failures(vitals: EditionFacts) -> Iterator[Finding]:
    """More article pages than usual that could not be read."""
    recent, past = vitals.readings[:LATEST], vitals.readings[LATEST:]
    if len(recent) < _FEWEST:
        yield Finding("failures", "well", f"{len(recent)} article pages are known", f"judged from {_FEWEST} on")
        return
    share, before = _share(recent), _share(past)
    limit = max(_SHARE, _TIMES * before)
    yield Finding(
        "failures",
        graded(share, limit),
        f"{share:.0%} of the last {len(recent)} article pages could not be read",
        f"up to {limit:.0%}" + (f"; of the {len(past)} pages before it was {before:.1%}" if past else ""),
        "the pages are kept: `dateline status` lists them with the reason; once a parser reads them, `dateline "
        "reparse` makes up for it",
        value=round(share, 4),
        limit=round(limit, 4),
    )


def _share(readings: Sequence[str]) -> float:
    return sum(reading in UNREADABLE for reading in readings) / len(readings) if readings else 0.0


def unrecognised(vitals: EditionFacts) -> Iterator[Finding]:
    """More pages than before that no parser recognises, listings included."""
    today = sum(moment > vitals.now - DAY for moment in vitals.riddles)
    before = (len(vitals.riddles) - today) / (RIDDLES_BACK / DAY - 1)
    limit = max(_RIDDLES, _TIMES * before)
    why = f", most often: {vitals.riddle}" if today and vitals.riddle else ""
    yield Finding(
        "unrecognised",
        graded(today, limit),
        f"{today} pages of the last 24 hours are read by no parser{why}",
        f"up to {limit:.0f} a day; in the four weeks before it was {before:.1f} a day",
        "the site may have new pages: look at one (`dateline status` lists them), add an era (CONTRIBUTING.md), then "
        "`dateline reparse`",
        value=today,
        limit=round(limit, 2),
    )


def queue(vitals: EditionFacts) -> Iterator[Finding]:
    """More articles than usual that wait for another try."""
    usual = [
        ran.waiting
        for ran in vitals.crawls
        if ran.waiting is not None and ran.finished_at and ran.finished_at < vitals.now - _SETTLED
    ]
    before = median(usual) if usual else 0.0
    limit = max(_WAITING, _TIMES * before)
    yield Finding(
        "queue",
        graded(vitals.waiting, limit),
        f"{vitals.waiting} articles wait to be tried again after a failure",
        f"up to {limit:.0f}" + (f"; at the end of earlier crawls it was {before:.0f}" if usual else ""),
        "`dateline status` gives the reasons: an outage of the site passes by itself, a refusal asks for fewer "
        "requests, a page that stays broken is given up after two weeks",
        value=vitals.waiting,
        limit=round(limit, 2),
    )


def reach(vitals: EditionFacts) -> Iterator[Finding]:
    """Crawl after crawl that the site refused or could not be reached in."""
    ended = [ran for ran in vitals.crawls if ran.outcome is not None]
    away = list(takewhile(lambda ran: ran.outcome in {"refused", "unreachable"}, ended))
    since = vitals.now - away[-1].started_at if away else timedelta()
    yield Finding(
        "reach",
        "trouble" if len(away) >= _AWAY_RUNS and since >= _AWAY else "doubtful" if away else "well",
        f"the last {len(away)} crawls were refused or did not reach the site, for {lasting(since)}"
        if away
        else "the last crawl reached the site",
        f"fewer than {_AWAY_RUNS} in a row, or less than {lasting(_AWAY)}",
        "open the site in a browser on this machine: if it is there, it refuses this crawler (crawl less often, "
        "write to the agency); if not, check the network and wait",
        value=len(away),
        limit=_AWAY_RUNS - 1,
    )


def wall(vitals: EditionFacts) -> Iterator[Finding]:
    """A site that does not show its articles: too many went at once. Over when each is there again, or decided."""
    measured = "; ".join(map(str, vitals.walls))
    most = max(vitals.walls, key=lambda one: one.absent / one.asked, default=None)
    if not measured:
        behind = f"{vitals.behind} of the articles that went at once are still not there"
        measured = behind if vitals.behind else "the site shows the articles that are asked for"
    yield Finding(
        WALL,
        "trouble" if vitals.walls else "doubtful" if vitals.behind else "well",
        measured,
        f"fewer than {FEWEST} at once"
        if most is None
        else f"{most.usual:.0%} of those asked for, and fewer than {FEWEST} at once",
        "open one of them in a browser (`dateline status` lists them): a fault of the site passes, and they are looked "
        "at again soon; if the site shows it there, it turns this crawler away; what is gone for good is called so "
        f"after {LONG_PATIENCE[1].days} days",
        value=None if most is None else round(most.absent / most.asked, 4),
        limit=None if most is None else round(most.usual, 4),
    )


def killed(vitals: EditionFacts) -> Iterator[Finding]:
    """Crawls that did not come to their end. The newest row may be the one that is running."""
    earlier = vitals.crawls[1:] if vitals.crawls and vitals.crawls[0].finished_at is None else vitals.crawls
    lost = [ran for ran in earlier[:KILLED_OF] if ran.finished_at is None]
    yield Finding(
        "killed",
        "trouble" if len(lost) >= _KILLED else "doubtful" if len(lost) == _KILLED - 1 else "well",
        f"{len(lost)} of the last {len(earlier[:KILLED_OF])} crawls were killed before their end",
        f"fewer than {_KILLED}; nothing is lost by it, the next crawl goes on",
        "look for what kills them: memory (`dmesg`), a time limit of cron or systemd, the machine itself",
        value=len(lost),
        limit=_KILLED - 1,
    )


def clock(vitals: EditionFacts) -> Iterator[Finding]:
    """A crawl that began before the one before it had ended: they never run at once, so the clock was set back."""
    runs = [ran for ran in vitals.crawls if ran.waiting is not None]
    back = timedelta()
    if len(runs) > 1:
        later, earlier = runs[:2]
        back = max((earlier.finished_at or earlier.started_at) - later.started_at, timedelta())
    yield Finding(
        "clock",
        "trouble" if back > _STEP else "well",
        f"the clock went back by {lasting(back)}" if back > _STEP else "the clock goes forward",
        f"never back by more than {lasting(_STEP)}",
        "check the clock of this machine (`timedatectl`); times of the crawls meanwhile are wrong in the archive, and "
        "those that are still to come count as now",
        value=back.total_seconds(),
        limit=_STEP.total_seconds(),
    )


def holes(vitals: EditionFacts) -> Iterator[Finding]:
    """Holes in the coverage of the listing that crawl after crawl does not close."""
    began = vitals.complete_at or (vitals.crawls[-1].started_at if vitals.crawls else vitals.now)
    tries = [ran for ran in vitals.crawls if ran.finished_at and ran.started_at >= began]
    since = vitals.now - began if vitals.holes else timedelta()
    stays = len(tries) >= _OPEN_RUNS and since > _OPEN
    listings = sum(ran.pages for ran in tries)
    yield Finding(
        "holes",
        "trouble" if stays else "doubtful" if vitals.holes else "well",
        f"{vitals.holes[0]}: open for {lasting(since)} and {len(tries)} crawls, which read {listings} listing pages"
        if vitals.holes
        else "the listing is covered without a hole",
        f"closed by the next crawl, within {lasting(_OPEN)} at most",
        "see why the crawls are cut short (`dateline status` lists the last ones); a long way back (-a since=...) only "
        "takes its time",
        value=round(since / timedelta(hours=1), 2),
        limit=_OPEN / timedelta(hours=1),
    )


def lost(vitals: EditionFacts) -> Iterator[Finding]:
    """What the listing no longer reaches. It is told once, by the crawl that found it: nobody can mend it."""
    yield Finding(
        LOST,
        "trouble" if vitals.lost else "well",
        "; ".join(vitals.lost) if vitals.lost else "the last crawl lost nothing",
        "nothing: the listing still shows what came since the crawl before",
        "crawl more often than the listing drops its oldest entries; what was lost can only come from another archive "
        "(`dateline import`)",
        value=len(vitals.lost),
        limit=0,
    )


def addresses(vitals: EditionFacts) -> Iterator[Finding]:
    """Listing entries that look like articles but lead to addresses of unknown form."""
    first = f", the first: {vitals.unknown[0]}" if vitals.unknown else ""
    yield Finding(
        "addresses",
        "trouble" if vitals.unknown else "well",
        f"{len(vitals.unknown)} entries of the listing lead to addresses of unknown form{first}"
        if vitals.unknown
        else "every entry of the listing leads to an article",
        "none: an entry with a headline and a time is a story",
        "look at them (`dateline status` lists them): a new form of address belongs in the site's rules "
        "(CONTRIBUTING.md); they count as missing",
        value=len(vitals.unknown),
        limit=0,
    )


def template(vitals: EditionFacts) -> Iterator[Finding]:
    """Changes that the site made to all of its pages at once: said once each, for a few days."""
    normal = "what articles say changes one article at a time"
    yield Finding("template", "well", f"{len(vitals.dresses)} changes of the site's template of late", normal)
    for dress in vitals.dresses:
        yield Finding(
            "template",
            "trouble",
            f"{dress.says}: the same in {dress.articles} articles",
            normal,
            "nothing to mend: their revisions are marked as the template's and are no edits. Where the words do not "
            "belong to the story, teach the parser to leave them out, then `dateline reparse`",
            subject=dress.digest,
            value=dress.articles,
        )


def room(disk: Disk) -> Finding:
    """Room on the disk, against what the archive grows by."""
    needed = max(_DISK_FLOOR, disk.daily * _DISK_DAYS)
    days = disk.free / disk.daily if disk.daily else None
    lasts = "" if days is None else f", enough for {days:,.0f} days at {_megabytes(disk.daily)} a day"
    return Finding(
        "disk",
        graded(needed, disk.free),
        f"{_megabytes(disk.free)} are left{lasts}",
        f"at least {_megabytes(needed)}: {_DISK_DAYS} days' growth",
        "make room, or move the archive to a larger disk while no crawl is running; `dateline compact` makes it "
        "smaller",
        value=disk.free,
        limit=needed,
    )


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"


MONITORS: Final[tuple[Callable[[EditionFacts], Iterable[Finding]], ...]] = (
    silence,
    failures,
    unrecognised,
    fields,
    queue,
    wall,
    reach,
    killed,
    clock,
    holes,
    lost,
    addresses,
    template,
)
"""In the order in which their findings are shown."""

STANDSTILL: Final = "standstill"


def standstill(finished_at: datetime | None, now: datetime, longest: timedelta) -> Finding:
    """No crawl came to its end for longer than the user allows. Only he knows whether any should: it is no monitor."""
    since = None if finished_at is None else now - finished_at
    return Finding(
        STANDSTILL,
        "trouble" if since is None or since > longest else "well",
        "no crawl ever came to its end" if since is None else f"the last crawl ended {lasting(since)} ago",
        f"at most {lasting(longest)} ago",
        "see whether a stop file was forgotten, and whether cron or the timer still starts it (the mails of cron, "
        "`systemctl list-timers`)",
        value=None if since is None else since.total_seconds(),
        limit=longest.total_seconds(),
    )
