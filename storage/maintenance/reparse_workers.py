"""Many articles read again: in this process, or in several that read the same archive."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import BaseContext

from crawler.errors import DatelineError
from storage.write.archive import Archive
from storage.write.reparsing.reread import Reread, Rereader, passed_over

_AHEAD = 3  # portions that wait for each process
_WORTH = 1000  # pages below which processes take longer to start than to read


@dataclass(frozen=True, slots=True)
class Portion:
    """Articles to be read one after the other, and how many pages they have."""

    article_ids: tuple[int, ...] = field(repr=False)
    pages: int


class ProcessDied(DatelineError):
    """A reading process ended before it had any work, as all would."""


@contextmanager
def reread_all(
    archive: Archive, target: str, portions: Sequence[Portion], jobs: int | None
) -> Iterator[Iterator[Reread]]:
    """The articles as they are read, in order. Inside the block processes may be at work, after it none is.

    Few pages are read here, and so are all with `jobs` 1. An article that kills the process which reads it is passed
    over (`Reread.deadly`) where that is another one than this.
    """
    count = min(jobs or os.cpu_count() or 1, len(portions))
    if count <= 1 or (jobs is None and sum(portion.pages for portion in portions) < _WORTH):
        yield _read_here(archive, portions)
        return
    with closing(_read_there(archive, target, portions, count)) as rereads:
        yield rereads


@contextmanager
def _processes(target: str, count: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(count, mp_context=_context(), initializer=_begin, initargs=(target,))
    try:
        yield pool
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


def _read_there(
    archive: Archive, target: str, portions: Sequence[Portion], count: int
) -> Generator[Reread, None, None]:
    left, waiting = deque(portions), deque[tuple[Portion, Future[list[Reread]]]]()
    while left:
        with _processes(target, count) as pool, suppress(BrokenProcessPool):
            while left or waiting:
                while left and len(waiting) <= count * _AHEAD:
                    waiting.append((left[0], pool.submit(_work, left[0])))
                    left.popleft()
                yield from waiting[0][1].result()
                waiting.popleft()
        while waiting:  # one of these was being read when a process died, and no process of that pool goes on
            yield from _read_with_care(archive, target, waiting.popleft()[0])


def _read_with_care(archive: Archive, target: str, portion: Portion) -> Iterator[Reread]:
    """Reads a portion in a process of its own; halves it where that dies, down to the article that kills it."""
    with _processes(target, 1) as pool:
        try:
            pool.submit(_work, Portion((), 0)).result()
        except BrokenProcessPool as error:
            raise ProcessDied(
                "no reading process can be started (is there memory left?): what was written until now stays; "
                "try again, or with --jobs 1"
            ) from error
        try:
            read = pool.submit(_work, portion).result()
        except BrokenProcessPool:
            read = None
    if read is not None:
        yield from read
    elif len(portion.article_ids) > 1:
        middle = len(portion.article_ids) // 2
        for article_ids in (portion.article_ids[:middle], portion.article_ids[middle:]):
            yield from _read_with_care(archive, target, Portion(article_ids, portion.pages))
    else:
        with archive.connection() as connection:
            yield passed_over(connection, portion.article_ids[0])


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
