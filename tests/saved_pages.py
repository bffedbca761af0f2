"""The saved pages of tests/pages: what was asked for, the page as it came, the record that it must give.

All text in them is invented. ``ERA-SLUG.html.gz`` holds the body of an answer, ``ERA-SLUG.json`` beside it how it was
asked for and the expected record, whole. For a listing the first part of the name is its layout.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.html.answer import Answer
from crawler.html.document import Document
from crawler.records import Article, Kind, ListingPage, Snapshot, Wire
from crawler.sites import edition, site_of
from crawler.urls import bases_of

PAGES = Path(__file__).parent / "pages"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENGLISH = "https://eng.belta.by"
ADDRESS = f"{ENGLISH}/society/view/an-invented-story-160001-2024/"
KEY = "160001-2024"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """`asked`: kind, edition, url, base_url, content_type, and key or page. `record`: the expected record as JSON."""

    name: str
    asked: Mapping[str, Any] = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def snapshot(self) -> Snapshot:
        return snapshot(
            self.body,
            url=self.asked["url"],
            kind=self.asked["kind"],
            edition_name=self.asked["edition"],
            content_type=self.asked["content_type"],
        )

    @property
    def document(self) -> Document:
        return Document.of(self.snapshot, base_url=self.asked["base_url"])

    def read(self) -> Article | ListingPage:
        site, found = site_of(self.asked["edition"]), edition(self.asked["edition"])
        if self.asked["kind"] == "article":
            return site.read_article(self.document, found, self.asked["key"])
        answer = Answer(self.snapshot, found, bases_of(found, self.asked["base_url"]))
        return site.listings(found)[0].read(answer, found, str(self.asked["page"]))


def saved_pages(site: str) -> list[SavedPage]:
    """The pages of a site, by name."""
    return [_saved(path) for path in sorted((PAGES / site).glob("*.json"))]


def _saved(path: Path) -> SavedPage:
    told = json.loads(path.read_text(encoding="utf-8"))
    body = gzip.decompress(path.with_suffix(".html.gz").read_bytes())
    return SavedPage(path.stem, told["asked"], told["record"], body)


def as_json(record: Article | ListingPage) -> dict[str, Any]:
    """A record as its JSON file has it: lists, and times in ISO form."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(record), default=lambda moment: moment.isoformat()))
    return plain


def snapshot(
    body: bytes,
    *,
    url: str = ADDRESS,
    kind: Kind = "article",
    edition_name: str = "belta-eng",
    content_type: str | None = "text/html; charset=utf-8",
) -> Snapshot:
    """An answer of the server."""
    headers = (("Content-Type", content_type),) if content_type is not None else ()
    return Snapshot(edition_name, kind, url, url, NOON, 200, Wire(len(body), "", None, headers), body)


def document(body: bytes | str, *, base_url: str | None = None, **more: Any) -> Document:  # noqa: ANN401 - see snapshot
    """A page as the crawl would have it, from its bytes or its text."""
    return Document.of(snapshot(body.encode() if isinstance(body, str) else body, **more), base_url=base_url)


def read_article(main: str, *, head: str = "", edition_name: str = "belta-eng", url: str = ADDRESS) -> Article:
    """The article `KEY` on a page with this markup in its body."""
    page = document(f"<html><head>{head}</head><body>{main}</body></html>", url=url, edition_name=edition_name)
    return site_of(edition_name).read_article(page, edition(edition_name), KEY)


def read_listing(inner: str, *, page: int = 1, url: str = f"{ENGLISH}/all_news/") -> ListingPage:
    """A listing with this markup in its container."""
    markup = f'<html><body><div id="inner">{inner}</div></body></html>'
    english = edition("belta-eng")
    answer = Answer(snapshot(markup.encode(), url=url, kind="listing"), english)
    return site_of(english.name).listings(english)[0].read(answer, english, str(page))


def read_story(
    body: str = "<p>An invented sentence.</p>",
    *,
    date: str = '<div class="date_full">01 July 2024, 14:00</div>',
    above: str = "",
    head: str = "",
) -> Article:
    """An article of 2018-23 with these parts."""
    main = (
        f'<div class="content_margin">{date}<h1>Headline</h1>{above}<div class="js-mediator-article">{body}</div></div>'
    )
    return read_article(main, head=head)


def picture(inner: str, name: str = "news_img_slide") -> str:
    """The block above a body that holds picture and caption."""
    return f'<div class="{name}">{inner}</div>'
