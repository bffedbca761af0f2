"""What we do when the site has had enough of us: wait as long as it asks, then ask less, and leave in time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy.settings import Settings

from spiders.network.delay import retry_after
from spiders.network.refusal import Refusal

URL = "https://eng.belta.by/all_news/"
T = TypeVar("T")
LIMITS = {
    "REFUSALS_BEFORE_LEAVING": 4,
    "RETRY_AFTER_LIMIT": 300,
    "REFUSAL_DELAY": 30,
    "BREAKS_BEFORE_LEAVING": 4,
    "BREAK_DELAY": 5,
}


@dataclass
class Stage:
    """A crawler that is no crawler: an engine with one slot, a run that notes why it ended, a clock that is moved."""

    delay: float = 2.0
    running: bool = True
    now: float = 0.0
    said: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slot = SimpleNamespace(delay=self.delay)
        self.settings = Settings(LIMITS)
        self.engine = self
        self.downloader = SimpleNamespace(slots={"eng.belta.by": self.slot}, per_slot_settings={})
        self.spider = SimpleNamespace(run=SimpleNamespace(refuse=self.said.append))
        crawler: Any = self
        self.refusal = Refusal.from_crawler(crawler)

    async def close_spider_async(self, *, reason: str) -> None:
        self.closed.append(reason)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def answer(self, status: int, **headers: str) -> Request | Response:
        """What becomes of an answer."""
        request = Request(URL, meta={"download_slot": "eng.belta.by"})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = Response(URL, status=status, headers=named, request=request)

        return asyncio.run(self._played(self.refusal.process_response(request, response)))

    def trouble(self, error: Exception) -> None:
        """What is done about a request that brought no answer."""
        request = Request(URL, meta={"download_slot": "eng.belta.by"})
        asyncio.run(self._played(self.refusal.process_exception(request, error)))

    async def _played(self, scene: Coroutine[Any, Any, T]) -> T:
        with (
            patch("spiders.network.refusal.monotonic", lambda: self.now),
            patch("spiders.network.refusal.asyncio.sleep", self._sleep),
        ):
            result = await scene
        await asyncio.sleep(0)  # for the closing to begin
        return result


@pytest.mark.parametrize("status", [200, 304, 404, 410, 500, 502])
def test_other_answers_pass(status: int) -> None:
    stage = Stage()
    assert isinstance(stage.answer(status), Response)
    assert (stage.now, stage.slot.delay) == (0, 2)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "45"}, 45),
        ({"Retry_After": "Mon, 23 Nov 2026 12:01:00 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}, 60),
        ({}, 30),
        ({"Retry_After": "soon"}, 30),
        ({"Retry_After": "0"}, 30),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_site_is_given_the_time_it_asks_for_and_asked_again_more_slowly(
    status: int, headers: dict[str, str], wait: float
) -> None:
    stage = Stage()
    again = stage.answer(status, **headers)
    assert isinstance(again, Request)
    assert again.dont_filter
    assert stage.now == pytest.approx(wait)
    assert stage.slot.delay == 4


@pytest.mark.parametrize("status", [401, 403])
def test_a_forbidden_page_is_not_asked_for_again_but_others_are_more_slowly(status: int) -> None:
    stage = Stage()
    assert isinstance(stage.answer(status), Response)
    assert (stage.now, stage.slot.delay) == (0, 4)


def test_waits_without_a_word_from_the_site_are_doubled_and_the_fourth_refusal_in_a_row_is_the_last() -> None:
    stage = Stage()
    for so_far in (30, 90, 210):
        assert isinstance(stage.answer(503), Request)
        assert stage.now == pytest.approx(so_far)
    assert isinstance(stage.answer(503), Response)
    assert stage.now == pytest.approx(210)
    assert stage.said == ["the site refuses us: HTTP 503 4 times in a row"]
    assert stage.closed == ["refused"]


def test_a_good_answer_in_between_is_a_new_beginning() -> None:
    stage = Stage()
    for status in (403, 403, 403, 200, 403, 403, 403, 404):
        stage.answer(status)
    assert stage.said == []


def test_a_longer_wait_than_we_have_time_for_is_left_to_the_next_run() -> None:
    stage = Stage()
    assert isinstance(stage.answer(429, Retry_After="301"), Response)
    assert stage.said == ["the site refuses us: HTTP 429, and asks us to wait 301 s"]
    assert (stage.now, stage.closed) == (0, ["refused"])


def test_it_leaves_once_however_many_answers_are_still_on_their_way() -> None:
    stage = Stage()
    for _ in range(3):
        stage.answer(429, Retry_After="9999")
    assert len(stage.said) == len(stage.closed) == 1


def test_a_wait_ends_when_the_run_does() -> None:
    stage = Stage(running=False)
    assert isinstance(stage.answer(503, Retry_After="200"), Response)
    assert stage.now < 1


def test_a_site_that_is_asked_without_delay_stays_so() -> None:
    stage = Stage(delay=0)
    stage.answer(503, Retry_After="1")
    assert stage.slot.delay == 0


def test_a_connection_that_breaks_is_given_time_and_less_is_asked() -> None:
    stage = Stage()
    for so_far, delay in ((5, 4), (15, 8), (35, 16)):
        stage.trouble(DownloadFailedError("reset"))
        assert stage.now == pytest.approx(so_far)
        assert stage.slot.delay == delay
    assert stage.said == []
    stage.trouble(DownloadTimeoutError("slow"))
    assert stage.said == ["the site breaks off: no answer came in time 4 times in a row"]
    assert stage.now == pytest.approx(35)
    assert stage.closed == ["refused"]


def test_any_answer_between_broken_connections_is_a_new_beginning() -> None:
    stage = Stage()
    for _ in range(3):
        for _ in range(3):
            stage.trouble(DownloadConnectionRefusedError("no"))
        stage.answer(404)
    assert stage.said == []


def test_what_was_not_asked_and_what_was_too_large_are_no_signs_of_a_tired_site() -> None:
    stage = Stage()
    for error in (IgnoreRequest("another site"), DownloadCancelledError("too large"), CannotResolveHostError("?")):
        stage.trouble(error)
    assert (stage.now, stage.slot.delay, stage.said) == (0, 2, [])


headers = st.text(st.characters(max_codepoint=255), max_size=40)
dates = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "", "x"]),
    st.integers(-1, 99),
    st.sampled_from(["Nov", "Feb", "13", ""]),
    st.integers(-1, 99_999),
    st.integers(-1, 99),
    st.integers(0, 60),
    st.integers(0, 61),
    st.sampled_from(["GMT", "-0000", "+0300", "+99999999999999999999", ""]),
)


@example(value="0 NOV 0:0 2200000000", date="")
@given(value=headers | dates | st.integers(0, 10**30).map(str), date=headers | dates)
@settings(max_examples=200)
def test_whatever_the_headers_say_is_a_time_to_wait_or_nothing(value: str, date: str) -> None:
    sent = {"Retry-After": value.encode("latin-1"), "Date": date.encode("latin-1")}
    wait = retry_after(Response(URL, headers=sent))
    assert wait is None or wait >= 0
