"""An answer with a fault in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from spiders.demo.dice import dice
from spiders.demo.faults import Fault
from spiders.demo.newspaper import Reply

ELSEWHERE = "https://elsewhere.example/"
_LATER_PAGES = re.compile(r"/all_news/page/\d+/?", re.IGNORECASE)
_LISTINGS = re.compile(r"/all_news(?:/page/\d+)?/?", re.IGNORECASE)


def spoil(fault: Fault, path: str, answer: Callable[[str], Reply], blank_listing: Callable[[], Reply]) -> Reply:
    """What is sent for `path` (without query) under a fault.

    `answer` gives what would be sent for a path, `blank_listing` a listing page without stories.
    """
    match fault.kind:
        case "error" | "overloaded" | "too-many" | "forbidden":
            spoilt = _refusal(fault)
        case "refused" | "reset":
            spoilt = Reply(0, (), b"", broken=fault.kind)
        case "off-site" | "to-home" | "loop":
            spoilt = _redirect({"off-site": ELSEWHERE, "to-home": "/", "loop": path}[fault.kind])
        case "soft-200":
            spoilt = answer("/")
        case "empty-listing":
            spoilt = blank_listing() if _LISTINGS.fullmatch(path) else answer(path)
        case "repeated-listing":
            spoilt = answer("/all_news/" if _LATER_PAGES.fullmatch(path) else path)
        case "slow":
            spoilt = replace(answer(path), delay=fault.seconds)
        case "truncated" | "blank" | "garbage" | "bad-gzip" | "wrong-type":
            spoilt = _damaged(fault, path, answer(path))
    return replace(spoilt, fault=fault.kind)


_STATUS = {"error": 500, "overloaded": 503, "too-many": 429, "forbidden": 403}


def _refusal(fault: Fault) -> Reply:
    body = b"<html><head><title>Sorry</title></head><body><h1>Sorry</h1><p>Not now.</p></body></html>"
    more = (("Retry-After", f"{fault.seconds:.0f}"),) if fault.kind in {"overloaded", "too-many"} else ()
    return Reply(_STATUS[fault.kind], (("Content-Type", "text/html"), *more, ("Content-Length", str(len(body)))), body)


def _redirect(location: str) -> Reply:
    return Reply(302, (("Location", location), ("Content-Length", "0")), b"")


def _damaged(fault: Fault, path: str, whole: Reply) -> Reply:
    match fault.kind:
        case "truncated":
            # Somewhere, seeded by the path: in the head, in the story, before the last bracket.
            cut = min(len(whole.body), 1 + int(dice("cut", path).random() * len(whole.body)))
            return replace(whole, sent=max(cut - 1, 0))
        case "blank":
            return _with(whole, b"", "text/html; charset=UTF-8")
        case "garbage":
            return _with(whole, dice("garbage", path).randbytes(2000), "text/html; charset=UTF-8")
        case "bad-gzip":
            spoilt = _with(whole, dice("gzip", path).randbytes(900), "text/html; charset=UTF-8")
            return replace(spoilt, headers=(*spoilt.headers, ("Content-Encoding", "gzip")))
        case _:
            headers = tuple((name, "image/jpeg" if name == "Content-Type" else value) for name, value in whole.headers)
            return replace(whole, headers=headers)


def _with(whole: Reply, body: bytes, content_type: str) -> Reply:
    return replace(whole, body=body, headers=(("Content-Type", content_type), ("Content-Length", str(len(body)))))
