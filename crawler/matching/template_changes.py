"""Whether a change is the site's or the agency's: what comes to all articles at once is no edit of each.

A pure decision. Copies of one story count once. Visited are those articles in the same dress (era) that were looked at
again since the beginning of the crawl that met the change first; what was published since had it from its beginning.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

WINDOW: Final = timedelta(days=14)
"""How long after it was first seen a change is counted. One that was found to be a template's is known for ever."""

FEWEST: Final = {"l": 3, "w": 5}
"""Articles that must show it: the same line, or the same words within different lines."""

_SHARE: Final = 1 / 2  # of the articles visited since
_STAYS: Final = 1 / 3  # below, what was taken for a template turns out to be edits
_MANY: Final = 10  # articles with the very same line, which nobody writes by hand ...
_PART: Final = 1 / 10  # ... and which need not be most of those visited: a new dress is worn by new articles first


def is_template(kind: str, shown: int, visited: int, *, known: bool = False) -> bool:
    """Whether a change that `shown` of `visited` articles show was made in the template.

    `kind`: ``l`` for a whole line, ``w`` for words within lines. `known`: it was taken for one before; then less is
    enough.

    >>> is_template("l", 3, 3), is_template("l", 2, 2), is_template("l", 3, 20), is_template("w", 4, 4)
    (True, False, False, False)
    """
    if shown < FEWEST[kind]:
        return False
    share = _STAYS if known else _SHARE
    return shown >= share * visited or (kind == "l" and shown >= _MANY and shown >= _PART * visited)
