"""Which addresses are one article, which are none, and what may be asked for."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from crawler.errors import ArgumentError
from crawler.records import Edition
from crawler.sites.belta.addresses import ArticlePath, article_key, canonical_url, split_article_path
from crawler.urls import MAX_LENGTH, MAX_PATH

ENG = Edition("belta-eng", "eng.belta.by", "en", ("m.eng.belta.by", "english.belta.example"))
RUS = Edition("belta-rus", "belta.by", "ru", ("www.belta.by",))
DEMO = Edition("demo", "127.0.0.1:8100", "en")
BASE = "http://127.0.0.1:8100"
ARTICLE = "https://eng.belta.by/politics/view/turnips-are-late-152706-2022/"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/politics/view/turnips-are-late-152706-2022/", ArticlePath("politics", "turnips-are-late", "152706", 2022)),
        ("/politics/view/turnips-are-late-152706-2022", ArticlePath("politics", "turnips-are-late", "152706", 2022)),
        ("/amp/politics/view/turnips-152706-2022", ArticlePath("politics", "turnips", "152706", 2022)),
        ("/AMP/Politics/View/Turnips-152706-2022/", ArticlePath("Politics", "Turnips", "152706", 2022)),
        ("/society/view/-26086-2024/", ArticlePath("society", "", "26086", 2024)),
        ("/a/view/am-13.-17.-mai-36565-2018/", ArticlePath("a", "am-13.-17.-mai", "36565", 2018)),
        ("/a/view/sowing%ef%bf%beweek-1-2021/", ArticlePath("a", "sowing%EF%BF%BEweek", "1", 2021)),
        ("/a/view/репа-7-2021/", ArticlePath("a", "%D1%80%D0%B5%D0%BF%D0%B0", "7", 2021)),
        ("/a/view/%d1%80%D0%B5%D0%BF%D0%B0-7-2021/", ArticlePath("a", "%D1%80%D0%B5%D0%BF%D0%B0", "7", 2021)),
        ("/a/view/2021-2022-2023-2024/", ArticlePath("a", "2021-2022", "2023", 2024)),
        ("/a/view/x%2D1%2d2024/", ArticlePath("a", "x", "1", 2024)),
        ("/a/view/one;two-1-2024", ArticlePath("a", "one;two", "1", 2024)),
        ("//a///view/x-1-2024//", ArticlePath("a", "x", "1", 2024)),
        ("/b/../a/./view/%2e%2e/view/x-1-2024/", ArticlePath("a", "x", "1", 2024)),
        ("a/view/x-1-2024?page=1-2#f", ArticlePath("a", "x", "1", 2024)),
        ("/video/view/x-1-2024/", ArticlePath("video", "x", "1", 2024)),
        ("/video/getRecord/372/", ArticlePath("video", "", "372", None)),
        ("/amp/video/getrecord/372", ArticlePath("video", "", "372", None)),
    ],
)
def test_an_article_path_is_read_from_its_tail(path: str, expected: ArticlePath) -> None:
    assert split_article_path(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/all_news/",
        "/all_news/page/7/?day=08&month=01&year=26/",
        "/politics/",
        "/politics/page/2",
        "/politics/view/",
        "/politics/view/turnips/",
        "/politics/view/turnips-152706/",
        "/politics/view/152706-2022/",
        "/politics/view/turnips-152706-22/",
        "/politics/view/turnips-152706-0022/",
        "/politics/view/turnips-152706-20222/",
        "/politics/view/turnips-1234567890123-2022/",
        "/politics/view/turnips-one-2022/",
        "/politics/view/turnips-١٢-2022/",
        "/politics/view/turnips-152706-2022.html",
        "/politics/view/turnips-152706-2022/print",
        "/politics/view/a/turnips-152706-2022/",
        "/politics/viewSuzet/turnips-152706-2022/",
        "/view/turnips-152706-2022/",
        "/amp/view/turnips-152706-2022/",
        "/en/politics-en/view/turnips-152706-2022/",
        "/printv/view/turnips-152706-2022/",
        "/printv/politics/view/turnips-152706-2022/",
        "/search/view/turnips-152706-2022/",
        "/search/findTags/12/",
        "/desimages/1.png",
        "/images/storage/news/with_archive/2022/000022_1661341200_152706_big.jpg",
        "/service_folder/news-152706-2022/",
        "/video/",
        "/video/getRecord/",
        "/video/getRecord/x/",
        "/video/getRecord/372/2/",
        "/in-head-before-date",
        "/politics/view/turnips-1-2024/../",
        "/politics/view/\ud800-1-2024/",
        "/politics/view/" + "x" * MAX_PATH + "-1-2024/",
        "/politics/view/" + "x" * MAX_LENGTH + "-1-2024/",
    ],
)
def test_any_other_path_is_no_article(path: str) -> None:
    assert split_article_path(path) is None


def test_a_video_key_is_never_an_article_key() -> None:
    video, article = split_article_path("/video/getRecord/2022/"), split_article_path("/video/view/x-372-2022/")
    assert video is not None
    assert article is not None
    assert (video.key, article.key) == ("video-2022", "372-2022")
    assert video.path == "/video/getRecord/2022/"


VARIANTS = [
    ARTICLE,
    ARTICLE.removesuffix("/"),
    ARTICLE.replace("https:", "http:"),
    ARTICLE.replace("https:", "HTTPS:").replace("eng.belta.by", "ENG.Belta.BY"),
    ARTICLE.replace("https:", ""),
    ARTICLE.replace("https://", ""),
    ARTICLE.replace("https://eng.belta.by", ""),
    ARTICLE.replace("//eng", "//www.eng"),
    ARTICLE.replace("//eng", "//m.eng"),
    ARTICLE.replace("//eng", "//www.m.eng"),
    ARTICLE.replace("eng.belta.by", "english.belta.example"),
    ARTICLE.replace("eng.belta.by", "m.english.belta.example"),
    ARTICLE.replace(".by/", ".by./"),
    ARTICLE.replace(".by/", ".by:443/"),
    ARTICLE.replace("https:", "http:").replace(".by/", ".by:80/"),
    ARTICLE.replace(".by/", ".by/amp/"),
    ARTICLE.replace(".by/", ".by/amp/..//./"),
    ARTICLE.replace(".by/", ".by\\"),
    ARTICLE.replace("turnips", "%74urnips"),
    ARTICLE.replace("turnips", "tur\tni\nps"),
    ARTICLE + "#comments",
    ARTICLE + "?utm_source=feed&utm_medium=x&fbclid=1&yclid=2&gclid=3&_openstat=4&from=rss",
    ARTICLE + "?",
    ARTICLE + "?152706-2023",
    f" \n{ARTICLE}\u00a0",
    f"\ufeff{ARTICLE}",
]


@pytest.mark.parametrize("url", VARIANTS)
def test_every_way_to_write_an_article_has_one_key_and_one_address(url: str) -> None:
    assert article_key(url, ENG) == "152706-2022"
    assert canonical_url(url, ENG) == ARTICLE


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "/",
        "politics/view/turnips-are-late-152706-2022/",  # relative to a page that we are not told
        ARTICLE.replace("eng.", ""),
        ARTICLE.replace("eng.", "deu."),
        ARTICLE.replace("eng.", "img."),
        ARTICLE.replace("eng.belta.by", "schuchin.gov.by/en"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by.evil.example"),
        ARTICLE.replace("eng.belta.by", "evil-eng.belta.by"),
        ARTICLE.replace("eng.belta.by", "evil.example/eng.belta.by"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by@evil.example"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by\\@evil.example"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by:443@evil.example"),
        ARTICLE.replace("eng.belta.by", "user:pass@eng.belta.by"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by:8080"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by:port"),
        ARTICLE.replace("eng.belta.by", "eng.belta.by:99999"),
        ARTICLE.replace("eng.belta.by", "[::1"),
        ARTICLE.replace("eng.belta.by", "[eng.belta.by]"),
        ARTICLE.replace("eng.belta.by", "eng.belta\0.by"),
        ARTICLE.replace("eng.belta.by", ""),
        ARTICLE.replace("turnips", "\ud800"),
        ARTICLE.replace("https:", "ftp:"),
        ARTICLE.replace("https://", "javascript:"),
        ARTICLE.replace("https://", "data:"),
        BASE + urlsplit(ARTICLE).path,
        "https://eng.belta.by/politics/",
        "https://eng.belta.by/all_news/page/2/?day=1-2022",
        "https://eng.belta.by/?u=/politics/view/turnips-are-late-152706-2022/",
        "https://eng.belta.by/#/politics/view/turnips-are-late-152706-2022/",
        ARTICLE + "x" * MAX_LENGTH,
    ],
)
def test_anything_else_has_no_key_and_the_error_names_it_in_one_line(url: str) -> None:
    assert article_key(url, ENG) is None
    with pytest.raises(ArgumentError) as caught:
        canonical_url(url, ENG)
    message = str(caught.value)
    assert message.startswith(repr(url)[:150])
    assert message.endswith("is no article of belta-eng (eng.belta.by)")
    assert message.isprintable()
    assert len(message) < 300


def test_every_edition_knows_its_own_articles_only() -> None:
    url = "http://www.belta.by/amp/sport/view/turnips-504549-2022"
    assert canonical_url(url, RUS) == "https://belta.by/sport/view/turnips-504549-2022/"
    assert article_key(url, ENG) is None
    assert article_key(ARTICLE, RUS) is None


def test_the_case_of_the_path_is_kept() -> None:
    assert canonical_url(ARTICLE.replace("turnips", "Turnips"), ENG) == ARTICLE.replace("turnips", "Turnips")


def test_a_video_record_has_an_address_too() -> None:
    assert (
        canonical_url("http://m.eng.belta.by/video/getRecord/372", ENG) == "https://eng.belta.by/video/getRecord/372/"
    )
    assert article_key("/video/getRecord/372", ENG) == "video-372"
