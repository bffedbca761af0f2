"""The query language: what queries mean, that they find it, and what is refused with the right spelling."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import ArgumentError
from storage.read.query.browse import BrowseRequest, browse
from storage.read.query.expression import DEEPEST, LONGEST, MOST, Expression, Node, looked_for, parse
from storage.read.query.fulltext import certain, folded, possible
from storage.read.query.search import Filters, search, select
from storage.read.reader import Reader, open_reader
from storage.write.archive import Archive
from tests.effort import effort
from tests.sample_archive import Scribe, article
from tests.worded_archive import QUERIES, Texts, found_by, worded


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, dict[str, Texts]]]:
    path = tmp_path_factory.mktemp("words") / "archive.db"
    texts = worded(str(path))
    with open_reader(str(path)) as reader:
        yield reader, texts


def keys(reader: Reader, query: str, filters: Filters | None = None) -> list[str]:
    found = search(reader, query, filters or Filters(), sort="time", limit=1000)
    assert found.total == len(found.hits)
    return [hit.article["key"] for hit in found.hits]


@pytest.mark.search
@given(query=QUERIES)
@settings(
    max_examples=effort(250, sample=60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_query_finds_what_it_means_in_every_spelling(words: tuple[Reader, dict[str, Texts]], query: str) -> None:
    reader, texts = words
    tree = parse(query).tree
    meant = [key for key in reversed(texts) if found_by(tree, texts[key])]
    assert keys(reader, query) == meant


@pytest.mark.search
@given(query=QUERIES)
@settings(
    max_examples=effort(60, sample=15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_door_counts_the_same_articles(words: tuple[Reader, dict[str, Texts]], query: str) -> None:
    reader, _ = words
    found = search(reader, query, Filters(), limit=1000)
    assert sorted(hit.article["key"] for hit in found.hits) == sorted(keys(reader, query))
    assert select(reader, query, Filters()).total == found.total
    for sort in ("relevance", "time", ""):
        assert browse(reader, BrowseRequest(query, sort=sort)).total == found.total
    best = [hit.article["key"] for hit in browse(reader, BrowseRequest(query, sort="relevance")).hits]
    assert best == [hit.article["key"] for hit in found.hits[:20]]
    assert keys(reader, query, Filters(as_of="2030-01-01T00:00:00Z")) == keys(reader, query)
    assert keys(reader, query, Filters(since="2026-03-10T09:40:00Z")) == [
        key for key in keys(reader, query) if int(key.removesuffix("-2026")) >= 40
    ]


TYPED = st.text(alphabet="fogbayё中’'ʼ\"“” *()^:+-–,.|!?~/{}&\\", max_size=25)
PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "AND",
                "OR",
                "NOT",
                "NEAR(",
                "NEAR",
                "w/8",
                "near",
                "or",
                "headline:",
                "{lead body}:",
                "folded:",
                "(",
                ")",
            ),
            *(
                '"',
                '""',
                "*",
                "-",
                "^",
                ",",
                "8",
                "fog",
                "ёлка",
                "中国人",
                "сям’я",
                " ",
                "  ",
                "\x00",
                "\ud800",
                "\u0301",
                "½",
            ),
        ]
    ),
    max_size=12,
).map("".join)


@given(query=TYPED | PIECES | st.text(max_size=30) | st.text(st.characters(codec=None), max_size=20))
@settings(max_examples=600, deadline=None)
def test_whatever_is_typed_is_searched_or_refused_in_one_line(query: str) -> None:
    try:
        expression, refusal = parse(query), ""
    except ArgumentError as error:
        expression, refusal = None, str(error)
    assert "\n" not in refusal
    if expression is None:
        return
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("CREATE VIRTUAL TABLE t USING fts5(headline, lead, body, captions, folded)")
        for compiled in (certain, possible, folded):
            assert index.execute("SELECT rowid FROM t WHERE t MATCH ?", [compiled(expression.tree)]).fetchall() == []


def test_the_deepest_and_the_longest_query_are_ones_that_the_index_reads(
    words: tuple[Reader, dict[str, Texts]],
) -> None:
    reader, texts = words
    deep = "(" * DEEPEST + "headline:ёлка OR bay" + ")" * DEEPEST
    nested = "fog"
    for _ in range(DEEPEST // 2):
        nested = f'bay OR (fog NOT ("ёлка fog" {nested}))'
    for query in (
        deep,
        nested,
        " OR ".join(['headline:"сям’я ёлка"'] * MOST),
        " ".join(["fog"] * MOST),
        "fog " + "-bay " * (MOST - 1),
    ):
        tree = parse(query).tree
        assert keys(reader, query) == [key for key in reversed(texts) if found_by(tree, texts[key])]


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("fog -bay", "fog NOT bay"),
        ("-bay fog", "fog NOT bay"),
        ("fog AND NOT bay", "fog NOT bay"),
        ("fog NOT bay", "fog AND NOT bay"),
        ("NOT bay AND fog", "fog NOT bay"),
        ("fog −bay", "fog NOT bay"),
        ("fog ‑bay", "fog NOT bay"),
        ("fog -(bay OR sea)", "fog NOT (bay OR sea)"),
        ('fog -"great bay"', 'fog NOT "great bay"'),
        ("fog -headline:bay", "fog NOT headline:bay"),
        ("fog -ba*", "fog NOT ba*"),
        ("fog -bay -sea", "fog NOT (bay OR sea)"),
        ("fog -bay sea", "(fog sea) NOT bay"),
        ("fog – bay", "fog bay"),
        ("“great stone” fog", '"great stone" fog'),
        ("„great stone“ fog", '"great stone" fog'),
        ("«great stone» fog", '"great stone" fog'),
        ("HEADLINE : fog", "headline:fog"),
        ("headline:(fog bay)", "(headline:fog headline:bay)"),
        ("NEAR(fog bay)", "NEAR(fog bay, 10)"),
        ("fog (bay)", "fog bay"),
        ("fog\tbay\n", "fog bay"),
        ("fog OR bay sea", "fog OR (bay AND sea)"),
        ("fog AND bay OR sea", "(fog AND bay) OR sea"),
        ("fog 🌾 bay", "fog bay"),
    ],
)
def test_two_ways_to_say_the_same_are_one_expression(query: str, same: str) -> None:
    assert parse(query) == Expression(parse(same).tree)


@pytest.mark.parametrize(
    ("query", "spelling"),
    [
        ("-fog", "fog NOT rain"),
        ("NOT fog", "fog NOT rain"),
        ("fog OR NOT bay", "fog NOT rain"),
        ("fog OR -bay", "fog NOT rain"),
        ("fog NOT bay -sea", "fog NOT (rain NOT snow)"),
        ("fog - bay", "fog -rain"),
        ("fog --bay", "fog -rain"),
        ("fog –bay", "fog -rain"),
        ("fog —bay", "fog -rain"),
        ('fog –"great bay"', "fog -rain"),
        ("fog !bay", "fog NOT rain"),
        ("fog ANDNOT bay", "fog NOT rain"),
        ("fog +bay", "without a +"),
        ("fog + bay", "without a +"),
        ("fog | bay", "fog OR rain"),
        ("fog || bay", "fog OR rain"),
        ("fog|bay", "fog OR rain"),
        ("fog XOR bay", "fog OR rain"),
        ("fog w/8 bay", "NEAR(fog bay, 8)"),
        ("fog W/8 bay", "NEAR(fog bay, 8)"),
        ("fog pre/3 bay", "NEAR(fog bay, 8)"),
        ("fog w/s bay", "NEAR(fog bay, 8)"),
        ("fog NEAR bay", "NEAR(fog bay, 8)"),
        ("fog NEAR/3 bay", "NEAR(fog bay, 8)"),
        ("fog ADJ3 bay", "NEAR(fog bay, 8)"),
        ("near(fog bay, 3)", "NEAR(fog bay, 8)"),
        ("NEAR(fog bay", "NEAR(fog bay, 8)"),
        ("NEAR(fog OR bay, 3)", "NEAR(fog bay, 8)"),
        ("NEAR(headline:fog bay, 3)", "NEAR(fog bay, 8)"),
        ("NEAR(fog -bay, 3)", "NEAR(fog bay, 8)"),
        ('"great bay"~3', "NEAR(fog bay, 8)"),
        ("fog~", "NEAR(fog bay, 8)"),
        ("*fog", "fog*"),
        ("f*g", "fog*"),
        ("fog *", "fog*"),
        ("wom?n", "fog*"),
        ("fog^2", "^ stands before"),
        ("[fog {bay}", "(fog OR rain)"),
        ("title:fog", "headline, lead, body, captions"),
        ("caption:fog", "did you mean captions?"),
        ("folded:fog", "headline, lead, body, captions"),
        ("Minsk: fog", "quotation marks"),
        ("заголовок:fog", "headline, lead, body, captions"),
        ("headline:lead:fog", "a column within a column"),
        ("headline:(lead:fog)", "a column within a column"),
        ("headline:-fog", "headline:fog"),
        ("fog headline:", "headline:fog"),
        ('"fog', '"great stone"'),
        ("fog “bay", '"great stone"'),
        ("fog AND", "missing behind AND"),
        ("OR fog", "missing before OR"),
        ("fog NOT OR bay", "missing behind NOT"),
        ("(fog", "(fog OR rain)"),
        ("fog)", "was not opened"),
        ("fog ()", "brackets without a word"),
        ('fog ""', "quotation marks without a word"),
        ("^(fog bay)", "^ stands before"),
        ("fog " * (MOST + 1), f"at most {MOST} words"),
        ("x" * (LONGEST + 1), f"at most {LONGEST:,} characters"),
        ("x" * 501, "at most 500 letters"),
    ],
)
def test_what_cannot_be_honoured_is_refused_with_the_right_spelling(query: str, spelling: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        parse(query)
    assert spelling in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("query", ["", " ", '"', "*", "()", "AND", "AND OR NOT", "-!?", '""', "🌾", "\x00"])
def test_a_query_without_a_word_is_refused(query: str) -> None:
    with pytest.raises(ArgumentError, match="holds no word to search for"):
        parse(query)


@pytest.mark.parametrize(
    "query", ["fog or bay", "fog not bay", "fog and bay", "fog Or bay", "not fog", "(fog or bay) sea"]
)
def test_an_operator_in_small_letters_is_a_word_and_that_is_said(query: str) -> None:
    hint = parse(query).hint
    assert hint is not None
    assert "the operators AND, OR and NOT are written in capitals" in hint
    assert parse(f'"{query.strip("()")}"'.replace(") sea", "")).hint is None


def looked(tree: Node) -> list[str]:
    return [phrase.text for phrase in looked_for(tree)]


def test_words_that_must_be_missing_are_not_looked_for() -> None:
    query = 'headline:fog (bay OR NEAR(sea "great stone", 3)) -rain NOT (snow ice)'
    assert looked(parse(query).tree) == ["fog", "bay", "sea", "great stone"]


MARKS = ("'", "’", "ʼ", "‘", "`", "′", "´", "ʻ", "＇")


@pytest.fixture(scope="module")
def apostrophes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article for each mark, and each once more as earlier versions wrote it: without its folded word."""
    path = tmp_path_factory.mktemp("marks") / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        for number, mark in enumerate(MARKS * 2, 1):
            scribe.story(article(f"{number}-2026", "Тэкст", f"Памяць пра сям{mark}ю жыве."))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE revisions SET folded = NULL WHERE article_id > ?", [len(MARKS)])
        connection.execute("INSERT INTO news_search(news_search) VALUES ('rebuild')")
    return path


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "query", ["сям{}ю", '"пра сям{}ю"', "body:сям{}ю", "сям{}ю*", "памяць -headline:сям{}ю", "сям{}ю NOT дом"]
)
def test_marks_that_look_like_an_apostrophe_are_one_letter(apostrophes: Path, mark: str, query: str) -> None:
    with open_reader(str(apostrophes)) as reader:
        assert len(keys(reader, query.format(mark))) == len(MARKS) * 2
        assert search(reader, query.format(mark), Filters()).hint is None


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path = tmp_path_factory.mktemp("chinese") / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(article("1-2026", "中国经济增长", "合作与贸易。"))
        scribe.story(article("2-2026", "Праздник", "Ёлка и 经济 стоят здесь, 中国，国人。"))
        scribe.story(article("3-2026", "Новогодняя ёлка", "合作 2026年中国人民."))
    with open_reader(str(path)) as reader:
        yield reader


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("经济", {"1-2026", "2-2026"}),
        ("headline:经济", {"1-2026"}),
        ("body:经济", {"2-2026"}),
        ("headline:经", {"1-2026"}),
        ("headline:长", {"1-2026"}),
        ("headline:中国*", {"1-2026"}),
        ("^中国", {"1-2026"}),
        ("NEAR(ёлка 经济, 2)", {"2-2026"}),
        ("NEAR(елка 经济, 0)", set()),
        ('"новогодняя елка"', {"3-2026"}),
        ("headline:елка", {"3-2026"}),
        ("елка -headline:елка", {"2-2026"}),
        ("елка NOT headline:经济", {"2-2026", "3-2026"}),
        ("中国人", {"3-2026"}),
        ("中国国人", set()),
        ("2026年中国", {"3-2026"}),
        ("body:(中国 年)", {"3-2026"}),
    ],
)
def test_words_are_found_in_the_column_that_is_named_and_next_to_each_other(
    chinese: Reader, query: str, found: set[str]
) -> None:
    assert set(keys(chinese, query)) == found


def test_the_page_about_the_language_is_true() -> None:
    text = (Path(__file__).parent.parent / "docs/search.md").read_text(encoding="utf-8")
    honoured, refused = (re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE) for part in text.split("refused with", 1))
    assert (len(honoured), len(refused)) == (10, 7)
    for query in honoured:
        assert parse(query).hint is None
    for query in refused:
        with pytest.raises(ArgumentError):
            parse(query.replace("\\|", "|"))
