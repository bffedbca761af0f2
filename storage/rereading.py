"""Many articles read again: in this process, or in several that read the same archive."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import BaseContext

from crawler.errors import DatelineError
from storage.archive import Archive
from storage.reread import Reread, Rereader

_AHEAD = 3  # portions that wait for each process
_WORTH = 1000  # pages below which processes take longer to start than to read


@dataclass(frozen=True, slots=True)
class Portion:
    """Articles to be read one after the other, and how many pages they have."""

    article_ids: tuple[int, ...] = field(repr=False)
    pages: int


class ProcessDied(DatelineError):
    """A reading process ended in the middle of its work: killed, or out of memory."""


@contextmanager
def reread_all(
    archive: Archive, target: str, portions: Sequence[Portion], jobs: int | None
) -> Iterator[Iterator[Reread]]:
    """The articles as they are read, in order. Inside the block processes may be at work, after it none is.

    Few pages are read here, and so are all with `jobs` 1.
    """
    count = min(jobs or os.cpu_count() or 1, len(portions))
    if count <= 1 or (jobs is None and sum(portion.pages for portion in portions) < _WORTH):
        yield _read_here(archive, portions)
        return
    pool = ProcessPoolExecutor(count, mp_context=_context(), initializer=_begin, initargs=(target,))
    try:
        yield _read_there(pool, portions, count * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Processes that are forked from a fresh one, which has loaded what they need (0.8 s): a fork of this one would
    share its database connection, and threads that do not run on.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _read_here(archive: Archive, portions: Sequence[Portion]) -> Iterator[Reread]:
    rereader = Rereader()
    for portion in portions:
        yield from _read(archive, rereader, portion)


def _read_there(pool: ProcessPoolExecutor, portions: Sequence[Portion], ahead: int) -> Iterator[Reread]:
    waiting: deque[Future[list[Reread]]] = deque()
    try:
        for portion in portions:
            waiting.append(pool.submit(_work, portion))
            if len(waiting) > ahead:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise ProcessDied(
            "a reading process died (was it killed, or out of memory?): what was written until then stays; "
            "try again with --jobs 1"
        ) from error


def _read(archive: Archive, rereader: Rereader, portion: Portion) -> list[Reread]:
    with archive.connection() as connection:
        return [rereader.article(connection, article_id) for article_id in portion.article_ids]


# What follows runs in the processes.

_desk: tuple[Archive, Rereader] | None = None


def _begin(target: str) -> None:
    """Called once in each: Ctrl-C is for the process that writes, and without that one there is nothing to do."""
    global _desk  # noqa: PLW0603 - a process has one archive, opened before its first portion
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _desk = Archive.open(target, readonly=True), Rereader()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(portion: Portion) -> list[Reread]:
    if _desk is None:  # pragma: no cover - the pool calls _begin first
        raise RuntimeError("no archive was opened")
    return _read(*_desk, portion)
