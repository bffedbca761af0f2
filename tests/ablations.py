"""Guards taken away one by one: the check on the check. Each makes the simulation fail, or the guard is for nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, tzinfo
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import storage.write.coverage.days
import storage.write.coverage.edges
import storage.write.coverage.pieces
from crawler.listing.coverage import State, Stretch, day_states
from crawler.listing.line import Line
from crawler.listing.steps import Step, View
from crawler.listing.walk import Walk
from crawler.records import Article, Reading
from storage.write.archive import Archive
from storage.write.articles import revisions
from storage.write.coverage.pieces import Pieces
from storage.write.evidence.snapshots import mark
from storage.write.frontier.queue import Due
from storage.write.frontier.visits import Saved
from storage.write.walks import Coverage

Patches = list[tuple[object, str, Callable[..., Any]]]


def _any_page_follows(_walk: Walk, _view: View) -> bool:
    return True


def _onward_to_the_first_known(walk: Walk, view: View, step: Step, _home: int | None) -> Step:
    """What every other crawler does: the first known entry ends the walk, wherever it stands."""
    if any(entry.interval is not None for entry in view.entries):
        return replace(step, ended="joined", complete=True, swept=True)
    return walk._goal_or_next(view, step)


def _due_without_retries(due: Callable[..., list[Due]]) -> Callable[..., list[Due]]:
    return lambda *args, **options: [one for one in due(*args, **options) if not one.attempts]


def _save_in_two(save: Callable[..., Saved]) -> Callable[..., Saved]:
    """Acknowledge first, in a transaction of its own; store afterwards."""

    def twice(archive: Archive, reading: Reading, article: Article) -> Saved:
        with archive.writing() as connection:
            mark(connection, reading.snapshot_id, "article")
        with archive.writing() as connection:
            unread = "UPDATE snapshots SET reading = NULL WHERE snapshot_id = ?"
            connection.exec_driver_sql(unread, (reading.snapshot_id,))
            return revisions.save(connection, reading, article)

    return lambda archive, reading: (
        save(archive, reading) if reading.article is None else twice(archive, reading, reading.article)
    )


ABLATIONS: dict[str, Callable[[], Patches]] = {
    "overlap": lambda: [(Walk, "_overlaps", _any_page_follows)],
    "joining": lambda: [(Walk, "_onward", _onward_to_the_first_known)],
    "retries": lambda: [(Archive, "due", _due_without_retries(Archive.due))],
    "one-transaction": lambda: [(Archive, "save", _save_in_two(Archive.save))],
}


def _closed_at_any_goal(close: Callable[..., None]) -> Callable[..., None]:
    """Takes every goal for as deep as that of the interval."""

    def closed(coverage: Coverage, book: Pieces, walk: Walk, *rest: object) -> None:
        close(coverage, book, SimpleNamespace(goal=date.min, current=walk.current), *rest)

    return closed


def _untroubled(name: str, method: Callable[..., Step]) -> Callable[..., Step]:
    """The method of a walk that never has a suspicion of this name."""

    def taken(walk: Walk, *rest: object) -> Step:
        setattr(walk, name, False)
        return method(walk, *rest)

    return taken


def _filled_not_lost(line: Line, walk_id: int, _reachable: object = ()) -> None:
    for piece in line.pieces[line.index(walk_id) :]:
        piece.gap = None


def _without_holes(days: Iterable[date], zone: tzinfo, stretches: Iterable[Stretch]) -> Iterator[tuple[date, State]]:
    return day_states(days, zone, [one for one in stretches if one.state != "hole"])


def _upper_goal(one: dict[str, Any], *_: object) -> dict[str, object]:
    return {"goal": one["goal"], "complete": one["complete"]}


def _nothing(*_: object) -> None:
    return None


_DAYS, _EDGES, _PIECES = storage.write.coverage.days, storage.write.coverage.edges, storage.write.coverage.pieces

LISTING_ABLATIONS: dict[str, Callable[[], Patches]] = {
    "contradicted-end": lambda: [(Walk, "_end", _untroubled("_offered", Walk._end))],
    "end-above-others": lambda: [(Walk, "_ends_above_others", lambda _: False)],
    "gaps-lost": lambda: [(Line, "lose", _filled_not_lost)],
    "gaps-wanted": lambda: [(Line, "wanted", lambda *_: False)],
    "goal-inherited": lambda: [(_PIECES, "_deeper_goal", _upper_goal)],
    "goal-reached": lambda: [(Coverage, "_close", _closed_at_any_goal(Coverage._close))],
    "holes-in-days": lambda: [(_DAYS, "day_states", _without_holes)],
    "lies-within": lambda: [(Coverage, "_lies_within", lambda *_, **__: True)],
    "moved-neighbours": lambda: [(_EDGES, "_is_older", lambda *_: False)],
    "overlap": ABLATIONS["overlap"],
    "pieces-apart": lambda: [(Pieces, "_set_apart", _nothing)],
    "pieces-passed": lambda: [(Pieces, "pass_by", _nothing), (Pieces, "_came_past", lambda *_: False)],
    "pieces-taken-over": lambda: [(Pieces, "_take_over", lambda _, walk_id, *__: walk_id)],
    "seen-below": lambda: [(Pieces, "seen_below", lambda *_: False)],
    "suspect-page": lambda: [(Walk, "_seam", _untroubled("_suspect", Walk._seam))],
}
"""Guards of the coverage that need no processes (tests/listing_histories.py)."""


def fast_folder() -> str | None:
    """Memory where the system gives some: a kill loses nothing that was written there, just as on a disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the folder inside it is private


@contextmanager
def without(guard: str | None) -> Iterator[None]:
    """Take a guard away while the block runs; None takes none."""
    patches = [patch.object(*one) for one in (ABLATIONS | LISTING_ABLATIONS)[guard]()] if guard else []
    for one in patches:
        one.start()
    yield
    for one in patches:
        one.stop()
