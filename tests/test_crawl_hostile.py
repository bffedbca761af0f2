"""A site that means harm, by the front door: where it leads us, how much it sends, how slowly, and what gets out."""

from __future__ import annotations

import gzip
import os
import re
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import brotli
import pytest
import zstandard
from click.testing import CliRunner
from protego import Protego

from crawler.rules.politeness import PRODUCT, rules_for
from spiders.demo.newspaper import Reply
from storage.cli import dateline
from tests.front_door import Door, front_door, html, redirect

BOMB = b"<p>word</p>" * 1_600_000
ELSEWHERE = (
    ("http://127.0.0.1/", "private"),
    ("http://127.0.0.1.:{port}/", "private"),
    ("http://localhost:{port}/", "private"),
    ("http://0177.0.0.1:{port}/", "private"),
    ("http://2130706433:{port}/", "private"),
    ("http://0x7f.1:{port}/", "private"),
    ("http://[::1]:{port}/", "private"),
    ("http://[::ffff:127.0.0.1]:{port}/", "private"),
    ("//169.254.169.254/latest/meta-data/", "private"),
    ("https://10.0.0.1/", "private"),
    ("http://anna:secret@127.0.0.1:{port}/", "private"),
    ("http://127.0.0.1:{port}@elsewhere.example/", "another site"),
    ("https://elsewhere.example/", "another site"),
)
"""Where a redirect may want to lead, and what is said of it."""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with front_door(tmp_path, size=18, page_size=18) as opened:
        yield opened


def errors(door: Door) -> dict[str, str]:
    """Why articles were not archived, by the path of their address."""
    rows = door.rows("SELECT url, last_error FROM articles WHERE last_error IS NOT NULL")
    return {row["url"].removeprefix("https://demo.example"): row["last_error"] for row in rows}


def test_no_redirect_leads_to_a_private_address_in_whatever_dress(door: Door) -> None:
    port = door.service.base_url.rpartition(":")[2]
    led = dict(zip([story.path for story in door.listed()], ELSEWHERE, strict=False))
    for path, (location, _) in led.items():
        door.put(path, redirect("/hop" + path))
        door.put("/hop" + path, redirect(location.format(port=port)))
    crawl = door.crawl()
    assert crawl.code == 3
    found = errors(door)
    assert found.keys() == led.keys()
    assert all(said in found[path] for path, (_, said) in led.items()), found
    assert "/" not in crawl.asked
    assert "secret" not in crawl.said + "".join(found.values())


def test_a_name_that_leads_into_our_own_network_is_not_followed(door: Door) -> None:
    door.settings["DEMO_NOW"] = ""
    crawl = door.crawl(before=_names_lead_inside, edition="belta-eng", base_url=None, since=None)
    assert crawl.code == 4
    (line,) = crawl.lines
    assert "unreachable: robots.txt: its name leads to a private address, 127.0.0.1: not fetched; " in line
    assert crawl.asked == ()


def _names_lead_inside() -> None:
    def resolved(_: str) -> str:
        return "127.0.0.1"

    socket.gethostbyname = resolved


def test_bombs_in_every_coding_are_kept_as_sent_and_not_swollen(door: Door) -> None:
    coded = {
        "br": brotli.compress(BOMB, quality=1),
        "zstd": zstandard.compress(BOMB),
        "gzip, gzip": gzip.compress(gzip.compress(BOMB)),
        "gzip, br, zstd": zstandard.compress(brotli.compress(gzip.compress(BOMB), quality=1)),
    }
    paths = dict(zip(coded, (story.path for story in door.listed()), strict=False))
    for coding, path in paths.items():
        door.put(path, html(coded[coding], ("Content-Encoding", coding)))
    assert door.crawl().code == 3
    for coding, path in paths.items():
        page = door.row("SELECT * FROM snapshots WHERE requested_url LIKE ?", f"%{path}")
        assert (page["damage"], page["body_size"]) == ("too large", len(coded[coding])), coding


