"""What people type (dates, queries, names) and what is shown to them (marked passages, harmless lines)."""

from __future__ import annotations

import io
import sqlite3
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ArgumentError
from storage.db.folding import folded_words
from storage.read.articles.agreement import ListingClaim, PageClaim, disagreements
from storage.read.query import snippets
from storage.read.query.expression import parse
from storage.read.query.fulltext import certain
from storage.read.query.snippets import Term, excerpt, mark
from storage.terminal.lines import LineWriter, Span, escape_formula, escaped, printable
from storage.terminal.moments import Stretch, local, moment

MINSK = ZoneInfo("Europe/Minsk")


@pytest.mark.parametrize(
    ("typed", "first", "after"),
    [
        ("2022-08-24", "2022-08-23T21:00:00Z", "2022-08-24T21:00:00Z"),
        ("2022-8-4", "2022-08-03T21:00:00Z", "2022-08-04T21:00:00Z"),
        (" 2022-08 ", "2022-07-31T21:00:00Z", "2022-08-31T21:00:00Z"),
        ("2022-12", "2022-11-30T21:00:00Z", "2022-12-31T21:00:00Z"),
        ("2022", "2021-12-31T21:00:00Z", "2022-12-31T21:00:00Z"),
        ("2022-08-24T14:41", "2022-08-24T11:41:00Z", "2022-08-24T11:42:00Z"),
        ("2022-08-24 14:41:07", "2022-08-24T11:41:07Z", "2022-08-24T11:41:08Z"),
        ("2022-08-24T14:41Z", "2022-08-24T14:41:00Z", "2022-08-24T14:42:00Z"),
        ("2022-08-24T14:41+02:00", "2022-08-24T12:41:00Z", "2022-08-24T12:42:00Z"),
        ("2009-07-01", "2009-06-30T21:00:00Z", "2009-07-01T21:00:00Z"),  # summer time
        ("2009-01-01", "2008-12-31T22:00:00Z", "2009-01-01T22:00:00Z"),
        ("2009-03-29", "2009-03-28T22:00:00Z", "2009-03-29T21:00:00Z"),  # a day of 23 hours
    ],
)
def test_a_date_is_the_stretch_of_minsk_time_that_it_names(typed: str, first: str, after: str) -> None:
    assert moment(typed).within(MINSK) == Stretch(first, after)


@pytest.mark.parametrize(
    "typed",
    ["", "tomorrow", "24.08.2022", "2022-02-30", "2022-13", "2022-08-24T25:00", "0000", "9999", "2022-08-24Z", "٢٠٢٢"],
)
def test_a_date_that_is_none_is_refused_with_the_forms_that_are(typed: str) -> None:
    with pytest.raises(ArgumentError, match="2022-08-24"):
        moment(typed)


@given(st.text(max_size=25))
@settings(max_examples=200)
def test_any_text_is_a_date_or_refused(typed: str) -> None:
    try:
        found = moment(typed)
    except ArgumentError:
        return
    stretch = found.within(MINSK)
    assert stretch.first < stretch.after


def test_a_time_is_shown_by_the_clock_of_a_zone() -> None:
    assert local("2022-08-24T21:41:00Z", MINSK) == "2022-08-25 00:41"
    assert local("2022-08-24T21:41:00Z", ZoneInfo("America/Lima")) == "2022-08-24 16:41"
    assert local(None, MINSK, missing="none") == "none"


INDEX = {
    1: "Жатва ёлка в Минске, Łódź miasto",
    2: "中国人民 Belarus’ visit to the Great Stone",
    3: "straße in Köln, café",
    4: "covid-19 vaccines",
}


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE t USING fts5(headline, body, folded, tokenize='unicode61 remove_diacritics 2')"
    )
    rows = [(number, text, folded_words(text)) for number, text in INDEX.items()]
    connection.executemany("INSERT INTO t (rowid, headline, body, folded) VALUES (?, '', ?, ?)", rows)
    return connection


