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
from crawler.manners import QuietHours, check_contact, rules_for
from storage.archive import Archive
from storage.cli import dateline
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


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_robots_txt_is_read(body: bytes, agent: str) -> None:
    Protego.parse(rules_for(body, agent).decode()).can_fetch("https://a.example/x", "dateline")


names = st.sampled_from(["*", "Dateline", "dateline/9", "other", "date*", "news"])
paths = st.sampled_from(["/a", "/b", "/ab"])


@given(groups=st.lists(st.tuples(names, paths), max_size=6))
def test_what_is_left_of_a_robots_txt_says_of_us_what_the_whole_one_says(groups: list[tuple[str, str]]) -> None:
    text = "".join(f"User-agent: {name}\nDisallow: {path}\n" for name, path in groups)
    agent = "Dateline/1.0 (news archive; contact: not given)"
    whole, ours = Protego.parse(text), Protego.parse(rules_for(text.encode(), agent).decode())
    for path in ("/", "/a", "/b", "/abc"):
        assert whole.can_fetch(f"https://x.example{path}", agent) == ours.can_fetch(f"https://x.example{path}", agent)


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
