"""How much room does the HTML of a page take, and how long does reading it back?"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Final

import zstandard
from sqlalchemy import Connection
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.corpus import archived, pages
from benchmarks.measure import seconds
from benchmarks.report import Bench, Claim, Report
from crawler.records import Snapshot
from storage.maintenance.compact import compact
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_warc
from storage.write.archive import Archive
from storage.write.evidence.bodies import Bodies

SIZE: Final = 5000
TINY: Final = 12

_DICTIONARY: Final = 110 * 1024  # bytes: zstd's own default
_SAMPLES: Final = 1000  # pages that it is trained on
_LEVEL: Final = 19  # what `dateline compact` uses
_READ: Final = 500


def run(bench: Bench) -> Report:
    """Stores the same pages in every way, each as its own users would."""
    taken = list(pages(bench.size))
    bodies = [snapshot.body for snapshot in taken]
    plain = sum(map(len, bodies))
    archive = bench.folder / "archive.db"
    archived(archive, bench.size)
    stored = {
        "as they are": plain,
        "gzip WARC, responses alone": _warc(taken),
        "gzip WARC, dateline export": _export(archive, bench.folder / "all.warc.gz"),
        f"zstd -{_LEVEL}, each page alone": _compressed(bodies, None),
        f"zstd -{_LEVEL}, trained dictionary": _with_trained(bodies),
        "dateline, as crawled": _held(archive),
    }
    slow, late = {"dateline, as crawled": _read_back(archive)}, "dateline, compacted"
    compact(str(archive))
    stored[late], slow[late] = _held(archive), _read_back(archive)
    gzipped = stored["gzip WARC, responses alone"]
    return Report(
        f"stored HTML of {bench.size:,} pages, {plain / bench.size / 1000:.0f} KB each on average",
        ("way", "bytes a page", "of the page", "of gzip WARC", "ms to read one", "slowest of a hundred"),
        [
            (name, size // bench.size, size / plain, size / gzipped, *milliseconds(slow.get(name)))
            for name, size in stored.items()
        ],
        [
            *(Claim(f"{name} / gzip WARC", stored[name] / gzipped, "<=", 0.2) for name in slow),
            *(Claim(f"ms to read a body, {name}", median(times) * 1000, "<=", 5.0) for name, times in slow.items()),
        ],
        [f"The whole file, with news, index and evidence: {archive.stat().st_size // bench.size:,} bytes a page."],
    )


def _warc(snapshots: Iterable[Snapshot]) -> int:
    """A response record each and nothing else, a gzip member a record: the least that a WARC can be."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    for snapshot in snapshots:
        headers = StatusAndHeaders(f"{snapshot.status} OK", list(snapshot.wire.headers), protocol="HTTP/1.1")
        payload = BytesIO(snapshot.body)
        record = writer.create_warc_record(snapshot.url, "response", payload=payload, http_headers=headers)
        writer.write_record(record)
        record.raw_stream.close()  # warcio's own copy of the page
    return out.tell()


def _export(archive: Path, file: Path) -> int:
    with Archive.open(str(archive), readonly=True) as opened:
        return export_warc(opened, file, CaptureFilter()).size


def _compressed(bodies: Sequence[bytes], dictionary: zstandard.ZstdCompressionDict | None) -> int:
    def size(body: bytes) -> int:
        return len(zstandard.ZstdCompressor(level=_LEVEL, dict_data=dictionary).compress(body))

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(size, bodies))


def _with_trained(bodies: Sequence[bytes]) -> int:
    """With one dictionary for all, trained on pages from everywhere among them; it has to be kept too."""
    samples = bodies[:: max(1, len(bodies) // _SAMPLES)]
    dictionary = zstandard.train_dictionary(min(_DICTIONARY, sum(map(len, samples)) // 10), list(samples))
    dictionary.precompute_compress(level=_LEVEL)
    return len(dictionary.as_bytes()) + _compressed(bodies, dictionary)


def _held(archive: Path) -> int:
    with closing(sqlite3.connect(archive)) as connection:
        (size,) = connection.execute("SELECT sum(length(data)) FROM bodies").fetchone()
    return int(size)


def _read_back(archive: Path) -> list[float]:
    with Archive.open(str(archive), readonly=True) as opened, opened.connection() as connection:
        return read_back(connection)


def read_back(connection: Connection) -> list[float]:
    """Seconds to read each of some bodies from anywhere, nothing being remembered from one to the next."""
    digests = list(connection.exec_driver_sql("SELECT sha256 FROM bodies ORDER BY sha256").scalars())
    chosen = random.Random(1).sample(digests, min(_READ, len(digests)))

    def reading(sha256: str) -> Callable[[], bytes]:
        return lambda: Bodies().get(connection, sha256)

    return [seconds(reading(sha256)) for sha256 in chosen]


def milliseconds(times: Sequence[float] | None) -> tuple[float | None, float | None]:
    """The median and the slowest of a hundred."""
    if times is None:
        return None, None
    return median(times) * 1000, sorted(times)[len(times) * 99 // 100] * 1000
