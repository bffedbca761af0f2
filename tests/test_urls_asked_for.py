"""The same site at another address, and what any text can do to the addresses that are asked for."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.errors import ArgumentError
from crawler.records import Edition
from crawler.sites.belta.addresses import ArticlePath, article_key, canonical_url, split_article_path
from crawler.urls import at_base, is_private_host, site_relative

ENG = Edition("belta-eng", "eng.belta.by", "en", ("m.eng.belta.by", "english.belta.example"))
RUS = Edition("belta-rus", "belta.by", "ru", ("www.belta.by",))
DEMO = Edition("demo", "127.0.0.1:8100", "en")
BASE = "http://127.0.0.1:8100"
ARTICLE = "https://eng.belta.by/politics/view/turnips-are-late-152706-2022/"


@pytest.mark.parametrize(
    "base_url", [BASE, BASE + "/", "http://[::1]:8100", "https://mirror.example", "http://зеркало.example"]
)
def test_pages_under_a_base_url_are_the_editions_own(base_url: str) -> None:
    url = base_url.rstrip("/") + "/amp/politics/view/turnips-are-late-152706-2022?from=x"
    assert article_key(url, ENG) is None
    assert article_key(url, ENG, base_url) == "152706-2022"
    assert canonical_url(url, ENG, base_url) == ARTICLE
    assert canonical_url(ARTICLE, ENG, base_url) == ARTICLE


def test_another_port_is_another_site() -> None:
    path = urlsplit(ARTICLE).path
    assert article_key(f"http://127.0.0.1:8101{path}", ENG, BASE) is None
    assert article_key(f"http://127.0.0.1{path}", ENG, BASE) is None
    assert article_key(f"http://localhost:80{path}", ENG, "http://localhost") == "152706-2022"


def test_the_host_of_an_edition_may_have_a_port() -> None:
    url = BASE + urlsplit(ARTICLE).path
    assert article_key(url, DEMO) == "152706-2022"
    assert canonical_url(canonical_url(url, DEMO), DEMO) == "https://127.0.0.1:8100" + urlsplit(ARTICLE).path


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "127.0.0.1:8100",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://user@127.0.0.1",
        "http://127.0.0.1/mirror",
        "http://127.0.0.1/?a=1",
        "http://127.0.0.1/#a",
        "http://\ud800",
    ],
)
def test_a_wrong_base_url_is_said(base_url: str) -> None:
    for use in (article_key, canonical_url, at_base):
        with pytest.raises(ArgumentError, match=re.escape(repr(base_url))):
            use(ARTICLE, ENG, base_url)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ARTICLE, "/politics/view/turnips-are-late-152706-2022/"),
        ("/all_news/", "/all_news/"),
        ("/all_news/page/7/?day=08&month=01&year=26/", "/all_news/page/7/?day=08&month=01&year=26/"),
        ("https://eng.belta.by/all_news/?b=2&a=1#top", "/all_news/?b=2&a=1"),
        ("https://eng.belta.by", "/"),
        ("https://eng.belta.by?a=1", "/?a=1"),
        ("//eng.belta.by/all_news", "/all_news"),
        ("https://eng.belta.by//evil.example/x", "/evil.example/x"),
        ("/\\evil.example/x", "/evil.example/x"),
        ("/\t/evil.example/x", "/x"),
        ("/новости/ 1", "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/%201"),
        (" /all_news/\r\n", "/all_news/"),
    ],
)
def test_the_site_relative_address_is_path_and_query(text: str, expected: str) -> None:
    assert site_relative(text) == expected
    assert at_base(text, ENG, None) == "https://eng.belta.by" + expected
    assert at_base(text, ENG, BASE + "/") == BASE + expected


@pytest.mark.parametrize(
    "text",
    ["", "all_news/", "?page=2", "#", "mailto:a@b.example", "ftp://h/x", "http://[::1", "http://u@h/", "/\ud800"],
)
def test_what_is_neither_address_nor_path_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="neither an http address nor a path"):
        site_relative(text)


SEGMENT = st.text(alphabet="abzABZ019-._~%;'()*!$&+,=:@ репаüñ中\ufffe", max_size=12)
SLUGS = SEGMENT.filter(lambda slug: not re.search("%(?![0-9A-F]{2})", slug))


@st.composite
def articles(draw: st.DrawFn) -> ArticlePath:
    rubric = draw(st.sampled_from(["politics", "society", "republic-ch", "photonews"]))
    return ArticlePath(rubric, draw(SLUGS), str(draw(st.integers(0, 999_999))), draw(st.integers(2015, 2030)))


@st.composite
def dressed(draw: st.DrawFn, article: ArticlePath) -> str:
    """Some way to write the address of an article."""
    host = draw(
        st.sampled_from(["eng.belta.by", "www.eng.belta.by", "m.eng.belta.by", "ENG.belta.by:443", "127.0.0.1:8100"])
    )
    path = article.path if draw(st.booleans()) else quote(article.path, safe="/%:@!$&'()*+,;=")
    path = draw(st.sampled_from(["", "/amp", "/x/..", "/."])) + path
    return (
        draw(st.sampled_from(["https://", "http://", "//", ""]))
        + host
        + (path if draw(st.booleans()) else path.removesuffix("/"))
        + draw(st.sampled_from(["", "?", "?utm_source=a&from=b", "?a=/../", "?fbclid=-1-2020/"]))
        + draw(st.sampled_from(["", "#", "#top", "#/x/view/y-2-2021/"]))
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_all_variants_of_one_article_have_one_key_and_one_address(data: st.DataObject) -> None:
    article = data.draw(articles())
    one, other = data.draw(dressed(article)), data.draw(dressed(article))
    assert article_key(one, ENG, BASE) == article_key(other, ENG, BASE) == f"{article.id}-{article.year}"
    assert canonical_url(one, ENG, BASE) == canonical_url(other, ENG, BASE)


TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="/\\.:@[]?#%-0129aview\t\n\0\ud800 ;", max_size=60),
    st.builds(
        "https://eng.belta.by/{}/view/{}-{}-2024{}".format, SEGMENT, st.text(max_size=20), st.integers(), SEGMENT
    ),
    st.builds("{}://{}:{}/a/view/x-1-2024/".format, st.text(max_size=6), st.text(max_size=20), st.integers()),
    st.builds("https://eng.belta.by/{}".format, st.text(alphabet="%25EF2f3Bb;./vcé-", max_size=30)),
)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("https://eng.belta.by/a/view/" + "中" * 500 + "-1-2024/")
@example("https://eng.belta.by/a/view/%252525%25zz%-1-2024/")
@example("https://eng.belta.by/a/view/a%2Fb%2f%3f%3B-1-2024/")
def test_the_canonical_address_is_its_own_canonical_address(text: str) -> None:
    for url in (text, f"/a/view/{text}-1-2024/"):
        key = article_key(url, ENG)
        if key is None:
            continue
        address = canonical_url(url, ENG)
        assert canonical_url(address, ENG) == address
        assert article_key(address, ENG) == key
        assert address == at_base(address, ENG, None)
        assert re.fullmatch(r"https://eng\.belta\.by/[!-~]+/", address)
        assert not set(address) & set('?#\\ "<>')


@settings(max_examples=500, deadline=None)
@given(text=TEXTS, base_url=st.none() | TEXTS)
def test_no_text_raises_anything_but_argument_error(text: str, base_url: str | None) -> None:
    split_article_path(text)
    is_private_host(text)
    article_key(text, ENG)
    for use in (article_key, canonical_url, at_base):
        with suppress(ArgumentError):
            use(text, ENG, base_url)


@settings(max_examples=300, deadline=None)
@given(TEXTS.map(lambda text: f"/{text}") | TEXTS)
def test_a_site_relative_address_stays_on_the_host_that_it_is_put_under(text: str) -> None:
    try:
        relative = site_relative(text)
    except ArgumentError:
        return
    assert site_relative(relative) == relative
    assert relative.isascii()
    assert re.match(r"/(?![/\\])", relative)
    assert urlsplit(at_base(text, ENG, BASE)).netloc == "127.0.0.1:8100"


@pytest.mark.parametrize("piece", ["a", "/", "-1", "-1-2024", "../", "%2e%2e/", "%", "中", ".", "@", ":", "[", "//"])
def test_endless_text_is_answered_in_no_time(piece: str) -> None:
    begin = time.process_time()
    for url in ("https://eng.belta.by/a/view/" + piece * 500_000, piece * 500_000, piece * 2000):
        assert article_key(url, ENG) is None
        assert split_article_path(url) is None
        is_private_host(url)
    assert time.process_time() - begin < 2
