"""What a person at a terminal sees of a crawl, read from a terminal; elsewhere there is nothing to see."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TextIO

import pytest
from rich.console import Console

from spiders.demo.faults import only
from spiders.pace import Descent, Work
from spiders.reporting.painter import NotPaintable, Painter
from spiders.reporting.screen import EditionLine, RunView, frame
from spiders.reporting.summary import TODO
from tests.front_door import Crawl, Door, front_door
from tests.screen import Screen, Terminal, terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "Mill\x1b]0;owned\x07 burns \x1b[2J\x9b1A\u202edown\nagain"


def watched(door: Door, *options: str, **environment: str) -> tuple[Crawl, Terminal]:
    """A crawl that has a terminal for its stderr."""
    with terminal() as there:
        crawl = door.crawl(*options, before=there.task(**environment))
    return crawl, there


def test_a_terminal_shows_how_far_a_crawl_is_and_is_left_with_the_summary_alone(tmp_path: Path) -> None:
    with front_door(tmp_path, size=40) as door:
        door.trouble(only("slow", r"/\w+/view/.*", 0.1))
        crawl, there = watched(door, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=2")
    assert crawl.code == 0
    screen = there.screen
    assert re.fullmatch(r"demo: \d+ listing pages, 40 article pages, 40 new; complete", screen.text)
    seen = [picture for picture in screen.pictures if "back to" in picture]
    assert len(seen) > 3, "40 pages at 0.05 s take two seconds"
    assert all(re.match(r"\s+pages  back to +new  changed  same  failed  waiting\ndemo ", picture) for picture in seen)
    counted = [int(picture.splitlines()[1].split()[5]) for picture in seen if "Nov 2026" in picture]
    assert counted == sorted(counted)
    assert 0 < counted[-1] <= 40
    assert any("to go" in picture and " so far" in picture for picture in seen)
    assert any("latest: " in picture for picture in seen)


def test_a_crawl_that_is_stopped_says_so_at_once_and_leaves_the_terminal_clean(tmp_path: Path) -> None:
    with front_door(tmp_path, size=12) as door, terminal() as there:
        door.trouble(only("slow", r"/\w+/view/.*", 1.2))
        running = door.start(before=there.task())
        running.wait_for(lambda: any("/view/" in path for path in door.service.log))
        running.signal(signal.SIGINT)
        assert running.end().code == 3
    screen = there.screen
    assert any("stopping: what was asked for is still kept" in picture for picture in screen.pictures)
    assert screen.rows[0].endswith("; incomplete: stopped by a signal")
    assert TODO in screen.text
    assert "back to" not in screen.text


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ((), {"TERM": "dumb"}),
        (("-s", "PROGRESS=0"), {}),
        (("-L", "INFO"), {}),
    ],
    ids=["dumb", "switched off", "chatty"],
)
def test_where_no_picture_is_wanted_there_is_none(
    options: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    with front_door(tmp_path, size=1) as door:
        crawl, there = watched(door, *options, **environment)
    assert crawl.code == 0
    assert b"back to" not in there.written
    assert there.screen.text.endswith("1 new; complete")
    if environment:
        assert b"\x1b" not in there.written


def test_no_color_is_respected(tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        _, plain = watched(door, NO_COLOR="1")
        _, coloured = watched(door)
    colours = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|9[0-7])")
    assert b"back to" in plain.written
    assert not colours.search(plain.written)
    assert colours.search(coloured.written)


# --- one picture


def lines(scene: RunView, width: int = 100, height: int = 24) -> list[str]:
    """The lines of a scene, which take no more room than there is and hold nothing but text and colours."""
    console = Console(width=width, height=height, force_terminal=True, color_system="truecolor", legacy_windows=False)
    shown = frame(scene, console)
    screen = Screen(columns=width)
    screen.feed("\r\n".join(shown))
    assert len(shown) < height
    return [COLOUR.sub("", line) for line in shown]


def leg(edition: str = "demo", stage: str = "fetching", **work: int) -> EditionLine:
    return EditionLine(edition, stage, Work(**{"pages": 3, "fetched": 10, "waiting": 30, **work}))  # type: ignore[arg-type]


def test_a_headline_cannot_drive_the_terminal() -> None:
    (*_, latest) = lines(RunView([leg()], elapsed=5, latest=HOSTILE))
    assert latest.startswith("latest: Mill␛]0;owned␇ burns ␛[2J")


@pytest.mark.parametrize("width", [30, 45, 60, 79, 80, 300])
@pytest.mark.parametrize("height", [6, 10, 50])
def test_a_picture_fits_whatever_the_terminal(width: int, height: int) -> None:
    legs = [leg("belta-eng", "over"), leg("belta-rus"), *(leg(f"edition-{number}", "to come") for number in range(9))]
    shown = lines(RunView(legs, elapsed=90, rate=0.5, latest="明斯克今天天气很好" * 30), width, height)
    assert any("belta-rus" in line for line in shown), "the one that is being crawled"
    assert ("belta-eng" in "".join(shown)) == (height == 50)


@pytest.mark.parametrize(
    ("current", "rate", "said"),
    [
        (leg(waiting=20), 0.5, "30 pages a minute, 1 min 30 s so far, less than a minute to go"),
        (leg(waiting=300), 0.05, "3.0 pages a minute, 1 min 30 s so far, about 1 h 40 min to go"),
        (leg(waiting=300), 0.5, "about 10 min to go"),
        (leg(waiting=9000), 0.5, "about 5 h to go"),
        (leg(waiting=300), None, "1 min 30 s so far, time to go not known yet"),
        (leg(waiting=0), 20.0, "1,200 pages a minute, 1 min 30 s so far, less than a minute to go"),
        (EditionLine("demo", "walking", Work(3, 10, 30, Descent(3))), 0.5, "time to go unknown"),
        (EditionLine("demo", "walking", Work(3, 10, 30, Descent(3), most=10)), 0.5, "about 6 min to go"),
        (leg(stage="stopping"), 0.5, "30 pages a minute, 1 min 30 s so far"),
    ],
)
def test_time_to_go_is_told_where_it_is_known_and_never_invented(
    current: EditionLine, rate: float | None, said: str
) -> None:
    assert lines(RunView([current], elapsed=90, rate=rate))[-1].endswith(said)


def test_what_other_editions_will_take_is_not_pretended_to_be_known() -> None:
    shown = lines(RunView([leg("one", waiting=300), leg("two", "to come"), leg("three", "to come")], 90, 0.5))
    assert shown[-1].endswith("about 10 min to go for one, then 2 editions more")


def test_silence_is_told() -> None:
    assert "no answer for 2 min, " in lines(RunView([leg()], elapsed=200, still=120.0))[-1]
    assert "no answer" not in lines(RunView([leg()], elapsed=200, still=5.0))[-1]


# --- a picture in the place of another


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


@contextmanager
def paper() -> Iterator[tuple[TextIO, int]]:
    """A terminal: a stream to write to, and where to read what was written."""
    ours, theirs = pty.openpty()
    try:
        with os.fdopen(theirs, "w") as stream:
            yield stream, ours
    finally:
        os.close(ours)


def written(ours: int) -> bytes:
    """All that was written: a terminal hands it over in pieces."""
    text = b""
    while select.select([ours], [], [], 0.3)[0]:
        text += os.read(ours, 65_536)
    return text


def seen(ours: int) -> Screen:
    screen = Screen()
    screen.feed(written(ours).decode())
    return screen


def test_a_picture_takes_the_place_of_the_one_before_and_log_lines_stay_above_it() -> None:
    with paper() as (stream, ours):
        painter = Painter(stream)
        painter.paint(["one", "two", "three"])
        painter.write("a warning\nwith \x1b[2J a second line\n")
        painter.paint(["four"])
        painter.paint(["four and five"])
        assert written(ours).count(b"\x1b[J") == 4
        painter.write("an error")
        painter.close()
        stream.write("the summary\n")
        stream.flush()
        screen = Screen()
        screen.feed("four and five\r\n" + written(ours).decode())
        assert screen.text == "an error\nthe summary"


def test_log_lines_stay_in_order_and_cannot_drive_the_terminal() -> None:
    with paper() as (stream, ours):
        painter = Painter(stream)
        painter.paint(["one", "two", "three"])
        painter.write("a warning\nwith \x1b[2J a second line\n")
        painter.paint(["four"])
        assert seen(ours).text == "a warning\nwith ␛[2J a second line\nfour"
        painter.close()


def test_the_same_picture_is_not_painted_twice() -> None:
    with paper() as (stream, ours):
        painter = Painter(stream)
        for _ in range(1000):
            painter.paint(["the same"])
        assert len(written(ours)) < 100
        painter.close()


def test_a_terminal_that_nobody_reads_holds_up_nobody_and_shows_whole_pictures_later() -> None:
    with paper() as (stream, ours):
        painter = Painter(stream)
        for number in range(5000):
            painter.paint([f"picture {number} " + 60 * "x", "second line"])
        reader = Thread(target=painter.close)
        text = written(ours)
        reader.start()
        text += written(ours)
        reader.join()
        screen = Screen()
        screen.feed(text.decode())
    assert len(screen.pictures) > 10
    assert all(re.fullmatch(r"picture \d+ x{60}\nsecond line|", picture) for picture in screen.pictures)


def test_a_window_that_became_narrower_is_left_without_remains() -> None:
    with terminal(columns=40) as there, Path(there.path).open("w") as stream:
        painter = Painter(stream)
        painter.paint(["x" * 39, "y" * 5])
        there.resize(20)
        painter.paint(["z"])
        painter.close()
    assert b"\x1b[3A" in there.written, "the first of its two lines takes two rows now"


def test_only_a_terminal_that_moves_its_cursor_is_painted_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with paper() as (stream, _), (tmp_path / "file").open("w") as file:
        Painter(stream).close()
        with pytest.raises(NotPaintable):
            Painter(file)
        for kind in ("dumb", ""):
            monkeypatch.setenv("TERM", kind)
            with pytest.raises(NotPaintable):
                Painter(stream)
        monkeypatch.delenv("TERM")
        with pytest.raises(NotPaintable):
            Painter(stream)
