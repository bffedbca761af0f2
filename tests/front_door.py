"""The front door: `scrapy crawl news`, run as a user runs it, against a newspaper on loopback.

Every crawl is a process of its own, in a folder of its own, with sockets and signals. It is forked from a process
that has Scrapy imported already, which saves the second that a start costs; `test_crawl.py` also starts it from cold.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import default_settings

from crawler import settings as ours
from crawler.dates import utc_text
from spiders.demo.faults import Faults
from spiders.demo.newspaper import Headers, Newspaper, Reply
from spiders.demo.respond import respond
from spiders.demo.server import Service, serve
from spiders.demo.steady import steady
from spiders.demo.stories import Story
from spiders.reporting.summary import TODO
from tests.ready_made import empty_archive
from tests.rehearsal import rehearsed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATIENCE = 60.0  # seconds in which a crawl must end
COMPONENTS = (
    *(*ours.DOWNLOADER_MIDDLEWARES_BASE, *default_settings.SPIDER_MIDDLEWARES_BASE, *ours.EXTENSIONS_BASE),
    *(*ours.DOWNLOADER_MIDDLEWARES, *ours.EXTENSIONS, *ours.ITEM_PIPELINES),
    *(ours.TWISTED_DNS_RESOLVER, ours.DUPEFILTER_CLASS, *filter(None, ours.DOWNLOAD_HANDLERS.values())),
)
# What `scrapy crawl news` imports while it starts. None of it installs a reactor.
PRELOADED = (
    *(f"scrapy.commands.{name}" for name in ("bench", "check", "crawl", "fetch", "genspider", "list", "parse")),
    *(f"scrapy.commands.{name}" for name in ("runspider", "settings", "shell", "startproject", "version", "view")),
    *(f"scrapy.{name}" for name in ("cmdline", "logformatter", "pqueues", "robotstxt", "squeues", "statscollectors")),
    *("scrapy.core.scheduler", "scrapy.core.downloader.contextfactory", "scrapy.core.downloader.handlers.http11"),
    *("scrapy.core.downloader.handlers.ftp", "scrapy.core.downloader.handlers.s3"),
    *("spiders.commands.crawl", "spiders.commands.notify", "spiders.news"),
    *(path.rpartition(".")[0] for path in COMPONENTS),
    *("alembic.command", "storage.write.migrate", "protego", "twisted.internet.asyncioreactor", "encodings.idna"),
    *("encodings.charmap", "encodings.cp1252", "encodings.utf_8_sig", "tests.front_door", "tests.warm"),
)
Task = Callable[[], None]


class NoonClock:
    """For the setting CLOCK, where an agency other than the miniature one is crawled at the newspaper's time."""

    def now(self) -> datetime:
        return NOON


@dataclass(frozen=True, slots=True)
class Crawl:
    """How a crawl went: its exit code (minus the signal that ended it), what it said on stderr, and the paths that it
    asked for.
    """

    code: int
    said: str
    asked: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What it said, without the advice at the end."""
        return [line for line in self.said.splitlines() if not line.startswith(TODO)]

    @property
    def advice(self) -> list[str]:
        """What it said is to be done."""
        return [line for line in self.said.splitlines() if line.startswith(TODO)]

    @property
    def articles(self) -> list[str]:
        """The paths of articles that it asked for."""
        return [path for path in self.asked if not path.startswith(("/robots.txt", "/all_news"))]


@dataclass(slots=True)
class Running:
    """A crawl that goes on in the background."""

    process: ForkServerProcess
    folder: Path
    service: Service
    before: int

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened while the crawl goes on. Raises AssertionError when it does not."""
        end = time.monotonic() + PATIENCE
        while not happened():
            assert self.process.is_alive(), f"the crawl ended before: {self.end()}"
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.01)

    def signal(self, number: int) -> None:
        """Send a signal to the crawl; to one that has just ended nothing is sent."""
        assert self.process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def end(self) -> Crawl:
        """Wait for its end. It never prints on stdout."""
        done = ended(self.process, self.folder)
        assert done.stdout == ""
        return Crawl(done.code, done.stderr, tuple(self.service.log[self.before :]))


