"""How often a word was written per day, where only a day that is whole can be counted.

    python examples/mentions_by_day.py archive.db EDITION WORD

A day on which the crawler was down looks like a day on which nobody wrote about the subject. The view `coverage` tells
the two apart: it has a row per edition and day. Nothing but Python's own sqlite3 is needed.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

# published_day is the day on the site's own clock, as in the view coverage.
SQL = """
SELECT c.day, c.state, c.articles, c.missing,
       (SELECT COUNT(*) FROM news n
        WHERE n.edition = c.edition AND n.published_day = c.day
          AND n.article_id IN (SELECT rowid FROM news_search WHERE news_search MATCH :word)) AS mentions
FROM coverage c
WHERE c.edition = :edition
ORDER BY c.day
"""


def mentions(path: str, edition: str, word: str) -> list[sqlite3.Row]:
    """A row per day: `day`, `state`, `articles`, `missing`, `mentions` (a minimum where the day is not whole)."""
    quoted = '"' + word.replace('"', '""') + '"'  # a phrase for FTS5, whatever is in it
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(SQL, {"edition": edition, "word": quoted}).fetchall()


def main(path: str, edition: str, word: str) -> None:
    """Print a line per day and, at the end, what may be concluded."""
    rows = mentions(path, edition, word)
    for row in rows:
        at_least = "" if row["state"] == "whole" else f"   at least: the day is {row['state']}"
        print(f"{row['day']}  {row['mentions']:4} of {row['articles']:4}{at_least}")
    whole = [row for row in rows if row["state"] == "whole"]
    articles, found = (sum(row[name] for row in whole) for name in ("articles", "mentions"))
    share = f"{100 * found / articles:.1f} %" if articles else "none"
    print(f"On the {len(whole)} whole days of {len(rows)}: {found} of {articles} articles ({share})")


if __name__ == "__main__":
    if len(sys.argv) != 4:  # noqa: PLR2004 - three arguments
        sys.exit(f"usage: {sys.argv[0]} ARCHIVE EDITION WORD")
    main(*sys.argv[1:])
