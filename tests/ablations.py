"""Guards taken away one by one: the check on the check. Each makes the simulation fail, or the guard is for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from crawler.listing.steps import Step, View
from crawler.listing.walk import Walk
from crawler.records import Article, Reading
from storage.write.archive import Archive
from storage.write.articles import revisions
from storage.write.evidence.snapshots import mark
from storage.write.frontier.queue import Due
from storage.write.frontier.visits import Saved

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


@contextmanager
def without(guard: str | None) -> Iterator[None]:
    """Take a guard away while the block runs; None takes none."""
    patches = [patch.object(*one) for one in ABLATIONS[guard]()] if guard else []
    for one in patches:
        one.start()
    yield
    for one in patches:
        one.stop()
