"""What the archive knew at a time, and what became of it.

    python examples/as_of.py archive.db 2026-03-10 [QUERY]

An archive that keeps revisions can answer as it would have answered then. The program prints every article that it
knew at the time and whose headline or state is another one today.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from dateline import Archive


def then_and_now(path: str, time: str, query: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Edition/key, the headline at the time, the headline today, and the state today (`live` or `gone`)."""
    with Archive.open(path, readonly=True) as archive:
        for then in archive.news(query, as_of=time):
            now = archive.article(then.article_id)
            if (then.headline, then.status) != (now.headline, now.status):
                yield f"{then.edition}/{then.key}", then.headline, now.headline, now.status


if __name__ == "__main__":
    if len(sys.argv) not in {3, 4}:
        sys.exit(f"usage: {sys.argv[0]} ARCHIVE TIME [QUERY]")
    for name, was, became, status in then_and_now(*sys.argv[1:]):
        print(f"{name} ({status})\n  then: {was}\n  now:  {became}")
