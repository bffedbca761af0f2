"""The rules of manners: hours of rest, a contact at which somebody can be reached, and what robots.txt says of us."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler.errors import ArgumentError
from crawler.rules.politeness import PRODUCT, QuietHours, check_contact, rules_for
from storage.cli import dateline
from storage.write.archive import Archive
from tests.front_door import Door, front_door


@pytest.mark.parametrize(
    ("text", "rest", "work"),
    [
        ("01:00-06:00", ["01:00", "05:59"], ["00:59", "06:00", "23:00"]),
        ("22:30-01:15", ["22:30", "00:00", "01:14"], ["22:29", "01:15"]),
        (" 1:00-2:00 , 13:00-14:00", ["01:30", "13:00"], ["02:00", "14:00"]),
        ("00:00-24:00", ["00:00", "12:00", "23:59"], []),
        ("", [], ["00:00", "12:00"]),
    ],
)
def test_quiet_hours_are_those_between_two_times_also_over_midnight(
    text: str, rest: list[str], work: list[str]
) -> None:
    hours = QuietHours.read(text)
    assert all(hours.at(time.fromisoformat(wall)) is not None for wall in rest)
    assert all(hours.at(time.fromisoformat(wall)) is None for wall in work)


@pytest.mark.parametrize("text", ["1-2", "25:00-26:00", "01:60-02:00", "01:00-01:00", "01:00", "01:00-02:00,", "a-b"])
def test_other_hours_are_refused_and_named(text: str) -> None:
    with pytest.raises(ArgumentError, match="QUIET_HOURS="):
        QuietHours.read(text)


@pytest.mark.parametrize(
    "contact",
    ["", "wire@archive.press", "a.b+c@mail.uni-x.edu", "https://archive.press/crawler?x=1", "http://a.by:8080/"],
)
def test_a_mail_address_or_page_is_a_contact(contact: str) -> None:
    check_contact(contact)


@pytest.mark.parametrize(
    "contact",
    [
        "me",
        "you@example.com",
        "https://www.example.org/",
        "root@localhost",
        "a@b",
        "a b@c.org",
        "a@c.org\r\nX-Evil: 1",
        "https://user:secret@archive.press/",
        "ftp://archive.press/",
        "https://127.0.0.1/",
        "x)@c.org",
        "x@c.org)",
        "@c.org",
        "x@" + "a" * 300 + ".org",
        "https://archive.press/(",
        "ü@archive.press",
        "http://[",
        "Anna <anna@archive.press>",
    ],
)
def test_anything_else_is_refused_in_one_line(contact: str) -> None:
    with pytest.raises(ArgumentError, match="DATELINE_CONTACT="):
        check_contact(contact)


@given(st.binary(max_size=300))
def test_any_robots_txt_is_read(body: bytes) -> None:
    Protego.parse(rules_for(body).decode()).can_fetch("https://a.example/x", PRODUCT)


OURS = (
    "Dateline", "dateline", "DATELINE", "Dateline/2.0", "dateline/9 (beta)", "Dateline 2", "Dateline*", "*Dateline",
)  # fmt: skip
OTHERS = (
    "other", "news", "archive", "contact", "not given", "Date", "date*", "line", "Dateliner", "Dateline-Images",
    "My-Dateline", "Other/1.0 (like Dateline)", "Googlebot, Dateline",
)  # fmt: skip
paths = st.sampled_from(["/a", "/b", "/ab"])
groups_of_rules = st.lists(st.tuples(st.sampled_from(["*", *OURS, *OTHERS]), paths), max_size=8)


@given(
    groups_of_rules, st.sampled_from(["User-agent: ", "user-agent:", "  USER-AGENT : ", "Useragent ", "User  agent: "])
)
def test_the_rules_are_those_of_all_groups_for_dateline_or_else_for_everybody(
    groups: list[tuple[str, str]], field: str
) -> None:
    text = "".join(f"{field}{name}\nDisallow: {path}\n" for name, path in groups)
    rules = Protego.parse(rules_for(text.encode()).decode())
    ours = [path for name, path in groups if name in OURS] or [path for name, path in groups if name == "*"]
    for path in ("/", "/a", "/b", "/abc"):
        forbidden = any(path.startswith(rule) for rule in ours)
        assert rules.can_fetch(f"https://x.example{path}", PRODUCT) is not forbidden


def test_groups_that_share_their_rules_are_told_apart() -> None:
    body = b"User-agent: archive\nUser-agent: Dateline/3 # us\nUser-agent: date\nDisallow: /a\nCrawl-delay: 7\n"
    rules = Protego.parse(rules_for(body + b"User-agent: *\nDisallow: /b\nCrawl-delay: 1\n").decode())
    assert [rules.can_fetch(f"https://x.example{path}", PRODUCT) for path in ("/a", "/b")] == [False, True]
    assert rules.crawl_delay(PRODUCT) == 7


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """A newspaper of three stories that was crawled."""
    with front_door(tmp_path, size=3) as opened:
        assert opened.crawl().code == 0
    return opened


def test_robots_txt_goes_out_and_comes_in_again_with_everything_else(door: Door) -> None:
    file, other = door.folder / "wire.warc.gz", door.folder / "other.db"

    def run(database: Path, *words: str) -> int:
        return CliRunner().invoke(dateline, ["--database", str(database), *words]).exit_code

    assert run(door.archive, "export", "warc", str(file)) == 0
    with Archive.open(str(other), create=True):
        pass
    assert run(other, "import", str(file)) == 0
    told = "SELECT kind, status, reading, body_sha256, requested_url FROM snapshots WHERE kind = 'robots'"
    with Archive.open(str(other), readonly=True) as archive, archive.connection() as connection:
        imported = [tuple(row) for row in connection.exec_driver_sql(told).all()]
    assert imported == [tuple(row) for row in door.rows(told)]
    assert len(imported) == 1
    assert [run(other, word) for word in ("verify", "reparse", "compact", "verify")] == [0, 0, 0, 0]
    assert run(door.archive, "export", "warc", "--kind", "robots", str(door.folder / "robots.warc.gz")) == 0
