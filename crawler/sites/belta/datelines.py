"""The opening of a wire story: place and day in capitals, the agency in brackets.

The body keeps it; here it is read once more as fields. Every pattern is bounded and starts at the first
character, so a long paragraph costs no more than a short one.
"""

from __future__ import annotations

import re
from typing import Final

_OPENING: Final = 160  # characters: the longest dateline seen has under 50

# MINSK, 27 June (BelTA) –      VÍTEBSK, 2 sep (BelTA). –      ST. PETERSBURG, 21. Dezember (BelTA) -Am
_BRACKETS: Final = re.compile(
    r"(?:UPDATE \d{1,2} ?[-–—] ?)?"
    r"(?P<dateline>(?P<place>[^\d(),/][^\d()]{1,60}?)(?P<day>, ?\d{1,2}\.? ?[^\W\d_]{2,15}\.?(?: \d{4})?)?) ?"
    r"\((?P<credit>[^()]{0,40}BelTA[^()]{0,40})\)"
)
# 17 декабря, Минск /Корр. БЕЛТА/.
_SLASHES: Final = re.compile(
    r"(?P<dateline>(?P<day>\d{1,2} [^\W\d_]{3,12}, ?)?(?P<place>[^\W\d_][^/,(]{1,60}?)) ?"
    r"/(?P<credit>[^/]{0,40}(?:БЕЛТА|БелТА)[^/]{0,40})/"
)
_MOST_WORDS: Final = 3  # of a place without a day: more is a sentence
_SLASH_LANGUAGES: Final = frozenset({"ru", "be"})


def read_dateline(paragraph: str, language: str) -> tuple[str, str] | None:
    """Dateline and credit that open a body's first paragraph; None when it has none (digests, interviews, columns).

    >>> read_dateline("MINSK, 27 June (BelTA) – Rain is on its way.", "en")
    ('MINSK, 27 June', 'BelTA')
    """
    opening = paragraph[:_OPENING].replace("\n", " ")
    if language in _SLASH_LANGUAGES and (match := _SLASHES.match(opening)):
        known = match["day"] or len(match["place"].split()) <= _MOST_WORDS
    elif match := _BRACKETS.match(opening):
        known = match["day"] or match["place"].isupper()
    else:
        return None
    return (match["dateline"].strip(), match["credit"].strip()) if known else None
