"""Makes a large archive of invented news in minutes: `python -m benchmarks.bulk PATH --articles 200000`.

It is an archive like any other: made by the real migrations, sealed, with views and full-text index, and
`dateline verify` finds it sound. What a daily crawl of three editions over some years would have left: articles of
2.8 KB in the words of benchmarks/prose.py, photos with captions, some revised, re-sent, rewritten or gone, failures,
a hole in the coverage of one edition and a lost stretch of another. Only the pages are few and shared: the page of an
article shows some other invented story, so it is not for reparse. Equal seeds give equal archives.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from random import Random

from benchmarks.newsroom import Newsroom
from benchmarks.prose import Language, language_of
from benchmarks.wire import END, Pages, Wire, days
from crawler.sites import edition as edition_named
from crawler.sites import zone_of
from storage.db import views
from storage.terminal.output_file import check_free
from storage.write.archive import Archive
from storage.write.articles import near_duplicates
from storage.write.coverage.days import tell_days
from storage.write.coverage.renewal import place
from storage.write.evidence import manifest
from storage.write.evidence.bodies import Bodies
from storage.write.migrate import fill

EDITIONS = ("belta-eng", "belta-rus", "belta-deu")
_PAGES = 128  # distinct pages an edition and kind; fewer in a small archive, where each is to be used
_BATCH = 2_000  # rows written at a time


def make(path: Path, articles: int = 200_000, *, seed: int = 1, force: bool = False) -> None:
    """Makes an archive of so many articles, and some more that were never archived. Raises ArgumentError where `path`
    is taken, without `force`.
    """
    check_free(path, force=force)
    part = path.with_name(f".{path.name}.part")
    for leftover in path.parent.glob(f"{part.name}*"):
        leftover.unlink()
    languages = {edition: language_of(edition_named(edition).language, seed, articles) for edition in EDITIONS}
    pages = _keep_pages(part, languages, min(_PAGES, days(articles), max(articles // 20, 1)), seed)
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        # The file is not named yet, so nothing is lost when the machine stops.
        connection.executescript("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000")
        connection.execute("BEGIN")
        newsrooms = {edition: Newsroom(language, seed) for edition, language in languages.items()}
        _write(connection, Wire(newsrooms, pages, articles, seed).rows())
        connection.execute("COMMIT")
    _finish(part)
    part.replace(path)


def _keep_pages(part: Path, languages: Mapping[str, Language], count: int, seed: int) -> Pages:
    """Creates the archive with its bodies: so many of each kind."""
    random, store = Random(seed), Bodies()
    kept: dict[tuple[str, str], list[tuple[str, int]]] = {}
    with Archive.open(str(part), create=True) as archive, archive.writing() as connection:
        for edition, language in languages.items():
            menu = "".join(f"<li>{language.headline('society', random)}</li>" for _ in range(500))
            for kind in ("article", "listing"):
                for _ in range(count):
                    text = "".join(f"<p>{line}</p>" for line in random.choices(language.sentences["society"], k=25))
                    body = f"<!doctype html><ul>{menu}</ul><div class={kind}>{text}</div>".encode()
                    sha256 = hashlib.sha256(body).hexdigest()
                    store.put(connection, sha256, body, (edition, kind))
                    kept.setdefault((edition, kind), []).append((sha256, len(body)))
    return kept


def _write(connection: sqlite3.Connection, rows: Iterator[tuple[str, dict[str, object]]]) -> None:
    waiting: dict[str, list[dict[str, object]]] = {}
    for table, row in rows:
        batch = waiting.setdefault(table, [])
        batch.append(row)
        if len(batch) == _BATCH:
            _insert(connection, table, batch)
            batch.clear()
    for table, batch in waiting.items():
        _insert(connection, table, batch)


def _insert(connection: sqlite3.Connection, table: str, batch: list[dict[str, object]]) -> None:
    """Inserts rows of one shape."""
    if batch:
        names = ", ".join(batch[0])
        values = ", ".join(f":{name}" for name in batch[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", batch)  # noqa: S608 - our own names


def _finish(part: Path) -> None:
    """The index, the links and the edits over all rows, the seal over all rows, and a file as a crawl leaves it."""
    with Archive.open(str(part)) as archive, archive.writing(alone=True) as connection:
        views.rebuild(connection)
        near_duplicates.rebuild(connection)
        fill(connection)
        place(connection)
        for edition in EDITIONS:
            tell_days(connection, edition, zone_of(edition), END)
        manifest.seal(connection, None, END)
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--force", action="store_true", help="replace the file")
    options = parser.parse_args()
    began = time.monotonic()
    make(options.path, options.articles, seed=options.seed, force=options.force)
    size = options.path.stat().st_size / 2**20
    print(f"{options.path}: {options.articles:,} articles, {size:,.0f} MiB, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