def matches(index: sqlite3.Connection, query: str) -> list[int]:
    return [number for (number,) in index.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid", [query])]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("елка", [1]),
        ("ёлка", [1]),
        ("ЁЛКА жатва", [1]),
        ("lodz", [1]),
        ("łódź miasto", [1]),
        ('"Łódź miasto"', [1]),
        ("łód*", [1]),
        ("ёлка NOT łódź", []),
        ("straße OR ёлка", [1, 3]),
        ("(ёлка OR a) AND минске", [1]),
        ("NEAR(ёлка минске, 3)", [1]),
        ("body: ёлка", [1]),
        ("中国", [2]),
        ("国人", [2]),
        ("人", [2]),
        ("民", [2]),
        ("中国人民", [2]),
        ("中国民", []),
        ("中国*", [2]),
        ("STRASSE koln", [3]),
        ("Belarus’ VISIT", [2]),
        ('"great stone"', [2]),
        ("vacc*", [4]),
        ("covid-19", [4]),
        ('"great stone" 中国', [2]),
    ],
)
def test_words_are_found_with_and_without_their_accents(
    index: sqlite3.Connection, query: str, found: list[int]
) -> None:
    assert matches(index, certain(parse(query).tree)) == found


def terms(query: str) -> tuple[Term, ...]:
    """What a query looks for; nothing where it cannot be searched."""
    try:
        return snippets.terms(parse(query).tree)
    except ArgumentError:
        return ()


def shown(text: str, query: str) -> str:
    return "".join(f"[{piece}]" if hit else piece for piece, hit in mark(text, terms(query)).pieces())


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("lodz", "In Łódź, łódź.", "In [Łódź], [łódź]."),
        (
            '"great stone" pol*',
            "The Great  Stone, a greater stone, Poland",
            "The [Great  Stone], a greater stone, [Poland]",
        ),
        ("中国人", "今天中国人民很好", "今天[中国人]民很好"),
        ("民", "今天中国人民很好", "今天中国人[民]很好"),
        ("ёлка", "Елка и ёлки", "[Елка] и ёлки"),
        ("headline: wheat AND NEAR(rye oats, 5)", "Headline 5: wheat and rye", "Headline 5: [wheat] and [rye]"),
        ("wheat wheat*", "wheats of wheat", "[wheats] of [wheat]"),
        ("\u0439", "и\u0306", "[\u0439]"),
        ("", "wheat", "wheat"),
    ],
)
def test_words_are_marked_as_the_index_finds_them(query: str, text: str, marked: str) -> None:
    assert shown(text, query) == marked


@given(st.text(max_size=80), st.text(max_size=20))
@settings(max_examples=200)
def test_marking_never_changes_a_text(text: str, query: str) -> None:
    found = mark(text, terms(query))
    assert "".join(piece for piece, _ in found.pieces()) == found.text
    assert all(start < end for start, end in found.hits)


def test_a_passage_is_taken_where_the_hits_are_dense() -> None:
    text = "wheat " + "chaff " * 100 + "wheat and rye stand side by side " + "chaff " * 100
    passage = excerpt([text], terms("wheat rye"), length=100)
    assert passage.text.startswith("…")
    assert passage.text.endswith("…")
    assert len(passage.text) <= 102
    assert [passage.text[start:end] for start, end in passage.hits] == ["wheat", "rye"]


def test_a_passage_comes_from_the_first_text_with_a_hit() -> None:
    assert excerpt([None, "a lead", "the body has wheat\n\nin it"], terms("wheat")).text == "the body has wheat in it"
    assert excerpt([None, "a lead", "a body"], terms("wheat")).text == "a lead"
    assert excerpt([None, ""], terms("wheat")).text == ""


@given(st.text(max_size=600), st.integers(min_value=80, max_value=300))
@settings(max_examples=200)
def test_a_passage_is_short_and_its_hits_lie_in_it(text: str, length: int) -> None:
    passage = excerpt([text], terms("a b*"), length)
    assert len(passage.text) <= length + 2
    assert all(0 <= start < end <= len(passage.text) for start, end in passage.hits)


