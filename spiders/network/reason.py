"""Why a request brought no answer, in words for people: Scrapy and Twisted wrap what happened several times."""

from __future__ import annotations

import re
from typing import Final

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
from twisted.internet.error import ConnectError, ConnectionAborted, ConnectionClosed

NO_ANSWER: Final = (
    CannotResolveHostError,
    ConnectError,
    ConnectionClosed,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    OSError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
"""All that a download raises when nothing comes of it. Anything else is a fault of the program."""

_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (CannotResolveHostError, "its host name cannot be resolved"),
    (DownloadConnectionRefusedError, "the connection was refused"),
    (DownloadTimeoutError, "no answer came in time"),
    (ResponseDataLossError, "the connection broke in the middle of the answer"),
)
_REQUEST: Final = re.compile(r" in request <.*", re.DOTALL)


def reason(error: BaseException) -> str:
    """One line without addresses: whoever prints it says what was asked for.

    >>> reason(DownloadConnectionRefusedError("111: Connection refused."))
    'the connection was refused'
    """
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, DownloadCancelledError):  # done by Scrapy's handler alone, for DOWNLOAD_MAXSIZE
        said = _REQUEST.sub("", _line(error))
        return f"too large: {said}" if said else "too large: more bytes came than DOWNLOAD_MAXSIZE allows"
    if isinstance(error, DownloadFailedError):
        cause = _innermost(error)
        if isinstance(cause, ConnectionAborted):  # done by ourselves alone, for HEAD_MAXSIZE
            return "too large: more headers came than HEAD_MAXSIZE allows"
        return f"the connection failed: {_line(cause)}"
    return _line(error) or type(error).__name__


def _innermost(error: BaseException) -> BaseException:
    """What really happened: Twisted lists its failures from the outside in."""
    failures = getattr(error.__cause__, "reasons", None)
    found: BaseException = failures[-1].value if failures else error
    return found


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    listed = text.startswith("[") and text.endswith("]")
    return (text[1:-1] if listed else text).removesuffix(".")
