"""The view `news` in pandas: how many articles each rubric has, and how many of them were edited or taken down.

    python examples/rubrics.py archive.db [EDITION]

The view has a row per article with its current revision. pandas reads it like any other table of SQLite.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

import pandas as pd

SQL = """
SELECT edition, rubric, revision_count, status, published_at
FROM news
WHERE :edition IS NULL OR edition = :edition
"""


def rubrics(path: str, edition: str | None = None) -> pd.DataFrame:
    """A row per edition and rubric, the largest first: `articles`, `edited`, `gone`, and the first and last of them."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        news = pd.read_sql(SQL, connection, params={"edition": edition})
    news["published_at"] = pd.to_datetime(news["published_at"], utc=True)
    counted = news.groupby(["edition", "rubric"], dropna=False).agg(
        articles=("status", "size"),
        edited=("revision_count", lambda counts: int((counts > 1).sum())),
        gone=("status", lambda states: int((states == "gone").sum())),
        first=("published_at", "min"),
        last=("published_at", "max"),
    )
    return counted.sort_values("articles", ascending=False).reset_index()


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(f"usage: {sys.argv[0]} ARCHIVE [EDITION]")
    print(rubrics(*sys.argv[1:]).to_string(index=False))
