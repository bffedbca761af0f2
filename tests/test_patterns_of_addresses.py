"""Patterns of article addresses: what each name takes, that matching is linear, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.sites.declared.patterns import MAX_ADDRESS, Found, Pattern, PatternError, decoded, fill


def found(pattern: str, address: str) -> Found | None:
    path, _, query = address.partition("?")
    return Pattern.compile(pattern).match(path, query)


def values(pattern: str, address: str) -> dict[str, str] | None:
    match = found(pattern, address)
    return None if match is None else {name: match.value(name) for name in match.values}


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("/{id}", "/77", {"id": "77"}),
        ("/{id}", "/77/", {"id": "77"}),
        ("/{id}/", "/77", {"id": "77"}),
        ("/{id}", "/77x", None),
        ("/{id}", "/", None),
        ("/{id}", "/٧٧", None),  # digits of other scripts are percent-encoded in a real address
        ("/{section}/{slug}-{id}.html", "/sport/ice-tea-7.html", {"section": "sport", "slug": "ice-tea", "id": "7"}),
        ("/{section}/{slug}-{id}.html", "/sport/-77.html", {"section": "sport", "slug": "", "id": "77"}),
        ("/{section}/{slug}-{id}.html", "/sport/ice-7-2024.html", {"section": "sport", "slug": "ice-7", "id": "2024"}),
        ("/{section}/{slug}-{id}.html", "/sport/ice/hockey-77.html", None),
        ("/{section}/{slug}-{id}.html", "/sport/ice-hockey-77.htm", None),
        ("/{section}-{slug}-{id}", "/a-b-c-d-77", {"section": "a-b-c", "slug": "d", "id": "77"}),
        ("/{slug}{id}", "/story77", {"slug": "story7", "id": "7"}),  # greedy, and an {id} needs a digit
        ("/{slug}{id}", "/77", {"slug": "7", "id": "7"}),
        ("/{slug}", "//", None),
        ("/{slug}.html", "/.html", None),
        ("/n/{year}/{slug}", "/n/2026/goat", {"year": "2026", "slug": "goat"}),
        ("/n/{year}/{slug}", "/n/1026/goat", None),
        ("/n/{year}/{slug}", "/n/20267/goat", None),
        ("/{day:%Y/%m/%d}/{slug}", "/2026/03/05/goat", {"day": "2026-03-05", "slug": "goat"}),
        ("/{day:%Y/%m/%d}/{slug}", "/2026/3/05/goat", None),
        ("/{day:%Y/%m/%d}/{slug}", "/2026/02/30/goat", None),
        ("/{day:%-d-%-m-%y}-{slug}", "/5-12-26-goat", {"day": "2026-12-05", "slug": "goat"}),
        ("/{day:%Y-%m}/{slug}", "/2026-03/goat", {"day": "2026-03-01", "slug": "goat"}),
        ("/{day:%Y%m%d}{id}", "/2026030599", {"day": "2026-03-05", "id": "99"}),
        ("/news?id={id}", "/news?utm_source=x&id=77", {"id": "77"}),
        ("/news?id={id}", "/news/?id=77", {"id": "77"}),
        ("/news?id={id}", "/news?id=77a", None),
        ("/news?id={id}", "/news", None),
        ("/index.php?lang=en&id={id}", "/index.php?id=5&lang=en", {"id": "5"}),
        ("/index.php?lang=en&id={id}", "/index.php?id=5&lang=de", None),
        ("/новости/{id}", "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/5", {"id": "5"}),
        ("/{slug}", "/%D0%BD%D0%BE%D0%B2", {"slug": "нов"}),
    ],
)  # fmt: skip
def test_pattern_takes_an_address_apart(pattern: str, address: str, expected: dict[str, str] | None) -> None:
    assert values(pattern, address) == expected


@pytest.mark.parametrize(
    ("pattern", "address", "canonical"),
    [
        ("/{slug}-{id}.html", "/goat-7.html", "/goat-7.html"),
        ("/{slug}-{id}", "/goat-7/", "/goat-7"),
        ("/{slug}-{id}/", "/goat-7", "/goat-7/"),
        ("/news?id={id}", "/news?page=2&id=7&utm_source=x", "/news?id=7"),
        ("/n?a={slug}&b=x", "/n?b=x&a=%D1%82+%26", "/n?a=%D1%82%20%26&b=x"),
    ],
)
def test_canonical_path_has_the_slash_and_the_parameters_of_the_pattern(
    pattern: str, address: str, canonical: str
) -> None:
    match = found(pattern, address)
    assert match is not None
    assert match.path == canonical
    again = found(pattern, canonical)
    assert again is not None
    assert again.path == canonical


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "no path"),
        ("news/{id}", "no path"),
        ("//news/{id}", "no path"),
        ("https://a.example/{id}", "no path"),
        ("/news/", "names no article"),
        ("/{section}/{year}", "names no article"),
        ("/{id}/{id}", "twice"),
        ("/{ID}", "did you mean {id}"),
        ("/{slgu}", "did you mean {slug}"),
        ("/{number}", "known are {id}, {slug}"),
        ("/{}", "no name"),
        ("/{id", "brace"),
        ("/id}-{slug}", "brace"),
        ("/{{id}}", "brace"),
        ("/{day}/{id}", "write {day:%Y/%m/%d}"),
        ("/{id:%Y}", "write {id}"),
        ("/{day:%Y/%M}/{id}", "%M is no part of a day"),
        ("/{day:%Y/%%}/{id}", "no part of a day"),
        ("/{day:%m/%d}/{id}", "needs its year"),
        ("/{day:%Y/%y}/{id}", "twice"),
        ("/a b/{id}", "white space"),
        ("/a#{id}", "can match no address"),
        ("/a//{id}", "can match no address"),
        ("/../{id}", "can match no address"),
        ("/a?id={id}?b", "question mark"),
        ("/a?{id}", "write parameters"),
        ("/" + "a" * 600 + "{id}", "at most 500"),
        ("/\x00{id}", "can match no address"),
    ],
)
def test_pattern_that_is_none_is_refused_with_the_way_out(pattern: str, says: str) -> None:
    with pytest.raises(PatternError, match=re.escape(says)) as caught:
        Pattern.compile(pattern)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/{section}-{slug}-{id}", "/" + "-" * (MAX_ADDRESS - 2)),
        ("/{section}{slug}{id}", "/" + "1" * (MAX_ADDRESS - 2) + "x"),
        ("/{section}-{day:%-d-%-m-%y}-{slug}-{id}x", "/" + "1-" * (MAX_ADDRESS // 2 - 2)),
        ("/n?a={section}-{slug}&b={id}", "/n?b=" + "&a=" + "-" * 4000),
        ("/" + "a" * 200 + "{slug}" + "a" * 200 + "{id}", "/" + "a" * (MAX_ADDRESS - 2)),
    ],
)
def test_address_made_to_backtrack_is_answered_at_once(pattern: str, address: str) -> None:
    compiled = Pattern.compile(pattern)
    path, _, query = address.partition("?")
    started = process_time()
    compiled.match(path, query)
    assert process_time() - started < 1


def test_address_that_is_too_long_is_none() -> None:
    assert found("/{slug}", "/" + "a" * MAX_ADDRESS) is None


PARTS = st.lists(
    st.sampled_from(["{id}", "{slug}", "{section}", "{year}", "{day:%Y/%-m/%d}", "-", "/", "a", "7", ".html"]),
    min_size=1,
    max_size=7,
)
LETTERS = st.text("a7-/1206.", max_size=24)


def as_expression(pattern: str) -> re.Pattern[str]:
    """What a pattern means, as a regular expression that may backtrack."""
    text, parts = pattern.rstrip("/"), []
    for piece in re.split(r"(\{[^}]*\})", text):
        behind = text[text.index(piece) + len(piece) :] if piece.startswith("{") else ""
        least = "*" if behind.startswith(("-", "{id}")) else "+"
        forms = {
            "{id}": "(?P<id>[0-9]+)",
            "{slug}": f"(?P<slug>[^/]{least})",
            "{section}": f"(?P<section>[^/]{least})",
            "{year}": "(?P<year>[0-9]{4})",
            "{day:%Y/%-m/%d}": "(?P<day>(?P<Y>[0-9]{4})/(?P<m>[0-9]{1,2})/(?P<d>[0-9]{2}))",
        }
        parts.append(forms.get(piece, re.escape(piece)))
    return re.compile("".join(parts), re.ASCII)


@given(PARTS, LETTERS)
@example(["{slug}", "-", "{section}", "-", "{id}"], "/a-7-7-7")
def test_matching_means_what_a_greedy_expression_means(parts: list[str], rest: str) -> None:
    text = "/" + "".join(parts)
    try:
        pattern = Pattern.compile(text)
    except PatternError:
        return
    address = "/" + rest
    expected = as_expression(text).fullmatch(address.rstrip("/"))
    match = pattern.match(address)
    if expected is None:
        assert match is None
    elif match is not None:  # a day or a year may be impossible
        assert {name: match.values[name] for name in match.values} == {
            name: value for name, value in expected.groupdict().items() if name in match.values
        }
    elif "day" not in pattern.names and "year" not in pattern.names:
        pytest.fail(f"{text} does not match {address}")


def test_listing_addresses_are_filled() -> None:
    assert fill("/news/page/{page}/", {"page": "3"}) == "/news/page/3/"
    assert fill("/a?d={day:%d.%m.%Y}&p={page}", {"page": "2"}, date(2026, 3, 5)) == "/a?d=05.03.2026&p=2"
    assert fill("/a?before={cursor}", {"cursor": "x%26"}) == "/a?before=x%26"


def test_percent_encoding_is_undone_where_it_gives_text() -> None:
    assert decoded("%D0%BD") == "н"
    assert decoded("a%FFb") == "a%FFb"
    assert decoded("a%00b") == "a%00b"
