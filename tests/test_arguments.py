"""`-a NAME=VALUE`: what is understood, and what a wrong one is answered. Nothing is opened here."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ArgumentError
from crawler.sites.belta import BELTA
from spiders.arguments import NAMES, Arguments, read_arguments

FERRY = "https://eng.belta.by/society/view/ferry-1-2026/"
FAHRE = "https://deu.belta.by/society/view/fahre-2-2026/"


def read(**given: str) -> Arguments:
    return read_arguments(given)


def refusal(**given: str) -> str:
    with pytest.raises(ArgumentError) as caught:
        read_arguments(given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def names(arguments: Arguments) -> list[str]:
    return [edition.name for edition in arguments.editions]


def test_without_arguments_the_english_edition_continues_where_it_was() -> None:
    arguments = read()
    assert names(arguments) == ["belta-eng"]
    assert (arguments.since, arguments.until, arguments.max_pages, arguments.base_url) == (None, None, None, None)
    assert (arguments.recheck, arguments.urls, arguments.given) == ("due", {}, {})


def test_editions_come_in_the_order_given_each_once_and_a_site_stands_for_all_of_its() -> None:
    assert names(read(edition="belta-rus, belta-eng,belta-rus")) == ["belta-rus", "belta-eng"]
    assert names(read(edition="belta")) == [edition.name for edition in BELTA.editions]
    assert names(read(edition="demo")) == ["demo"]


def test_dates_are_days_and_all_is_the_beginning() -> None:
    assert read(since="2026-01-31").since == date(2026, 1, 31)
    assert read(since="all").since == date.min
    assert read(since="2026-01-31", until="2026-01-31").until == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("due", "due"), ("off", "off"), ("all", "all"), ("14d", timedelta(14)), ("9999d", timedelta(9999))],
)
def test_recheck_takes_a_word_or_days(said: str, meant: object) -> None:
    assert read(recheck=said).recheck == meant


@pytest.mark.parametrize(("said", "meant"), [("1", 1), ("007", 7), ("999999999", 999_999_999)])
def test_max_pages_counts_from_one(said: str, meant: int) -> None:
    assert read(max_pages=said).max_pages == meant


def test_base_url_is_an_origin() -> None:
    assert read(base_url="http://127.0.0.1:8100/").base_url == "http://127.0.0.1:8100"
    assert read(base_url="https://mirror.example").base_url == "https://mirror.example"
    assert read(base_url="http://[::1]:8100").base_url == "http://[::1]:8100"


def test_articles_choose_their_editions_by_their_hosts() -> None:
    arguments = read(url=f"{FAHRE}, {FERRY}")
    assert names(arguments) == ["belta-eng", "belta-deu"]
    assert arguments.urls == {"belta-eng": (FERRY,), "belta-deu": (FAHRE,)}


def test_articles_at_a_mirror_are_of_the_edition_named_or_the_usual_one() -> None:
    here = "http://127.0.0.1:8100"
    address = f"{here}/society/view/ferry-1-2026/"
    assert read(url=address, base_url=here).urls == {"belta-eng": (address,)}
    assert read(url=address, base_url=here, edition="demo").urls == {"demo": (address,)}
    assert read(url=FERRY, base_url=here).urls == {"belta-eng": (FERRY,)}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("editoin", "demo", "-a editoin: no such argument (did you mean edition?); there are edition, since, until, "),
        ("zzz", "1", "-a zzz: no such argument; there are edition, since, until, recheck, max_pages, url, base_url"),
        (
            "edition",
            "belta-english",
            "unknown edition 'belta-english'. Did you mean belta-eng? Known are belta, demo, ",
        ),
        ("edition", "BELTA-ENG", "unknown edition 'BELTA-ENG'. Did you mean belta-eng?"),
        ("edition", " , ", "no edition is named; known are "),
        ("since", "yesterday", "-a since=yesterday: not a date; write it as 2026-01-31"),
        ("since", "2026-02-30", "-a since=2026-02-30: not a date"),
        ("since", "31.01.2026", "-a since=31.01.2026: not a date"),
        ("until", "all", "-a until=all: not a date"),
        ("recheck", "14", "-a recheck=14: takes due, off, all, or a number of days such as 14d"),
        ("recheck", "0d", "-a recheck=0d: takes "),
        ("recheck", "-1d", "-a recheck=-1d: takes "),
        ("max_pages", "0", "-a max_pages=0: takes a number of listing pages, 1 or more"),
        ("max_pages", "-3", "-a max_pages=-3: takes "),
        ("max_pages", "1e3", "-a max_pages=1e3: takes "),
        ("max_pages", "٣", "-a max_pages=٣: takes "),
        ("max_pages", "9" * 5000, "-a max_pages=999"),
        ("url", "", "-a url: takes one or more article addresses, separated by commas"),
        ("url", "https://example.com/", "-a url=https://example.com/: not the address of an article of belta-eng, "),
        (
            "url",
            "https://eng.belta.by/all_news/",
            "-a url=https://eng.belta.by/all_news/: not the address of an article",
        ),
        ("url", f"{FERRY},x", "-a url=x: not the address of an article"),
        ("base_url", "127.0.0.1:8100", "-a base_url=127.0.0.1:8100: takes an address such as http://127.0.0.1:8100"),
        ("base_url", "ftp://mirror.example", "-a base_url=ftp://mirror.example: takes "),
        ("base_url", "http://", "-a base_url=http://: takes "),
        ("base_url", "http://[", "-a base_url=http://[: takes "),
        ("base_url", "http://a:0", "-a base_url=http://a:0: takes "),
        ("base_url", "http://a:99999", "-a base_url=http://a:99999: takes "),
        ("base_url", "http://a/all_news/", "-a base_url=http://a/all_news/: takes "),
        ("base_url", "http://a?b", "-a base_url=http://a?b: takes "),
        ("base_url", "http://anna:secret@a", "-a base_url=http://***@a: takes "),
        ("base_url", "http://:secret@a", "-a base_url=http://***@a: takes "),
    ],
)
def test_a_wrong_argument_is_named_with_what_it_takes(name: str, value: str, said: str) -> None:
    assert refusal(**{name: value}).startswith(said)


def test_arguments_that_exclude_each_other_are_named() -> None:
    assert refusal(since="2026-02-02", until="2026-01-01") == (
        "-a since=2026-02-02 is later than until=2026-01-01: nothing lies between"
    )
    assert "one address serves one edition" in refusal(edition="belta", base_url="http://127.0.0.1:8100")
    assert refusal(url=FERRY, edition="belta-deu").endswith("not the address of an article of belta-deu")


words = st.text(max_size=12) | st.sampled_from(
    ["all", "demo", "belta", FERRY, "2026-01-31", "http://127.0.0.1:8100", "3d"]
)


@given(given=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=9), words, max_size=4))
@settings(max_examples=200)
def test_whatever_is_typed_is_understood_or_refused(given: dict[str, str]) -> None:
    try:
        arguments = read_arguments(given)
    except ArgumentError:
        return
    assert arguments.editions
    assert arguments.given == given
    assert set(given) <= set(NAMES)
