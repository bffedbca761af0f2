"""What is a wall, the site's own doing, and what is a story that is taken down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.rules.binomial import at_least, at_most
from crawler.rules.walls import MOST, VisitResult, VisitResults, Wall, walls

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOT_FOUND, GONE, HOME = "HTTP status 404", "HTTP status 410", "redirected to https://eng.belta.by/"
IN_DRESS = "soft 404: Page not found"


def told(marks: str, reason: str = NOT_FOUND, *, archived: bool = True) -> tuple[VisitResult, ...]:
    """Answers a minute apart: ``.`` found, ``x`` absent, ``d`` absent and decided."""
    return tuple(
        VisitResult(BEGIN + place * MINUTE, archived, None if mark == "." else reason, decided=mark == "d")
        for place, mark in enumerate(marks)
    )


def stands(*answers: VisitResult) -> bool:
    return bool(walls(VisitResults(answers)))


@pytest.mark.parametrize("reason", [NOT_FOUND, GONE, HOME, IN_DRESS])
@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize(
    ("marks", "wall"),
    [
        ("xxx", True),  # three visits in a run, or of three runs
        ("xxxx", True),
        ("x" * 10, True),
        ("." * 400 + "xxx", True),  # after a long time in which all was well
        ("." * 400 + "xxx" + ".", True),
        ("." * 30 + "x" * 12 + "." * 12, True),
        ("x" * 12 + "." * 3, True),
        ("x", False),
        ("xx", False),
        ("." * 400 + "xx", False),
        ("x.....x......x....", False),  # a story now and then
        (("." * 20 + "x") * 20, False),
        ("." * 30 + "xxx" + "." * 30, False),  # three at once, and since then all are found
        ("." * 30 + "d" * 12, False),  # decided, one after the other
        (("." + "d") * 50 + ".xxx", False),  # an edition that takes down every other story
        (("." + "d") * 50 + "." + "x" * 12, True),
        ("", False),
    ],
)
def test_many_at_once_are_the_site_s_doing_and_one_now_and_then_is_not(
    marks: str,
    wall: bool,  # noqa: FBT001 - a parameter of pytest
    archived: bool,  # noqa: FBT001
    reason: str,
) -> None:
    assert stands(*told(marks, reason, archived=archived)) == wall


def test_kinds_that_mix_are_a_wall_together() -> None:
    kinds = (NOT_FOUND, GONE, HOME, IN_DRESS)
    mixed = [VisitResult(BEGIN + place * MINUTE, archived=True, reason=kinds[place % 4]) for place in range(12)]
    assert stands(*told("." * 3), *mixed)


def test_one_kind_stands_out_of_an_edition_that_takes_down_many_stories() -> None:
    usual = told(("..d" * 40) + "x.." * 5)
    home = [VisitResult(BEGIN + (200 + place) * MINUTE, archived=True, reason=HOME) for place in range(4)]
    found = [VisitResult(BEGIN + (210 + place) * MINUTE, archived=True) for place in range(2)]
    assert not stands(*usual)
    (wall,) = walls(VisitResults((*usual, *home, *found)))
    assert (wall.absent, wall.reason) == (4, HOME)


def test_new_stories_and_archived_articles_are_judged_apart() -> None:
    fresh, old = told("x" * 12, archived=False), told("." * 300)
    (wall,) = walls(VisitResults((*fresh, *old)))
    assert (wall.archived, wall.absent, wall.asked) == (False, 12, 12)
    both = walls(VisitResults((*fresh, *told("x" * 12))))
    assert [one.archived for one in both] == [False, True]


def test_a_wall_says_how_many_of_how_many_answer_what_and_what_follows() -> None:
    (wall,) = walls(
        VisitResults(
            (
                *told("." * 50),
                *(VisitResult(BEGIN + (60 + at) * MINUTE, archived=True, reason=HOME) for at in range(12)),
            )
        )
    )
    assert str(wall) == (
        "12 of 12 archived articles asked for are not there, redirected to https://eng.belta.by/: that is the site's "
        "doing, none is marked as gone for it"
    )
    mixed = (*told("xxxx", archived=False), *told("....x", GONE, archived=False)[4:])
    (wall,) = walls(VisitResults(mixed))
    assert str(wall).startswith("5 of 5 new articles asked for are not there, most often HTTP status 404: ")
    assert str(wall).endswith("none is given up for it")


def test_what_is_not_covered_by_the_latest_answers_is_not_judged() -> None:
    """Of a long backfill only the latest found articles are looked at: earlier absences would seem to stand alone."""
    absent = told("x" * 60)
    found = [VisitResult(BEGIN + (100 + place) * MINUTE, archived=True) for place in range(20)]
    assert walls(VisitResults((*absent, *found), (None, None)))
    assert not walls(VisitResults((*absent, *found), (None, BEGIN + 100 * MINUTE)))


@given(st.text("..x", max_size=40), st.integers(0, 60), st.booleans())
def test_a_wall_is_made_of_what_is_there(marks: str, older: int, archived: bool) -> None:  # noqa: FBT001
    answers = told("." * older + marks, archived=archived)
    for wall in walls(VisitResults(answers)):
        since = [one for one in answers if one.at >= wall.since]
        assert wall == Wall(archived, wall.absent, len(since), wall.since, NOT_FOUND, wall.usual)
        assert 3 <= wall.absent == sum(one.reason is not None for one in since)
        assert wall.usual < wall.absent / wall.asked


@given(st.text(".x", max_size=40))
def test_one_more_absence_at_the_end_never_takes_a_wall_down(marks: str) -> None:
    if stands(*told(marks)):
        assert stands(*told(marks + "x"))


@given(st.integers(0, 300), st.text(".x", min_size=3, max_size=30))
def test_a_wall_falls_when_enough_are_found_after_it(older: int, marks: str) -> None:
    assert not stands(*told("." * older + marks + "." * 400))


def test_the_largest_wall_is_judged_in_no_time() -> None:
    answers = [*told(".x" * MOST), *told(".x" * MOST, HOME, archived=False)]
    begun = process_time()
    assert len(walls(VisitResults(tuple(answers)))) == 2
    assert process_time() - begun < 5


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.01, 0.99))
def test_so_few_or_more_is_everything(successes: int, more: int, chance: float) -> None:
    trials = successes + more
    assert at_most(trials, trials, chance) == pytest.approx(1)
    if successes:
        assert at_most(successes - 1, trials, chance) + at_least(successes, trials, chance) == pytest.approx(1)
