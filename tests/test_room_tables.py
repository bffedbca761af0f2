"""What the reading room hands to spreadsheets, and its style sheets: read as text, without a browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from storage.terminal.lines import escape_formula
from storage.web.application import HERE
from storage.write.archive import Archive
from tests.reading_room import serving
from tests.sample_archive import Scribe, article, entry

FORMULAS = ("=HYPERLINK(A1)", "+cmd(A1)", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("tables") / "wire.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        scribe.listing(*(entry(f"{n}-2026", formula, "12:00", n) for n, formula in enumerate(FORMULAS)))
        for number, formula in enumerate(FORMULAS):
            scribe.story(replace(article(f"{number}-2026", formula, formula, "Plain."), lead=formula, tags=(formula,)))
        scribe.finish()
    with serving(path) as address:
        yield address


def fetch(address: str) -> tuple[int, str]:
    """HTTP status and text of a page."""
    try:
        with urlopen(address, timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def table(address: str) -> list[list[str]]:
    status, text = fetch(address)
    assert status == 200
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", ["news", "revisions", "sightings", "articles", "snapshots", "crawls", "news_text"])
@pytest.mark.parametrize("how", ["", "?_stream=1&_size=max", "?_labels=on", "?_dl=1"])
def test_no_cell_of_a_table_is_run_as_a_formula(room: str, name: str, how: str) -> None:
    rows = table(f"{room}/archive/{name}.csv{how}")
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if escape_formula(cell) != cell] == []
    if name in {"news", "revisions", "sightings"}:
        assert {f"'{formula}" for formula in FORMULAS} <= set(cells)


def test_no_cell_of_an_answer_to_sql_is_run_as_a_formula_and_numbers_stay_numbers(room: str) -> None:
    sql = """SELECT '=1+1' AS "=a", '-5' AS b, -5 AS c, -1.5 AS d, NULL AS e, 'a=b' AS f, headline AS g FROM news"""
    rows = table(f"{room}/archive.csv?{urlencode({'sql': sql})}")
    assert rows[0] == ["'=a", "b", "c", "d", "e", "f", "g"]
    assert rows[1] == ["'=1+1", "'-5", "-5", "-1.5", "", "a=b", "'=HYPERLINK(A1)"]


def test_an_edition_that_is_not_there_is_refused_on_every_page(room: str) -> None:
    for page in ("search?q=plain&edition=belta-egn", "search?edition=belta-egn", "crawls?edition=belta-egn"):
        status, text = fetch(f"{room}/{page}")
        assert (status, "it has belta-eng" in text) == (400, True)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("plain -cmd", 200, "articles"),
        ("plain or cmd", 200, "the operators AND, OR and NOT are written in capitals"),
        ("plain | cmd", 400, "one or the other is fog OR rain"),
        ('"plain', 400, "a quotation mark is not closed"),
    ],
)
def test_the_search_page_says_how_a_query_was_understood(room: str, query: str, status: int, said: str) -> None:
    found, text = fetch(f"{room}/search?{urlencode({'q': query})}")
    assert (found, said in text) == (status, True)


RULE = re.compile(r"([^{}]+)\{")


def bare(sheet: Path) -> list[str]:
    """Selectors that name elements alone, which hold wherever the sheet is loaded."""
    text = re.sub(r"/\*.*?\*/|@media[^{]*\{", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    selectors = (one.strip() for rule in RULE.findall(text) for one in rule.split(","))
    return [one for one in selectors if not re.search(r"[.#\[]", one) and one != ":root"]


def test_styles_of_one_page_are_not_written_for_bare_elements() -> None:
    sheets = sorted(HERE.glob("static/*.css"))
    assert {sheet.name for sheet in sheets} == {"article.css", "parts.css", "room.css"}
    assert {sheet.name: bare(sheet) for sheet in sheets if sheet.name != "room.css"} == {
        "article.css": [],
        "parts.css": [],
    }
    assert {"del", "ins"}.isdisjoint(bare(HERE / "static/room.css"))