@dataclass(slots=True)
class Door:
    """A newspaper on loopback, a folder in which it is crawled, and the archive that this makes.

    `now` is the time, for the newspaper and for every crawl that starts.
    """

    folder: Path
    service: Service
    archive: Path
    now: datetime = NOON
    settings: dict[str, object] = field(default_factory=dict)

    def start(self, *options: str, before: Task | None = None, **arguments: str | None) -> Running:
        """Start a crawl of everything that the newspaper lists, unless told otherwise; None leaves an argument out.

        `before` is done first in the process that crawls.
        """
        settings = {"DEMO_NOW": utc_text(self.now), "DATABASE_URL": self.archive, **self.settings}
        given = {"edition": "demo", "base_url": self.service.base_url, "since": "all", **arguments}
        words = ["scrapy", "crawl", "news"]
        words += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        words += [word for name, value in given.items() if value is not None for word in ("-a", f"{name}={value}")]
        process = forked(self.folder, Scrapy((*words, *options), before))
        return Running(process, self.folder, self.service, len(self.service.log))

    def crawl(self, *options: str, before: Task | None = None, **arguments: str | None) -> Crawl:
        """Start a crawl and wait for its end."""
        return self.start(*options, before=before, **arguments).end()

    # --- what the newspaper shows

    def listed(self) -> list[Story]:
        """The stories that it lists now, newest first."""
        front = self.service.paper.newsroom.at(self.now)
        return list(front.listed(0, len(front)))

    def story(self, place: int = 0) -> Story:
        """The story so many places below the top of the listing, video records left out."""
        return [story for story in self.listed() if story.rubric != "video"][place]

    def put(self, path: str, answer: Reply) -> None:
        """Have it answer a path so from now on."""
        self.service.printed.update({(path, True): answer, (path, False): answer})

    def trouble(self, faults: Faults) -> None:
        """Have it answer with faults from now on."""
        self.service.paper = replace(self.service.paper, faults=faults)

    def heal(self) -> None:
        """Undo every `put` and all trouble."""
        self.service.printed.clear()
        self.trouble(Faults())

    def answer(self, path: str) -> Reply:
        """What it answers when all is well."""
        return respond(replace(self.service.paper, faults=Faults()), path, {}, self.now)

    # --- what the archive holds

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(f"file:{self.archive}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row:
        (row,) = self.rows(sql, *values)
        return row

    def value(self, sql: str, *values: object) -> Any:  # noqa: ANN401 - whatever the query asks for
        (value,) = self.row(sql, *values)
        return value

    def keys(self) -> set[str]:
        """Keys of the articles that are archived."""
        return {row["key"] for row in self.rows("SELECT key FROM news WHERE edition = 'demo'")}

    def counts(self) -> dict[str, int]:
        """How many rows the tables have."""
        tables = ("crawls", "snapshots", "bodies", "articles", "sightings", "revisions", "photos", "walks")
        return {name: self.value(f"SELECT count(*) FROM {name}") for name in tables}  # noqa: S608 - names of tables

    def whole(self) -> None:
        """Assert that the archive is whole and holds all that the newspaper lists exactly as it reads now."""
        assert self.value("PRAGMA integrity_check") == "ok"
        assert self.value("SELECT count(*) FROM snapshots WHERE reading IS NULL") == 0
        news = {row["key"]: row for row in self.rows("SELECT * FROM news WHERE edition = 'demo'")}
        missed = {story.path for story in self.listed()} - {urlsplit(row["url"]).path for row in news.values()}
        assert not missed, f"missed: {missed}"
        for story in self.listed():
            row = news[story.key]
            wrong = {name: (row[name], value) for name, value in truth(story).items() if row[name] != value}
            assert not wrong, f"{story.key}: archived and true: {wrong}"


def truth(story: Story) -> dict[str, Any]:
    """What a row of the view `news` must say of a story."""
    return {
        "edition": "demo",
        "url": story.url,
        "headline": story.headline,
        "published_at": utc_text(story.published),
        "rubric": story.rubric,
        "body": story.text,
        "tags": json.dumps(story.tags, ensure_ascii=False),
        "language": story.language,
        "photo_url": story.photos[0].url if story.photos else None,
        "photo_caption": story.photos[0].caption if story.photos else None,
        "photo_count": len(story.photos),
        "status": "live",
    }


@contextmanager
def front_door(folder: Path, size: int = 12, *, new: bool = False, **paper: Any) -> Iterator[Door]:  # noqa: ANN401
    """A newspaper with `size` stories, six a page, served while the block runs. `paper`: fields of a Newspaper.

    The archive is an empty one, which saves half of a short crawl's time, unless it is to be `new`: there is none.
    """
    if not new:
        (folder / "archive.db").write_bytes(empty_archive())
    shape = {"newsroom": steady(size=size), "page_size": 6, **paper}
    doors: list[Door] = []
    with serve(Newspaper(**shape), lambda: doors[0].now) as service:
        doors.append(Door(folder, service, folder / "archive.db"))
        yield doors[0]


def html(body: str | bytes, *more: tuple[str, str], status: int = 200, kind: str = "text/html; charset=utf-8") -> Reply:
    """An answer with a page of one's own. `more` are headers."""
    sent = body.encode() if isinstance(body, str) else body
    headers: Headers = (("Content-Type", kind), *more, ("Content-Length", str(len(sent))))
    return Reply(status, headers, sent)


def redirect(location: str, status: int = 302) -> Reply:
    """An answer that sends elsewhere."""
    return Reply(status, (("Location", location), ("Content-Length", "0")), b"")


# --- a process of its own


def forked(folder: Path, task: Task) -> ForkServerProcess:
    """Do something in a process of its own, in a folder where its stdout and stderr are files."""
    context = _server()
    for name in ("stdout", "stderr"):
        (folder / name).write_bytes(b"")
    process = context.Process(target=_do, args=(str(folder), task))
    process.start()
    return process


@cache
def _server() -> ForkServerContext:
    """Starts the process from which all others are forked; one that Dateline itself has started knows too little."""
    context = multiprocessing.get_context("forkserver")
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # nothing public ends it
    context.set_forkserver_preload(list(PRELOADED))
    forkserver.ensure_running()
    return context


@dataclass(frozen=True, slots=True)
class Finished:
    """What a process left: its exit code (minus the signal that ended it) and what it printed."""

    code: int
    stdout: str
    stderr: str


def ended(process: ForkServerProcess, folder: Path, patience: float = PATIENCE) -> Finished:
    """Wait for the end of a process that `forked` started. Raises AssertionError when it does not come."""
    process.join(patience)
    late = process.exitcode is None
    if late:
        process.kill()
        process.join()
    stdout, stderr = ((folder / name).read_text() for name in ("stdout", "stderr"))
    assert not late, f"the process does not end: {stdout}{stderr}"
    return Finished(process.exitcode or 0, stdout, stderr)


def _do(folder: str, task: Task) -> None:
    os.chdir(folder)
    for name, number in (("stdout", 1), ("stderr", 2)):
        file = os.open(name, os.O_WRONLY | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    warnings.simplefilter("always", ResourceWarning)
    from tests.warm import ENGINE  # noqa: PLC0415 - where it is imported already

    with rehearsed(ENGINE):
        task()


@dataclass(frozen=True, slots=True)
class Scrapy:
    """The command `scrapy`, to be forked. `before` is done first."""

    words: tuple[str, ...]
    before: Task | None = None

    def __call__(self) -> None:
        from scrapy.cmdline import execute  # noqa: PLC0415 - only in the process that crawls

        os.environ["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
        if self.before is not None:
            self.before()
        execute(list(self.words))
