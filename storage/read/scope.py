"""The editions and rubrics of an archive, and what to say of one that it does not have: it is mistyped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from crawler.errors import ArgumentError
from storage.read.reader import Reader

# From one edition to the next in the index of articles: no article is looked at.
_EDITIONS: Final = """
WITH RECURSIVE e(name) AS (
  SELECT MIN(edition) FROM articles
  UNION ALL SELECT (SELECT MIN(edition) FROM articles WHERE edition > e.name) FROM e WHERE e.name IS NOT NULL
) SELECT name FROM e WHERE name IS NOT NULL UNION SELECT edition FROM crawls"""
_RUBRICS: Final = "SELECT DISTINCT rubric AS name FROM news WHERE rubric IS NOT NULL"


def editions(reader: Reader) -> list[str]:
    """The editions that were crawled into the archive or that it has articles of, in alphabetical order."""
    return sorted(row["name"] for row in reader.rows(_EDITIONS))


def check_edition(reader: Reader, edition: str | None, also: Collection[str] = ()) -> None:
    """Raises ArgumentError for an edition that is neither in the archive nor in `also`; it names those that are."""
    if edition is None or edition in also or edition in (there := editions(reader)):
        return
    raise ArgumentError(f"no edition {edition!r} in {reader.name}: it has {', '.join(there) or 'no articles'}")


def doubt_of_rubric(reader: Reader, rubric: str | None) -> str | None:
    """What to say of a rubric that no article is in: it may be mistyped. None where there is nothing to say."""
    if not rubric or rubric in (there := sorted(row["name"] for row in reader.rows(_RUBRICS))):
        return None
    return f"no article is in the rubric {rubric!r}; there are {', '.join(there) or 'none'}"