def test_entities_that_multiply_and_headers_without_end_cost_nothing_but_that_page(door: Door) -> None:
    entities, headers = (story.path for story in door.listed()[:2])
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    door.put(entities, html(f'<!DOCTYPE html [<!ENTITY l0 "lol">{laughs}]><html><body>&l9;</body></html>'))
    door.put(headers, html("x", *[("X-Pad", "y" * 1000)] * 400))
    crawl = door.crawl()
    assert crawl.code == 6
    assert errors(door)[headers] == "too large: more headers came than HEAD_MAXSIZE allows"
    page = door.row("SELECT * FROM snapshots WHERE requested_url LIKE ?", f"%{entities}")
    assert (page["reading"], page["damage"]) == ("unrecognised", None)
    assert len(door.keys()) == 16


@contextmanager
def dripping() -> Iterator[str]:
    """A server without robots.txt that gives everything else a byte at a time, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _drip(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            threading.Thread(target=_serve, args=(client,), daemon=True).start()


def _serve(client: socket.socket) -> None:
    with client, suppress(OSError):
        if b"/robots.txt" in client.recv(4096):
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            client.sendall(b" ")
            time.sleep(0.02)


def test_an_answer_that_drips_is_cut_off_when_its_time_is_over(door: Door) -> None:
    settings = ("DOWNLOAD_TIMEOUT=0.5", "RETRY_TIMES=0", "BREAKS_BEFORE_LEAVING=1")
    with dripping() as base_url:
        crawl = door.crawl(*(word for setting in settings for word in ("-s", setting)), base_url=base_url)
    assert crawl.code == 4
    assert crawl.lines[0].endswith("; refused: the site breaks off: no answer came in time")


def test_a_running_crawl_listens_on_no_port(door: Door) -> None:
    held = door.story().path
    door.put(held, Reply(200, (("Content-Length", "0"),), b"", delay=60))
    running = door.start("-s", "LOG_LEVEL=INFO")
    running.wait_for(lambda: held in door.service.log)
    listening = _listening(running.process.pid or 0)
    running.signal(9)
    running.end()
    assert listening == set()
    assert _listening(os.getpid()), "the newspaper listens, and is not seen"


def _listening(pid: int) -> set[str]:
    """The sockets on which a process waits for others, by their number in the system's tables."""
    waiting = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                waiting.add(f"socket:[{fields[9]}]")
    held = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            held.add(str(file.readlink()))
    return waiting & held


def test_the_password_of_a_proxy_is_neither_archived_nor_logged(door: Door) -> None:
    proxy = door.service.base_url.replace("//", "//anna:secret@")
    words = ("-s", "HTTPPROXY_ENABLED=True", "-s", "LOG_LEVEL=DEBUG")
    crawl = door.crawl(*words, before=partial(_set_proxy, proxy))
    assert any(path.startswith("http://") for path in crawl.asked), "it did not ask the proxy"
    kept = door.archive.read_bytes() + crawl.said.encode()
    assert b"Proxy-Authorization" in kept
    assert b"(withheld)" in kept
    assert not re.search(rb"secret|YW5uYTpzZWNyZXQ", kept)


def _set_proxy(address: str) -> None:
    os.environ["http_proxy"] = address


def test_a_robots_txt_of_thousands_of_robots_and_rules_is_read_in_their_sum_not_their_product() -> None:
    body = b"".join(b"User-agent: r%d\n" % number for number in range(15_000)) + b"Disallow: /a\n" * 15_000
    parsed = Protego.parse(rules_for(body + b"\nUser-agent: dateline\nDisallow: /b\n").decode())
    assert len(parsed._user_agents) <= 3
    assert parsed.can_fetch("https://a.example/a", PRODUCT)
    assert not Protego.parse(rules_for(b"user-agent: *\ndisallow: /b\n").decode()).can_fetch(
        "https://a.example/b", PRODUCT
    )


def test_a_package_whose_files_have_hostile_names_writes_nothing_anywhere(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    package = inside / "evil.wacz"
    with zipfile.ZipFile(package, "w") as evil:
        for name in ("archive/../../evil.warc", "archive/C:\\evil.warc", "archive/\x1b[2Jevil.warc"):
            evil.writestr(name, b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n")
    archive = inside / "archive.db"
    result = CliRunner().invoke(dateline, ["--database", str(archive), "import", str(package)])
    assert "\x1b" not in result.output
    assert {path.name for path in tmp_path.iterdir()} == {"inside"}
    assert not any(path.name.startswith("evil.warc") for path in inside.iterdir())
