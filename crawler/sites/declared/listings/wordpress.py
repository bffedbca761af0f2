"""A listing that is the posts endpoint of WordPress: a hundred a page, and a header that says how many pages there are.

Only what a listing needs is asked for; the texts come from the page of the article, as a reader sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crawler.html.answer import Answer
from crawler.html.text import clean
from crawler.records import ListingPage
from crawler.sites.declared.entries import Line, Reading, entries_of, unknown_of
from crawler.sites.declared.listings.data import plain

FRAME: Final = "posts"
_PAGES: Final = "X-WP-TotalPages"
_PAST_THE_END: Final = "rest_post_invalid_page_number"


def read_posts(reading: Reading, frame: str | None) -> ListingPage:
    """The entries of a page of posts. Raises UnrecognisedPage."""
    answer = reading.answer
    data = answer.json
    if isinstance(data, dict) and data.get("code") == _PAST_THE_END:
        return ListingPage(reading.page, "wordpress", (), end=True, frame=frame)
    if not isinstance(data, list):
        raise answer.unrecognised("JSON that is no list of posts")
    posts = [post for post in data if isinstance(post, dict)]
    lines = [line for post in posts if (line := _line(post)) is not None]
    entries = entries_of(lines, reading)
    if data and not entries:
        raise answer.unrecognised(f"none of {len(data)} posts is an article of {answer.edition.host}")
    if not data and frame is None:
        raise answer.unrecognised("no posts, and no other answer of this listing is known that had any")
    end = _is_last(answer, reading.page)
    return ListingPage(reading.page, "wordpress", entries, unknown=unknown_of(lines, reading), end=end, frame=FRAME)


def _is_last(answer: Answer, number: int) -> bool:
    told = (answer.header(_PAGES) or "").strip()
    return told.isascii() and told.isdecimal() and len(told) < 10 and number >= int(told)  # noqa: PLR2004 - digits


def _line(post: Mapping[str, Any]) -> Line | None:
    address = post.get("link")
    if not isinstance(address, str) or not address.strip():
        return None
    return Line(address, plain(_rendered(post, "title")), _times(post), plain(_rendered(post, "excerpt")) or None)


def _times(post: Mapping[str, Any]) -> tuple[str, ...]:
    """``date_gmt`` is UTC and does not say so; ``date`` is the wall clock of the site."""
    gmt, local = (clean(value) if isinstance(value := post.get(name), str) else "" for name in ("date_gmt", "date"))
    if gmt and not gmt.startswith("0000"):
        return (gmt if gmt.endswith("Z") else f"{gmt}Z",)
    return (local,) if local else ()


def _rendered(post: Mapping[str, Any], name: str) -> str | None:
    value = post.get(name)
    if isinstance(value, dict):
        value = value.get("rendered")
    return value if isinstance(value, str) else None
