"""Runs of cron in a child process, one after the other: what `scrapy crawl news` does each time, without sockets.

A process costs more than a run that finds nothing new, so a child makes several. They share what Python imports and
compiles, and nothing of ours: settings, archive, log, spider and crawler are made anew each time.
"""

from __future__ import annotations

import asyncio
import copy
import gc
import resource
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from mmap import mmap
from pathlib import Path
from struct import pack_into, unpack_from
from typing import Any
from unittest.mock import patch

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import BaseSettings, Settings
from scrapy.utils.reactor import install_reactor

from crawler.errors import ArchiveError
from spiders.reporting.logs import Logs
from spiders.reporting.summary import report
from spiders.run import Run
from tests.simulation import BASE_URL, LifeWorld, in_a_child

NOT_RUN = -1


@dataclass(frozen=True, slots=True)
class Batch:
    """How some runs went: their exit codes, the highest memory of their process in bytes, and what it added to the
    memory of its parent. `NOT_RUN` stands for runs that a crash of their process prevented; how that ended is the last.
    """

    codes: tuple[int, ...]
    peak: int
    added: int


def run_all(
    world: LifeWorld,
    times: Sequence[datetime],
    settings: Callable[[], Settings],
    around: Callable[[], AbstractContextManager[None]],
) -> Batch:
    """A run at each of the times, or half a minute after the one before, if that takes longer. `around`: what they are
    made in.
    """
    words = f"{2 + len(times)}q"
    with mmap(-1, 8 * (2 + len(times))) as told:
        pack_into(words, told, 0, 0, 0, *[NOT_RUN] * len(times))
        ended = in_a_child(partial(_live, world, times, settings, around, told))
        peak, added, *codes = unpack_from(words, told, 0)
    return Batch((*codes[:-1], ended or codes[-1]), peak, added)


def _live(
    world: LifeWorld,
    times: Sequence[datetime],
    settings: Callable[[], Settings],
    around: Callable[[], AbstractContextManager[None]],
    told: mmap,
) -> int:
    gc.freeze()  # what the parent made is nobody's garbage here, and looking for it would copy its pages
    before = _resident()

    async def live() -> None:
        for number, at in enumerate(times):
            world.set(max(at, world.time + timedelta(seconds=30)))
            pack_into("q", told, 8 * (2 + number), await _crawl(settings()))
            peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            pack_into("qq", told, 0, peak, peak - before)

    with around(), patch.object(BaseSettings, "copy", _copied), patch.object(BaseSettings, "frozencopy", _itself):
        _in_a_reactor(live)
    return 0


def _in_a_reactor(live: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    reactor: Any = import_module("twisted.internet.reactor")  # there is none before
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        tasks.append(loop.create_task(live()))
        tasks[0].add_done_callback(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    tasks[0].result()


async def _crawl(settings: Settings) -> int:
    """One run. Its exit code."""
    logs = Logs.begin(settings)
    try:
        run = Run.open({"edition": "demo", "base_url": BASE_URL}, settings)
        logs.context.run = run
        await AsyncCrawlerRunner(settings).crawl("news", run=run)
        run.close()
        report(run, "never", logs)
    except ArchiveError:
        return 1
    finally:
        logs.end()
    return run.exit_code


def _copied(settings: BaseSettings) -> BaseSettings:
    """Scrapy copies its settings twice a run, all that they hold, which takes as long as walking a listing."""
    copied = copy.copy(settings)
    copied.attributes = {name: copy.copy(attribute) for name, attribute in settings.attributes.items()}
    return copied


def _itself(settings: BaseSettings) -> BaseSettings:
    return settings


def _resident() -> int:
    """Bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
