"""Two wordings laid together word by word, and what the terminal and JSON say of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.matching import diff as diff_module
from crawler.matching.diff import BREAK, Piece, field_diffs, lines, word_diff
from storage.cli import dateline
from tests.invented import NOON, desk, story
from tests.sample_archive import small

WORDS = st.sampled_from(["ferry", "sails", "late", "the", " ", " ", BREAK, ",", "中", "国", "ё", "e\u0301", "\n"])
TEXT = st.lists(WORDS, max_size=25).map("".join)


def signs(before: str, after: str) -> str:
    """The pieces as the terminal prints them."""
    marks = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("The old ferry sails.", "The new ferry sails.", "The [-old-]{+new+} ferry sails."),
        ("Ferry sails", "Ferry sails late", "Ferry sails{+ late+}"),
        ("5 people, 7 boats", "6 men, 8 boats", "[-5 people, 7-]{+6 men, 8+} boats"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("gone", "", "[-gone-]"),
        ("covid-19", "covid-20", "covid-[-19-]{+20+}"),
        ("明斯克今天天气很好", "明斯克明天天气很好", "明斯克[-今-]{+明+}天天气很好"),
        ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.[-\n\nTwo.-]\n\nThree."),
        ("One.", "One.\n\nTwo.", "One.{+\n\nTwo.+}"),
        ("One.\n\nTwo.", "One one.\n\nTwo.\n\nThree.", "One{+ one+}.\n\nTwo.{+\n\nThree.+}"),
        ("One.\n\nTwo.", "Two.", "[-One.\n\n-]Two."),
    ],
)
def test_what_differs_is_marked_and_nothing_else(before: str, after: str, shown: str) -> None:
    assert signs(before, after) == shown


@given(TEXT | st.text(max_size=30), TEXT | st.text(max_size=30))
@example("\n\nferry", "ferry\n\n")
@settings(max_examples=300)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "+") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "-") == after
    assert all(piece.text for piece in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


@given(TEXT)
def test_a_text_is_cut_into_its_paragraphs(text: str) -> None:
    assert [piece.text for line in lines([Piece("+", text)]) for piece in line] == [
        part for part in text.split(BREAK) if part
    ]


def test_two_endless_hostile_texts_are_shown_as_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_module, "_PATIENCE", 1000)
    before, after = "a " * 100 + "b", "c " + "a " * 101 + "d"
    assert word_diff(before, after) == (Piece("-", before), Piece("+", after))


def test_tags_and_photos_are_told_an_item_a_paragraph() -> None:
    fields = {
        "tags": ('["Sea"]', '["Sea", "Ferry"]'),
        "photos": ([("https://x/a.jpg", "A pier", None)], []),
        "published_at": (None, "2026-03-10T09:00:00Z"),
    }
    tags, photos, published = field_diffs(fields)
    assert tags.pieces == (Piece("=", "Sea"), Piece("+", "\n\nFerry"))
    assert photos.pieces == (Piece("-", "https://x/a.jpg | A pier"),)
    assert (published.removed, published.added) == ("", "2026-03-10T09:00:00Z")


# --- at the door


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story in three revisions; the last is said again by a better parser."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    first = story(text="The ferry sails at ten.\nTickets are cheap.\nBring a coat.")
    second = story(text="The ferry sails at eleven.\nTickets are cheap.\nBring a coat.")
    third = replace(second, headline="Ferry resumes late", tags=("Transport", "Sea"))
    with desk(path) as crawl:
        for hours, one in enumerate((first, second, third)):
            crawl.visit(one, NOON + timedelta(hours=hours))
        crawl.visit(story("2-2026"), NOON)
    return path


def show(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), "show", *arguments], prog_name="dateline")


def document(archive: Path, *arguments: str) -> dict[str, Any]:
    result = show(archive, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_people_see_two_revisions_word_by_word(archive: Path) -> None:
    assert show(archive, "1", "--diff", "1..3").stdout.splitlines() == [
        "Ferry resumes late",
        "belta-eng/1-2026  #1",
        "Revision 1, seen 2026-03-10 15:00, and 3, seen 2026-03-10 17:00 (Europe/Minsk time)",
        "",
        "Headline",
        "  Ferry resumes{+ late+}",
        "",
        "Body",
        "  The ferry sails at [-ten-]{+eleven+}.",
        "  … 2 paragraphs unchanged",
        "",
        "Tags",
        "  … 1 paragraph unchanged",
        "  {+Sea+}",
    ]


@pytest.mark.parametrize(
    ("asked", "pair", "fields"),
    [
        ([], ("2", "3"), ["headline", "tags"]),
        (["1"], ("1", "3"), ["headline", "body", "tags"]),
        (["1.."], ("1", "3"), ["headline", "body", "tags"]),
        (["1..2"], ("1", "2"), ["body"]),
        (["2..1"], ("2", "1"), ["body"]),
        (["..2"], ("1", "2"), ["body"]),
        (["2..2"], ("2", "2"), []),
    ],
)
def test_any_two_revisions_are_compared(
    archive: Path, asked: list[str], pair: tuple[str, str], fields: list[str]
) -> None:
    told = document(archive, "1", "--diff", *asked)
    assert (told["before"]["revision"], told["after"]["revision"]) == pair
    assert [one["field"] for one in told["fields"]] == fields


def test_json_tells_the_pieces(archive: Path) -> None:
    (body,) = document(archive, "1", "--diff", "1..2")["fields"]
    assert body["pieces"][:4] == [
        ["=", "The ferry sails at "],
        ["-", "ten"],
        ["+", "eleven"],
        ["=", body["pieces"][3][1]],
    ]
    assert "".join(text for kind, text in body["pieces"] if kind != "+") == body["before"]
    assert "".join(text for kind, text in body["pieces"] if kind != "-") == body["after"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["1", "--diff", "7"], 1, "dateline: there is no revision 7: there are 1, 2, 3\n"),
        (["1", "--diff", "1..2.1"], 1, "dateline: there is no revision 2.1: there are 1, 2, 3\n"),
        (["2", "--diff"], 1, "dateline: article 2: there is no revision before 1 to compare it with\n"),
        (
            ["1", "--diff", "one"],
            2,
            "dateline: 'one' names no revisions: write 1..3, or 1 to compare with the current one\n",
        ),
        (["1", "--diff", "1", "--revision", "2"], 2, "has no --revision or --sources"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(archive: Path, arguments: list[str], code: int, said: str) -> None:
    result = show(archive, *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_a_diff_as_of_a_time_knows_no_later_revision(archive: Path) -> None:
    told = document(archive, "1", "--diff", "--as-of", "2026-03-10T13:00Z")
    assert (told["before"]["revision"], told["after"]["revision"]) == ("1", "2")


def test_a_hostile_wording_cannot_drive_the_terminal(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        crawl.visit(story(), NOON)
        crawl.visit(story(headline="Ferry \x1b]0;owned\x07 \x9b2J \u202e resumes"), NOON + timedelta(hours=1))
    for form in ([], ["--json"]):
        result = show(tmp_path / "archive.db", "1", "--diff", *form)
        assert result.exit_code == 0
        assert not set(result.stdout) & set("\x1b\x07\x9b\u202e")


def test_revisions_that_say_the_same_are_said_to(tmp_path: Path) -> None:
    assert show(small(tmp_path / "archive.db"), "1", "--diff", "2..2").stdout.endswith("\nThey say the same.\n")