@pytest.mark.parametrize(
    ("said", "read", "found"),
    [
        (ListingClaim("Harvest", "14:41"), [PageClaim("Harvest", "2022-08-24T11:41:00Z")], ()),
        (ListingClaim("Harvest", "14:41"), [PageClaim(" Harvest\n", "2022-08-24T11:41:59Z")], ()),
        (ListingClaim("Harvest", "9:05"), [PageClaim("Harvest", "2022-08-24T06:05:00Z")], ()),
        (ListingClaim("Harvest", "7 August, 15:01"), [PageClaim("Harvest", "2018-08-07T12:01:00Z")], ()),
        (ListingClaim("Harvest", "14:42"), [PageClaim("Harvest", "2022-08-24T11:41:00Z")], ("time",)),
        (ListingClaim("Crop"), [PageClaim("Harvest"), PageClaim("Crop")], ()),
        (ListingClaim("Crop"), [PageClaim("Harvest")], ("headline",)),
        (ListingClaim("Harvest", "00:30", "2022-08-24"), [PageClaim("Harvest", "2022-08-23T21:30:00Z")], ()),
        (ListingClaim("Harvest", "00:30", "2022-08-23"), [PageClaim("Harvest", "2022-08-23T21:30:00Z")], ("day",)),
        (ListingClaim("Harvest", "14:41", "2022-08-24"), [PageClaim("Harvest", None)], ()),
        (ListingClaim("Harvest", "no clock here"), [PageClaim("Harvest", "2022-08-24T11:41:00Z")], ()),
        (ListingClaim("Harvest"), [], ()),
    ],
)
def test_a_listing_disagrees_when_no_revision_says_the_same(
    said: ListingClaim, read: list[PageClaim], found: tuple[str, ...]
) -> None:
    assert disagreements(said, read, MINSK) == found


HOSTILE = "\x1b]0;owned\x07 \x9b2J \u202egnp.exe \x00 \x7f \ud800 a\nb\u2028c"


def test_control_characters_become_visible_signs() -> None:
    assert printable(HOSTILE) == "␛]0;owned␇ \ufffd2J \ufffdgnp.exe ␀ ␡ \ufffd a b c"


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_no_line_can_drive_a_terminal(text: str) -> None:
    for terminal in (False, True):
        stream = io.StringIO()
        LineWriter(stream, terminal=terminal, width=40).line(Span(text), indent=2)
        shown = stream.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "").replace("\n", "")
        assert shown == printable(shown)


def test_markup_and_emoji_codes_are_text() -> None:
    stream = io.StringIO()
    LineWriter(stream, terminal=True, width=80).line("[bold red]red[/bold red] :smile: [link=file:///etc]x[/link]")
    assert stream.getvalue() == "[bold red]red[/bold red] :smile: [link=file:///etc]x[/link]\n"


def test_lines_are_wrapped_in_a_terminal_and_whole_elsewhere() -> None:
    wrapped, whole = "  name  one two three four\n        five\n", "  name  one two three four five\n"
    for terminal, expected in ((True, wrapped), (False, whole)):
        stream = io.StringIO()
        LineWriter(stream, terminal=terminal, width=28).line("one two three ", "four five", label="  name", indent=8)
        assert stream.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "") == expected, terminal


def test_an_address_is_never_cut_so_that_it_can_be_copied() -> None:
    stream = io.StringIO()
    address = "https://eng.belta.by/economics/view/a-long-address-of-a-story-1001-2026/"
    LineWriter(stream, terminal=True, width=40).line(address)
    assert address in stream.getvalue()


def test_chinese_is_wrapped_by_its_width() -> None:
    stream = io.StringIO()
    LineWriter(stream, terminal=True, width=20).line("中国人民在明斯克很好呢" * 2)
    assert [len(line) for line in stream.getvalue().split()] == [10, 10, 2]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_would_run_gets_an_apostrophe(cell: str) -> None:
    assert escape_formula(cell) == f"'{cell}"


def test_json_can_be_shown_in_a_terminal() -> None:
    assert escaped('{\n  "a": "\x9b2J \u202e"\n}') == '{\n  "a": "\\u009b2J \\u202e"\n}'
