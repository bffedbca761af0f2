"""JSON-LD as pages write it: in graphs and lists, wrapped, broken, and hostile."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.html.jsonld import LinkedData, address_of, decoded, text_of, types_of
from crawler.html.markup import parse

STORY = {"@type": "NewsArticle", "headline": "Ice on the pier"}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def of(*scripts: str) -> LinkedData:
    page = "".join(f'<script type="application/ld+json">{text}</script>' for text in scripts)
    root = parse(f"<html><head>{page}</head><body><p>x</p></body></html>".encode())
    assert root is not None
    return LinkedData.of(root)


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "Ice on the pier"}',
        '[{"@type": "NewsArticle", "headline": "Ice on the pier"}]',
        '{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", "headline": "Ice on the pier"}]}',
        '{"@graph": {"@type": "NewsArticle", "headline": "Ice on the pier"}}',
        '<!-- {"@type": "NewsArticle", "headline": "Ice on the pier"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Ice on the pier"}\n//]]>',
        '/* <![CDATA[ */ {"@type": "NewsArticle", "headline": "Ice on the pier"} /* ]]> */',
        '{"@type": "NewsArticle", "headline": "Ice on the pier"};',
        '{"@type": "NewsArticle", "headline": "Ice on the pier", }',
        '{"@type": "NewsArticle", "headline": "Ice on the pier"}\n}\n',
        '{"@type": "NewsArticle", "headline": "Ice on the pier",\n}',
        "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Ice on the pier&quot;}",
    ],
)
def test_an_article_is_found_however_its_script_is_wrapped_or_broken(text: str) -> None:
    assert [dict(node) for node in of(text).top] == [STORY]


def test_line_breaks_stray_escapes_and_commas_within_texts_are_read_as_they_are() -> None:
    assert decoded('{"headline": "Ice\non the pier, }", "x": [1, ], }') == [
        {"headline": "Ice\non the pier, }", "x": [1]}
    ]
    assert decoded(r'{"headline": "Fisherman\'s wharf", "path": "C:\new"}')[0]["headline"] == r"Fisherman\'s wharf"


def test_objects_one_after_the_other_are_all_read() -> None:
    assert decoded('{"a": 1}\n{"b": 2},{"c": 3};') == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_of_a_script_that_cannot_be_mended_only_what_it_says_once_is_believed() -> None:
    broken = '{"@type": "NewsArticle", "headline": "He said "no" again", "datePublished": "2026-03-02T10:15:00Z"}'
    assert decoded(broken)[0]["datePublished"] == "2026-03-02T10:15:00Z"
    twice = broken + broken
    assert decoded(twice) == []


def test_a_reference_is_followed_to_its_object_wherever_that_stands() -> None:
    data = of(
        '{"@graph": [{"@type": "NewsArticle", "author": {"@id": "#ann"}},'
        ' {"@type": "Person", "@id": "#ann", "name": "Ann"}]}'
    )
    assert data.texts(data.top[0], "author") == ["Ann"]


def test_a_reference_to_itself_ends() -> None:
    data = of('{"@id": "#a", "@type": "NewsArticle", "author": {"@id": "#a"}, "isPartOf": {"@id": "#a"}}')
    assert data.texts(data.top[0], "author") == []


def test_types_lose_their_vocabulary() -> None:
    node = {"@type": ["http://schema.org/NewsArticle", "schema:Report", "https://schema.org/Thing/"]}
    assert types_of(node) == {"NewsArticle", "Report", "Thing"}


@pytest.mark.parametrize("script", ["", " ", "null", "42", '"text"', "[]", "{}", "<b>", "{", "nul", '{"a": }', "\x00"])
def test_what_is_no_object_is_no_data(script: str) -> None:
    assert of(script).top == ()


@given(values)
def test_whatever_a_value_is_it_has_a_text_or_none(value: object) -> None:
    assert text_of(value) is None or isinstance(text_of(value), str)
    assert address_of(value) is None or isinstance(address_of(value), str)


@given(values)
def test_whatever_json_a_page_holds_it_is_walked(value: object) -> None:
    data = of(json.dumps({"x": value}), json.dumps([value]))
    assert all(isinstance(node, dict) for node in data.top)


@given(st.text(alphabet='{}[]",:\\ \nabu0123456789e.-', max_size=60))
def test_whatever_a_script_holds_it_is_read_or_not(text: str) -> None:
    assert isinstance(decoded(text), list)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '{"a":' * 200_000,
        "[" + "{},  " * 200_000,
        '\\"' * 500_000,
        '"' + '\\"' * 500_000,
        "," * 1_000_000,
        " " * 1_000_000 + "x",
        "{" + '"a":"b",' * 150_000 + "}",
        '"headline":"' * 100_000,
        '{"@type": "NewsArticle", ' * 50_000,
        "<!--" * 250_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_hostile_script_of_a_megabyte_costs_little(text: str) -> None:
    started = time.process_time()
    assert isinstance(decoded(text), list)
    assert time.process_time() - started < 3
