"""Do the tools of web archives take what we export?"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.corpus import archived, pages
from benchmarks.report import Bench, Claim, Report
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_wacz, export_warc
from storage.write.archive import Archive

SIZE: Final = 50
TINY: Final = 3

OTHERS: Final = Path(__file__).parent.parent / ".venv-bench/bin"
"""Where pywb and wacz are installed (`make bench`)."""

_PATIENCE: Final = 60.0  # seconds until pywb answers


def run(bench: Bench) -> Report:
    """Exports an archive and hands it to each of them, as its users would."""
    archive, warc, wacz = (bench.folder / name for name in ("archive.db", "wire.warc.gz", "wire.wacz"))
    archived(archive, bench.size)
    with Archive.open(str(archive), readonly=True) as opened:
        export_warc(opened, warc, CaptureFilter())
        export_wacz(opened, wacz, CaptureFilter())
    warcio = Path(sys.executable).parent / "warcio"
    checks: dict[str, Callable[[], int]] = {
        "warcio check: every digest of the WARC": lambda: _accepts(warcio, "check", warc) * bench.size
    }
    if OTHERS.exists():
        checks |= {
            "wacz validate: the package": lambda: _accepts(OTHERS / "wacz", "validate", "-f", wacz) * bench.size,
            "pywb: pages replayed byte for byte": lambda: _replayed(bench, warc),
        }
    found = {name: check() for name, check in checks.items()}
    return Report(
        f"export of {bench.size} pages in the hands of others",
        ("tool", "pages it takes"),
        list(found.items()),
        [Claim(name, number, ">=", bench.size) for name, number in found.items()],
        [] if OTHERS.exists() else ["pywb and wacz are not here: `make bench` installs them in .venv-bench."],
    )


def _accepts(tool: Path, *words: str | Path) -> bool:
    done = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
    return done.returncode == 0


def _replayed(bench: Bench, warc: Path) -> int:
    """How many pages pywb gives back as they were kept, and as a page to look at."""
    for words in (("init", "news"), ("add", "news", warc)):
        subprocess.run([OTHERS / "wb-manager", *words], cwd=bench.folder, capture_output=True, check=True)
    with _pywb(bench.folder) as address:
        return sum(_is_replayed(address, snapshot.url, snapshot.body) for snapshot in pages(bench.size))


def _is_replayed(address: str, url: str, body: bytes) -> bool:
    with urlopen(f"{address}/news/2026id_/{url}") as raw, urlopen(f"{address}/news/2026mp_/{url}") as looked_at:  # noqa: S310 - loopback
        return raw.read() == body and b"<h1>" in looked_at.read()


@contextmanager
def _pywb(folder: Path) -> Iterator[str]:
    """pywb on loopback; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command: list[str | Path] = [OTHERS / "wayback", "-b", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address)
            yield address
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with suppress(URLError, ConnectionError), urlopen(address):  # noqa: S310 - loopback
            return
        time.sleep(0.2)
    raise RuntimeError("pywb does not answer")
