"""Site files: what every key takes, and each refusal with file, key and the way out; the JSON Schema agrees."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import SiteFileError
from crawler.sites.declared import sitefile
from crawler.sites.declared.site import DeclaredSite
from crawler.sites.declared.sitefile import MAX_FILE, SCHEMA, Declaration, read_site_file
from crawler.sites.discovery import search
from tests.declared_sites import SITES

FILES = [*sorted(SITES.glob("*.toml")), *(found.path for found in search({}).files)]

GOOD = """site = "harbour"
timezone = "Europe/Tallinn"
[editions.harbour-en]
host = "news.harbour.example"
[[listings]]
kind = "feed"
url = "/rss"
[article]
url = "/{section}/{slug}-{id}.html"
"""
PAGES = GOOD.replace('kind = "feed"\nurl = "/rss"', 'kind = "pages"\nurl = "/news/{page}"\nentry = "li"')
DAYS = GOOD.replace('kind = "feed"\nurl = "/rss"', 'kind = "days"\nurl = "/{day:%Y/%m/%d}"')
CURSOR = GOOD.replace(
    'kind = "feed"\nurl = "/rss"',
    'kind = "cursor"\nurl = "/api"\nolder = "/api?b={cursor}"\nitems = "a"\ncursor = "b"\nlink = "c"',
)


def read(text: str) -> Declaration:
    return read_site_file(text.encode(), "sites/harbour.toml")


def with_line(text: str, table: str, line: str) -> str:
    """A file with one more line at the beginning of a table; an empty name is the top."""
    return f"{line}\n{text}" if not table else text.replace(f"{table}\n", f"{table}\n{line}\n", 1)


@lru_cache(maxsize=1)
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def fits_schema(text: str) -> bool:
    plain: Any = json.loads(json.dumps(tomllib.loads(text), default=str))
    return bool(validator().is_valid(plain))


# --- what is taken


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_is_right_and_fits_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    site = DeclaredSite(read_site_file(text.encode(), path.name))
    assert all(site.listings(edition) for edition in site.editions)
    assert fits_schema(text)


@pytest.mark.parametrize("text", [GOOD, PAGES, DAYS, CURSOR])
def test_smallest_file_of_each_kind_is_right(text: str) -> None:
    assert read(text).site == "harbour"
    assert fits_schema(text)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("", 'agency = "Harbour News Agency"'),
        ("", "experimental = true"),
        ("[editions.harbour-en]", 'aliases = ["m.harbour.example", "127.0.0.1:8100"]'),
        ("[editions.harbour-en]", 'aliases = "m.harbour.example"'),
        ("[editions.harbour-en]", 'language = "pt-BR"'),
        ("[editions.harbour-en]", 'timezone = "America/Argentina/Buenos_Aires"'),
        ("[editions.harbour-en]", 'scheme = "http"'),
        ("[editions.harbour-en]", 'every = "10m"'),
        ("[editions.harbour-en]", "every = 10"),
        ("[[listings]]", "begins = 2020-01-01"),
        ("[[listings]]", 'begins = "2020-01-01"'),
        ("[[listings]]", 'name = "latest"'),
        ("[[listings]]", 'editions = ["harbour-en"]'),
        ("[article]", 'key = "{section}/{slug}"'),
        ("[article]", 'headline = ["h1.big", "ld:headline", "meta:og:title", "h1::text", "a::attr(title)"]'),
        ("[article]", 'pages = "a.next"'),
        ("[article]", 'drop = ["div.ad", "aside"]'),
    ],
)
def test_key_is_taken(table: str, line: str) -> None:
    text = with_line(GOOD, table, line)
    assert read(text).site == "harbour"
    assert fits_schema(text)


def test_values_mean_what_they_say() -> None:
    text = with_line(
        GOOD, "[editions.harbour-en]", 'every = "2h"\nscheme = "http"\naliases = ["M.Harbour.example:443"]'
    )
    declared = read(with_line(text, "[[listings]]", "begins = 2020-01-01"))
    (edition,) = declared.editions
    assert (edition.every, edition.scheme, edition.aliases) == (timedelta(hours=2), "http", ("m.harbour.example",))
    assert (edition.agency, edition.language, edition.timezone.key) == ("harbour", "und", "Europe/Tallinn")
    assert declared.listings[0].begins == date(2020, 1, 1)


# --- what is refused: the file, the line that is wrong, what is said, and whether the schema sees it

REFUSED: list[tuple[str, str, bool]] = [
    ("", "sites/harbour.toml: site: is missing; write site = ", True),
    (GOOD.replace("site =", "sit ="), "sit: unknown key; did you mean site?", True),
    (with_line(GOOD, "", "colour = 1"), "colour: unknown key; known are site, agency", True),
    (with_line(GOOD, "", "agency = 1"), "agency: is a number; write text", True),
    (with_line(GOOD, "", 'agency = "  "'), "agency: an empty text", True),
    (with_line(GOOD, "", 'agency = "a\\u001b[2J"'), "agency: 'a?[2J' has characters that cannot be printed", False),
    (with_line(GOOD, "", 'experimental = "yes"'), "experimental: is text; write true or false", True),
    (GOOD.replace('"harbour"', '"../harbour"'), "site: '../harbour' is no name; write small letters", True),
    (GOOD.replace('"harbour"', '"Harbour"'), "site: 'Harbour' is no name", True),
    (GOOD.replace('"harbour"', f'"{"h" * 61}"'), "is no name", True),
    (GOOD.replace("Europe/Tallinn", "Europe/Talinn"), "timezone: 'Europe/Talinn' is no time zone; did you mean Europe/Tallinn?", False),
    (GOOD.replace("Europe/Tallinn", "../../etc/passwd"), "is no time zone", True),
    (GOOD.replace("Europe/Tallinn", "Europe"), "is no time zone", False),
    (GOOD.replace('timezone = "Europe/Tallinn"\n', ""), "editions.harbour-en.timezone: is missing here and at the top", True),
    (GOOD.replace("[editions.harbour-en]\nhost", "[editions]\nhost"), "editions.host: is text; write a table", True),
    (GOOD.replace("[editions.harbour-en]", '[editions."harbour/en"]'), "'harbour/en' is no name", True),
    (GOOD.replace('[editions.harbour-en]\nhost = "news.harbour.example"\n', ""), "editions: is missing", True),
    (GOOD.replace('[editions.harbour-en]\nhost = "news.harbour.example"\n', "[editions]\n"), "editions: is empty", True),
    (GOOD.replace('host = "news.harbour.example"\n', ""), "editions.harbour-en.host: is missing", True),
    (GOOD.replace('host = "', 'hosts = "'), "editions.harbour-en.hosts: unknown key; did you mean host?", True),
    (GOOD.replace('"news.harbour.example"', '"https://news.harbour.example/"'), "host: 'https://news.harbour.example/' is no host", True),
    (GOOD.replace('"news.harbour.example"', '"news harbour"'), "is no host", True),
    (GOOD.replace('"news.harbour.example"', '"user@harbour.example"'), "is no host", True),
    (GOOD.replace('"news.harbour.example"', '"harbour.example:x"'), "has no port behind its colon", True),
    (GOOD.replace('"news.harbour.example"', '"harbour.example:99999"'), "has no port", False),
    (GOOD.replace('"news.harbour.example"', '"-harbour.example"'), "is no host", False),
    (with_line(GOOD, "[editions.harbour-en]", 'language = "English language"'), "language: 'English language' is no language", True),
    (with_line(GOOD, "[editions.harbour-en]", 'scheme = "ftp"'), "scheme: 'ftp' is none; write https or http", True),
    (with_line(GOOD, "[editions.harbour-en]", 'every = "often"'), "every: 'often' is no span of time; write 90s, 10m", True),
    (with_line(GOOD, "[editions.harbour-en]", "every = 0"), "every: 0 is out of bounds", True),
    (with_line(GOOD, "[editions.harbour-en]", 'every = "99999d"'), "more than a month", False),
    (with_line(GOOD, "[editions.harbour-en]", "aliases = []"), "aliases: an empty list", True),
    (with_line(GOOD, "[editions.harbour-en]", "aliases = [1]"), "aliases: is a number; write text", True),
    (GOOD.replace("[[listings]]", '[editions.harbour]\nhost = "x.example"\n[[listings]]'), "has the name of the site", False),
    (GOOD.replace("[[listings]]", '[editions.de]\nhost = "news.harbour.example"\n[[listings]]'), "has the host news.harbour.example of harbour-en", False),
    (GOOD.replace("[[listings]]", "[listings]"), "listings: write each as [[listings]]", True),
    (GOOD.replace('[[listings]]\nkind = "feed"\nurl = "/rss"\n', ""), "listings: is missing; write [[listings]]", True),
    (GOOD.replace('kind = "feed"\n', ""), "listing 1.kind: is missing", True),
    (GOOD.replace('"feed"', '"fed"'), "listing 1.kind: 'fed' is no kind of listing; did you mean feed?", True),
    (GOOD.replace('"feed"', '"pages"'), "listing 1 (pages).url: '/rss' does not say which; write {page} in it", True),
    (GOOD.replace('"feed"', '"days"'), "write {day:%Y/%m/%d} in it", True),
    (DAYS.replace("{day:%Y/%m/%d}", "{day:%Y/%m}"), "names no whole day", False),
    (DAYS.replace("{day:%Y/%m/%d}", "{day}"), "write {day:%Y/%m/%d}", True),
    (GOOD.replace('url = "/rss"', 'url = "/rss/{page}"'), "listing 1 (feed).url: '/rss/{page}': {page} is no name", True),
    (GOOD.replace('url = "/rss"', 'url = "rss"'), "url: 'rss' is no path", True),
    (GOOD.replace('url = "/rss"', 'url = "//x.example/rss"'), "is no path", True),
    (GOOD.replace('url = "/rss"', 'url = "ftp://x.example/rss"'), "is no address of the web", True),
    (GOOD.replace('url = "/rss"', 'url = "https://u:p@x.example/rss"'), "is no host", False),
    (GOOD.replace('url = "/rss"', 'url = "/rss#top"'), "no # and no white space", True),
    (GOOD.replace('url = "/rss"', f'url = "/{"r" * 1001}"'), "a text of 1002 characters", True),
    (with_line(GOOD, "[[listings]]", 'entry = "li"'), "listing 1 (feed).entry: a listing of kind feed has no such key; it takes kind, url", True),
    (with_line(GOOD, "[[listings]]", 'pagse = "li"'), "listing 1 (feed).pagse: unknown key", True),
    (with_line(GOOD, "[[listings]]", 'editions = ["harbour-de"]'), "editions: 'harbour-de' is no edition of this file", False),
    (with_line(GOOD, "[[listings]]", 'name = "a/b"'), "name: 'a/b' is no name", True),
    (with_line(GOOD, "[[listings]]", "begins = 2020-01-01T10:00:00"), "begins: is a time; write a date", True),
    (with_line(GOOD, "[[listings]]", 'begins = "January"'), "begins: 'January' is no date", True),
    (with_line(PAGES, "[[listings]]", 'first = "/news/{page}"'), "first: '/news/{page}': {page} is no name", True),
    (with_line(PAGES, "[[listings]]", "first_page = -1"), "first_page: -1 is out of bounds", True),
    (with_line(PAGES, "[[listings]]", 'step = "20"'), "step: is text; write a number", True),
    (with_line(PAGES, "[[listings]]", "step = true"), "step: is true or false; write a number", True),
    (with_line(DAYS, "[[listings]]", 'first = "/"'), "a listing of kind days has no such key", True),
    (with_line(PAGES, "[[listings]]", 'time = "time["'), "time: 'time[' is no CSS selector: Expected", False),
    (with_line(PAGES, "[[listings]]", 'time = ""'), "time: an empty text", True),
    (with_line(PAGES, "[[listings]]", f'time = "{"a " * 300}"'), "a rule of 599 characters; at most 500", True),
    (PAGES.replace('"li"', '"li::text"'), "entry: 'li::text' gives text; write a selector of elements", False),
    (PAGES.replace('entry = "li"', 'time = "time"'), "time: is looked for in an entry; write entry", True),
    (with_line(PAGES, "[[listings]]", 'items = "a"\nlink = "b"'), "entry: is for HTML, and items for JSON", True),
    (PAGES.replace('entry = "li"', 'items = "a"'), "link: is missing; write link", True),
    (PAGES.replace('entry = "li"', 'items = "a["\nlink = "b"'), "items: 'a[' is no JMESPath", False),
    (PAGES.replace('entry = "li"', 'items = "a"\nlink = "b"\nolder = "a"'), "older: is CSS, and this listing is JSON", True),
    (CURSOR.replace('older = "/api?b={cursor}"\n', ""), "older: is missing", True),
    (CURSOR.replace("{cursor}", "x"), "older: '/api?b=x' does not say where; write {cursor} in it", True),
    (CURSOR.replace('cursor = "b"\n', ""), "cursor: is missing", True),
    (GOOD.replace('url = "/rss"\n', 'url = "/rss"\nname = "x"\n[[listings]]\nkind = "feed"\nurl = "/b"\nname = "x"\n'), "two of harbour-en have the name x", False),
    (GOOD.replace("[[listings]]", '[editions.de]\nhost = "x.example"\n[[listings]]\neditions = "de"'), "listings: none is for harbour-en", False),
    (GOOD.replace('[article]\nurl = "/{section}/{slug}-{id}.html"\n', ""), "article: is missing; write a table [article]", True),
    (GOOD.replace('url = "/{section}', 'urls = "/{section}'), "article.urls: unknown key; did you mean url?", True),
    (GOOD.replace("/{section}/{slug}-{id}.html", "/{section}/{slg}.html"), "article.url: '/{section}/{slg}.html': {slg} is no name of a pattern; did you mean {slug}?", True),
    (GOOD.replace("/{section}/{slug}-{id}.html", "/(a+)+{id}"), "", False),
    (GOOD.replace("/{section}/{slug}-{id}.html", "/news/"), "names no article", True),
    (GOOD.replace("/{section}/{slug}-{id}.html", "/a//{id}"), "can match no address", False),
    (GOOD.replace("/{section}/{slug}-{id}.html", "https://x.example/{id}"), "is no path", True),
    (with_line(GOOD, "[article]", 'key = "{day}"'), "article.key: '{day}': {day} is no name of a pattern", True),
    (with_line(GOOD, "[article]", 'key = "{id:%Y}"'), "article.key: '{id:%Y}': write {id}", True),
    (with_line(GOOD, "[article]", 'key = "{section}"'), "is the same for many articles", True),
    (with_line(GOOD, "[article]", 'headline = "h1["'), "article.headline: 'h1[' is no CSS selector", False),
    (with_line(GOOD, "[article]", 'headline = ["h1", 2]'), "article.headline: is a number; write text", True),
    (with_line(GOOD, "[article]", 'published = "ld:"'), "article.published: 'ld:' names nothing; write it as ld:datePublished", True),
    (with_line(GOOD, "[article]", 'published = "meta:"'), "write it as meta:article:published_time", True),
    (with_line(GOOD, "[article]", 'drop = "p::text"'), "article.drop: 'p::text' gives text", False),
    (with_line(GOOD, "[article]", 'heading = "h1"'), "article.heading: unknown key; did you mean headline?", True),
    (with_line(GOOD, "[article]", 'body = "*:not(:not(a))"'), "is no CSS selector", False),
    (GOOD.replace("[article]", "article = 1\n[articles]"), "article", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says", "in_schema"), REFUSED, ids=[says or "accepted" for _, says, _ in REFUSED])
def test_wrong_file_is_one_line_with_key_and_way_out(text: str, says: str, in_schema: bool) -> None:  # noqa: FBT001
    if not says:  # what would backtrack in a regular expression is literal text here
        assert read(text).article.patterns[0].match("/(a+)+7") is not None
        return
    with pytest.raises(SiteFileError, match=re.escape(says)) as caught:
        read(text)
    assert str(caught.value).startswith("sites/harbour.toml: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert fits_schema(text) is not in_schema


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[[[", "no TOML: "),
        (b'site = "a"\nsite = "b"', "no TOML: Cannot overwrite a value"),
        (b'site = "\xff"', "no UTF-8 (byte 8); save the file as UTF-8"),
        (b"a = " + b"9" * 5000, "no TOML: "),
        (b"a = " + b"[" * 5000, "no TOML: nested too deep"),
        (b"#" * (MAX_FILE + 1), "a file of 1,048,577 bytes; a site file has at most 1,048,576"),
        (b"#" * (10 * MAX_FILE), "at most 1,048,576"),
        (b"x." * 15 + b"y = 1", "x: unknown key; known are site"),
        (b"a = 1\n" + b"x." * 100_000 + b"y = 1", "a key of more than 20 parts in line 2"),
        (b"a = {" + b"'x' . " * 100_000 + b"y = 1}", "a key of more than 20 parts in line 1"),
    ],
)
def test_what_is_no_site_file_at_all_is_one_line(body: bytes, says: str) -> None:
    with pytest.raises(SiteFileError, match=re.escape(says)) as caught:
        read_site_file(body, "sites/x.toml")
    assert "\n" not in str(caught.value)


def test_byte_order_mark_is_no_fault() -> None:
    assert read_site_file(b"\xef\xbb\xbf" + GOOD.encode(), "x").site == "harbour"


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-5, 5), st.text(max_size=8), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@given(st.sampled_from(["site", "agency", "timezone", "experimental", "editions", "listings", "article"]), VALUES)
def test_any_value_of_a_key_is_taken_or_refused_in_one_line(key: str, value: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sitefile, "parsed", lambda *_: tomllib.loads(GOOD) | {key: value})
        try:
            taken = read_site_file(b"", "x.toml").site
        except SiteFileError as error:
            taken = str(error)
    assert "\n" not in taken


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))
