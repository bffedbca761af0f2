"""What BelTA's pages show beside the story: promo blocks, counters, slogans, front-page blocks."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from crawler.html.boilerplate import Boilerplate
from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.sites.extraction.page import Furniture
from crawler.sites.extraction.pictures import is_decoration

NOISE: Final = Boilerplate(
    classes=frozenset(
        {
            "invite_in_messagers",  # "Follow us on:", with a promo picture
            "video_add",
            "advertising_block",
            "yandex_share_print",
            "news_accent_block",
            "fp_block",
            "main_img",  # pictures and their captions are read by extraction/pictures.py
            "news_img_slide",
            "date_full",  # where the block of the words holds the whole article
            "rubric",
        }
    ),
    prefixes=("news_tags",),
    tags=frozenset({"figcaption", "amp-sidebar", "amp-ad"}),
    boxes=frozenset({"aside"}),
    signatures=frozenset({"footer", "nav"}),
    rels=frozenset({"nofollow"}),
    titles=("Добавить БЕЛТА в избранное",),
)
"""Everything inside a body that is no paragraph of it."""

SIDE_BLOCKS: Final = frozenset(
    {"right_col", "left_col", "sidebar", "last_news", "recent_news", "top_news", "fp_block", "news_accent_block"}
)
"""Class names of blocks beside a listing or an article, whose items say nothing of the listing's order."""

COPYRIGHT: Final = re.compile(r"(?:©|\(c\)|版权所有|版权归|Copyright\b)", re.IGNORECASE)
"""How the copyright line begins that closes articles of the Chinese edition."""

_FRONT_PAGE: Final = ("fp_r_title", "rubricNews_item")
_FRONT_PATHS: Final = frozenset({"", "/", "/all_news", "/all_news/"})
_SLOGAN: Final = re.compile(
    r"\bbelta\.by\b|Belarusian Telegraph Agency|Белорусско\w+ телеграфно\w+ агентств|"
    r"Беларуска\w+ тэлеграфна\w+ агенцтв|"
    r"Belar?us+ische\w* Tele|Agencia Telegráfica|Agencj\w+ Telegraficzn|白俄罗斯(?:国家)?通讯社",
    re.IGNORECASE,
)
# "Belarus news | BelTA": a heading, no sentence, that speaks of news and of the country or the agency.
_LONGEST_SLOGAN: Final = 120  # characters
_SENTENCE_END: Final = re.compile(r"[.!?…。]\W{0,3}$")
_NEWS: Final = re.compile(r"\b(?:news|новости|навіны|Nachrichten|noticias|wiadomości)\b|新闻", re.IGNORECASE)
_COUNTRY: Final = re.compile(
    r"\b(?:Bel[ao]rus\w*|Bielorrusia|Białorus\w*|Бел[ао]рус\w*|BelTA|БЕЛТА)\b|白", re.IGNORECASE
)
_SITE_NAME: Final = re.compile(r"\s*[|–—•-][^|–—•-]{0,40}(?:BelTA|БЕЛТА|白通社)[^|]{0,40}$", re.IGNORECASE)


def is_front_page(document: Document) -> bool:
    """Whether the page is, or says it is, the home page, which BelTA serves with status 200 under unknown addresses
    (seen 2021). Asked of pages that no era knows: an article may say it wrongly.
    """
    named = (document.url, document.link("canonical"), document.meta("og:url"))
    addresses = (document.resolve(address) for address in named if address)
    paths = {urlsplit(address).path for address in addresses if address}
    return bool(document.with_class(*_FRONT_PAGE)) or not paths.isdisjoint(_FRONT_PATHS)


def is_slogan(text: str) -> bool:
    """Whether a description speaks of the agency and not of the story."""
    if _SLOGAN.search(text):
        return True
    title_like = len(text) <= _LONGEST_SLOGAN and not _SENTENCE_END.search(text)
    return title_like and _NEWS.search(text) is not None and _COUNTRY.search(text) is not None


def without_site_name(title: str) -> str:
    """A page title without the agency's name behind the last separator.

    >>> without_site_name("Rain in Brest | BelTA - News from Belarus")
    'Rain in Brest'
    """
    return _SITE_NAME.sub("", title)


def is_furniture(image: Element, url: str) -> bool:
    """Whether a picture belongs to the site (flag, counter, avatar, promo) and not to the story."""
    return "/images/storage/" not in url and ("/desimages/" in url.lower() or is_decoration(image, url))


FURNITURE: Final = Furniture(
    boilerplate=NOISE,
    beside=SIDE_BLOCKS,
    containers=frozenset({"content_margin", "main"}),
    picture_blocks=("main_img", "news_img_slide"),  # both were used over the same years, 2019-26
    is_own=is_furniture,
    changing=frozenset({"r"}),  # ...big.jpg?r=3321
)
"""The same for the rules that all sites share."""
