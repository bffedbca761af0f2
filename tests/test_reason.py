"""What goes wrong on the network, in words for people: no class names, no wrappings, one line."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.utils._download_handlers import get_maxsize_msg
from twisted.internet.error import ConnectionLost, NoRouteError
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived

from spiders.network.reason import NO_ANSWER, reason

REQUEST = Request("https://eng.belta.by/all_news/")


def wrapped(cause: Exception) -> DownloadFailedError:
    """As Scrapy hands on what Twisted says."""
    failures = [Failure(cause)]  # type: ignore[no-untyped-call]
    error = DownloadFailedError(str(failures))
    error.__cause__ = ResponseNeverReceived(failures)  # type: ignore[no-untyped-call]
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DownloadConnectionRefusedError("Connection was refused by other side: 111."), "the connection was refused"),
        (CannotResolveHostError("DNS lookup failed"), "its host name cannot be resolved"),
        (
            DownloadTimeoutError("Getting https://eng.belta.by/ took longer than 60.0 seconds."),
            "no answer came in time",
        ),
        (ResponseDataLossError(), "the connection broke in the middle of the answer"),
        (
            wrapped(ConnectionLost()),
            "the connection failed: Connection to the other side was lost in a non-clean fashion",
        ),
        (DownloadFailedError("[Broken]"), "the connection failed: Broken"),
        (
            DownloadCancelledError(get_maxsize_msg(17, 16, REQUEST, expected=True)),
            "too large: Expected to receive 17 bytes which is larger than download max size (16)",
        ),
        (DownloadCancelledError(""), "too large: more bytes came than DOWNLOAD_MAXSIZE allows"),
        (IgnoreRequest("Forbidden by robots.txt"), "Forbidden by robots.txt"),
        (IgnoreRequest(), "IgnoreRequest"),
        (UnsupportedURLSchemeError("gopher is\nunknown"), "gopher is unknown"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    ],
)
def test_the_reason_is_one_plain_line(error: Exception, said: str) -> None:
    assert reason(error) == said
    assert isinstance(error, NO_ANSWER)


def test_a_network_without_a_way_is_no_answer_either() -> None:
    error = NoRouteError(osError=101)  # type: ignore[no-untyped-call]
    assert isinstance(error, NO_ANSWER)
    assert "\n" not in reason(error)


def test_a_bug_is_no_reason_for_silence() -> None:
    assert not isinstance(KeyError("page"), NO_ANSWER)
