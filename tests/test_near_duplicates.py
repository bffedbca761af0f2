"""Near-identical articles are linked, the same ones whatever the order, and shown; nothing is merged."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.dates import from_utc_text, utc_text
from crawler.matching.near_duplicates import NEAR, SIZE, signature, similarity
from crawler.records import Article
from storage.cli import dateline
from storage.maintenance.verify import repair, verify
from storage.read.articles.neighbours import family
from storage.read.reader import open_reader
from storage.write.archive import Archive
from storage.write.articles import near_duplicates
from storage.write.articles.near_duplicates import SignedArticle
from tests.invented import EDITION, NOON, Desk, desk, story

FLASH = (
    "MINSK, 10 March. A ferry has left Westerlock for the first time since the storm, its owner told reporters today."
)
MORE = "Some forty passengers were on board. The next one leaves tomorrow at ten, weather permitting, the owner said."
RATES = (
    "The zloty stands at {}.{} to the krona, the lira at {}.{}, the dinar at {}.{} and the franc at {}.{} this morning."
)
OTHER = "A choir of millers sang under the clock of Tessel, where the harvest was weighed and found to be good again."


def alike(one: str, other: str) -> int | None:
    first, second = signature(*one.split("\n", 1)), signature(*other.split("\n", 1))
    assert first is not None
    assert second is not None
    return similarity(first, second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"Ferry leaves\n{FLASH}", f"Ferry leaves\n{FLASH}"),
        (f"Ferry leaves\n{FLASH}\n{MORE}", f"UPDATE 1 - Ferry leaves\n{FLASH}\n{MORE}"),
        (f"Ferry leaves\n{FLASH}\n{MORE}", f"Ferry leaves\n{FLASH} {MORE} It was late."),
        (
            "中国人民\n明斯克今天天气很好，轮渡明天上午十点离开码头。",
            "中国人民\n明斯克今天天气很好，轮渡明天上午十点离开码头！",
        ),
    ],
)
def test_what_is_sent_again_and_rewritten_is_near_identical(one: str, other: str) -> None:
    assert (alike(one, other) or 0) >= 55


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"Ferry leaves\n{FLASH}", f"Choir sings\n{OTHER}"),
        (f"Rates\n{RATES.format(*range(8))}", f"Rates\n{RATES.format(*range(10, 18))}"),
        (f"Ferry leaves\n{FLASH}", f"Ferry leaves\n{MORE}"),
    ],
)
def test_other_stories_and_the_next_of_a_series_are_not(one: str, other: str) -> None:
    assert alike(one, other) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_a_signature_and_likeness_is_mutual(one: str, other: str) -> None:
    first, second = signature("Flash", one), signature("Flash", other)
    assert (first is None) == (not one.strip())
    if first is not None and second is not None:
        assert similarity(first, first) == 100
        assert similarity(first, second) == similarity(second, first)


@given(
    st.lists(st.sampled_from(["Ferry", "x\u00b2", "7", "\u043f\u0430\u0440\u043e\u043c", "_", "\u4e2d\u56fd"])),
    st.text("'.-%\u00ab\u2013$_ \n\u200b", min_size=1),
)
def test_marks_between_words_are_no_part_of_a_story(words: list[str], marks: str) -> None:
    plain = [word for word in words if word != "_"]
    assert signature("Flash", marks.join(["Boat", *words])) == signature("Flash", " ".join(["Boat", *plain]))


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 200), st.integers(0, 1), st.integers(0, 90)), max_size=12))
def test_pairs_are_those_of_a_comparison_of_each_with_each(some: list[tuple[int, int, int, int]]) -> None:
    signed = [
        near_duplicates.SignedArticle(
            number,
            f"edition {edition}",
            utc_text(NOON + timedelta(hours=hours)),
            bytes([number + 2] * other + [base] * (SIZE - other)),
        )
        for number, (edition, hours, base, other) in enumerate(sorted(some))
    ]
    expected = {
        (one.article_id, other.article_id, alike)
        for one, other in combinations(reversed(signed), 2)
        if one.edition == other.edition
        and some_hours(one) - some_hours(other) <= NEAR
        and (alike := similarity(one.minhash or b"", other.minhash or b""))
    }
    assert expected == set(near_duplicates.pairs(signed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_duplicates, "_ROOM", 1)
        assert expected == set(near_duplicates.pairs(signed))


def some_hours(one: near_duplicates.SignedArticle) -> timedelta:
    return from_utc_text(one.published_at or "") - NOON


# --- in the archive

TEXTS = (FLASH, f"{FLASH}\n{MORE}", f"{FLASH}\n{MORE}\nIt was late.", OTHER, "")
HOURS = (0, 5, 70, 150)


def links(crawl: Desk) -> list[tuple[Any, ...]]:
    return crawl.rows(
        "SELECT a.key, b.key, k.likeness FROM kin k JOIN articles a ON a.article_id = k.article_id"
        " JOIN articles b ON b.article_id = k.other_id ORDER BY 1, 2"
    )


def signed_as(article: Article) -> tuple[str, bytes | None]:
    return utc_text(article.published_at or NOON), signature(article.headline, article.text)


def publish(crawl: Desk, number: int, text: int, hours: int, at: int) -> None:
    published = NOON - timedelta(days=30) + timedelta(hours=HOURS[hours])
    crawl.visit(story(f"{number}-2026", text=TEXTS[text], published_at=published), NOON + timedelta(minutes=at))


@given(
    before=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4), st.integers(0, 3)), max_size=4),
    shown=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=4, max_size=4),
    order=st.permutations(range(4)),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_links_follow_from_what_is_shown_in_the_end(
    before: list[tuple[int, int, int]], shown: list[tuple[int, int]], order: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "archive.db"
    path.unlink(missing_ok=True)
    with desk(path) as crawl:
        for at, (number, text, hours) in enumerate(before):
            publish(crawl, number, text, hours, at)
        for at, place in enumerate(order):
            publish(crawl, place + 1, *shown[place], 100 + at)
        made = links(crawl)
        with crawl.archive.writing() as connection:
            near_duplicates.rebuild(connection)
        assert links(crawl) == made
        signed = {
            f"{place + 1}-2026": (hours, signature("Ferry resumes", TEXTS[text].replace("\n", "\n\n")))
            for place, (text, hours) in enumerate(shown)
        }
    expected = [
        (one, other, similarity(first, second))
        for (one, (hour, first)), (other, (later, second)) in permutations(signed.items(), 2)
        if first and second and abs(HOURS[hour] - HOURS[later]) <= NEAR.total_seconds() / 3600
    ]
    assert made == sorted(link for link in expected if link[2])


def test_links_know_what_others_wrote_and_what_was_undone(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"

    def undone(crawl: Desk, article: Article) -> None:
        one = SignedArticle(crawl.meet("9-2026"), EDITION, *signed_as(article))
        with crawl.archive.writing() as connection:
            near_duplicates.relate(connection, one)
            connection.rollback()

    with desk(path) as crawl, Archive.open(str(path)) as other:
        crawl.visit(story("1-2026", text=FLASH))
        Desk(other, crawl.crawl_id).visit(story("2-2026", text=FLASH))
        undone(crawl, story("9-2026", text=FLASH))
        crawl.visit(story("3-2026", text=FLASH))
        Desk(other, crawl.crawl_id).visit(story("2-2026", text=OTHER), NOON + timedelta(hours=1))
        crawl.visit(story("4-2026", text=FLASH, published_at=NOON - timedelta(days=2)))
        crawl.visit(story("5-2026", text=FLASH, published_at=NOON - timedelta(days=9)))
        linked = {link[:2] for link in links(crawl)}
    assert linked == set(permutations(("1-2026", "3-2026", "4-2026"), 2))


def test_a_day_at_the_end_of_the_calendar_stops_nothing(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        for number, (year, month, day) in enumerate([(1, 1, 2), (1, 1, 1), (9999, 12, 30), (9999, 12, 31)]):
            published = NOON.replace(year=year, month=month, day=day)
            crawl.visit(story(f"{number}-2026", text=FLASH, published_at=published))
        crawl.visit(story("5-2026", text=FLASH, published_at=None))
        assert [link[:2] for link in links(crawl)] == [
            ("0-2026", "1-2026"),
            ("1-2026", "0-2026"),
            ("2-2026", "3-2026"),
            ("3-2026", "2-2026"),
        ]
    assert verify(str(tmp_path / "archive.db")).sound


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flash, its rewrites, each like the one before, and another story."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    with desk(path) as crawl:
        said = [f"{word} sentence of the {word} boat was told by its owner at the pier" for word in "abcdefghijkl"]
        for number in range(3):
            text = "\n".join(said[2 * number : 2 * number + 8])
            crawl.visit(
                story(f"{number + 1}-2026", headline="Boat", text=text, published_at=NOON + timedelta(hours=number))
            )
        crawl.visit(story("4-2026", headline="Choir", text=OTHER))
    return path


def run(archive: Path, *arguments: str) -> str:
    result = CliRunner().invoke(dateline, ["--database", str(archive), *arguments], prog_name="dateline")
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_a_family_is_what_links_connect(archive: Path) -> None:
    shown = json.loads(run(archive, "show", "1", "--json"))["family"]
    assert [row["key"] for row in shown] == ["2-2026", "3-2026"]
    assert shown[0]["likeness"] >= 55
    assert shown[1]["likeness"] is None
    assert json.loads(run(archive, "show", "4", "--json"))["family"] == []
    assert json.loads(run(archive, "show", "1", "--json", "--as-of", "2026-03-11"))["family"] == []
    with open_reader(str(archive)) as reader:
        assert len(family(reader, 1, most=1)) == 1


def test_people_see_the_family(archive: Path) -> None:
    near = run(archive, "show", "1").partition("\nNear-identical\n")[2].splitlines()
    assert near[0].startswith("  #2            ")
    assert near[0].endswith("% alike  belta-eng/2-2026  2026-03-10 16:00  Boat")
    assert near[1] == "  #3            through others  belta-eng/3-2026  2026-03-10 17:00  Boat"
    assert "Near-identical" not in run(archive, "show", "4")


def test_a_search_marks_what_is_near_identical(archive: Path) -> None:
    lines = run(archive, "search", "boat OR choir", "--sort", "time").splitlines()
    marks = [line.partition("  [")[2] for line in lines if line.startswith("2026")]
    assert marks == ["1 near-identical]", "2 near-identical]", "1 near-identical]", ""]
    found = json.loads(run(archive, "search", "choir", "--json"))
    assert found["results"][0]["near_identical"] == 0
    then = json.loads(run(archive, "search", "choir", "--json", "--as-of", "2026-03-11"))
    assert then["results"][0]["near_identical"] is None


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM kin WHERE article_id = 1",
        "UPDATE kin SET likeness = 12",
        "INSERT INTO kin VALUES (1, 4, 99)",
        "DELETE FROM signatures WHERE article_id = 4",
        "UPDATE signatures SET published_at = '2001-01-01T00:00:00Z'",
        "UPDATE signatures SET minhash = zeroblob(128) WHERE article_id = 2",
    ],
)
def test_links_that_do_not_follow_are_found_and_made_anew(change: str, archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(archive.read_bytes())
    with Archive.open(str(path)) as opened, opened.writing() as connection:
        connection.exec_driver_sql(change)
    findings = {check.name: check.findings for check in verify(str(path)).checks if check.findings}
    assert list(findings) == ["kin"]
    assert all(finding.derived for finding in findings["kin"])
    assert repair(str(path)).sound


def test_a_time_that_is_none_is_found_and_stops_nothing(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(archive.read_bytes())
    with Archive.open(str(path)) as opened, opened.writing() as connection:
        connection.exec_driver_sql("UPDATE revisions SET published_at = 'Monday' WHERE article_id = 4")
    found = {check.name: [finding.subject for finding in check.findings] for check in verify(str(path)).checks}
    assert found["revisions"] == ["revisions 4"]
    assert found["kin"] == ["signatures 4"]
    assert [check.name for check in repair(str(path)).checks if check.findings] == ["revisions"]
