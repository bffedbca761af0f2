"""End tags that libxml2 reads otherwise than browsers do, rewritten so that both show the same text.

By the HTML standard ``</br>`` is a line break, a ``</p>`` without a start is an empty paragraph, and what follows
``</body>`` or ``</html>`` is still part of the page. libxml2 ignores the first two, which glues sentences together, and
since 2.14 it drops whatever follows the last two without a word.
"""

from __future__ import annotations

import re
from typing import Final

# Text in which nothing is a tag, and start tags with their quoted attributes, are passed over as they are.
_MARKUP: Final = re.compile(
    rb"""(?P<kept><!--(?:-?>|.*?(?:--!?>|\Z))"""
    rb"""|<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>]).*?(?:</(?P=raw)(?=[\s/>])|\Z)"""
    rb"""|<[a-z](?:=\s*+(?:"[^"]*+"|'[^']*+')|[^>])*+(?:>|\Z))"""
    rb"""|</(?P<end>br|p|body|html)(?=[\s/>])[^>]*+(?:>|\Z)""",
    re.IGNORECASE | re.DOTALL,
)
_SUSPECT: Final = re.compile(rb"</(?:br|body|html)(?=[\s/>])", re.IGNORECASE)
# The proper end of a page. Scripts and comments may follow it: no reader sees them.
_PROPER_END: Final = re.compile(
    rb"(?:\s|</(?:body|html)\s*+>|<!--.*?-->|<script(?=[\s/>]).*?</script\s*+>)*+\Z", re.IGNORECASE | re.DOTALL
)
_ENDS: Final = {b"br": b"<br>", b"body": b"", b"html": b""}
_ALL_ENDS: Final = {**_ENDS, b"p": b"</p><p></p>"}


def mended(body: bytes) -> bytes:
    """The page with ``<br>`` for ``</br>``, and without an end of ``body`` or ``html`` that is not the end.

    A page that needs neither is returned as it is.
    """
    first = _SUSPECT.search(body)
    if first is None or _PROPER_END.match(body, first.start()):
        return body
    return _with_ends(body, _ENDS)


def with_empty_paragraphs(body: bytes) -> bytes:
    """The page with an empty paragraph behind every ``</p>``: where the tag has no start, that is what browsers make
    of it, and elsewhere it changes no text. For pages that have such tags; only a parser can tell which they are.
    """
    return _with_ends(body, _ALL_ENDS)


def _with_ends(body: bytes, written: dict[bytes, bytes]) -> bytes:
    def replaced(match: re.Match[bytes]) -> bytes:
        end = match["end"]
        return match[0] if end is None else written.get(end.lower(), match[0])

    return _MARKUP.sub(replaced, body)
