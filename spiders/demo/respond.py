"""The newspaper's answer to a request: a function of the paper, the request, the time and the number of the visit."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from http import HTTPStatus
from urllib.parse import unquote

from spiders.demo.agency import Front, Held
from spiders.demo.articles import article
from spiders.demo.dress import Era, Sheet
from spiders.demo.faults import Fault
from spiders.demo.furniture import shell
from spiders.demo.listings import ListingSheet, home, listing
from spiders.demo.newspaper import Headers, Newspaper, Reply, RequestHeaders
from spiders.demo.spoil import spoil

_LISTING = re.compile(r"/all_news(?:/page/(\d{1,9}))?/?", re.IGNORECASE)
_ARTICLE = re.compile(r"(?P<twin>/amp|/printv)?/(?P<rubric>[\w-]+)/view/(?P<slug>.*)-(?P<key>\d{1,12}-\d{4})/?")
_VIDEO = re.compile(r"/video/getRecord/(\d{1,12})/?")
_PICTURE = re.compile(r"/(?:images|desimages)/.+")
_HOME = re.compile(r"/[^/]*/?")
# One transparent pixel: every picture of the paper.
_PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002014400 3b".replace(" ", "")
)
_TWINS: dict[str, Era] = {"/amp": "amp", "/printv": "paragraphs"}
_HTML = "text/html; charset=UTF-8"
_RECENT = 12


@dataclass(frozen=True, slots=True)
class _Request:
    paper: Newspaper
    path: str
    headers: RequestHeaders
    now: datetime
    visit: int | None
    front: Front = field(repr=False)

    @property
    def sheet(self) -> Sheet:
        first = 0 if self.visit is None else self.visit % _RECENT
        recent = () if self.visit is None else self.front.listed(first, first + _RECENT)
        return Sheet(self.now, self.path, self.paper.worn(self.now), self.visit, recent, self.paper.furniture)


def respond(paper: Newspaper, path: str, headers: RequestHeaders, now: datetime, visit: int = 0) -> Reply:
    """Answer a GET of `path` (with or without query) at the aware time `now`.

    `headers` by lower-case name. `visit` is the caller's count of requests; it changes the furniture of pages, not
    their news, and does nothing to a calm paper.
    """
    bare = path.partition("#")[0].partition("?")[0]
    request = _Request(paper, bare, headers, now, None if paper.calm else visit, paper.newsroom.at(now))
    fault = paper.faults.at(path, now)
    answer = _route(request) if fault is None else _spoilt(fault, request)
    return replace(answer, headers=(("Date", format_datetime(_to_second(now), usegmt=True)), *answer.headers))


def _spoilt(fault: Fault, request: _Request) -> Reply:
    return spoil(
        fault, request.path, lambda other: _route(replace(request, path=other)), lambda: _without_stories(request)
    )


def _route(request: _Request) -> Reply:
    routes: tuple[tuple[re.Pattern[str], Callable[[_Request, re.Match[str]], Reply]], ...] = (
        (_LISTING, _listing),
        (_ARTICLE, _article),
        (_VIDEO, _video),
        (_PICTURE, lambda *_: _plain(HTTPStatus.OK, "image/gif", _PIXEL)),
        (re.compile(r"/robots\.txt"), _robots),
        (_HOME, _home),
    )
    for pattern, answer in routes:
        if match := pattern.fullmatch(request.path):
            return answer(request, match)
    return _missing(request, HTTPStatus.NOT_FOUND)


def _robots(request: _Request, _: re.Match[str]) -> Reply:
    delay = request.paper.crawl_delay
    text = "User-agent: *\nDisallow: /printv\n" + ("" if delay is None else f"Crawl-delay: {delay:g}\n")
    return _plain(HTTPStatus.OK, "text/plain", text.encode())


def _home(request: _Request, _: re.Match[str]) -> Reply:
    """Any unknown address of one part as well: BelTA was seen to answer such with its home page and status 200."""
    return _page(request, home(request.sheet, request.front.listed(0, request.paper.page_size)))


def _listing(request: _Request, match: re.Match[str]) -> Reply:
    page, size, front = int(match[1] or 1), request.paper.page_size, request.front
    last = max(1, -(-len(front) // size))
    if page > last or page < 1:
        return _past_end(request, page, last)
    return _printed(request, page, page, last)


def _past_end(request: _Request, page: int, last: int) -> Reply:
    match request.paper.past_end:
        case "404":
            return _missing(request, HTTPStatus.NOT_FOUND)
        case "first":
            return _printed(request, page, 1, last)
        case "last":
            return _printed(request, page, last, last)
        case "empty":
            return _printed(request, page, page, last)


def _without_stories(request: _Request) -> Reply:
    return _page(request, listing(ListingSheet(request.sheet, 1, (), last=True)))


def _printed(request: _Request, page: int, shown: int, last: int) -> Reply:
    """Page number `page` with the stories of page `shown`."""
    size, front = request.paper.page_size, request.front
    start = (shown - 1) * size
    above = front.listed(start - 1, start) if start else ()
    endless = request.paper.past_end in {"first", "last"}
    view = ListingSheet(
        sheet=request.sheet,
        page=page,
        stories=front.listed(start, start + size),
        above=next(iter(above), None),
        pinned=front.pinned,
        last=page >= last and not endless,
    )
    return _page(request, listing(view))


def _article(request: _Request, match: re.Match[str]) -> Reply:
    held = request.front.find(match["key"])
    if held is None or held.story.rubric != match["rubric"]:
        return _missing(request, HTTPStatus.NOT_FOUND)
    slug = unquote(match["slug"])
    if slug != unquote(held.story.slug):
        return _former(request, held, slug)
    if (status := HTTPStatus(held.status)) is not HTTPStatus.OK:
        return _missing(request, status)
    era: Era = _TWINS[match["twin"]] if match["twin"] else request.paper.worn(request.now).era(held.story)
    return _page(request, article(held.story, request.sheet, era), held)


def _video(request: _Request, match: re.Match[str]) -> Reply:
    held = request.front.find(f"video-{match[1]}")
    status = HTTPStatus.NOT_FOUND if held is None else HTTPStatus(held.status)
    if held is None or status is not HTTPStatus.OK:
        return _missing(request, status)
    return _page(request, article(held.story, request.sheet, "video"), held)


def _former(request: _Request, held: Held, slug: str) -> Reply:
    moved = next((status for former, status in held.moved.items() if unquote(former) == slug), HTTPStatus.NOT_FOUND)
    if moved == HTTPStatus.NOT_FOUND:
        return _missing(request, HTTPStatus.NOT_FOUND)
    return Reply(moved, (("Location", held.story.path), ("Content-Length", "0")), b"")


def _missing(request: _Request, status: HTTPStatus) -> Reply:
    text = shell(request.sheet, status.phrase, f'<div class="error_page"><h2>{status.value} {status.phrase}</h2></div>')
    return _plain(status, _HTML, text.encode())


def _plain(status: int, content_type: str, body: bytes, *more: tuple[str, str]) -> Reply:
    headers: Headers = (("Server", "demo"), ("Content-Type", content_type), *more, ("Content-Length", str(len(body))))
    return Reply(int(status), headers, body)


def _page(request: _Request, text: str, held: Held | None = None) -> Reply:
    """A page, validated and compressed as the paper does."""
    validators = _validators(held) if request.paper.validators and held else ()
    if validators and _fresh(request.headers, dict(validators)):
        return Reply(HTTPStatus.NOT_MODIFIED, validators, b"")
    body = text.encode()
    if request.paper.gzip and "gzip" in request.headers.get("accept-encoding", ""):
        more = (*validators, ("Vary", "Accept-Encoding"), ("Content-Encoding", "gzip"))
        return _plain(HTTPStatus.OK, _HTML, gzip.compress(body, compresslevel=1, mtime=0), *more)
    return _plain(HTTPStatus.OK, _HTML, body, *validators)


def _validators(held: Held) -> Headers:
    digest = blake2b(repr((held.story, held.story.text, held.story.photos)).encode(), digest_size=12).hexdigest()
    return ("ETag", f'W/"{digest}"'), ("Last-Modified", format_datetime(_to_second(held.changed), usegmt=True))


def _fresh(asked: RequestHeaders, validators: RequestHeaders) -> bool:
    if tags := asked.get("if-none-match"):
        return validators["ETag"] in tags
    if since := asked.get("if-modified-since"):
        return _date(since) >= _date(validators["Last-Modified"])
    return False


def _date(header: str) -> datetime:
    """The time of an HTTP date; the beginning of time for what is none."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def _to_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
